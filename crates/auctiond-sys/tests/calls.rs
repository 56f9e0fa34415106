//! Calls into the ported C, records that it makes and files that it and the 32-bit program wrote, read by Rust.

use std::ffi::{CString, c_long};
use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use auctiond_sys::lock::{filehdr, idxhdr, jrec, sale};
use auctiond_sys::{cksum, ffi};

fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

/// Made by the original, as it was in production.
fn production(file: &str) -> Vec<u8> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../legacy-c/auctiond/data/production");
    fs::read(dir.join(file)).unwrap()
}

#[test]
fn what_c_computes() {
    assert_eq!(ffi::fmt_span(3 * 86_400 + 4 * 3_600), "3d04h");
    assert_eq!(ffi::fmt_span(40), "40s");
    assert_eq!(ffi::fmt_span(c_long::MAX), format!("{}d{:02}h", c_long::MAX / 86_400, c_long::MAX % 86_400 / 3_600));
    assert_eq!(ffi::fmt_span(c_long::MIN), format!("{}s", c_long::MIN));
    assert_eq!(ffi::money(1_234_567.0).as_deref(), Some("1,234,567"));
    assert_eq!(ffi::money(-99_999_999_999_998.0).as_deref(), Some("-99,999,999,999,998"));
    for none in [1e14, -1e14, 1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
        assert_eq!(ffi::money(none), None, "{none}");
    }
    let (size, head) = (i32::try_from(size_of::<sale>()).unwrap(), i32::try_from(size_of::<filehdr>()).unwrap());
    assert_eq!(ffi::store_off(7), head + 7 * size);
    // Beyond 2038, which a `time_t` of 32 bits has not.
    let (day, next) = (ffi::parse_date(&c("2040-01-01")).unwrap(), ffi::parse_date(&c("2040-01-02 00:00")).unwrap());
    assert!(day > i64::from(i32::MAX) && next - day == 86_400, "{day} {next}");
    assert_eq!(ffi::parse_date(&c("tomorrow")), None);
}

#[test]
fn a_record_that_c_makes_is_what_rust_reads() {
    let line = c("4711,ROLTB303,17,125000.50,2003-07-01 21:05,42,unsold,tanaka,Bass line, silver box");
    let sale = ffi::csv_parse(&line).unwrap();
    let (id, price, closed) = (sale.id, sale.price, sale.closed);
    assert_eq!((id, price), (4711, 125_000.5));
    assert_eq!(Some(i64::from(closed)), ffi::parse_date(&c("2003-07-01 21:05")));
    assert_eq!((sale.category(), sale.state(), sale.nbids(), sale.flags()), (17, 1, 42, 0));
    let texts = [&sale.item[..], &sale.seller, &sale.title].map(ffi::text_of);
    assert_eq!(texts, ["ROLTB303", "tanaka", "Bass line, silver box"]);
    assert_eq!(ffi::csv_parse(&c("1,A")).unwrap_err(), "too few fields");
    assert_eq!(ffi::csv_parse(&c("1,A,64,1,2003-07-01,1,sold,s,t")).unwrap_err(), "bad category");
}

#[test]
fn files_of_the_32_bit_program_are_read_and_their_sums_are_right() {
    let records = production("sales.dat");
    let head: filehdr = ffi::read(&records).unwrap();
    let (version, count, size, sum, turnover) = (head.version, head.nrec, head.recsize, head.sum, head.turnover);
    assert_eq!((ffi::text_of(&head.magic).as_str(), version), ("AUC3", 3));
    let all = &records[size_of::<filehdr>()..];
    assert_eq!(usize::try_from(size), Ok(size_of::<sale>()));
    assert_eq!(all.len(), usize::try_from(count).unwrap() * size_of::<sale>());
    let summed = &records[..std::mem::offset_of!(filehdr, sum)];
    assert_eq!((cksum::adler(summed), ffi::cksum_adler(summed)), (sum, sum));
    let sales: Vec<sale> = all.chunks(size_of::<sale>()).map(|bytes| ffi::read(bytes).unwrap()).collect();
    let sold: f64 = sales.iter().filter(|s| s.state() == 0).map(|s| s.price).sum();
    assert!((sold - turnover).abs() < 0.005, "{sold} {turnover}");

    let slots: idxhdr = ffi::read(&production("sales.idx")).unwrap();
    assert_eq!(ffi::text_of(&slots.magic), "AUX3");

    let journal = production("sales.jnl");
    let entries: Vec<_> = journal.chunks(size_of::<jrec>() + size_of::<sale>()).collect();
    assert!(!entries.is_empty());
    for entry in entries {
        let (entry, record): (jrec, _) = (ffi::read(entry).unwrap(), &entry[size_of::<jrec>()..]);
        let sum = entry.sum ^ entry.seq.cast_unsigned();
        assert_eq!((cksum::words(record), ffi::cksum_words(record)), (sum, sum));
    }
    assert_eq!(ffi::read::<sale>(&journal[..size_of::<sale>() - 1]).map(|s| s.id), None, "too few bytes");
}

/// C's own code sums with Rust's functions: what it writes then is what C's functions sum, and what it accepts.
#[test]
fn c_calls_rust_and_writes_the_same_files() {
    let dir = tempfile::tempdir().unwrap();
    ffi::store_create(&ffi::name(dir.path()).unwrap()).unwrap();
    let records = fs::read(dir.path().join("sales.dat")).unwrap();
    let head: filehdr = ffi::read(&records).unwrap();
    let sum = head.sum;
    assert_eq!(sum, ffi::cksum_adler(&records[..std::mem::offset_of!(filehdr, sum)]));
    assert!(ffi::store_create(&ffi::name(dir.path()).unwrap()).is_err(), "there is one already");
    let long = dir.path().join("x".repeat(200)).join("y".repeat(100));
    assert_eq!(ffi::store_create(&ffi::name(&long).unwrap()).unwrap_err().kind(), std::io::ErrorKind::InvalidFilename);

    let path = dir.path().join("journal");
    let journal = File::options().append(true).create(true).open(&path).unwrap();
    let sale = ffi::csv_parse(&c("1,ROLTB303,17,125000,2003-07-01,42,sold,tanaka,Bass line")).unwrap();
    for number in 0..3 {
        ffi::journal_append(journal.as_fd(), &sale, number).unwrap();
    }
    let mut bytes = fs::read(&path).unwrap();
    let entry: jrec = ffi::read(&bytes).unwrap();
    let record = &bytes[size_of::<jrec>()..][..size_of::<sale>()];
    assert_eq!(entry.sum, ffi::cksum_words(record));
    let check = |path: &PathBuf| ffi::journal_check(&ffi::name(path).unwrap()).unwrap();
    assert_eq!(check(&path), (3, false));
    // A bit of the second entry.
    bytes[124 + 60] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(check(&path), (1, true));
    assert_eq!(check(&dir.path().join("nosuch")), (0, false));
    assert!(ffi::journal_append(File::open(&path).unwrap().as_fd(), &sale, 3).is_err(), "open for reading alone");
}
