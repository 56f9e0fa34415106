//! Other people's projects: what is wrong with them is said, and nothing panics.

use std::fs;
use std::path::Path;
use std::process::Command;

use legacy_port::audit::{Audit, audit};
use legacy_port::checks;
use legacy_port::compile;
use legacy_port::project::Project;
use legacy_port::step;

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(dir.path().join(name), bytes).unwrap();
        }
        Self { dir }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn project(&self) -> Project {
        Project::load(self.path()).unwrap()
    }

    fn audit(&self) -> Audit {
        audit(&self.project(), checks::ALL, &|_, _| ()).unwrap()
    }

    fn build_error(&self, new: bool) -> String {
        let project = self.project();
        let target = if new { &project.targets.new } else { &project.targets.old };
        compile::build(&project, target, &self.path().join("target"), &|_, _| ()).unwrap_err().to_string()
    }
}

const ONE: (&str, &[u8]) = ("legacy-port.toml", b"sources = [\"a.c\"]\nflags = [\"-std=gnu89\"]\n");

#[test]
fn an_old_object_in_the_new_program_is_an_error() {
    let toml = b"sources = [\"a.c\"]\nobjects = [\"old.o\"]\n[[program]]\nname = \"a\"\nmain = \"a.c\"\n";
    let case =
        Case::new(&[("legacy-port.toml", toml), ("a.c", b"int main(void) { return 0; }\n"), ("b.c", b"int b;\n")]);
    let cc = |args: &[&str]| {
        assert!(Command::new(args[0]).args(&args[1..]).current_dir(case.path()).status().unwrap().success());
    };
    cc(&["cc", "-m32", "-c", "-o", "old.o", "b.c"]);
    let error = case.build_error(true);
    assert!(error.contains("old.o") && error.contains("32-bit object for i386"), "{error}");
    // The same in an archive, which is no object itself.
    cc(&["cc", "-m64", "-c", "-o", "new.o", "b.c"]);
    cc(&["ar", "rc", "both.a", "new.o", "old.o"]);
    fs::rename(case.path().join("both.a"), case.path().join("old.o")).unwrap();
    let error = case.build_error(true);
    assert!(error.contains("member `old.o`") && error.contains("32-bit"), "{error}");
    fs::write(case.path().join("old.o"), b"\x7fELF\x02\x01\x01").unwrap();
    assert!(case.build_error(true).contains("damaged"), "a cut ELF file is no panic");
}

#[test]
fn what_does_not_compile_is_told_by_file() {
    let case = Case::new(&[ONE, ("a.c", b"int f(void) { return nosuch; }\nint g(char *p) { return (int)p; }\n")]);
    let error = case.build_error(false);
    assert!(error.contains("a.c") && error.contains("nosuch"), "{error}");
    let audit = case.audit();
    assert_eq!(audit.broken.len(), 2, "once per target");
    assert_eq!(audit.findings.len(), 1, "what parses is looked at all the same: {:?}", audit.findings);
}

#[test]
fn a_missing_header_does_not_end_the_audit() {
    let case = Case::new(&[ONE, ("a.c", b"#include \"nosuch.h\"\nint g(char *p) { return (int)p; }\n")]);
    let audit = case.audit();
    assert!(audit.broken[0].errors[0].text.contains("nosuch.h"));
    assert_eq!(audit.findings.len(), 1);
}

#[test]
fn old_ways_of_writing_are_read() {
    // K&R definition, implicit int, no final newline, CRLF, Latin-1 before the place of the finding on its line.
    let text = b"/* Gr\xfc\xdfe */\r\nf(p, n)\r\n\tchar *p;\r\n{\r\n\treturn /* \xe9\xe8 */ (int)p + n;\r\n}";
    let case = Case::new(&[ONE, ("a.c", text)]);
    let audit = case.audit();
    assert_eq!(audit.broken, []);
    let found = &audit.findings[0];
    assert_eq!((found.spot.line, found.function.as_str()), (5, "f"));
    assert_eq!(&found.spot.text[found.spot.span.0..found.spot.span.1], "(int)p");
}

#[test]
fn empty_and_odd_units_are_no_trouble() {
    let deep = format!("int x = {}1{};\n", "(".repeat(200), ")".repeat(200));
    let sum = format!("int f(int a) {{ return a{}; }}\n", " + a".repeat(3000));
    for text in ["", "\n", "#if 0\nint x;\n#endif\n", "int a[3] = {1,2,3};", "_Static_assert(1, \"\");", &deep, &sum] {
        let audit = Case::new(&[ONE, ("a.c", text.as_bytes())]).audit();
        assert_eq!((audit.findings.len(), audit.broken.len()), (0, 0), "{text:.40}");
    }
}

