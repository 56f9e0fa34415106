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

/// The units with a `main`, which is named after them here: `auctiond_main`.
const PROGRAMS: [&str; 2] = ["auctiond", "auctionctl"];
/// What of C is in Rust by now: C's own keeps its code and has another name, `c_cksum_words`, and its callers get ours.
const MOVED: (&str, [&str; 2]) = ("cksum.c", ["cksum_words", "cksum_adler"]);

fn main() -> std::result::Result<(), Box<dyn AnyError>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let original = here.join("../../legacy-c/auctiond");
    let ported = PathBuf::from(env::var("OUT_DIR")?).join("auctiond");
    for input in [original.as_path(), &here.join("c"), &here.join("lock")] {
        println!("cargo::rerun-if-changed={}", input.display());
    }
    step::apply(&original, &step::read_series(&original.join("port/series"))?, &ported)?;

    let source = ported.join("src");
    let (mut moved, mut units) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(&source)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default();
        if name == MOVED.0 {
            moved.push(file);
        } else if file.extension().is_some_and(|e| e == "c")
            && PROGRAMS.iter().all(|p| file.file_stem().is_none_or(|s| s != *p))
        {
            units.push(file);
        }
    }
    units.sort();
    compiler(&source, &here, "gnu89").files(&units).try_compile("auctiond")?;
    let mut apart = compiler(&source, &here, "gnu89");
    for name in MOVED.1 {
        apart.define(name, format!("c_{name}").as_str());
    }
    apart.files(&moved).try_compile("auctiond_moved")?;
    for program in PROGRAMS {
        let main = format!("{program}_main");
        let unit = source.join(program).with_extension("c");
        compiler(&source, &here, "gnu89").define("main", main.as_str()).file(unit).try_compile(&main)?;
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
