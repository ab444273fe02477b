use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is removed when dropped.
pub struct Folder(PathBuf);

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Folder {
    pub fn new(purpose: &str) -> Folder {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("narupay-test-{purpose}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // Left over from a killed run whose process had the same number.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the temporary folder can be written");
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over is swept with the machine's temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
