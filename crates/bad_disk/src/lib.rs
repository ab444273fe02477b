//! A disk that fails on request. Loaded with `LD_PRELOAD`, it stands between a program and the C library for
//! the files below one folder: it keeps a journal of what was written and what was flushed, so that a test can
//! put back what a power cut would leave, and it fails flushes, writes and reads.
//!
//! `BAD_DISK_FOLDER`: the files concerned. `BAD_DISK_CONTROL`: the page of `control.rs`, made by the test.
//! `BAD_DISK_JOURNAL`: where the journal goes. Without them every call goes straight to the kernel.
//!
//! Not seen: memory-mapped writes (of SQLite's files only `-shm`, which is made anew after a crash), deletions
//! and renamings. Linux only, on the usual 64-bit machines.

#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

mod control;

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use control::{BYTES_LEFT, FLUSH_FAILS, GIVEN, JOURNAL, NUMBERS, READS_FAIL, WRITE_FAILS, kind};
use libc::{c_char, c_int, c_long, c_void, mode_t, off_t, size_t, ssize_t};

const PATH_BYTES_MAX: usize = 4096;

struct Shim {
    folder: Vec<u8>,
    journal: c_int,
    control: &'static [AtomicU64; NUMBERS],
}

static SHIM: OnceLock<Option<Shim>> = OnceLock::new();

/// `None`: the program was started without a bad disk.
fn shim() -> Option<&'static Shim> {
    SHIM.get_or_init(Shim::open).as_ref()
}

impl Shim {
    // Only plain system calls in here: the standard library's files would come back to us.
    fn open() -> Option<Shim> {
        let folder = std::env::var_os("BAD_DISK_FOLDER")?.as_bytes().to_vec();
        let control = raw_open("BAD_DISK_CONTROL", libc::O_RDWR)?;
        let journal = raw_open("BAD_DISK_JOURNAL", libc::O_WRONLY | libc::O_APPEND | libc::O_CREAT)?;
        // SAFETY: a new mapping of a file that the test made long enough; it is never unmapped, and atomics are
        // what two processes may share.
        let control = unsafe {
            let page = libc::mmap(
                std::ptr::null_mut(),
                NUMBERS * 8,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                control,
                0,
            );
            if page == libc::MAP_FAILED {
                return None;
            }
            &*page.cast::<[AtomicU64; NUMBERS]>()
        };
        Some(Shim {
            folder,
            journal,
            control,
        })
    }

    fn number(&self, at: usize) -> u64 {
        self.control[at].load(Ordering::SeqCst)
    }

    fn given(&self) {
        self.control[GIVEN].fetch_add(1, Ordering::SeqCst);
    }

    /// Counts down; true at the one that fails, after which the fault is off.
    fn due(&self, at: usize) -> bool {
        let counted = self.control[at].fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        counted == Ok(1)
    }

    /// The path of an open file, if it is one of ours.
    fn path(&self, fd: c_int) -> Option<Vec<u8>> {
        let link = CString::new(format!("/proc/self/fd/{fd}")).ok()?;
        let mut path = vec![0_u8; PATH_BYTES_MAX];
        // SAFETY: `link` ends with a zero, and the kernel writes at most as much as `path` holds.
        let length = unsafe { libc::readlink(link.as_ptr(), path.as_mut_ptr().cast(), path.len()) };
        path.truncate(usize::try_from(length).ok()?);
        self.concerns(&path).then_some(path)
    }

    fn concerns(&self, path: &[u8]) -> bool {
        path.starts_with(&self.folder) && !path.ends_with(b"-shm")
    }

    /// One append, so that records of several processes never mix.
    fn record(&self, kind: u8, number: u64, path: &[u8], bytes: &[u8]) {
        if self.number(JOURNAL) == 0 {
            return;
        }
        let mut record = Vec::with_capacity(control::HEAD_BYTES + path.len() + bytes.len());
        record.push(kind);
        for number in [number, bytes.len() as u64, path.len() as u64] {
            record.extend(number.to_le_bytes());
        }
        record.extend(path);
        record.extend(bytes);
        // SAFETY: the bytes are alive for the call.
        unsafe { libc::syscall(libc::SYS_write, self.journal, record.as_ptr(), record.len()) };
    }

