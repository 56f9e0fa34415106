//! `legacy-port fix` as a person meets it: what it edits, what it takes back, what it leaves alone.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use common::Case;

const TOML: (&str, &str) = ("legacy-port.toml", "sources = [\"a.c\", \"b.c\"]\n");
const A: &str = "#include <stdio.h>\n#include \"c.h\"\n\nvoid f(long n, size_t s)\n{\n\tprintf(\"%d %u\\n\", n, s);\n\tSHOW(n);\n}\n";
const B: &str = "#include <stdio.h>\n#include \"c.h\"\n\nvoid g(int n)\n{\n\tSHOW(n);\n}\n";
/// What suits one use of the macro does not suit the other.
const C: &str = "#define SHOW(x) printf(\"%d\\n\", x)\n";

fn git(case: &Case, args: &[&str]) -> String {
    let who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    let out = Command::new("git").args(who).args(args).current_dir(case.path()).output().unwrap();
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn case() -> Case {
    let case = Case::new(&[TOML, ("a.c", A), ("b.c", B), ("c.h", C), (".gitignore", "target\n")]);
    git(&case, &["init", "-q"]);
    git(&case, &["add", "."]);
    git(&case, &["commit", "-q", "-m", "as it was"]);
    case
}

#[test]
fn what_is_plainly_written_is_edited() {
    let case = case();
    let ran = case.run(&["fix"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(case.read("a.c"), A.replace("%d %u", "%ld %zu"));
    // The macro suits its other use.
    assert_eq!((case.read("b.c").as_str(), case.read("c.h").as_str()), (B, C));
    assert_eq!(
        ran.out,
        "a.c: 2 edits\n2 edits in 1 file, audited again; 1 finding left; `legacy-port audit` shows them\n"
    );
    let again = case.run(&["fix", "--allow-dirty"]);
    assert!(again.out.contains("0 edits in 0 files, audited again; 1 finding left"), "{}", again.out);
}

/// A header brings a function of a name that the program has for something else.
#[test]
fn an_edit_that_does_not_parse_is_taken_back_alone() {
    let b = "#include <stdio.h>\n\nstatic int div;\n\nvoid g(char *s, long n)\n{\n\tprintf(\"%d\\n\", n);\n\t\
             div++;\n\tputs((char *)getenv(s));\n}\n";
    let case = Case::new(&[TOML, ("a.c", A), ("b.c", b), ("c.h", C)]);
    let ran = case.run(&["fix", "--allow-dirty"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(case.read("a.c"), A.replace("%d %u", "%ld %zu"));
    assert_eq!(case.read("b.c"), b.replace("%d", "%ld"));
    assert!(ran.out.contains("b.c:9: implicit_function left as it is: `b.c` would not parse as before"), "{}", ran.out);
}

#[test]
fn the_diff_is_one_that_git_takes() {
    let case = case();
    let ran = case.run(&["fix", "--diff", "--exclude", "c.h"]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    assert_eq!(git(&case, &["status", "--porcelain"]), "", "nothing is written");
    case.write("target/a.diff", &ran.out);
    git(&case, &["apply", "target/a.diff"]);
    assert_eq!(case.read("a.c"), A.replace("%d %u", "%ld %zu"));
    let ran = case.run(&["fix", "--diff", "--exclude", "c.h"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
}

#[test]
fn what_git_could_not_bring_back_is_left_alone() {
    let case = case();
    let changed = A.replace("void f", "void  f");
    case.write("a.c", &changed);
    let ran = case.run(&["fix"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("`a.c` has changes that are not committed"), "{}", ran.err);
    assert_eq!(case.read("a.c"), changed);
    assert_eq!(case.run(&["fix", "--allow-dirty"]).status, 0);
    assert_eq!(case.read("a.c"), changed.replace("%d %u", "%ld %zu"));

    let case = Case::new(&[TOML, ("a.c", A), ("b.c", B), ("c.h", C)]);
    let ran = case.run(&["fix"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("not in git") && ran.err.contains("--allow-dirty"), "{}", ran.err);
    assert_eq!(case.read("a.c"), A);
}

#[test]
fn bytes_permissions_and_links_stay() {
    let case = Case::new(&[("legacy-port.toml", "sources = [\"a.c\"]\n")]);
    let text = A.replace('\n', "\r\n").replace('\t', "/* f\u{fc}r */ ").replace("#include \"c.h\"\r\n", "");
    let text = text.replace("/* f\u{fc}r */ SHOW(n);\r\n", "");
    let latin = |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>();
    let real = case.path().join("real.c");
    fs::write(&real, latin(&text)).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real.c", case.path().join("a.c")).unwrap();
    let ran = case.run(&["fix", "--allow-dirty"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(fs::read(&real).unwrap(), latin(&text.replace("%d %u", "%ld %zu")));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(case.path().join("a.c")).unwrap().is_symlink());
}

#[test]
fn what_is_accepted_is_not_edited() {
    let accepted = A.replace("n, s);", "n, s); /* legacy-port: allow(format_width) small numbers */");
    let case = Case::new(&[("legacy-port.toml", "sources = [\"a.c\"]\n"), ("a.c", &accepted), ("c.h", C)]);
    let ran = case.run(&["fix", "--allow-dirty", "--exclude", "c.h"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("0 edits"), "{}", ran.out);
    assert_eq!(case.read("a.c"), accepted);
}

#[test]
fn reports_tell_the_edit() {
    let case = case();
    let text = case.run(&["audit", "--exclude", "c.h"]).out;
    assert!(text.contains("help: `legacy-port fix` writes `%zu` for `%u`"), "{text}");
    let line = case.run(&["audit", "--format", "json", "--exclude", "c.h"]).out;
    let first: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    let edit = &first["edit"];
    assert_eq!((&edit["was"], &edit["by"], &edit["line"]), (&"%d".into(), &"%ld".into(), &6.into()), "{first}");
    let offset = usize::try_from(edit["offset"].as_u64().unwrap()).unwrap();
    assert_eq!(A.get(offset..offset + 2), Some("%d"));
}
