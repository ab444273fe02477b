//! An error that ends the program always says the next step.

use std::fmt;

/// What to do about the error it stands on.
#[derive(Debug)]
struct NextStep(String);

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub trait Next<T> {
    /// Adds what the person can do now.
    fn next(self, step: impl Into<String>) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Next<T> for Result<T, E> {
    fn next(self, step: impl Into<String>) -> anyhow::Result<T> {
        self.map_err(|error| error.into().context(NextStep(step.into())))
    }
}

/// The error as a person reads it: what happened, why, and what to do.
pub fn tell(error: &anyhow::Error) -> String {
    let step = error.downcast_ref::<NextStep>().map(|step| step.0.clone());
    let mut lines: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        // Some errors repeat their source.
        let said = lines.last().is_some_and(|line| line.contains(&text));
        if step.as_ref() != Some(&text) && !said {
            lines.push(text);
        }
    }
    let step = step
        .unwrap_or_else(|| "if this is no fault of the machine's, please report it with the lines above".to_owned());
    let mut told = format!("error: {}\n", lines.join("\n  because: "));
    told.push_str("next:  ");
    told.push_str(&step);
    told
}