    /// Up to where the journal is written.
    fn mark(&self) -> u64 {
        // SAFETY: asks for a number only; the file is opened for appending, so its position does not matter.
        let end = unsafe { libc::lseek(self.journal, 0, libc::SEEK_END) };
        u64::try_from(end).unwrap_or_default()
    }

    fn write(&self, fd: c_int, path: &[u8], bytes: &[u8], at: off_t, write: impl FnOnce() -> ssize_t) -> ssize_t {
        if self.due(WRITE_FAILS) {
            self.given();
            return fail(libc::EIO);
        }
        if !self.has_room(fd, at, bytes.len()) {
            self.given();
            return fail(libc::ENOSPC);
        }
        let written = write();
        if let Ok(length) = usize::try_from(written) {
            self.record(kind::WRITTEN, at as u64, path, &bytes[..length]);
        }
        written
    }

    fn has_room(&self, fd: c_int, at: off_t, length: usize) -> bool {
        if self.number(BYTES_LEFT) == u64::MAX {
            return true;
        }
        // SAFETY: `stat` is plain numbers, for which zeroes are fine, and the kernel fills it in.
        let size = unsafe {
            let mut stat: libc::stat = std::mem::zeroed();
            if libc::fstat(fd, &mut stat) != 0 {
                return true;
            }
            stat.st_size
        };
        let growth = (at + length as off_t - size).max(0) as u64;
        let taken =
            self.control[BYTES_LEFT].fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(growth));
        taken.is_ok()
    }

    fn flush(&self, path: &[u8], flush: impl FnOnce() -> c_int) -> c_int {
        let mark = self.mark();
        if self.due(FLUSH_FAILS) {
            self.given();
            self.record(kind::LOST, mark, path, &[]);
            return fail(libc::EIO) as c_int;
        }
        let done = flush();
        if done == 0 {
            self.record(kind::FLUSHED, mark, path, &[]);
        }
        done
    }
}

fn raw_open(variable: &str, flags: c_int) -> Option<c_int> {
    let path = CString::new(std::env::var_os(variable)?.as_bytes()).ok()?;
    let fd = sys_open(&path, flags | libc::O_CLOEXEC, 0o666);
    (fd >= 0).then_some(fd)
}

fn sys_open(path: &CStr, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the path ends with a zero.
    unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path.as_ptr(), flags, mode as c_long) as c_int }
}

fn fail(errno: c_int) -> ssize_t {
    // SAFETY: the C library keeps one for each thread.
    unsafe { *libc::__errno_location() = errno };
    -1
}

fn concerned(fd: c_int) -> Option<(&'static Shim, Vec<u8>)> {
    let shim = shim()?;
    Some((shim, shim.path(fd)?))
}

/// # Safety
/// As the C library's; so for all below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, bytes: *const c_void, length: size_t) -> ssize_t {
    // SAFETY: the caller's promise, handed on.
    let write = || unsafe { libc::syscall(libc::SYS_write, fd, bytes, length) as ssize_t };
    let Some((shim, path)) = concerned(fd) else {
        return write();
    };
    // SAFETY: asks where the file stands.
    let at = unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) };
    // SAFETY: the caller promises as many bytes.
    let slice = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) };
    shim.write(fd, &path, slice, at, write)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite(fd: c_int, bytes: *const c_void, length: size_t, at: off_t) -> ssize_t {
    // SAFETY: the caller's promise, handed on.
    let write = || unsafe { libc::syscall(libc::SYS_pwrite64, fd, bytes, length, at) as ssize_t };
    let Some((shim, path)) = concerned(fd) else {
        return write();
    };
    // SAFETY: the caller promises as many bytes.
    let slice = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), length) };
    shim.write(fd, &path, slice, at, write)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(fd: c_int, bytes: *const c_void, length: size_t, at: off_t) -> ssize_t {
    // SAFETY: the caller's promise, handed on.
    unsafe { pwrite(fd, bytes, length, at) }
}

