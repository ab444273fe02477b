use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use testkit::Folder;
use vocabulary::Chance;

// Not by its crate: linked into this program, it would stand between the test and its own files.
#[path = "../../../bad_disk/src/control.rs"]
mod control;

pub use control::{BYTES_LEFT, FLUSH_FAILS, READS_FAIL, WRITE_FAILS};
use control::{GIVEN, HEAD_BYTES, JOURNAL, NUMBERS, kind};

/// What a disk writes whole.
const PAGE_BYTES: usize = 4096;

/// A folder on a disk that fails on request.
pub struct Disk {
    home: Folder,
    control: fs::File,
    /// The folder as it lay on the disk when the program was last started.
    durable: BTreeMap<PathBuf, Vec<u8>>,
}

impl Disk {
    pub fn new() -> Disk {
        let home = Folder::new("disk");
        fs::create_dir(home.path().join("data")).unwrap();
        fs::write(home.path().join("control"), [0; NUMBERS * 8]).unwrap();
        let control = fs::File::options()
            .read(true)
            .write(true)
            .open(home.path().join("control"));
        let disk = Disk {
            home,
            control: control.unwrap(),
            durable: BTreeMap::new(),
        };
        disk.set(BYTES_LEFT, u64::MAX);
        disk.set(JOURNAL, 1);
        disk
    }

    pub fn folder(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// What a program must find in its environment for its disk to be this one.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let at = |name: &str| self.home.path().join(name).into_os_string();
        let mut shim = std::env::current_exe().unwrap();
        shim.set_file_name("libbad_disk.so");
        assert!(shim.exists(), "{} is not there", shim.display());
        vec![
            ("LD_PRELOAD", shim.into_os_string()),
            ("BAD_DISK_FOLDER", at("data")),
            ("BAD_DISK_CONTROL", at("control")),
            ("BAD_DISK_JOURNAL", at("journal")),
        ]
    }

    /// Turns a fault on or off while the program runs.
    pub fn set(&self, at: usize, number: u64) {
        self.control.write_all_at(&number.to_le_bytes(), at as u64 * 8).unwrap();
    }

    /// How many faults the program has met.
    pub fn given(&self) -> u64 {
        let mut bytes = [0; 8];
        self.control.read_exact_at(&mut bytes, GIVEN as u64 * 8).unwrap();
        u64::from_le_bytes(bytes)
    }

    /// The power goes, after the program has: what was not flushed is on the disk or not, page by page, by
    /// chance. Returns how many unflushed pages were lost.
    pub fn cut(&mut self, chance: &Chance) -> u64 {
        let journal = fs::read(self.home.path().join("journal")).unwrap_or_default();
        let (files, lost) = replay(&self.durable, &journal, chance);
        for entry in fs::read_dir(self.folder()).unwrap() {
            let path = entry.unwrap().path();
            // Deletions are not in the journal; what is gone stays gone.
            match files.get(&path) {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
        }
        self.flushed();
        lost
    }

    /// All that lies there now is on the disk.
    fn flushed(&mut self) {
        let _ = fs::remove_file(self.home.path().join("journal"));
        let paths = fs::read_dir(self.folder()).unwrap().map(|entry| entry.unwrap().path());
        self.durable = paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    }
}

#[derive(Default)]
struct File {
    /// As it is on the disk for certain.
    bytes: Vec<u8>,
    /// Whether its name is.
    named: bool,
    waiting: Vec<Waiting>,
}

/// What was written and not flushed.
struct Waiting {
    /// Where the journal tells of it.
    at: u64,
    what: What,
}

enum What {
    Bytes { offset: usize, bytes: Vec<u8> },
    Cut { length: usize },
}

fn replay(durable: &BTreeMap<PathBuf, Vec<u8>>, journal: &[u8], chance: &Chance) -> (HashMap<PathBuf, Vec<u8>>, u64) {
    let mut files: HashMap<PathBuf, File> = HashMap::new();
    for (path, bytes) in durable {
        let file = File {
            bytes: bytes.clone(),
            named: true,
            waiting: Vec::new(),
        };
        files.insert(path.clone(), file);
    }
    let mut lost = 0;
    let mut at = 0;
    while let Some(head) = journal.get(at..at + HEAD_BYTES) {
        let number = |place: usize| u64::from_le_bytes(head[place..place + 8].try_into().unwrap());
        let (number, length, path_length) = (number(1), number(9) as usize, number(17) as usize);
        let begins = at + HEAD_BYTES;
        let Some(path) = journal.get(begins..begins + path_length) else {
            break;
        };
        let Some(bytes) = journal.get(begins + path_length..begins + path_length + length) else {
            break;
        };
        let path = PathBuf::from(String::from_utf8(path.to_vec()).unwrap());
        let record = at as u64;
        at = begins + path_length + length;
        if head[0] == kind::FLUSHED {
            for (_, below) in files
                .iter_mut()
                .filter(|(one, _)| one.parent() == Some(Path::new(&path)))
            {
                below.named = true;
            }
        }
        if head[0] == kind::MADE {
            files.insert(path, File::default());
            continue;
        }
        let file = files.entry(path).or_default();
        let what = match head[0] {
            kind::WRITTEN => What::Bytes {
                offset: number as usize,
                bytes: bytes.to_vec(),
            },
            kind::CUT => What::Cut {
                length: number as usize,
            },
            kind::FLUSHED => {
                file.settle(number, |file, waiting| file.apply(&waiting.what, |_| true));
                continue;
            }
            kind::LOST => {
                file.settle(number, |_, waiting| lost += waiting.pages());
                continue;
            }
            other => panic!("the journal has no records of kind {other}"),
        };
        file.waiting.push(Waiting { at: record, what });
    }
    let mut left = HashMap::new();
    for (path, mut file) in files {
        // One cut in three spares nothing.
        let nothing = chance.below(3) == 0;
        file.settle(u64::MAX, |file, waiting| {
            file.apply(&waiting.what, |pages| {
                let kept = !nothing && chance.below(2) == 0;
                lost += if kept { 0 } else { pages };
                kept
            });
        });
        if file.named || chance.below(2) == 0 {
            left.insert(path, file.bytes);
        }
    }
    (left, lost)
}

impl File {
    /// Deals with what was written before the mark.
    fn settle(&mut self, mark: u64, mut with: impl FnMut(&mut File, &Waiting)) {
        let (settled, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.at < mark);
        self.waiting = waiting;
        let settled: Vec<Waiting> = settled;
        for waiting in &settled {
            with(self, waiting);
        }
    }

    /// Page by page, those that are `kept`.
    fn apply(&mut self, what: &What, mut kept: impl FnMut(u64) -> bool) {
        match what {
            What::Cut { length } => {
                if kept(1) {
                    self.bytes.resize(*length, 0);
                }
            }
            What::Bytes { offset, bytes } => {
                let (mut at, mut rest) = (*offset, bytes.as_slice());
                while !rest.is_empty() {
                    let (page, after) = rest.split_at(rest.len().min(PAGE_BYTES - at % PAGE_BYTES));
                    if kept(1) {
                        let end = at + page.len();
                        self.bytes.resize(self.bytes.len().max(end), 0);
                        self.bytes[at..end].copy_from_slice(page);
                    }
                    at += page.len();
                    rest = after;
                }
            }
        }
    }
}

impl Waiting {
    fn pages(&self) -> u64 {
        match &self.what {
            What::Cut { .. } => 1,
            What::Bytes { bytes, .. } => bytes.len().div_ceil(PAGE_BYTES) as u64,
        }
    }
}
