//! The page that a test and the program under test share: which faults are on. Also compiled into the
//! tests, which must not link the rest of this crate: it would stand between them and their own files.

/// Eight-byte numbers, little end first, one after the other.
pub const NUMBERS: usize = 8;

/// At which number each control stands. 0 is off, but for `BYTES_LEFT`.
pub const JOURNAL: usize = 0;
/// The so manyth flush from now fails: counted down, fails at 1.
pub const FLUSH_FAILS: usize = 1;
/// By how many bytes files may still grow; `u64::MAX`: without end.
pub const BYTES_LEFT: usize = 2;
/// 1: every read fails.
pub const READS_FAIL: usize = 3;
/// The so manyth write from now fails.
pub const WRITE_FAILS: usize = 4;
/// Faults given so far; the shim counts.
pub const GIVEN: usize = 5;

/// What the journal tells, one record after the other: kind, then three numbers (`mark` or offset, length of
/// the bytes, length of the path), then path and bytes.
pub mod kind {
    /// The bytes were written at the offset.
    pub const WRITTEN: u8 = b'W';
    /// The file was cut (or extended) to the offset.
    pub const CUT: u8 = b'T';
    /// The file was made.
    pub const MADE: u8 = b'C';
    /// A flush succeeded: of the file's records those before the mark are on the disk.
    pub const FLUSHED: u8 = b'S';
    /// A flush failed: those before the mark never will be. The kernel says so once and forgets them.
    pub const LOST: u8 = b'L';
}

pub const HEAD_BYTES: usize = 25;
