//! A digest of the source, for the cache: what another build has stored is not taken for one's own.

use std::path::Path;
use std::{env, fs};

fn main() {
    let mut files = Vec::new();
    for dir in ["src", "tests/checks"] {
        println!("cargo::rerun-if-changed={dir}");
        collect(Path::new(dir), &mut files);
    }
    files.extend(["Cargo.toml", "../../Cargo.lock"].map(Into::into));
    files.sort();
    // FNV-1a; nobody tries to deceive it.
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        for byte in fs::read(file).unwrap_or_default() {
            digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    let profile = env::var("PROFILE").unwrap_or_default();
    println!("cargo::rustc-env=LEGACY_PORT_BUILD={digest:016x}-{profile}");
}

fn collect(dir: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
