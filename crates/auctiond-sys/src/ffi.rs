//! The one module with `unsafe`: C's functions with what makes each of them safe to call, and Rust's functions for C.
#![allow(unsafe_code)] // a call into C is unsafe, and here is where they all are

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::lock::{feedhdr, filehdr, idxhdr, idxslot, jrec, sale};

/// As the port's headers declare them; a test compares each with what bindgen makes of these.
mod c {
    use super::{c_char, c_int, c_long, c_void, sale};
    use libc::time_t;

    unsafe extern "C" {
        pub(super) fn c_cksum_words(buf: *const c_void, nbytes: usize) -> u32;
        pub(super) fn c_cksum_adler(buf: *const c_void, nbytes: usize) -> u32;
        pub(super) fn hash_item(s: *const c_char) -> u32;
        pub(super) fn parse_date(s: *const c_char) -> time_t;
        pub(super) fn fmt_span(secs: c_long, buf: *mut c_char) -> *mut c_char;
        pub(super) fn money(v: f64) -> *mut c_char;
        pub(super) fn csv_parse(line: *mut c_char, s: *mut sale) -> *mut c_char;
        pub(super) fn store_off(n: i32) -> i32;
        pub(super) fn store_create(dir: *const c_char) -> c_int;
        pub(super) fn journal_append(fd: c_int, s: *mut sale, seq: i32) -> c_int;
        pub(super) fn journal_check(file: *const c_char, nbad: *mut c_int) -> c_int;
    }

    // The `main` of each program, as the build names it.
    unsafe extern "C" {
        pub(super) unsafe fn auctiond_main(argc: c_int, argv: *mut *mut c_char) -> c_int;
        pub(super) unsafe fn auctionctl_main(argc: c_int, argv: *mut *mut c_char) -> c_int;
    }
}

/// What C's own code calls now.
mod moved {
    use super::c_void;
    use crate::cksum;

