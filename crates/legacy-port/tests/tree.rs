//! What the dual tree and its slots tell by themselves, where no finding depends on it alone.

use legacy_port::audit;
use legacy_port::project::Unit;
use legacy_port::source::clang::Clang;
use legacy_port::source::slot::{self, Slot};
use legacy_port::source::tree::{Expr, Kind, On, Tree};
use legacy_port::target::{Pair, Target};

fn tree(text: &str) -> Tree {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("a.c");
    std::fs::write(&source, text).unwrap();
    let flags = vec!["-std=gnu99".into(), "-ffreestanding".into(), "-nostdlibinc".into()];
    let unit = Unit { source, directory: dir.path().to_owned(), flags };
    let triples = ["i686-unknown-linux-gnu", "x86_64-unknown-linux-gnu"];
    let [old, new] = triples.map(|triple| Target { triple: triple.into(), flags: vec![] });
    let clang = Clang::load().expect("libclang; ci/setup installs it");
    audit::parse(&clang, &unit, Pair { old: &old, new: &new }, Pair { old: &[], new: &[] }).expect("a tree")
}

/// The variable's name when it is read.
fn named<'t>(tree: &'t Tree, name: &str) -> Expr<'t> {
    tree.iter().find(|e| e.kind() == Kind::Name && e.name() == name).unwrap()
}

/// What is written where a place begins.
fn written<'t>(text: &'t str, e: Expr) -> &'t str {
    &text[e.written().start as usize..]
}

#[test]
fn an_element_goes_to_its_member_where_all_braces_are_written() {
    let text = "struct s { struct { long a, b; } in; long c; };\n\
                void plain(long x) { struct s s = {{1, 2}, x}; (void)s; }\n\
                void elided(long y) { struct s s = {1, y, 3}; (void)s; }\n";
    let tree = tree(text);
    let Some(Slot::At(place)) = slot::destination(named(&tree, "x")).map(|g| g.to) else { panic!("x goes nowhere") };
    assert!(text[..place.end as usize].ends_with("long c"));
    assert_eq!(slot::destination(named(&tree, "y")), None, "the second element is no second member");
}

#[test]
fn a_value_goes_through_the_last_part_of_a_comma_and_no_other() {
    let tree = tree("long g; void f(long x, long y) { g = (x, y); }\n");
    assert_eq!(slot::destination(named(&tree, "x")), None);
    assert_eq!(slot::destination(named(&tree, "y")).map(|g| g.to), Some(Slot::Global("g".into())));
}

#[test]
fn what_one_target_alone_has_is_told_by_that_target() {
    let text = "#define ONE (1 + 1)\n#define TWO (2 + 2)\n#ifdef __i386__\nint a = ONE;\n#else\nint b = TWO;\n#endif\n\
                long both = sizeof(long);\n";
    let tree = tree(text);
    let sum = |on| tree.iter().find(|e| e.kind() == Kind::Paren && e.node().on == on).unwrap();
    assert!(written(text, sum(On::OldOnly)).starts_with("(1 + 1)"));
    assert!(written(text, sum(On::NewOnly)).starts_with("(2 + 2)"));
    assert_eq!(sum(On::OldOnly).value(), Pair { old: Some(2), new: None });
    assert_eq!(sum(On::NewOnly).value(), Pair { old: None, new: Some(4) });
    let size = tree.iter().find(|e| e.kind() == Kind::SizeOf).unwrap();
    assert_eq!(size.value(), Pair { old: Some(4), new: Some(8) });
}

#[test]
fn parts_before_are_told_from_the_nearest_on() {
    let tree = tree("void f(int x) { if (x) { x = 1; } x = 2; while (x) x = (3); }\n");
    let block = tree.iter().find(|e| e.kind() == Kind::Compound).unwrap();
    let parts: Vec<u32> = block.children().map(|e| e.id).collect();
    let last = block.children().last().unwrap();
    assert_eq!(last.before().map(|e| e.id).collect::<Vec<_>>(), [parts[1], parts[0]]);
    let first = block.children().next().unwrap();
    assert!(first.is_first() && !last.is_first() && first.before().next().is_none());
    assert_eq!(tree.at(0).before().count(), 0);
}
