//! `legacy-port lock`: what it writes compiles for its target and for no other, in every C and in Rust, and what moves is
//! told.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Case, Ran, run};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every kind of member, with its own headers alone, so that it parses for any target.
const HEADER: &str = "#ifndef API_H\n#define API_H\n#include <stdint.h>\n\
struct pos { int32_t row; short col; };\n\
typedef struct { char tag[3]; } label;\n\
struct entry {\n\tchar kind;\n\tlong number;\n\tunsigned open : 1;\n\tunsigned state : 5;\n\tstruct pos where[2];\n\tlabel name;\n\
\tunion {\n\t\tlong cents;\n\t\tdouble rate;\n\t} amount;\n\tchar *owner;\n\tshort type; /* a word of Rust */\n};\n\
union both { int32_t n; char c[4]; };\n\
struct tail { int32_t n; char rest[]; };\n\
struct unrelated { long n; };\n#endif\n";
const TOML: &str = "name = \"shop\"\nsources = [\"a.c\"]\ninclude = [\"inc\"]\nflags = [\"-std=gnu99\"]\n\
[ffi]\nheaders = [\"inc/api.h\"]\nrecords = [\"entry\", \"b?th\", \"struct tail\"]\n";

fn shop() -> Case {
    Case::new(&[("legacy-port.toml", TOML), ("a.c", "int a;\n"), ("inc/api.h", HEADER)])
}

fn ok(ran: &Ran) {
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// The lock of a case, compiled as one unit.
fn compiled(compiler: &str, flags: &[&str], dir: &Path, lock: &Path, include: &Path) -> Output {
    let unit = dir.join("unit.c");
    fs::write(&unit, format!("#include \"{}\"\n", lock.display())).unwrap();
    Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Werror", "-c", "-o", "/dev/null"])
        .args(flags)
        .arg("-I")
        .arg(include)
        .arg(&unit)
        .env("LC_ALL", "C")
        .output()
        .unwrap_or_else(|e| panic!("`{compiler}`: {e}; ci/setup installs it"))
}

/// gcc's name for C23 is that of a draft before gcc 14.
const STANDARDS: [&str; 4] = ["-std=gnu89", "-std=c99", "-std=c11", "-std=c2x"];

fn clang() -> String {
    let names = (17..30).rev().map(|v| format!("clang-{v}")).chain(["clang".to_owned()]);
    let runs = |name: &String| Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success());
    names.into_iter().find(runs).expect("clang; ci/setup installs it")
}

#[test]
fn the_header_compiles_for_its_target_in_every_c_and_for_no_other() {
    let case = shop();
    let clang = clang();
    for (targets, machine, other, model) in
        [("new", "-m64", "-m32", "x86_64 (LP64)"), ("old", "-m32", "-m64", "i386 (ILP32)")]
    {
        ok(&case.run(&["lock", "--targets", targets, "-o", targets]));
        let (lock, include) = (case.path().join(targets).join("shop_lock.h"), case.path().join("inc"));
        for compiler in ["gcc", &clang] {
            for standard in STANDARDS {
                // The array without a length is of C99, and clang says so.
                let flags = [standard, machine, "-Wno-pedantic"];
                let built = compiled(compiler, &flags, case.path(), &lock, &include);
                assert!(built.status.success(), "{compiler} {flags:?}:\n{}", said(&built));
                let refused = compiled(compiler, &[standard, other], case.path(), &lock, &include);
                let text = said(&refused);
                assert!(!refused.status.success(), "{compiler} {standard} {other}");
                assert!(text.contains(&format!("shop_lock.h locks layouts for {model}")), "{text}");
                assert_eq!(text.matches("error:").count(), 1, "that and no more:\n{text}");
            }
        }
    }
}

