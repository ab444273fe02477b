//! Secrets by reference: what the configuration names is fetched here, and nowhere else.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use vocabulary::Secret;

use super::Environment;
use super::read::{Place, Problem, Reference};

/// A key of 64 kB is not a key.
const SECRET_BYTES_MAX: u64 = 64 * 1024;
/// Group and others.
const OTHERS: u32 = 0o077;

/// Fetches secrets and remembers which of their files others may read.
pub struct Keeper<'a> {
    /// Where relative names begin: the configuration file's folder.
    folder: PathBuf,
    environment: &'a Environment,
    pub loose: Vec<PathBuf>,
}

impl<'a> Keeper<'a> {
    pub fn new(folder: &Path, environment: &'a Environment) -> Keeper<'a> {
        Keeper {
            folder: folder.to_owned(),
            environment,
            loose: Vec::new(),
        }
    }

    /// The secret's text without the line end that editors add.
    pub fn fetch(&mut self, reference: &Reference) -> Result<Secret<String>, Problem> {
        let text = match &reference.place {
            Place::Env(name) => (self.environment)(name)
                .ok_or_else(|| reference.complain(format!("the environment has no {name}: set it and start again")))?,
            Place::File(name) => self.read(&self.folder.join(name), reference)?,
        };
        let text = Secret::new(text);
        let trimmed = text.reveal_for("dropping the line end").trim_end_matches(['\r', '\n']);
        if trimmed.is_empty() {
            return Err(reference.complain("the secret is empty"));
        }
        Ok(Secret::new(trimmed.to_owned()))
    }

    fn read(&mut self, path: &Path, reference: &Reference) -> Result<String, Problem> {
        let unreadable = |error: std::io::Error| {
            let text = format!(
                "{} cannot be read ({error}): put the secret there with mode 0600",
                path.display()
            );
            reference.complain(text)
        };
        let about = std::fs::metadata(path).map_err(unreadable)?;
        if about.len() > SECRET_BYTES_MAX {
            return Err(reference.complain(format!("{} is too large to be a secret", path.display())));
        }
        if about.permissions().mode() & OTHERS != 0 {
            self.loose.push(path.to_owned());
        }
        std::fs::read_to_string(path).map_err(unreadable)
    }
}
