//! Predictions where `#if` chooses by the target: a parse of the source for both targets says which it is, and nothing where it
//! is not the source that was built.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use common::{Case, run};
use legacy_port::binary::dwarf::{self, Options};
use legacy_port::binary::predict::{Asked, Predicted};
use legacy_port::layout::Layout;
use legacy_port::project::Project;
use legacy_port::target::{Pair, Target};

const CODE: &str = "\
typedef unsigned int fixed;
#define WIDE (sizeof(void *) > 4)
#if __SIZEOF_POINTER__ > 4
# define VALUE unsigned long long
#else
# define VALUE unsigned
#endif
#ifdef __LP64__
typedef VALUE value;
#else
typedef VALUE value;
#endif
#include <limits.h>
#if ULONG_MAX > 0xffffffffUL
typedef unsigned int word32;
typedef double number;
#else
typedef unsigned int word32;
typedef int number;
#endif
struct sums { fixed n; value now[3]; };
struct words { fixed n; word32 w[3]; };
struct numbers { fixed n; number at; };
struct sums sums;
struct words words;
struct numbers numbers;
#define ROOM (64 / sizeof(void *))
struct padded { fixed n; char pad[sizeof(value)]; };
struct room { void *of[ROOM]; };
struct padded padded;
struct room room;
";

fn case(flags: &str) -> (Case, Project) {
    let toml = format!("sources = [\"a.c\"]\nflags = [{flags}]\n");
    let case = Case::new(&[("legacy-port.toml", &toml), ("a.c", CODE)]);
    for (width, object) in [("-m32", "old.o"), ("-m64", "new.o")] {
        let status = std::process::Command::new("gcc")
            .current_dir(case.path())
            .args(["-g", "-c", width, "-o", object, "a.c"])
            .status()
            .unwrap();
        assert!(status.success());
    }
    let project = Project::load(case.path()).unwrap();
    (case, project)
}

/// Layouts and what was assumed, by name.
fn said(folder: &Path, asked: Option<Asked>) -> BTreeMap<String, (Layout, String)> {
    let options =
        Options { predict: true, sources: Some(folder.to_owned()), asked: asked.map(Arc::new), ..Options::default() };
    let debug = dwarf::read(&folder.join("old.o"), options).unwrap();
    let one = |r: dwarf::Record| {
        let Some(Predicted::Members { layout, assumed, .. }) = r.predicted else { panic!("{}", r.layout.name) };
        (layout.name.clone(), (layout, assumed.join("; ")))
    };
    debug.records.into_iter().map(one).collect()
}

#[test]
fn what_a_parse_says_is_what_the_compiler_does() {
    let (case, project) = case("");
    let real = dwarf::read(&case.path().join("new.o"), Options::default()).unwrap();
    let told = said(case.path(), Some(Asked::of(&project).unwrap()));
    for name in ["fixed", "struct padded", "struct room", "struct sums", "struct words", "value", "word32"] {
        let twin = real.records.iter().find(|r| r.layout.name == name).unwrap();
        // How long an array is stands in its type too, which is told as the old build has it.
        let size = |l: &Layout| (l.size, l.align, l.members.iter().map(|m| (m.offset, m.bits)).collect::<Vec<_>>());
        assert_eq!((size(&told[name].0), told[name].1.as_str()), (size(&twin.layout), ""), "{name}");
    }
    // A floating number is no integer of another width: where the types differ in kind nothing is taken over.
    assert!(told["number"].1.starts_with("`number` is chosen by `#if ULONG_MAX > 0xffffffffUL`"), "{told:?}");
    assert!(told["struct numbers"].1.starts_with("in `at`: `number` is chosen"), "{told:?}");
    let lines = said(case.path(), None);
    for name in ["struct sums", "struct words", "value", "word32"] {
        assert!(lines[name].1.contains(" is chosen by `#if"), "{name}: {lines:?}");
    }
    // A length is as sure as the sizes that it is worked out from.
    assert_eq!(lines["struct padded"].1, "the length of `pad` is worked out from sizes, by `sizeof`");
    assert_eq!(lines["struct room"].1, "");
    case.write("a.c", &CODE.replace("(64 /", "(32 + 64 /"));
    assert_eq!(said(case.path(), None)["struct room"].1, "the length of `of` is worked out from sizes, by `ROOM`");
    assert_eq!((lines["value"].0.size, told["value"].0.size), (4, 8));
}

/// Flags that the build did not have, units that do not parse, other targets, another folder.
#[test]
fn another_source_than_was_built_says_nothing() {
    let uncertain = |folder: &Path, asked: Asked| {
        let told = said(folder, Some(asked));
        assert!(told["value"].1.starts_with("`value` is chosen by `#ifdef __LP64__` in line 8"), "{told:?}");
    };
    // The other branch under i386.
    let (one, project) = case("\"-D__LP64__\"");
    uncertain(one.path(), Asked::of(&project).unwrap());
    // The same line, and another size.
    let (one, project) = case("\"-U__SIZEOF_POINTER__\", \"-D__SIZEOF_POINTER__=8\"");
    uncertain(one.path(), Asked::of(&project).unwrap());
    let (one, project) = case("");
    let other = Asked::of(&project).unwrap();
    let aarch64 = Target { triple: "aarch64-unknown-linux-gnu".into(), flags: Vec::new() };
    let targets = Pair { new: aarch64, ..project.targets.clone() };
    uncertain(one.path(), Asked::of(&Project { targets, ..project.clone() }).unwrap());
    one.write("a.c", &format!("{CODE}nosuch x;\n"));
    uncertain(one.path(), Asked::of(&project).unwrap());
    let (one, _) = case("");
    uncertain(one.path(), other);
}

