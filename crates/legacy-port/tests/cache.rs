//! The cache: what it gives is what a parse gives, and what changed is looked at again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use legacy_port::audit::{Outcome, audit, audit_with};
use legacy_port::cache::Cache;
use legacy_port::checks;
use legacy_port::project::Project;
use legacy_port::units::Options;

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new(toml: &str, files: &[(&str, &str)]) -> Self {
        let case = Self { dir: tempfile::tempdir().unwrap() };
        case.write("legacy-port.toml", toml);
        for (name, text) in files {
            case.write(name, text);
        }
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
        // What was written just now is not kept, since it may change within one step of the clock of files.
        std::thread::sleep(Duration::from_millis(30));
    }

    fn cache(&self) -> Cache {
        Cache::new(self.path("cache"))
    }

    /// An audit from the cache, which must say what one without says.
    fn run(&self) -> Outcome {
        let project = Project::load(self.dir.path()).unwrap();
        let cache = self.cache();
        let options = Options { cache: Some(&cache), ..Options::default() };
        let outcome = audit_with(&project, checks::ALL, options).unwrap();
        assert_eq!(outcome.audit, audit(&project, checks::ALL, &|_, _| ()).unwrap());
        outcome
    }

    fn entries(&self) -> Vec<PathBuf> {
        let list = fs::read_dir(self.path("cache")).unwrap().map(|e| e.unwrap().path());
        list.filter(|p| p.extension().is_some_and(|e| e == "entry")).collect()
    }
}

const TWO: &str = "sources = [\"a.c\", \"b.c\"]\ninclude = [\"first\", \"second\"]\nflags = [\"-std=gnu99\"]\n";
const LOSES: &str = "int f(char *p) { return (int)p; }\n";

fn two() -> Case {
    let a = format!("#include <h.h>\n{LOSES}");
    Case::new(TWO, &[("a.c", &a), ("b.c", "int b;\n"), ("second/h.h", "int h;\n"), ("first/other.h", "")])
}

#[test]
fn nothing_changed_is_taken_over_whole() {
    let case = two();
    assert_eq!(case.run().cached, 0);
    let again = case.run();
    assert_eq!((again.cached, again.audit.findings.len()), (2, 1));
    assert!(again.read.contains(&case.path("second/h.h")), "{:?}", again.read);
}

#[test]
fn what_one_unit_keeps_another_is_told_from_the_cache_too() {
    let keeper = "struct s { int kept; };\nstruct s g;\nvoid keep(char *p) { g.kept = (int)p; }\n";
    let user = "extern long wide(void);\nlong u(void) { return (int)wide(); }\n";
    let case = Case::new("sources = [\"a.c\", \"b.c\"]\n", &[("a.c", keeper), ("b.c", user)]);
    case.run();
    case.write("b.c", &format!("{user}int more;\n"));
    assert_eq!(case.run().cached, 1);
}

#[test]
fn a_changed_file_is_looked_at_again() {
    let case = two();
    case.run();
    case.write("b.c", &format!("int b;\n{LOSES}"));
    let outcome = case.run();
    assert_eq!((outcome.cached, outcome.audit.findings.len()), (1, 2));
    case.write("second/h.h", "struct s { long l; char *p; };\n");
    assert_eq!(case.run().cached, 1, "a header is an input of the unit that reads it");
    // The same length and the same time as before, another content.
    let before = fs::metadata(case.path("b.c")).unwrap().modified().unwrap();
    let text = fs::read_to_string(case.path("b.c")).unwrap().replace("int b", "int c");
    case.write("b.c", &text);
    fs::File::options().append(true).open(case.path("b.c")).unwrap().set_modified(before).unwrap();
    assert_eq!(case.run().cached, 1, "content counts, not time");
}

#[test]
fn a_header_that_appears_earlier_or_at_all_is_seen() {
    let case = two();
    case.run();
    assert_eq!(case.run().cached, 2);
    case.write("first/h.h", "struct s { long l; char *p; };\n");
    let outcome = case.run();
    assert_eq!(outcome.cached, 1, "the folder is searched first");
    assert!(outcome.read.contains(&case.path("first/h.h")));
    let asks =
        "#if __has_include(\"extra.h\")\n#include \"extra.h\"\n#endif\n#define NAME \"named.h\"\n#include NAME\n";
    case.write("second/named.h", "int n;\n");
    case.write("b.c", asks);
    case.run();
    assert_eq!(case.run().cached, 2);
    case.write("extra.h", LOSES);
    assert_eq!(case.run().cached, 1, "`__has_include` is answered otherwise");
    assert_eq!(case.run().cached, 2);
    case.write("first/named.h", "int other;\n");
    assert_eq!(case.run().cached, 1, "included by a macro");
    case.write("a.c", "#include \"nosuch.h\"\n");
    assert_eq!(case.run().audit.broken.len(), 2);
    assert_eq!(case.run().cached, 2, "errors are kept as well");
    case.write("second/nosuch.h", "");
    let outcome = case.run();
    assert_eq!((outcome.cached, outcome.audit.broken.len()), (1, 0), "the missing header is there now");
}