#[test]
fn one_lock_for_both_has_a_section_for_each() {
    let case = shop();
    ok(&case.run(&["lock", "--targets", "both"]));
    let text = case.read("shop_lock.h");
    assert!(text.contains("---- i386 (ILP32) ----") && text.contains("---- x86_64 (LP64) ----"), "{text}");
    for machine in ["-m32", "-m64"] {
        for standard in STANDARDS {
            let lock = case.path().join("shop_lock.h");
            let built = compiled("gcc", &[standard, machine], case.path(), &lock, &case.path().join("inc"));
            assert!(built.status.success(), "{standard} {machine}:\n{}", said(&built));
        }
    }
}

/// The assertions are no comment: each kind of change is refused by the compiler, with the record and the member.
#[test]
fn a_record_that_moves_does_not_compile() {
    let case = shop();
    ok(&case.run(&["lock"]));
    let lock = case.path().join("shop_lock.h");
    let changes: [(&str, &str, &str, &str); 4] = [
        ("\tchar kind;\n", "\tchar kind;\n\tdouble extra;\n", "struct entry no longer has 64 bytes", "entry_has_64"),
        ("\tshort type;", "\tint type;", "struct entry: type no longer has 2 bytes", "entry_type_has_2"),
        ("int32_t row; short col;", "short col; int32_t row;", "struct pos: row is no longer at 0", "pos_row_at_0"),
        (
            "typedef struct { char tag[3]; }",
            "typedef struct { char tag[4]; }",
            "label no longer has 3 bytes",
            "label_has_3",
        ),
    ];
    for (from, to, message, name) in changes {
        assert!(HEADER.contains(from));
        case.write("changed/api.h", &HEADER.replace(from, to));
        let include = case.path().join("changed");
        for (standard, told) in [("-std=gnu89", name), ("-std=c11", message)] {
            for compiler in ["gcc", &clang()] {
                let text = said(&compiled(compiler, &[standard, "-m64"], case.path(), &lock, &include));
                assert!(text.contains(told), "{compiler} {standard}, {to:?}: no `{told}` in\n{text}");
            }
        }
    }
}

