//! House rules, as tests.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The workspace crates that a crate names among its dependencies.
fn depends_on(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
    let crates = crates();
    let first = |l: &str| l.split(['.', ' ', '=']).next().unwrap_or("").to_owned();
    text.lines().map(first).filter(|d| crates.contains(d)).collect()
}

fn crates() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn dependencies_between_crates_go_one_way() {
    assert_eq!(crates(), ["auctiond-sys", "container", "legacy-port", "rehearsal", "release", "xtask"]);
    assert_eq!(depends_on("auctiond-sys"), ["legacy-port"]); // of its tests alone
    assert_eq!(depends_on("legacy-port"), [] as [&str; 0]);
    assert_eq!(depends_on("container"), [] as [&str; 0]);
    assert_eq!(depends_on("rehearsal"), ["container"]);
    assert_eq!(depends_on("release"), ["container", "rehearsal"]); // `rehearsal` for its tests alone
    assert_eq!(depends_on("xtask"), ["container", "legacy-port", "rehearsal", "release"]);
}

#[test]
fn the_top_level_is_the_design() {
    let mut names: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|n| !n.starts_with('.') && n != "target")
        .collect();
    names.sort();
    let want = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "ci",
        "crates",
        "docker",
        "legacy-c",
    ];
    assert_eq!(names, want);
}

/// Every file of Rust below `crates/<name>/src`.
fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn a_foreign_library_has_one_door_in_a_crate() {
    let mut files = Vec::new();
    for name in crates() {
        sources(&root().join("crates").join(name).join("src"), &mut files);
    }
    let uses = |word: &str| -> Vec<String> {
        let mut found: Vec<String> = files
            .iter()
            .filter(|f| {
                let text = fs::read_to_string(f).unwrap();
                text.lines().any(|l| !l.trim_start().starts_with("//") && l.contains(word))
            })
            .map(|f| f.strip_prefix(root().join("crates")).unwrap().to_string_lossy().into_owned())
            .collect();
        found.sort();
        found
    };
    let clang = uses("clang_sys::");
    assert!(!clang.is_empty() && clang.iter().all(|f| f.starts_with("legacy-port/src/source/clang/")), "{clang:?}");
    assert_eq!(uses("goblin::"), ["container/src/elf/mod.rs", "legacy-port/src/binary/elf.rs"]);
    assert_eq!(uses("iced_x86::"), ["legacy-port/src/binary/code.rs"]);
    let gimli = uses("gimli::");
    assert!(
        !gimli.is_empty() && gimli.iter().all(|f| f.starts_with("legacy-port/src/binary/dwarf/units/")),
        "{gimli:?}"
    );
    assert_eq!(uses("aws_sigv4::"), ["release/src/aws/sign.rs"]);
    assert_eq!(uses("aws_smithy_xml::"), ["release/src/aws/xml.rs"]);
    assert_eq!(uses("reqwest::"), ["container/src/http.rs"]);
    assert_eq!(uses("saphyr_parser::"), ["rehearsal/src/yaml.rs", "release/src/doc/yaml.rs"]);
    assert_eq!(uses("jsonc_parser::"), ["release/src/doc/json.rs"]);
    assert_eq!(uses("zip::write::"), ["rehearsal/src/codepipeline/archive.rs", "release/src/bundle.rs"]);
    assert_eq!(uses("cc::Build"), ["legacy-port/src/compile.rs"]);
}

/// The workspace denies `unsafe`; the crate that calls C has it in one module.
#[test]
fn c_is_called_in_one_module() {
    let dir = root().join("crates/auctiond-sys");
    let mut files = Vec::new();
    sources(&dir, &mut files);
    let allows = |f: &PathBuf| fs::read_to_string(f).unwrap().contains("allow(unsafe_code");
    let mut found: Vec<String> = files
        .iter()
        .filter(|f| allows(f))
        .map(|f| f.strip_prefix(&dir).unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    // What bindgen writes for bit-fields; the module; declarations of functions over numbers, which are safe.
    assert_eq!(found, ["lock/auctiond_lock.rs", "src/ffi.rs", "tests/layout.rs"]);
}