#[test]
fn flags_targets_and_checks_are_part_of_the_question() {
    let case = two();
    case.run();
    case.write("legacy-port.toml", &TWO.replace("gnu99", "gnu89"));
    assert_eq!(case.run().cached, 0);
    case.write("legacy-port.toml", &format!("{TWO}[new]\ntriple = \"aarch64-unknown-linux-gnu\"\n"));
    assert_eq!(case.run().cached, 0);
    let project = Project::load(case.dir.path()).unwrap();
    let cache = case.cache();
    let options = Options { cache: Some(&cache), ..Options::default() };
    assert_eq!(audit_with(&project, &checks::ALL[..3], options).unwrap().cached, 0);
    assert_eq!(case.run().cached, 2);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_kept() {
    let case = two();
    // As if it were written in a moment: its state then is not what was read.
    let later = std::time::SystemTime::now() + Duration::from_hours(1);
    fs::File::options().append(true).open(case.path("a.c")).unwrap().set_modified(later).unwrap();
    case.run();
    assert_eq!(case.run().cached, 1);
}

#[test]
fn damaged_entries_are_made_anew() {
    let case = two();
    case.run();
    for entry in case.entries() {
        let mut bytes = fs::read(&entry).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
        fs::write(entry, bytes).unwrap();
    }
    assert_eq!(case.run().cached, 0);
    assert_eq!(case.run().cached, 2);
    fs::write(case.path("cache/mine.txt"), "mine").unwrap();
    for entry in case.entries() {
        fs::write(entry, "").unwrap();
    }
    assert_eq!(case.run().cached, 0);
    assert_eq!(fs::read_to_string(case.path("cache/mine.txt")).unwrap(), "mine");
}

#[test]
fn two_audits_at_once_do_not_disturb_each_other() {
    let case = two();
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(|| case.run())).collect();
        for one in all {
            assert_eq!(one.join().unwrap().audit.findings.len(), 1);
        }
    });
    assert_eq!(case.run().cached, 2);
    let unfinished = fs::read_dir(case.path("cache")).unwrap().filter(|e| {
        let name = e.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with(".legacy-port-")
    });
    assert_eq!(unfinished.count(), 0);
}

fn git(dir: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
    let output = std::process::Command::new("git").arg("-C").arg(dir).args(identity).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn only_what_changed_since_a_commit_is_told_with_the_facts_of_all() {
    let case = two();
    case.write("b.c", LOSES);
    case.write(".gitignore", "cache\n");
    git(case.dir.path(), &["init", "-q"]);
    git(case.dir.path(), &["add", "-A"]);
    git(case.dir.path(), &["commit", "-qm", "first"]);
    let audit = |rev: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_legacy-port"))
            .args(["audit", "--changed-since", rev, "-p"])
            .arg(case.dir.path())
            .arg("--cache-dir")
            .arg(case.path("cache"))
            .output()
            .unwrap();
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, out, err) = audit("HEAD");
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("2 left out, since nothing in them changed"), "{out}");
    case.write("second/h.h", "int i;\n");
    let (code, out, _) = audit("HEAD");
    assert_eq!(code, Some(1));
    assert!(out.contains("a.c:2") && !out.contains("b.c:1") && out.contains("1 left out"), "{out}");
    case.write("new.c", LOSES);
    case.write("legacy-port.toml", &TWO.replace("\"b.c\"", "\"b.c\", \"new.c\""));
    let (_, out, _) = audit("HEAD");
    assert!(out.contains("b.c:1") && !out.contains("left out"), "the project's own file concerns all units: {out}");
    git(case.dir.path(), &["add", "legacy-port.toml"]);
    git(case.dir.path(), &["commit", "-qm", "second"]);
    let (_, out, _) = audit("HEAD");
    assert!(out.contains("new.c:1") && !out.contains("b.c:1"), "git does not know it yet: {out}");
    for rev in ["nosuch", "--output=x", ""] {
        let (code, _, err) = audit(rev);
        assert!(code == Some(2) && err.contains("no commit") || err.contains("value is required"), "{rev}: {err}");
    }
}
