//! Another reader of the same files: what is told of system libraries of both classes is what `readelf` tells.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use legacy_port::binary::elf;
use legacy_port::binary::object::Object;

fn readelf(option: &str, file: &Path) -> String {
    let output = Command::new("readelf").args(["-W", option]).arg(file).output();
    String::from_utf8_lossy(&output.expect("readelf; ci/setup installs it with gcc").stdout).into_owned()
}

/// What stands in brackets in the lines of the dynamic section with a tag.
fn tags(dynamic: &str, tag: &str) -> Vec<String> {
    let lines = dynamic.lines().filter(|l| l.contains(&format!("({tag})")));
    lines.filter_map(|l| Some(l.split_once('[')?.1.rsplit_once(']')?.0.to_owned())).collect()
}

/// Dynamic symbols as `name@version`, `name@@version` or `name`, with their sizes where they are defined.
fn symbols(text: &str) -> BTreeSet<String> {
    let line = |l: &str| {
        let fields: Vec<&str> = l.split_whitespace().collect();
        let [number, _, size, _, bind, _, section, name, ..] = fields[..] else { return None };
        number.strip_suffix(':')?.parse::<u32>().ok()?;
        let size =
            size.strip_prefix("0x").map_or_else(|| size.parse().ok(), |hex| u64::from_str_radix(hex, 16).ok())?;
        (bind != "LOCAL").then(|| if section == "UND" { name.to_owned() } else { format!("{name} {size}") })
    };
    text.lines().filter_map(line).collect()
}

fn ours(object: &Object) -> BTreeSet<String> {
    let one = |s: &legacy_port::binary::object::Symbol| {
        let at = if s.defined && s.default { "@@" } else { "@" };
        // The symbol that stands for a version itself: readelf leaves out that it has this version.
        let version = s.version.as_ref().filter(|v| **v != s.name).map_or(String::new(), |v| format!("{at}{v}"));
        if s.defined { format!("{}{version} {}", s.name, s.size) } else { format!("{}{version}", s.name) }
    };
    object.symbols.iter().map(one).collect()
}

fn libraries() -> Vec<PathBuf> {
    let mut all = Vec::new();
    for (folder, most) in [("/usr/lib/x86_64-linux-gnu", 50), ("/usr/lib32", 20)] {
        let mut here: Vec<PathBuf> = std::fs::read_dir(folder)
            .expect("libraries of both classes; ci/setup installs them")
            .map(|e| e.unwrap().path())
            .filter(|p| p.is_file() && !p.is_symlink() && elf::read(p).is_ok_and(|f| !f.needed.is_empty()))
            .collect();
        here.sort();
        all.extend(here.into_iter().take(most));
    }
    all
}

#[test]
fn system_libraries_are_what_readelf_says() {
    let all = libraries();
    assert!(all.len() > 50, "{}", all.len());
    for file in all {
        let object = elf::object(&file).unwrap();
        let dynamic = readelf("-d", &file);
        assert_eq!(object.file.needed, tags(&dynamic, "NEEDED"), "{}", file.display());
        assert_eq!(object.file.soname, tags(&dynamic, "SONAME").pop(), "{}", file.display());
        assert_eq!(object.file.runpath.join(":"), tags(&dynamic, "RUNPATH").concat(), "{}", file.display());
        assert_eq!(object.flags.text_relocations, dynamic.contains("TEXTREL"), "{}", file.display());
        let header = readelf("-h", &file);
        assert!(header.contains(&format!("ELF{}", object.file.bits)), "{}", file.display());
        let segments = readelf("-l", &file);
        assert_eq!(object.flags.relro, segments.contains("GNU_RELRO"), "{}", file.display());
        let notes = readelf("-n", &file);
        let feature = |name: &str| notes.lines().any(|l| l.contains("x86 feature:") && l.contains(name));
        let cet = (feature("IBT"), feature("SHSTK"));
        assert_eq!((object.flags.branch_targets, object.flags.return_addresses), cet, "{}", file.display());
        let theirs = symbols(&readelf("--dyn-syms", &file));
        let ours = ours(&object);
        let differ: Vec<_> = ours.symmetric_difference(&theirs).take(6).collect();
        assert!(differ.is_empty(), "{}: {differ:?}", file.display());
    }
}