#[test]
fn what_moved_is_told_and_where() {
    let root = root();
    let case = Case::new(&[]);
    let copy = |from: &Path, to: &Path| {
        let status = Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap();
        assert!(status.success());
    };
    // The port, and no patch series any more.
    let target = case.path().join("target").display().to_string();
    let ported = run(&root, &["steps", "-p", "legacy-c/auctiond", "--through", "all", "--target-dir", &target]);
    ok(&ported);
    let project = case.path().join("auctiond");
    copy(Path::new(ported.out.trim()), &project);
    // Its lock is for a crate of ours, and this one for nobody else.
    let toml = fs::read_to_string(project.join("legacy-port.toml")).unwrap();
    let kept: Vec<&str> = toml.lines().filter(|l| !l.starts_with("lock = ")).collect();
    assert_eq!(kept.len() + 1, toml.lines().count());
    fs::write(project.join("legacy-port.toml"), kept.join("\n")).unwrap();
    let run = |args: &[&str]| run(&project, args);
    let missing = run(&["lock", "--check"]);
    assert_eq!(missing.status, 1, "{}", missing.err);
    assert!(missing.out.contains("auctiond_lock.h is missing"), "{}", missing.out);
    ok(&run(&["lock"]));
    let written = ["auctiond_lock.h", "auctiond_lock.rs"].map(|f| fs::read(project.join(f)).unwrap());
    ok(&run(&["lock"]));
    assert_eq!(written, ["auctiond_lock.h", "auctiond_lock.rs"].map(|f| fs::read(project.join(f)).unwrap()));
    let as_locked = run(&["lock", "--check"]);
    ok(&as_locked);
    assert!(as_locked.out.contains("as locked: 6 records of auctiond"), "{}", as_locked.out);

    let header = project.join("src/auction.h");
    let original = fs::read_to_string(&header).unwrap();
    let changed = |from: &str, to: &str| {
        assert_eq!(original.matches(from).count(), 1, "{from:?}");
        // The port refuses sizes that move by itself: that is left to the lock here.
        let text = original.replace(from, to);
        let text: Vec<&str> = text.lines().filter(|l| !l.contains("? 1 : -1]")).collect();
        fs::write(&header, text.join("\n") + "\n").unwrap();
        let ran = run(&["lock", "--check"]);
        assert_eq!(ran.status, 1, "{to:?}: {}{}", ran.out, ran.err);
        ran.out
    };
    let added = changed("\tu32\t\tspare;\n", "\tu32\t\tspare;\n\tu32\t\tmore;\n");
    assert!(
        added.contains("struct idxhdr has moved") && added.contains("+ more: added, u32 at 16, 4 bytes"),
        "{added}"
    );
    assert!(added.contains("(src/auction.h:85: `u32 more;`)") && added.contains("size: 16 -> 20 bytes"), "{added}");
    let reordered = changed(
        "\tint32_t\t\tseq;\t\t/* number of the record */\n\tint32_t\t\tlen;\n",
        "\tint32_t\t\tlen;\n\tint32_t\t\tseq;\n",
    );
    assert!(reordered.contains("struct jrec has moved"), "{reordered}");
    assert!(reordered.contains("seq: offset 8 -> 12") && reordered.contains("len: offset 12 -> 8"), "{reordered}");
    assert!(!reordered.contains("size:"), "{reordered}");
    // `long`: one of the two targets moves, and what was one section is two.
    let widened = changed("\tint32_t\t\toff;", "\tlong\t\toff;");
    assert!(widened.contains("struct idxslot has moved for x86_64 (LP64)"), "{widened}");
    assert!(widened.contains("off: offset 4 -> 8, 4 bytes -> 8 bytes, int32_t -> long (src/auction.h:"), "{widened}");
    assert!(!widened.contains("for i386"), "{widened}");
    // What no compiler sees.
    let bits = changed("\tu32\t\tstate : 3;\n\tu32\t\tnbids : 12;\n", "\tu32\t\tnbids : 12;\n\tu32\t\tstate : 3;\n");
    assert!(bits.contains("state: offset 21:2 -> 22:6"), "{bits}");
    assert!(bits.contains("by `") || bits.contains("(src/auction.h:"), "{bits}");
    fs::write(&header, &original).unwrap();
    ok(&run(&["lock", "--check"]));

    // By hand, without a record that moved.
    let lock = project.join("auctiond_lock.h");
    let text = fs::read_to_string(&lock).unwrap();
    fs::write(&lock, text.replace("sizeof(struct sale) == 104", "sizeof(struct sale) == 105")).unwrap();
    let stale = run(&["lock", "--check"]);
    assert_eq!(stale.status, 1);
    assert!(stale.out.contains("auctiond_lock.h is stale: line "), "{}", stale.out);
    // What cannot be done is neither right nor wrong.
    fs::write(&header, "#error no\n").unwrap();
    assert_eq!(run(&["lock", "--check"]).status, 2);
    assert_eq!(fs::read(&lock).unwrap().len(), text.len(), "nothing was written");
}

#[test]
fn who_names_no_records_gets_those_that_leave_the_process() {
    let root = root();
    let case = Case::new(&[]);
    let target = case.path().join("target").display().to_string();
    let ported = run(&root, &["steps", "-p", "legacy-c/auctiond", "--through", "all", "--target-dir", &target]);
    let project = Path::new(ported.out.trim());
    let toml = fs::read_to_string(project.join("legacy-port.toml")).unwrap();
    let kept: Vec<&str> = toml.lines().filter(|l| !l.starts_with("records = ")).collect();
    fs::write(project.join("legacy-port.toml"), kept.join("\n")).unwrap();
    ok(&run(project, &["lock", "-o", "asked"]));
    let text = fs::read_to_string(project.join("asked/auctiond_lock.h")).unwrap();
    let records: Vec<&str> = text.lines().filter(|l| l.contains("bytes, aligned to")).collect();
    let names: Vec<&str> = records.iter().map(|l| l.trim_start_matches(" * ").split(':').next().unwrap()).collect();
    let want = ["feedhdr", "filehdr", "idxhdr", "idxslot", "jrec", "sale"].map(|n| format!("struct {n}"));
    assert_eq!(names, want);
}

