//! The ported C: the patch series applied to a copy of `legacy-c/auctiond`, its units compiled, the lock with them.

use std::error::Error as AnyError;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "../legacy-port/src/error.rs"]
#[allow(dead_code, unreachable_pub)] // the error of all of legacy-port
mod error;
#[path = "../legacy-port/src/step.rs"]
#[allow(dead_code, unreachable_pub)] // commands name steps too
mod step;

use error::Error;
type Result<T> = std::result::Result<T, Error>;

/// Units with functions that have another name here.
const RENAMED: &[(&str, &[(&str, &str)])] = &[
    ("auctiond", &[("main", "auctiond_main")]),
    ("auctionctl", &[("main", "auctionctl_main")]),
    // Moved to Rust: C's own keeps its code, and callers in other units get ours.
    ("cksum", &[("cksum_words", "c_cksum_words"), ("cksum_adler", "c_cksum_adler")]),
];

fn main() -> std::result::Result<(), Box<dyn AnyError>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let original = here.join("../../legacy-c/auctiond");
    let ported = PathBuf::from(env::var("OUT_DIR")?).join("auctiond");
    for input in [original.as_path(), &here.join("c"), &here.join("lock")] {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    step::apply(&original, &step::read_series(&original.join("port/series"))?, &ported)?;

    let source = ported.join("src");
    let mut units = Vec::new();
    for entry in fs::read_dir(&source)? {
        let file = entry?.path();
        let renamed = RENAMED.iter().any(|(unit, _)| file.file_stem().is_some_and(|s| s == *unit));
        if file.extension().is_some_and(|e| e == "c") && !renamed {
            units.push(file);
        }
    }
    units.sort();
    compiler(&source, &here, "gnu89").files(&units).try_compile("auctiond")?;
    for (unit, names) in RENAMED {
        let mut build = compiler(&source, &here, "gnu89");
        for (name, here) in *names {
            build.define(name, *here);
        }
        build.file(source.join(unit).with_extension("c")).try_compile(&format!("auctiond_unit_{unit}"))?;
    }
    println!("cargo::rustc-link-lib=m");

    // C11 says which record moved; nothing of it is linked.
    compiler(&source, &here, "gnu11").file(here.join("c/lock.c")).try_compile_intermediates()?;
    // What C takes layouts for, for the tests alone.
    for object in compiler(&source, &here, "gnu11").file(here.join("c/layout.c")).try_compile_intermediates()? {
        println!("cargo::rustc-link-arg-tests={}", object.display());
    }
    Ok(())
}

/// The compiler with the flags of the port's own Makefile.
fn compiler(source: &Path, here: &Path, standard: &str) -> cc::Build {
    let mut build = cc::Build::new();
    build.include(source).include(here.join("lock")).std(standard).opt_level(2).warnings(false);
    build
}
