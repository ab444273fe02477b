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

/// What happened, then why, from the outside in; and what to do.
pub fn parts(error: &anyhow::Error) -> (Vec<String>, String) {
    let step = error.downcast_ref::<NextStep>().map(|step| step.0.clone());
    let mut said: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        // Some errors repeat their source.
        let again = said.last().is_some_and(|line| line.contains(&text));
        if step.as_ref() != Some(&text) && !again {
            said.push(text);
        }
    }
    let unknown = "if this is no fault of the machine's, please report it with the lines above";
    (said, step.unwrap_or_else(|| unknown.to_owned()))
}

/// The error as a person reads it.
pub fn tell(error: &anyhow::Error) -> String {
    let (said, step) = parts(error);
    format!("error: {}\nnext:  {step}", said.join("\n  because: "))
}
