//! What we agreed on and no compiler checks. A ratchet: it stops new cases and does not nag about old ones.

mod layers;
mod papers;
mod sources;

use anyhow::{Result, bail};

pub fn command() -> Result<()> {
    let mut problems = layers::problems()?;
    problems.extend(sources::problems()?);
    problems.extend(papers::problems()?);
    for problem in &problems {
        println!("{problem}");
    }
    if !problems.is_empty() {
        bail!("{} things are not tidy", problems.len());
    }
    println!("tidy");
    Ok(())
}
