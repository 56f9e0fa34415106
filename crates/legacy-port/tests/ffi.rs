//! The records that leave the process, as Rust would take them over the FFI: bindgen reads the program's own headers once
//! per target and says sizes, alignments and offsets, a witness that knows nothing of our tree.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use legacy_port::audit;
use legacy_port::compile;
use legacy_port::project::Project;
use legacy_port::source::clang::Clang;
use legacy_port::step;
use legacy_port::target::{Pair, Target};

/// What is in files and on the wire.
const RECORDS: &[&str] = &["sale", "filehdr", "idxhdr", "idxslot", "jrec", "feedhdr"];

fn auctiond() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../legacy-c/auctiond")
}

fn ported(test: &str) -> Project {
    let project = Project::load(&auctiond()).unwrap();
    let steps = step::read_series(project.series.as_ref().unwrap()).unwrap();
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    step::apply(&project.root, &steps, &out).unwrap();
    project.at(&out).unwrap()
}

/// `Size of sale` -> 104, `Offset of field: sale::price` -> 4, ...: bindgen's assertions as a table.
fn assertions(project: &Project, target: &Target) -> BTreeMap<String, u64> {
    let mut builder = bindgen::Builder::default()
        .header(project.root.join("src/net.h").to_string_lossy())
        .clang_arg(format!("--target={}", target.triple))
        .clang_args(&project.units[0].flags)
        .allowlist_recursively(false)
        .layout_tests(true);
    for dir in compile::system_includes(target) {
        builder = builder.clang_args(["-isystem".to_owned(), dir.display().to_string()]);
    }
    for record in RECORDS {
        builder = builder.allowlist_type(record);
    }
    let text = builder.generate().expect("bindings").to_string();
    let mut table = BTreeMap::new();
    for part in text.split("[\"").skip(1) {
        let (what, rest) = part.split_once("\"]").unwrap();
        let number = rest.split("usize]").next().unwrap().rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
        table.insert(what.to_owned(), number.parse().unwrap());
    }
    assert!(RECORDS.iter().all(|r| table.contains_key(&format!("Size of {r}"))), "{table:?}\n{text}");
    table
}

#[test]
fn the_port_gives_both_targets_the_layout_of_the_old_one() {
    let original = Project::load(&auctiond()).unwrap();
    let old = assertions(&original, &original.targets.old);
    let naive = assertions(&original, &original.targets.new);
    assert_ne!(old, naive, "that is what the port is for");
    let project = ported("ffi-layouts");
    let new = Pair { old: &project.targets.old, new: &project.targets.new }.map(|t| assertions(&project, t));
    assert_eq!(new.old, new.new);
    // The link was a union of its own before, and is a number of the same place and size now.
    assert_eq!(new.new, old);
}

#[test]
fn bindgen_and_the_dual_tree_agree() {
    let project = Project::load(&auctiond()).unwrap();
    let clang = Clang::load().unwrap();
    let includes = project.targets.as_ref().map(compile::system_includes);
    let unit = project.units.iter().find(|u| u.source.ends_with("src/net.c")).unwrap();
    let tree = audit::parse(&clang, unit, project.targets.as_ref(), includes.as_ref().map(Vec::as_slice)).unwrap();
    for (target, side) in [(&project.targets.old, &tree.sides.old), (&project.targets.new, &tree.sides.new)] {
        let table = assertions(&project, target);
        for record in RECORDS {
            let ours = side.records.iter().find(|r| r.name == format!("struct {record}")).unwrap();
            assert_eq!(ours.size, table.get(&format!("Size of {record}")).copied(), "{record}");
            assert_eq!(ours.align, table.get(&format!("Alignment of {record}")).copied(), "{record}");
            for f in ours.fields.iter().filter(|f| f.bits.is_none()) {
                let theirs = table.get(&format!("Offset of field: {record}::{}", f.name)).copied();
                assert_eq!(f.offset.map(|o| o / 8), theirs, "{record}::{}", f.name);
            }
        }
    }
}

#[test]
#[cfg(all(target_arch = "x86_64", target_env = "gnu"))]
fn the_new_target_has_the_c_types_of_this_machine() {
    let project = Project::load(&auctiond()).unwrap();
    let clang = Clang::load().unwrap();
    let includes = project.targets.as_ref().map(compile::system_includes);
    let unit = project.units.iter().find(|u| u.source.ends_with("src/index.c")).unwrap();
    let tree = audit::parse(&clang, unit, project.targets.as_ref(), includes.as_ref().map(Vec::as_slice)).unwrap();
    let size = |name: &str| {
        let ty = tree.sides.new.types.iter().find(|t| t.name == name).unwrap_or_else(|| panic!("no `{name}`"));
        ty.size.unwrap()
    };
    for (name, rust) in [
        ("time_t", size_of::<libc::time_t>()),
        ("__off_t", size_of::<libc::off_t>()),
        ("size_t", size_of::<libc::size_t>()),
        ("long", size_of::<libc::c_long>()),
        ("struct stat", size_of::<libc::stat>()),
        ("struct timespec", size_of::<libc::timespec>()),
    ] {
        assert_eq!(size(name), rust as u64, "{name}");
    }
}
