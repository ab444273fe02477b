use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Fault;

/// Which file a database was opened as. A file that is deleted or replaced stays open and takes
/// writes that nobody will ever read again.
#[derive(Clone)]
pub(super) struct Place {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Place {
    pub fn of(path: &Path) -> io::Result<Place> {
        let file = std::fs::metadata(path)?;
        Ok(Place {
            path: path.to_owned(),
            device: file.dev(),
            inode: file.ino(),
        })
    }

    /// Errors: [`Fault::Unknown`], because what was just written is saved in a file that is gone.
    pub fn still_there(&self) -> Result<(), Fault> {
        match Place::of(&self.path) {
            Ok(now) if now.device == self.device && now.inode == self.inode => Ok(()),
            Ok(_) => Err(gone("another file lies in the database's place")),
            Err(_) => Err(gone("the database's file is gone")),
        }
    }
}

fn gone(what: &'static str) -> Fault {
    Fault::Unknown {
        source: Some(Arc::new(io::Error::other(what))),
    }
}