#[test]
fn a_name_that_is_no_record_is_refused() {
    let case = shop();
    case.write("legacy-port.toml", &TOML.replace("b?th", "nosuch"));
    let ran = case.run(&["lock"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("`nosuch` names no record that the headers define"), "{}", ran.err);
}

/// The module in a crate of its own, and what rustfmt says of it, however it is set.
#[test]
fn the_rust_module_compiles_where_it_belongs_and_nowhere_else() {
    let case = shop();
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let compiled = |edition: &str, target: &str, dir: &str| {
        case.write(
            "lib.rs",
            &format!("#![no_std]\n#![deny(warnings)]\n#[path = \"{dir}/shop_lock.rs\"]\npub mod lock;\n"),
        );
        let mut command = Command::new(&rustc);
        command.args([
            "--crate-type=lib",
            "--emit=metadata",
            "--edition",
            edition,
            "--target",
            target,
            "-o",
            "out.rmeta",
        ]);
        command.arg("lib.rs").current_dir(case.path()).output().unwrap()
    };
    let installed = |target: &str| {
        let output = Command::new(&rustc).args(["--print", "sysroot"]).output().unwrap();
        let sysroot = String::from_utf8(output.stdout).unwrap();
        Path::new(sysroot.trim()).join("lib/rustlib").join(target).join("lib").is_dir()
    };
    let (new, old) = ("x86_64-unknown-linux-gnu", "i686-unknown-linux-gnu");
    let hosts: Vec<&str> = [new, old].into_iter().filter(|t| installed(t)).collect();
    assert!(!hosts.is_empty(), "neither `{new}` nor `{old}` is installed: `rustup target add {new}`");
    for target in [new, old].iter().filter(|t| !hosts.contains(t)) {
        eprintln!("not compiled for `{target}`, whose core is not installed: `rustup target add {target}`");
    }
    for targets in ["new", "old", "both"] {
        ok(&case.run(&["lock", "--targets", targets, "-o", targets]));
        for host in &hosts {
            for edition in ["2021", "2024"] {
                let built = compiled(edition, host, targets);
                let fits = targets == "both" || (targets == "new") == (*host == new);
                assert_eq!(built.status.success(), fits, "{targets} {host} {edition}:\n{}", said(&built));
                if !fits {
                    let errors = said(&built);
                    let errors: Vec<&str> = errors.lines().filter(|l| l.starts_with("error: `")).collect();
                    assert!(errors.len() == 1 && errors[0].contains("locks layouts for "), "{}", said(&built));
                }
            }
        }
        for config in ["", "max_width=60,hard_tabs=true"] {
            let mut rustfmt = Command::new("rustfmt");
            rustfmt
                .args(["--check", "--edition", "2024"])
                .args((!config.is_empty()).then_some(["--config", config]).iter().flatten());
            let file = format!("{targets}/shop_lock.rs");
            let output = rustfmt.arg(&file).current_dir(case.path()).output().expect("rustfmt, of rustup");
            assert!(output.status.success(), "{config}: {}", said(&output));
        }
    }
    // A type that is not as it was is refused, and the message names it.
    let text = case.read("new/shop_lock.rs");
    case.write(
        "new/shop_lock.rs",
        &text.replace("pub number: ::core::ffi::c_long", "pub number: ::core::ffi::c_short"),
    );
    let refused = compiled("2024", new, "new");
    assert!(said(&refused).contains("struct entry: `entry` no longer has 64 bytes"), "{}", said(&refused));
}