#[test]
fn what_one_target_alone_compiles_is_a_region() {
    let text = b"#ifdef __i386__\nint old_only(char *p) { return (int)p; }\n#else\nint new_only;\n#endif\nint both;\n";
    let audit = Case::new(&[ONE, ("a.c", text)]).audit();
    assert_eq!(audit.findings, [], "there is nothing to compare");
    let regions: Vec<(&str, &str)> = audit.regions.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    assert_eq!(regions, [("a.c:2", "i386"), ("a.c:4", "x86_64")]);
}

#[test]
fn what_one_unit_keeps_another_reads_whichever_comes_first() {
    let keeps = b"#include \"kept.h\"\nvoid keep(char *p) { g.kept = (int)p; }\n";
    let reads = b"#include \"kept.h\"\nchar *read(void) { return (char *)g.kept; }\n";
    let number = b"#include \"number.h\"\nchar *read(void) { return (char *)g.kept; }\n";
    let header = b"struct s { int kept; };\nextern struct s g;\n";
    let found = |first: &[u8], second: &[u8]| {
        let toml = b"sources = [\"a.c\", \"b.c\"]\n";
        // The same member at the same place of another file is another member.
        let headers: [(&str, &[u8]); 2] = [("kept.h", header), ("number.h", header)];
        let files = [("legacy-port.toml", toml.as_slice()), ("a.c", first), ("b.c", second), headers[0], headers[1]];
        Case::new(&files).audit().findings.iter().filter(|f| f.check == "integer_to_pointer").count()
    };
    assert_eq!((found(keeps, reads), found(reads, keeps)), (1, 1));
    assert_eq!((found(keeps, number), found(number, keeps)), (0, 0));
}

#[test]
fn a_header_is_told_once() {
    let toml = b"sources = [\"a.c\", \"b.c\"]\n";
    let header = b"struct s { long a; char *p; };\n";
    let unit = b"#include \"s.h\"\n";
    let audit = Case::new(&[("legacy-port.toml", toml), ("s.h", header), ("a.c", unit), ("b.c", unit)]).audit();
    assert_eq!(audit.findings.len(), 1);
    assert_eq!(audit.units, 2);
}

#[test]
fn a_build_does_only_what_changed() {
    let case = Case::new(&[ONE, ("a.c", b"#include \"a.h\"\nint a;\n"), ("a.h", b"")]);
    let build = || {
        let project = case.project();
        compile::build(&project, &project.targets.new, &case.path().join("target"), &|_, _| ()).unwrap().compiled
    };
    assert_eq!((build(), build()), (1, 0));
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(case.path().join("a.h"), "int h;\n").unwrap();
    assert_eq!((build(), build()), (1, 0), "a header is an input too");
    fs::write(case.path().join("legacy-port.toml"), "sources = [\"a.c\"]\nflags = [\"-O1\"]\n").unwrap();
    assert_eq!((build(), build()), (1, 0), "and so are the flags");
}

#[test]
fn a_build_writes_no_environment() {
    let case = Case::new(&[ONE, ("a.c", b"int a;\n")]);
    let project = case.project();
    let out = case.path().join("target");
    compile::build(&project, &project.targets.new, &out, &|_, _| ()).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut folders = vec![out];
    while let Some(dir) = folders.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap().path();
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let text = String::from_utf8_lossy(&fs::read(&entry).unwrap()).into_owned();
                assert!(
                    !text.contains(&path),
                    "{} has the environment, and with it whatever secret is in there",
                    entry.display()
                );
            }
        }
    }
}

#[test]
fn a_patch_that_does_not_apply_is_named() {
    let patch = b"Why.\n\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-int x;\n+long x;\n";
    let case =
        Case::new(&[ONE, ("a.c", b"int y;\n"), ("series", b"# none yet\n01.patch # the first\n"), ("01.patch", patch)]);
    let steps = step::read_series(&case.path().join("series")).unwrap();
    assert_eq!((steps.len(), steps[0].summary.as_str()), (1, "Why."));
    let out = tempfile::tempdir().unwrap();
    let error = step::apply(case.path(), &steps, out.path()).unwrap_err().to_string();
    assert!(error.contains("01.patch") && error.contains("a.c"), "{error}");
    fs::write(case.path().join("a.c"), "int x;\n").unwrap();
    step::apply(case.path(), &steps, out.path()).unwrap();
    assert_eq!(fs::read_to_string(out.path().join("a.c")).unwrap(), "long x;\n");
    assert_eq!(fs::read_to_string(case.path().join("a.c")).unwrap(), "int x;\n", "the original is untouched");
    assert!(step::resolve(&steps, "02").unwrap_err().contains("01"));
}

