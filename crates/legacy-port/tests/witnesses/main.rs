//! Other readers of the same files: what is told of both builds of `auctiond`, of libraries of this system, and of objects
//! built to differ, is what `readelf`, `scanelf`, `checksec` and `lddtree` tell, or the reason stands in a table.

mod subjects;
mod theirs;

use std::collections::BTreeSet;
use std::path::Path;

use legacy_port::binary::object::{Kind, Object};
use legacy_port::binary::{audit, checks, elf};
use legacy_port::target::Pair;

use theirs::Figures;

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

/// Our figures, in the same words.
fn ours(o: &Object) -> Figures {
    let file = &o.file;
    let stack = match o.executable_stack {
        None => "none",
        Some(true) => "executable",
        Some(false) => "plain",
    };
    let relro = match (o.flags.relro, o.flags.bind_now) {
        (false, _) => "no",
        (true, false) => "partial",
        (true, true) => "full",
    };
    let kind = match file.kind {
        Kind::Relocatable => "REL",
        Kind::Program => "EXEC",
        Kind::Pie | Kind::Library => "DYN",
        Kind::Core | Kind::Other => "",
    };
    let pie = match file.kind {
        Kind::Relocatable => "rel",
        Kind::Program => "no pie",
        Kind::Pie => "pie",
        _ => "dso",
    };
    let binding = match (file.kind, o.flags.dynamic, o.flags.bind_now) {
        (Kind::Relocatable, ..) => "",
        (_, false, _) => "static",
        (.., true) => "now",
        (.., false) => "lazy",
    };
    let symbol = |f: &dyn Fn(&str) -> bool| yes(o.symbols.iter().any(|s| f(&s.name)));
    let library = |l: &legacy_port::binary::object::Library| {
        let found = if file.bits == 32 { &l.found.bits32 } else { &l.found.bits64 };
        let path = found.as_ref().and_then(|p| std::fs::canonicalize(p).ok());
        format!("{} {}", l.name, path.map_or("none".into(), |p| p.display().to_string()))
    };
    let paths = if file.runpath.is_empty() { &file.rpath } else { &file.runpath };
    Figures::from([
        ("class", file.bits.to_string()),
        ("machine", file.machine.clone()),
        ("type", kind.to_owned()),
        ("interpreter", file.interpreter.clone().unwrap_or_default()),
        ("soname", file.soname.clone().unwrap_or_default()),
        ("needed", file.needed.join(",")),
        ("stack", stack.to_owned()),
        ("stack that is not executable", yes(o.executable_stack == Some(false))),
        ("relro", relro.to_owned()),
        ("binding", binding.to_owned()),
        ("text relocations", yes(o.flags.text_relocations)),
        ("rpath", file.rpath.join(":")),
        ("runpath", file.runpath.join(":")),
        ("search path", paths.join(":")),
        ("has rpath", yes(!file.rpath.is_empty())),
        ("has runpath", yes(!file.runpath.is_empty())),
        ("pie", pie.to_owned()),
        ("stack protector", symbol(&|n| n.starts_with("__stack_chk_fail") || n == "__stack_chk_guard")),
        ("fortified", symbol(&|n| n.ends_with("_chk"))),
        ("libraries", o.libraries.iter().map(library).collect::<Vec<_>>().join(",")),
    ])
}

/// A difference that is right, and why. `which` are the objects where it may be.
struct Accepted {
    witness: &'static str,
    figure: &'static str,
    ours: &'static str,
    theirs: &'static str,
    which: fn(&Object) -> bool,
    reason: &'static str,
}

const ACCEPTED: &[Accepted] = &[Accepted {
    witness: "checksec",
    figure: "fortified",
    ours: "yes",
    theirs: "no",
    which: |o| o.libraries.is_empty() && o.file.kind.program(),
    reason: "a static program has no dynamic symbols, and checksec looks at no others; the linker's tell",
}];

#[test]
fn figures_are_what_others_say() {
    let dir = tempfile::tempdir().unwrap();
    let (builds, made) = (dir.path().join("auctiond"), dir.path().join("made"));
    std::fs::create_dir_all(&made).unwrap();
    let system = subjects::system();
    let files = [subjects::auctiond(&builds), system, subjects::made(&made)].concat();
    let (scanelf, checksec, lddtree) =
        (theirs::scanelf(&files), theirs::checksec(&files, dir.path()), theirs::lddtree(&linked(&files)));
    let (mut unlike, mut used) = (Vec::new(), BTreeSet::new());
    for file in &files {
        let object = elf::object(file).unwrap();
        let ours = ours(&object);
        let witnesses = [
            ("readelf", Some(theirs::readelf(file))),
            ("scanelf", Some(scanelf.get(file).unwrap_or_else(|| panic!("scanelf: {}", file.display())).clone())),
            ("checksec", Some(checksec.get(file).unwrap_or_else(|| panic!("checksec: {}", file.display())).clone())),
            ("lddtree", lddtree.get(file).cloned()),
        ];
        for (witness, figures) in witnesses {
            for (figure, theirs) in figures.into_iter().flatten().filter(|(figure, theirs)| ours[figure] != *theirs) {
                let row = ACCEPTED.iter().position(|a| {
                    (a.witness, a.figure, a.ours, a.theirs) == (witness, figure, ours[figure].as_str(), theirs.as_str())
                        && (a.which)(&object)
                });
                match row {
                    Some(row) => _ = used.insert(row),
                    None => unlike.push(format!(
                        "{}: {figure}: we say `{}`, {witness} says `{theirs}`",
                        file.display(),
                        ours[figure]
                    )),
                }
            }
        }
        agrees(file, &object, &ours);
    }
    assert!(unlike.is_empty(), "{}", unlike.join("\n"));
    for (n, row) in ACCEPTED.iter().enumerate() {
        assert!(used.contains(&n), "{} and {} do not differ any more: {}", row.witness, row.figure, row.reason);
    }
}

fn linked(files: &[std::path::PathBuf]) -> Vec<std::path::PathBuf> {
    let linked = |f: &&std::path::PathBuf| elf::read(f).is_ok_and(|f| !f.needed.is_empty());
    files.iter().filter(linked).cloned().collect()
}

/// What the checks say of an object is what its figures say.
fn agrees(path: &Path, object: &Object, figures: &Figures) {
    let found: BTreeSet<&str> = audit::audit(Pair { old: None, new: Some(object) }, checks::ALL, Path::new("/"))
        .findings
        .into_iter()
        .map(|f| f.check)
        .collect();
    let said = |check| found.contains(check);
    let is = |figure, value: &str| figures[figure] == value;
    let same = |check, is: bool| assert_eq!(said(check), is, "{}: {check}: {figures:?}", path.display());
    same("not_pie", is("type", "EXEC"));
    same("executable_stack", object.file.kind.linked() && is("stack that is not executable", "no"));
    same("text_relocations", is("text relocations", "yes"));
    same("still_32_bit", is("class", "32"));
    let loaded = object.file.kind.linked() && !object.file.needed.is_empty();
    same("relro_not_full", loaded && !is("relro", "full") && !quiet_relro(object));
    // These ask for more than that something is not there.
    for (check, figure) in [("no_stack_protector", "stack protector"), ("not_fortified", "fortified")] {
        assert!(!said(check) || is(figure, "no"), "{}: {check}: {figures:?}", path.display());
    }
}

/// Where there is nothing to bind lazily, what is bound at once is the same.
fn quiet_relro(object: &Object) -> bool {
    object.flags.relro && !object.flags.lazy_table
}