    /// # Safety
    /// As of a C function: `nbytes` bytes can be read at `buf`.
    unsafe fn bytes<'a>(buf: *const c_void, nbytes: usize) -> &'a [u8] {
        // C may give a null pointer with no bytes, a slice may not have it.
        if nbytes == 0 { &[] } else { unsafe { std::slice::from_raw_parts(buf.cast(), nbytes) } }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn cksum_words(buf: *const c_void, nbytes: usize) -> u32 {
        cksum::words(unsafe { bytes(buf, nbytes) })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn cksum_adler(buf: *const c_void, nbytes: usize) -> u32 {
        cksum::adler(unsafe { bytes(buf, nbytes) })
    }
}

/// C's `cksum_words`, as it was before it moved to [`crate::cksum::words`].
#[must_use]
pub fn cksum_words(bytes: &[u8]) -> u32 {
    // SAFETY: it reads that many bytes there and writes nothing.
    unsafe { c::c_cksum_words(bytes.as_ptr().cast(), bytes.len()) }
}

/// C's `cksum_adler`, as it was before it moved to [`crate::cksum::adler`].
#[must_use]
pub fn cksum_adler(bytes: &[u8]) -> u32 {
    // SAFETY: as above.
    unsafe { c::c_cksum_adler(bytes.as_ptr().cast(), bytes.len()) }
}

/// The hash of an item code, as index files have it.
#[must_use]
pub fn hash_item(item: &CStr) -> u32 {
    // SAFETY: it reads up to the NUL.
    unsafe { c::hash_item(item.as_ptr()) }
}

/// Local time `2003-07-14`, `2003-07-14 21:05` or `2003-07-14T21:05:33` in seconds since 1970; `None` for what is no date.
#[must_use]
pub fn parse_date(text: &CStr) -> Option<libc::time_t> {
    // SAFETY: it reads up to the NUL; `mktime` locks what it shares.
    Some(unsafe { c::parse_date(text.as_ptr()) }).filter(|t| *t != -1)
}

/// Seconds as `3d04h`, `5h12m` or `40s`.
#[must_use]
pub fn fmt_span(seconds: c_long) -> String {
    let mut text = [0; 24];
    // SAFETY: 24 bytes are enough for any `long`, its comment says; a test tries both ends.
    unsafe { c::fmt_span(seconds, text.as_mut_ptr()) };
    text_of(&text)
}

/// Yen with thousands separators; `None` for what has more than 14 digits, where C's buffer of 16 bytes ends.
#[must_use]
pub fn money(yen: f64) -> Option<String> {
    if yen.is_nan() || yen.abs() >= 99_999_999_999_999.0 {
        return None;
    }
    let _alone = alone();
    // SAFETY: its four static buffers are this thread's while the lock is held, and have room for that many digits.
    Some(unsafe { CStr::from_ptr(c::money(yen)) }.to_string_lossy().into_owned())
}

/// A line of an import as a record.
///
/// # Errors
/// What is wrong with the line, in C's words.
pub fn csv_parse(line: &CStr) -> Result<sale, String> {
    let mut line = line.to_bytes_with_nul().to_vec();
    // SAFETY: all bytes 0 are a record.
    let mut record: sale = unsafe { std::mem::zeroed() };
    // SAFETY: it cuts up the line, which is our copy, within its NUL, and writes one record.
    let wrong = unsafe { c::csv_parse(line.as_mut_ptr().cast(), &raw mut record) };
    if wrong.is_null() {
        return Ok(record);
    }
    // SAFETY: what it returns are literals.
    Err(unsafe { CStr::from_ptr(wrong) }.to_string_lossy().into_owned())
}

/// Where a record of this number begins in a record file.
#[must_use]
pub fn store_off(number: i32) -> i32 {
    // SAFETY: it computes.
    unsafe { c::store_off(number) }
}

/// The bytes that C has for the name of a file, with the NUL.
const NAME: usize = 256;
/// The longest name that it appends to a folder.
const LONGEST: &str = "/sales.dat";

/// Makes an empty record file and its index in a folder.
///
/// # Errors
/// When the name of the folder is too long (C would end the process), or C cannot do it; it says why on standard error.
pub fn store_create(dir: &CStr) -> io::Result<()> {
    if dir.count_bytes() + LONGEST.len() >= NAME {
        return Err(io::Error::new(
            io::ErrorKind::InvalidFilename,
            "the name of the folder is too long for `auctiond`",
        ));
    }
    let _alone = alone();
    // SAFETY: it reads settings, the clock and the name, which fits.
    let status = unsafe { c::store_create(dir.as_ptr()) };
    if status < 0 { Err(refused("store_create", dir)) } else { Ok(()) }
}

/// Writes a record to a journal, with its number.
///
/// # Errors
/// When C cannot write it; it says why on standard error.
pub fn journal_append(journal: BorrowedFd<'_>, record: &sale, number: i32) -> io::Result<()> {
    let mut record = *record;
    let _alone = alone();
    // SAFETY: the descriptor is open as long as it is borrowed, the record is our copy.
    let status = unsafe { c::journal_append(journal.as_raw_fd(), &raw mut record, number) };
    if status < 0 { Err(io::Error::other("`journal_append` cannot write the entry")) } else { Ok(()) }
}

/// How many entries of a journal are good, and whether one that is damaged follows. A file that is not there has none.
///
/// # Errors
/// When C cannot open or map it.
pub fn journal_check(file: &CStr) -> io::Result<(u32, bool)> {
    let _alone = alone();
    let mut bad = 0;
    // SAFETY: it reads the name up to its NUL and writes one `int`.
    let good = unsafe { c::journal_check(file.as_ptr(), &raw mut bad) };
    u32::try_from(good).map(|good| (good, bad != 0)).map_err(|_| refused("journal_check", file))
}

/// A record that is locked: numbers and characters alone, so that any bytes are one.
pub trait Record: Copy + sealed::Sealed {}

mod sealed {
    /// For this module alone to implement.
    pub trait Sealed {}
}

macro_rules! records {
    ($($record:ty),*) => {$(
        impl sealed::Sealed for $record {}
        impl Record for $record {}
    )*};
}
records!(feedhdr, filehdr, idxhdr, idxslot, jrec, sale);

/// The record that bytes begin with, such as those of a file; `None` where they are too few.
#[must_use]
pub fn read<T: Record>(bytes: &[u8]) -> Option<T> {
    let bytes = bytes.get(..size_of::<T>())?;
    // SAFETY: there are as many bytes as it reads, wherever they are, and any are a `Record`.
    Some(unsafe { bytes.as_ptr().cast::<T>().read_unaligned() })
}

/// The text of an array of characters, up to its NUL or its end.
#[must_use]
pub fn text_of(chars: &[c_char]) -> String {
    let bytes: Vec<u8> = chars.iter().map(|c| c.cast_unsigned()).take_while(|b| *b != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A name for C.
///
/// # Errors
/// When it has a NUL within.
pub fn name(path: &std::path::Path) -> io::Result<CString> {
    Ok(CString::new(path.as_os_str().as_encoded_bytes())?)
}

/// A program of the port. Both define what the library has of them (`nrequests`), so only the one that is run may be linked.
pub trait Program: sealed::Sealed {
    /// Its `main`: a constant, which is nowhere in the library until [`run`] is compiled for it.
    const MAIN: unsafe extern "C" fn(c_int, *mut *mut c_char) -> c_int;
}

/// The daemon.
#[derive(Clone, Copy, Debug)]
pub struct Auctiond;

/// The command.
#[derive(Clone, Copy, Debug)]
pub struct Auctionctl;

impl sealed::Sealed for Auctiond {}
impl sealed::Sealed for Auctionctl {}

impl Program for Auctiond {
    const MAIN: unsafe extern "C" fn(c_int, *mut *mut c_char) -> c_int = c::auctiond_main;
}

impl Program for Auctionctl {
    const MAIN: unsafe extern "C" fn(c_int, *mut *mut c_char) -> c_int = c::auctionctl_main;
}

/// Runs a program from its `main` on with the arguments of this process, as if it were C's own; returns the exit status.
#[must_use]
pub fn run<P: Program>(_: P) -> i32 {
    // No argument of a process has a NUL; they live as long as the process does.
    let words = std::env::args_os().filter_map(|a| CString::new(a.into_encoded_bytes()).ok());
    let mut words: Vec<*mut c_char> = words.map(CString::into_raw).collect();
    let count = c_int::try_from(words.len()).unwrap_or(c_int::MAX);
    words.push(std::ptr::null_mut());
    let _alone = alone();
    // SAFETY: as C starts a program: arguments that may be written to, a null behind them, and a closed pipe ends it, as
    // before Rust ignored that.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        P::MAIN(count, words.as_mut_ptr())
    }
}

/// C keeps settings, clock, log and some results in variables of its own: one call at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused(function: &str, file: &CStr) -> io::Error {
    io::Error::other(format!("`{function}` refuses `{}`", file.to_string_lossy()))
}
