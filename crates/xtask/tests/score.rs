//! `cargo xtask score` and `compare` on a small program with labelled lines, in a git repository made here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const CODE: &str = "\
#include \"own/a.h\"
int kept(char *p)
{
    return (int)p;
}
int hash(char *p)
{
    return (int)p & 15;
}
int told(char *p)
{
    return (int) p;
}
long nothing(long n)
{
    return n;
}
";

const HEADER: &str = "/* of the program */\n\nint kept(char *);\n";

/// A clone, labels and recipes, below one folder.
struct Corpus {
    dir: tempfile::TempDir,
    commit: String,
}

fn git(dir: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=m"]).args(args);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", dir).current_dir(dir);
    let output = command.output().expect("git; ci/setup installs it");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Corpus {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clone = dir.path().join("clones/somebody+program");
        fs::create_dir_all(clone.join("src/own")).unwrap();
        fs::write(clone.join("src/a.c"), CODE).unwrap();
        fs::write(clone.join("src/own/a.h"), HEADER).unwrap();
        git(&clone, &["init", "-q"]);
        git(&clone, &["add", "."]);
        git(&clone, &["commit", "-q", "-m", "a"]);
        let commit = git(&clone, &["rev-parse", "HEAD"]);
        // What is in the folder later is not what is looked at.
        fs::write(clone.join("src/a.c"), "").unwrap();
        let recipes = "[[program]]\nrepo = \"somebody/program\"\nunits = [\"src/*.c\"]\nflags = [\"-std=gnu89\"]\n\
                       include = [\"src\"]\nheaders = [\"old\"]\n[headers.old]\n\"old.h\" = \"\"\n";
        fs::write(dir.path().join("corpus.toml"), recipes).unwrap();
        let corpus = Self { dir, commit };
        corpus.label(&[
            (4, "defect", "g"),
            (16, "defect", "h"),
            (16, "latent", "i"),
            (8, "benign", "j"),
            (12, "benign", "k"),
        ]);
        corpus
    }

    fn label(&self, labels: &[(usize, &str, &str)]) {
        let line = |(n, (line, verdict, group)): (usize, &(usize, &str, &str))| {
            let text: String = CODE.lines().nth(line - 1).unwrap().split_whitespace().collect();
            let digest: Vec<String> = Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect();
            json!({"id": format!("x-{n}"), "program": "p", "repo": "somebody/program", "commit": self.commit,
                "file": "src/a.c", "line": line, "class": "cast", "verdict": verdict, "group": group, "effect": "why",
                "line_sha256": digest.concat()})
            .to_string()
        };
        let text: Vec<String> = labels.iter().enumerate().map(line).collect();
        fs::write(self.truth(), text.join("\n") + "\n").unwrap();
    }

    fn truth(&self) -> PathBuf {
        self.dir.path().join("labels.jsonl")
    }

    fn run(&self, verb: &str, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg(verb).arg("--truth").arg(self.truth());
        command.arg("--sources").arg(self.dir.path().join("clones"));
        command.arg("--corpus").arg(self.dir.path().join("corpus.toml")).args(more);
        command.env("CARGO_TARGET_DIR", self.dir.path().join("target")).output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn lines_groups_and_density_are_counted() {
    let corpus = Corpus::new();
    let output = corpus.run("score", &["--format", "json", "--itself"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let share = |found: usize, of: usize| json!({"found": found, "of": of});
    let verdict = |name: &str| found["verdicts"].as_array().unwrap().iter().find(|v| v["verdict"] == name).unwrap();
    assert_eq!(verdict("defect")["lines"], share(1, 2));
    assert_eq!(verdict("defect")["groups"], share(1, 2));
    assert_eq!(verdict("latent")["lines"], share(0, 1));
    assert_eq!(verdict("benign")["lines"], share(1, 2));
    let lines = CODE.lines().count() + HEADER.lines().count();
    let source = &found["sources"][0];
    assert_eq!((&source["units"], &source["lines"], &source["breaks"]), (&json!(1), &json!(lines), &json!(2)));
    assert_eq!(found["labels"][0]["by"], json!(["breaks[pointer_truncation]"]));
    assert_eq!(found["itself"], 0);
    // The same again, out of what was unpacked.
    assert_eq!(corpus.run("score", &["--format", "json", "--itself"]).stdout, output.stdout);
}

#[test]
fn misses_and_noise_are_listed_and_limits_are_judged() {
    let corpus = Corpus::new();
    let output = corpus.run("score", &["--misses", "--noise", "--check"]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    let is_there = |what: &str, place: &str| out.lines().any(|l| l.starts_with(what) && l.contains(place));
    assert!(is_there("missed  x-1", "src/a.c:16 defect cast: why") && is_there("missed  x-2", "latent"), "{out}");
    assert!(is_there("noise   x-4", "src/a.c:12") && !is_there("noise   x-3", ""), "{out}");
    assert!(out.contains("breaks[pointer_truncation]: "), "{out}");
    assert!(is_there("missed ", "defect lines, %") && is_there("missed ", "benign lines reported, %"), "{out}");
    // One finding in five lines is too much of anything: without look-alikes only that is missed.
    corpus.label(&[(4, "defect", "g")]);
    let out = text(&corpus.run("score", &["--check"]).stdout);
    let missed: Vec<_> = out.lines().filter(|l| l.starts_with("missed ")).collect();
    assert!(matches!(missed.as_slice(), [one] if one.contains("per 1,000 lines")), "{out}");
}

#[test]
fn what_does_not_fit_is_named() {
    let corpus = Corpus::new();
    let failed = |corpus: &Corpus, want: &[&str]| {
        let output = corpus.run("score", &[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(want.iter().all(|w| said.contains(w)), "{said}");
    };
    let labels = fs::read_to_string(corpus.truth()).unwrap();
    let set = |from: &str, to: &str| fs::write(corpus.truth(), labels.replacen(from, to, 1)).unwrap();
    set("\"line\":4", "\"line\":3");
    failed(&corpus, &["`x-0`", "src/a.c:3", "another line"]);
    set("somebody/program", "somebody/else");
    failed(&corpus, &["no recipe for `somebody/else`", "corpus.toml"]);
    set(&corpus.commit, "0123456789");
    failed(&corpus, &["git archive 0123456789", "fetched"]);
    set(&corpus.commit, "--output=x");
    failed(&corpus, &["`--output=x` is no commit"]);
    set("", "{\n");
    failed(&corpus, &["labels.jsonl`, line 1"]);
    set("", "");
    fs::rename(corpus.dir.path().join("clones"), corpus.dir.path().join("others")).unwrap();
    failed(&corpus, &["git clone --bare", "somebody/program", "somebody+program"]);
}

/// A recipe with a word that means nothing is a mistake, and not left out.
#[test]
fn recipes_are_read_strictly() {
    let corpus = Corpus::new();
    let path = corpus.dir.path().join("corpus.toml");
    let text_of = fs::read_to_string(&path).unwrap();
    fs::write(&path, text_of.replace("include =", "includes =")).unwrap();
    let output = corpus.run("score", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("includes"), "{}", text(&output.stderr));
}

#[test]
fn the_comparison_has_a_line_for_each_tool() {
    let corpus = Corpus::new();
    let page = corpus.dir.path().join("page.md");
    let output = corpus.run("compare", &["--output", page.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = fs::read_to_string(page).unwrap();
    let row = |name: &str| page.lines().find(|l| l.starts_with(&format!("| {name} |"))).unwrap_or("").to_owned();
    assert!(row("**legacy-port audit**").contains("| 1/2 = 50 % | 0/0 | 0/1 | 1/2 | 2 |"), "{page}");
    // gcc is everywhere that this workspace builds; it says something of both casts for one target, and of the mask too.
    assert!(row("gcc -m64, related flags").contains("| 1/2 = 50 % | 0/0 | 0/1 | 2/2 |"), "{page}");
    assert!(row("the same, -m64 minus -m32").contains("| 1/2 = 50 % |"), "{page}");
    assert!(page.contains("somebody/program") && !page.contains(&*corpus.dir.path().to_string_lossy()), "{page}");
}

/// What cargo has fetched is not fetched again: here it is laid there by hand.
#[test]
fn clean_code_is_held_to_its_limit() {
    let dir = tempfile::tempdir().unwrap();
    let sources = dir.path().join("clean/sources");
    for (package, text) in [("right-1.0.0+lib.2", "long n(void *p) { return (long)p; }\n"), ("wrong-1.0.0", CODE)] {
        fs::create_dir_all(sources.join(package).join("own")).unwrap();
        fs::write(sources.join(package).join("a.c"), text).unwrap();
        fs::write(sources.join(package).join("own/a.h"), HEADER).unwrap();
    }
    let recipe =
        |package: &str| format!("[[clean]]\npackage = \"{package}\"\nversion = \"1.0.0\"\nunits = [\"*.c\"]\n");
    let corpus = dir.path().join("corpus.toml");
    fs::write(&corpus, recipe("right") + &recipe("wrong")).unwrap();
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["clean", "--check", "--corpus"]).arg(&corpus).args(more);
        let output = command.env("CARGO_TARGET_DIR", dir.path()).output().unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, out, err) = run(&["--only", "right"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, out, err) = run(&[]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("a.c:4 breaks[pointer_truncation]: ") && out.contains("missed: "), "{out}");
    assert_eq!(run(&["--only", "nosuch"]).0, Some(2));
}