#[test]
fn cpp_units_of_a_compile_database_are_looked_at() {
    let database = br#"[{"directory": ".", "file": "a.cpp", "arguments": ["c++", "-std=c++17", "-c", "a.cpp"]},
        {"directory": ".", "file": "b.c", "arguments": ["cc", "-c", "b.c"]}]"#;
    // Without headers: those of the 32-bit C++ library are a package of their own.
    let text = b"long wide();
namespace n {
template <class T> struct list { T *all; unsigned long size() const { return 1; } };
struct s { long l; void *p; int m() { return wide(); } };
template <class T> int size(const list<T> &v, long l) { int i = l; return sizeof(T) + v.size() + i; }
}
int f(const n::list<int> &v) { n::s s = {}; return n::size(v, 1) + static_cast<int>(wide()) + s.m(); }
";
    let audit = Case::new(&[("compile_commands.json", database), ("a.cpp", text), ("b.c", b"int b;\n")]).audit();
    assert_eq!((audit.units, audit.broken.as_slice()), (2, [].as_slice()));
    let found: Vec<_> = audit.findings.iter().map(|f| (f.spot.line, f.check, f.function.as_str())).collect();
    assert!(found.contains(&(4, "implicit_narrowing", "m")), "a method: {found:?}");
    assert!(found.contains(&(5, "implicit_narrowing", "size")), "a template as it is written: {found:?}");
    assert!(audit.findings.iter().all(|f| f.spot.file == Path::new("a.cpp")));
}

#[test]
fn one_file_in_several_configurations_is_told_once() {
    let unit = |define| format!(r#"{{"directory": ".", "file": "a.c", "arguments": ["cc", "{define}", "-c", "a.c"]}}"#);
    let database = format!("[{}, {}, {}]", unit("-DONE"), unit("-DTWO"), unit("-DONE"));
    let text = b"int f(char *p) { return (int)p; }\n#ifdef TWO\nint g(char *p) { return (int)p; }\n#endif\n";
    let audit = Case::new(&[("compile_commands.json", database.as_bytes()), ("a.c", text)]).audit();
    let lines: Vec<usize> = audit.findings.iter().map(|f| f.spot.line).collect();
    assert_eq!((audit.units, lines), (2, vec![1, 3]));
}

#[test]
fn c_files_that_are_included_are_part_of_their_unit() {
    let part = b"static int f(char *p) { return (int)p; }\n";
    let audit = Case::new(&[ONE, ("a.c", b"#include \"part.c\"\nint g;\n"), ("part.c", part)]).audit();
    let found: Vec<_> = audit.findings.iter().map(|f| (f.spot.file.as_path(), f.spot.line)).collect();
    assert_eq!((audit.units, found), (1, vec![(Path::new("part.c"), 1)]));
}

#[test]
fn long_and_deep_generated_code_is_read() {
    let long = format!("{}int f(char *p) {{ return (int)p; }}\n", "int g(int a);\n".repeat(100_000));
    let audit = Case::new(&[ONE, ("a.c", long.as_bytes())]).audit();
    assert_eq!(audit.findings[0].spot.line, 100_001);
    // By the command: how deep libclang goes is told to it before all else.
    let deep = 20_000;
    let expressions = [format!("{}a", "- ".repeat(deep)), format!("{}a{}", "(".repeat(deep), ")".repeat(deep))];
    for expression in expressions {
        let text = format!("long f(int a) {{ return {expression}; }}\n");
        let toml = b"sources = [\"a.c\"]\nflags = [\"-fbracket-depth=100000\"]\n";
        let case = Case::new(&[("legacy-port.toml", toml), ("a.c", text.as_bytes())]);
        let output = Command::new(env!("CARGO_BIN_EXE_legacy-port"))
            .args(["audit", "--no-cache", "--fail-on", "never", "--format", "json", "-p"])
            .arg(case.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{expression:.40}: {said}");
    }
}