/// One after the other: a caller must reckon with a short write anyway.
///
/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwritev(fd: c_int, parts: *const libc::iovec, count: c_int, at: off_t) -> ssize_t {
    let mut written = 0;
    for number in 0..usize::try_from(count).unwrap_or_default() {
        // SAFETY: the caller promises `count` parts.
        let part = unsafe { &*parts.add(number) };
        // SAFETY: and that each of them has its bytes.
        let done = unsafe { pwrite(fd, part.iov_base, part.iov_len, at + written as off_t) };
        if done < 0 {
            return if written > 0 { written } else { done };
        }
        written += done;
        if (done as size_t) < part.iov_len {
            break;
        }
    }
    written
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate(fd: c_int, length: off_t) -> c_int {
    // SAFETY: the caller's promise, handed on.
    let done = unsafe { libc::syscall(libc::SYS_ftruncate, fd, length) as c_int };
    if done == 0
        && let Some((shim, path)) = concerned(fd)
    {
        shim.record(kind::CUT, length as u64, &path, &[]);
    }
    done
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate64(fd: c_int, length: off_t) -> c_int {
    // SAFETY: the caller's promise, handed on.
    unsafe { ftruncate(fd, length) }
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    // SAFETY: takes a number only.
    let flush = || unsafe { libc::syscall(libc::SYS_fsync, fd) as c_int };
    match concerned(fd) {
        Some((shim, path)) => shim.flush(&path, flush),
        None => flush(),
    }
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    // SAFETY: takes a number only.
    let flush = || unsafe { libc::syscall(libc::SYS_fdatasync, fd) as c_int };
    match concerned(fd) {
        Some((shim, path)) => shim.flush(&path, flush),
        None => flush(),
    }
}

fn read_fails(fd: c_int) -> bool {
    let fails = shim().is_some_and(|shim| shim.number(READS_FAIL) == 1 && shim.path(fd).is_some());
    if fails && let Some(shim) = shim() {
        shim.given();
    }
    fails
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(fd: c_int, bytes: *mut c_void, length: size_t) -> ssize_t {
    if read_fails(fd) {
        return fail(libc::EIO);
    }
    // SAFETY: the caller's promise, handed on.
    unsafe { libc::syscall(libc::SYS_read, fd, bytes, length) as ssize_t }
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pread(fd: c_int, bytes: *mut c_void, length: size_t, at: off_t) -> ssize_t {
    if read_fails(fd) {
        return fail(libc::EIO);
    }
    // SAFETY: the caller's promise, handed on.
    unsafe { libc::syscall(libc::SYS_pread64, fd, bytes, length, at) as ssize_t }
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pread64(fd: c_int, bytes: *mut c_void, length: size_t, at: off_t) -> ssize_t {
    // SAFETY: the caller's promise, handed on.
    unsafe { pread(fd, bytes, length, at) }
}

/// In C its last argument may be left out, and is then not looked at.
///
/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller promises a path that ends with a zero.
    let path = unsafe { CStr::from_ptr(path) };
    let ours = shim().filter(|shim| flags & libc::O_CREAT != 0 && shim.concerns(path.to_bytes()));
    // SAFETY: the path ends with a zero.
    let made = ours.filter(|_| unsafe { libc::access(path.as_ptr(), libc::F_OK) } != 0);
    let fd = sys_open(path, flags, mode);
    if fd >= 0
        && let Some(shim) = made
    {
        shim.record(kind::MADE, 0, path.to_bytes(), &[]);
    }
    fd
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: the caller's promise, handed on.
    unsafe { open(path, flags, mode) }
}
