//! Drawings of record layouts: of what a compiler says, and of what nobody would write.

use std::fmt::Write as _;
use std::path::Path;

use legacy_port::audit::audit;
use legacy_port::checks;
use legacy_port::compile;
use legacy_port::finding::Finding;
use legacy_port::layout::{Layout, Member};
use legacy_port::project::Project;
use legacy_port::report::layout;
use legacy_port::target::Pair;

fn member(name: &str, offset: u64, bits: u64) -> Member {
    Member { name: name.into(), ty: "long".into(), offset, bits, ..Member::default() }
}

fn record(size: u64, members: Vec<Member>) -> Layout {
    Layout { name: "struct s".into(), size, align: 4, members }
}

#[test]
fn a_drawing_shows_what_moved_and_what_is_padding() {
    let old = record(12, vec![member("a", 0, 8), member("b", 32, 32), member("c", 64, 32)]);
    let new = record(24, vec![member("a", 0, 8), member("b", 64, 64), member("c", 128, 32)]);
    let pair = Pair { old: &old, new: &new };
    let svg = layout::svg(pair, Pair { old: "i386", new: "x86_64" }, "l1");
    assert_eq!(svg.matches("class=\"layout-link\"").count(), 2, "a stays");
    assert!(svg.contains(">+4</text>") && svg.contains(">+8</text>"), "{svg}");
    assert!(svg.contains("4 → 8 bytes") && svg.contains("<title id=\"l1-title\">struct s: 12 bytes on i386"));
    assert_eq!(svg.matches("url(#l1-hatch)").count(), 3, "behind a on both, behind c on the new");
    let same = layout::svg(Pair { old: &old, new: &old }, Pair { old: "i386", new: "i386" }, "l2");
    assert!(!same.contains("layout-link") && !same.contains("layout-wider"));
}

#[test]
fn odd_layouts_can_be_drawn() {
    let bit = |name: &str, offset, bits| Member { bit_field: true, ..member(name, offset, bits) };
    let inner = vec![member("x", 64, 32), member("", 96, 32), bit("y", 128, 3)];
    let union = vec![member("i", 64, 32), member("p", 64, 64)];
    let deep = (0..60).fold(member("x", 0, 32), |m, _| Member { members: vec![m], ..member("in", 0, 32) });
    let odd = [
        record(0, vec![]),
        record(4, vec![member("tail", 32, 0)]),
        record(8, vec![bit("a", 0, 3), bit("", 3, 29), bit("b", 37, 7)]),
        record(24, vec![Member { members: inner, ..member("in", 64, 128) }]),
        record(16, vec![Member { members: union, ..member("", 64, 64) }, member("<&\u{1b}>", 0, 8)]),
        record(8, vec![member("i", 0, 32), member("p", 0, 64), member("c", 0, 8)]),
        record(u64::MAX, vec![member(&"long".repeat(100), u64::MAX - 7, u64::MAX), member("b", 3, 1)]),
        record(4, vec![deep]),
        record(4000, (0..500).map(|n| member(&format!("m{n}"), n * 64, 64)).collect()),
    ];
    for old in &odd {
        for new in &odd {
            let svg = layout::svg(Pair { old, new }, Pair { old: "a<b", new: "\u{1b}" }, "l");
            assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
            assert!(svg.ends_with("</svg>\n") && !svg.contains("a<b") && !svg.contains('\x1b'), "{svg}");
        }
    }
    let many = layout::svg(Pair { old: &odd[8], new: &odd[8] }, Pair { old: "a", new: "b" }, "l");
    assert_eq!(many.matches("400 further members").count(), 2);
}

#[test]
fn a_record_is_drawn_as_the_compiler_lays_it_out() {
    let project = Project::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports/ledger")).unwrap();
    let audit = audit(&project, checks::ALL, &|_, _| ()).unwrap();
    let find = |check: &str| {
        let has = |f: &&Finding| f.check == check && f.spot.text.contains("struct entry");
        audit.findings.iter().find(has).and_then(|f| f.layout.clone()).unwrap()
    };
    let layouts = find("record_layout");
    assert_eq!(layouts, find("persisted_layout"));
    let told =
        |l: &Layout| l.members.iter().map(|m| (m.name.clone(), m.offset, m.bits, m.members.len())).collect::<Vec<_>>();
    let expected =
        |rows: &[(&str, u64, u64, usize)]| rows.iter().map(|r| (r.0.to_owned(), r.1, r.2, r.3)).collect::<Vec<_>>();
    let new = [
        ("kind", 0, 8, 0),
        ("number", 64, 64, 0),
        ("open", 128, 1, 0),
        ("state", 129, 5, 0),
        ("where", 192, 128, 2),
        ("amount", 320, 64, 3),
        ("", 384, 128, 2),
        ("name", 512, 64, 0),
        ("flags", 576, 16, 0),
        ("fee", 640, 64, 0),
        ("note", 704, 0, 0),
    ];
    assert_eq!(told(&layouts.new), expected(&new));
    assert_eq!((layouts.new.size, layouts.new.align, layouts.old.size, layouts.old.align), (88, 8, 52, 4));
    assert_eq!(layouts.old.members[6].offset, 224, "a member without a name has its place too");
    assert_eq!(layouts.old.members[6].members[1].offset, 256, "from the start of the outermost record");
    assert!(layouts.new.members[5].is_union() && !layouts.new.members[4].is_union());
}

/// Two witnesses: where libclang says that members lie, also those of records without a name, the compiler confirms.
#[test]
fn a_compiler_confirms_the_offsets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports/ledger");
    let project = Project::load(&folder).unwrap();
    let audit = audit(&project, checks::ALL, &|_, _| ()).unwrap();
    let entry = audit.findings.iter().filter_map(|f| f.layout.as_ref()).find(|l| l.new.name == "struct entry").unwrap();
    let sides = project.targets.as_ref().zip(entry.as_ref());
    for (target, layout) in [sides.old, sides.new] {
        let mut code =
            format!("#include \"ledger.h\"\n_Static_assert(sizeof(struct entry) == {}, \"\");\n", layout.size);
        let mut assert = |path: &str, offset: u64| {
            writeln!(code, "_Static_assert(offsetof(struct entry, {path}) == {}, \"{path}\");", offset / 8).unwrap();
        };
        for m in layout.members.iter().filter(|m| !m.bit_field) {
            let outer = if m.name.is_empty() { String::new() } else { format!("{}.", m.name) };
            m.members.iter().for_each(|inner| assert(&format!("{outer}{}", inner.name), inner.offset));
            if !m.name.is_empty() {
                assert(&m.name, m.offset);
            }
        }
        assert_eq!(code.matches("offsetof").count(), 15);
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("offsets.c");
        std::fs::write(&file, code).unwrap();
        let mut command = compile::compiler(target).unwrap();
        let output = command.arg("-I").arg(&folder).arg("-fsyntax-only").arg(&file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
