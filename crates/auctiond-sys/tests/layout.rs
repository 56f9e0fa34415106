//! C's own `sizeof`, `_Alignof` and `offsetof`, compiled with the library's flags and linked into this test, against
//! Rust's, and against libc's types.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_int, c_long};
use std::mem::offset_of;
use std::path::Path;

use auctiond_sys::ffi;
use auctiond_sys::lock::{feedhdr, filehdr, idxhdr, idxslot, jrec, sale};
use legacy_port::compile;
use legacy_port::project::Project;

mod c {
    #![allow(unsafe_code)] // functions of `c/layout.c` over numbers alone, which any numbers may be given
    unsafe extern "C" {
        pub(super) safe fn layout_name(i: usize, at: usize) -> u8;
        pub(super) safe fn layout_offset(i: usize) -> usize;
        pub(super) safe fn layout_size(i: usize) -> usize;
        pub(super) safe fn layout_align(i: usize) -> usize;
        pub(super) safe fn layout_bits(category: u32, state: u32, nbids: u32, flags: u32, at: usize) -> u8;
    }
}

/// Offset, size and alignment; a member has no alignment of its own.
type Figures = BTreeMap<String, (usize, usize, usize)>;

fn as_c_says() -> Figures {
    let name = |i: usize| {
        let bytes = (0..64).map(|at| c::layout_name(i, at)).take_while(|b| *b != 0).collect();
        String::from_utf8(bytes).unwrap()
    };
    let all = (0..).map(|i| (name(i), (c::layout_offset(i), c::layout_size(i), c::layout_align(i))));
    all.take_while(|(name, _)| !name.is_empty()).collect()
}

fn size_behind<R, M>(_: fn(&R) -> M) -> usize {
    size_of::<M>()
}

macro_rules! figures {
    ($($record:ident { $($member:ident),* })*) => {
        Figures::from([$(
            (stringify!($record).to_owned(), (0, size_of::<$record>(), align_of::<$record>())),
            $((
                concat!(stringify!($record), ".", stringify!($member)).to_owned(),
                (offset_of!($record, $member), size_behind(|r: &$record| r.$member), 0),
            ),)*
        )*])
    };
}

fn as_rust_says() -> Figures {
    figures! {
        feedhdr { magic, count, recsize, when, sum }
        filehdr { magic, version, nrec, recsize, created, updated, turnover, sum }
        idxhdr { magic, nslots, nused, spare }
        idxslot { hash, off }
        jrec { magic, when, seq, len, sum }
        sale { id, price, closed, next, item, title, seller }
    }
}

#[test]
fn c_and_rust_have_the_same_sizes_and_offsets() {
    let mut c = as_c_says();
    let rust = as_rust_says();
    // Those are all that is locked, so that a record or member that comes to it comes here too.
    let lock = include_str!("../lock/auctiond_lock.rs");
    let within =
        |text: &str, before: &str| text.split_once(before).and_then(|(_, rest)| rest.split_once(')')).is_some();
    let mut locked = Vec::new();
    for line in lock.lines().map(str::trim).filter(|l| l.starts_with("assert!(")) {
        if let Some((_, rest)) = line.split_once("offset_of!(") {
            locked.push(rest.split_once(')').unwrap().0.replace(", ", "."));
        } else if let Some((_, rest)) = line.split_once("size_of::<") {
            locked.push(rest.split_once('>').unwrap().0.to_owned());
        } else {
            assert!(within(line, "align_of::<"), "{line}");
        }
    }
    locked.sort();
    locked.dedup(); // a section for each target
    assert_eq!(locked, rust.keys().cloned().collect::<Vec<_>>());
    c.retain(|name, _| rust.contains_key(name));
    assert_eq!(c, rust);
}

/// The new program is a 64-bit one to its last type: a `time_t` of 32 bits, or an `off_t`, would be one that C's library and
/// Rust's libc do not mean.
#[test]
fn c_and_libc_have_the_same_types() {
    let c = as_c_says();
    for (name, size, align) in [
        ("time_t", size_of::<libc::time_t>(), align_of::<libc::time_t>()),
        ("off_t", size_of::<libc::off_t>(), align_of::<libc::off_t>()),
        ("size_t", size_of::<libc::size_t>(), align_of::<libc::size_t>()),
        ("ssize_t", size_of::<libc::ssize_t>(), align_of::<libc::ssize_t>()),
        ("int", size_of::<c_int>(), align_of::<c_int>()),
        ("long", size_of::<c_long>(), align_of::<c_long>()),
        ("double", size_of::<f64>(), align_of::<f64>()),
        ("char *", size_of::<*mut c_char>(), align_of::<*mut c_char>()),
    ] {
        assert_eq!(c[name], (0, size, align), "{name}");
    }
    assert_eq!(size_of::<libc::size_t>(), size_of::<usize>(), "the declarations in `ffi` rely on it");
    assert_eq!((c["time_t"].1, c["off_t"].1, c["size_t"].1), (8, 8, 8));
}

#[test]
fn bit_fields_are_at_the_same_bits() {
    let (category, state, nbids, flags) = ((1 << 10) - 1, (1 << 3) - 1, (1 << 12) - 1, (1 << 7) - 1);
    let one = [[category, 0, 0, 0], [0, state, 0, 0], [0, 0, nbids, 0], [0, 0, 0, flags], [1, 5, 2050, 64]];
    for [category, state, nbids, flags] in one {
        let bytes: Vec<u8> =
            (0..size_of::<sale>()).map(|at| c::layout_bits(category, state, nbids, flags, at)).collect();
        assert!(bytes.iter().any(|b| *b != 0));
        let read: sale = ffi::read(&bytes).unwrap();
        assert_eq!([read.category(), read.state(), read.nbids(), read.flags()], [category, state, nbids, flags]);
    }
}

/// Files of one build are read by the other: the same lock compiles with the port for i386, and not with the original.
#[test]
fn the_lock_holds_for_the_32_bit_build_of_the_port() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let port = Path::new(env!("OUT_DIR")).join("auctiond");
    for (root, same) in [(port, [true, true]), (here.join("../../legacy-c/auctiond"), [true, false])] {
        let project = Project::load(&root).unwrap();
        for (target, same) in [&project.targets.old, &project.targets.new].into_iter().zip(same) {
            for standard in ["-std=gnu89", "-std=gnu11"] {
                let mut command = compile::compiler(target).unwrap();
                command
                    .args(&project.units[0].flags)
                    .arg("-I")
                    .arg(here.join("lock"))
                    .args([standard, "-fsyntax-only"]);
                let output = command.arg(here.join("c/lock.c")).env("LC_ALL", "C").output().unwrap();
                let said = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.success(), same, "{} {standard} {}:\n{said}", root.display(), target.triple);
            }
        }
    }
}