#[test]
fn units_that_differ_say_nothing() {
    let toml = "sources = [\"a.c\", \"b.c\"]\n";
    let b = "#undef __SIZEOF_POINTER__\n#define __SIZEOF_POINTER__ 4\n#include \"a.c\"\n";
    let (case, _) = case("");
    case.write("legacy-port.toml", toml);
    case.write("b.c", b);
    let told = said(case.path(), Some(Asked::of(&Project::load(case.path()).unwrap()).unwrap()));
    assert!(told["value"].1.starts_with("`value` is chosen by"), "{told:?}");
    // What they agree on is known.
    assert_eq!(told["word32"].1, "");
}

const CHOSEN: &str = "\
#define TRACE (__SIZEOF_POINTER__ * 0)
struct same {
  int n;
#if TRACE == 0
  long traced;
#endif
  char tail[sizeof(long int) + 1];
};
struct moved {
  int n;
#ifdef __LP64__
  int pad;
#endif
  long at;
};
struct retyped {
  char c;
#ifdef __LP64__
  short s;
#else
  int s;
#endif
  char d;
};
struct shrunk {
  long n;
#ifdef __LP64__
  char tail[6];
#else
  char tail[8];
#endif
};
struct holds { struct moved in; };
typedef struct { char c;
#if TRACE == 0
  void *p;
#endif
  unsigned width : 3, : 7, depth : 5; } unnamed;
struct same same; struct moved moved; struct retyped retyped; struct shrunk shrunk; struct holds holds; unnamed last;
";

/// Members under an `#if`: where the source has them for both targets as they are predicted nothing is uncertain, and where it
/// has others for the new one it is said.
#[test]
fn members_that_both_targets_take_are_certain() {
    let (case, project) = case("");
    case.write("a.c", CHOSEN);
    let built = |width: &str, object: &str| {
        let mut gcc = std::process::Command::new("gcc");
        gcc.current_dir(case.path()).args(["-g", "-c", width, "-o", object, "a.c"]);
        assert!(gcc.status().unwrap().success());
    };
    built("-m32", "old.o");
    built("-m64", "new.o");
    let real = dwarf::read(&case.path().join("new.o"), Options::default()).unwrap();
    let size = |name: &str| real.records.iter().find(|r| r.layout.name == name).unwrap().layout.size;
    let (lines, told) = (said(case.path(), None), said(case.path(), Some(Asked::of(&project).unwrap())));
    for name in ["struct same", "unnamed"] {
        assert!(lines[name].1.contains("members are chosen by `#if TRACE == 0`"), "{name}: {lines:?}");
        assert_eq!((told[name].0.size, told[name].1.as_str()), (size(name), ""), "{name}");
    }
    for name in ["struct moved", "struct retyped", "struct shrunk"] {
        assert!(told[name].1.contains("members are chosen by `#ifdef __LP64__`"), "{name}: {told:?}");
    }
    // By its size alone it could not be told from what was predicted.
    assert_eq!((told["struct shrunk"].0.size, size("struct shrunk")), (16, 16));
    assert!(told["struct holds"].1.starts_with("in `in`: members are chosen"), "{told:?}");
    // The source is another one now than the old object was built from.
    case.write("a.c", &CHOSEN.replace("long traced", "short traced"));
    let told = said(case.path(), Some(Asked::of(&project).unwrap()));
    assert!(told["struct same"].1.contains("members are chosen by"), "{told:?}");
}

/// Which of two declarations in blocks of a unit is which is not told.
#[test]
fn a_name_that_a_unit_declares_twice_says_nothing() {
    let (case, _) = case("");
    let code = "void f(void) { typedef unsigned char local; static struct small { local at; } s; (void) s; }\nvoid g(void) {\n\
                #ifdef __LP64__\ntypedef unsigned long long local;\n#else\ntypedef unsigned local;\n#endif\n\
                static struct large { local at; } l; (void) l; }\n";
    case.write("a.c", code);
    let mut gcc = std::process::Command::new("gcc");
    gcc.current_dir(case.path()).args(["-g", "-c", "-m32", "-o", "old.o", "a.c"]);
    assert!(gcc.status().unwrap().success());
    let told = said(case.path(), Some(Asked::of(&Project::load(case.path()).unwrap()).unwrap()));
    assert!(told["struct large"].1.starts_with("in `at`: `local` is chosen by"), "{told:?}");
}

#[test]
fn the_command_asks_the_project() {
    let (case, _) = case("");
    let blind = case.run(&["layouts", "old.o", "--record", "sums"]);
    assert!(blind.out.contains("`value` is chosen by"), "{}{}", blind.out, blind.err);
    let asked = case.run(&["layouts", "old.o", "--record", "sums", "-p", "."]);
    assert!(!asked.out.contains("is chosen by"), "{}{}", asked.out, asked.err);
    assert!(asked.out.contains("16") && asked.out.contains("32"), "{}{}", asked.out, asked.err);
    // What the same parse says of what leaves the process is told too.
    case.write(
        "a.c",
        &format!("{CODE}#include <stdio.h>\nvoid out(FILE *f) {{ fwrite(&sums, sizeof sums, 1, f); }}\n"),
    );
    let leaving = case.run(&["layouts", "old.o", "--record", "sums", "-p", ".", "--format", "json"]);
    assert!(leaving.out.contains("\"leaving_layout\""), "{}{}", leaving.out, leaving.err);
    let none = run(case.path(), &["layouts", "old.o", "-p", "nosuch"]);
    assert_eq!(none.status, 2);
}
