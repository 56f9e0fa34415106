//! What the gate refuses, each with what to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use container::config::Config;
use container::evidence;
use container::gate;
use container::plan::{Machine, Plan};
use serde_json::{Value, json};

struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let case = Self { dir: tempfile::tempdir().unwrap() };
        case.cc("main", "int main(void) { return 0; }", &[]);
        case
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn cc(&self, out: &str, code: &str, flags: &[&str]) {
        fs::write(self.at("code.c"), code).unwrap();
        let mut cc = Command::new("cc");
        cc.args(["-o", out, "code.c"]).args(flags).current_dir(self.dir.path());
        assert!(cc.status().unwrap().success(), "{out}");
    }

    fn plan(&self, more: &str) -> Plan {
        let file = self.at("image.toml");
        let program = "[[program]]\nfrom = \"main\"\nto = \"/app/main\"\n";
        fs::write(&file, format!("[image]\nname = \"case\"\nentrypoint = [\"/app/main\"]\n{program}{more}")).unwrap();
        let folders = BTreeMap::new();
        Plan::new(&Config::load(&file).unwrap(), &Machine { root: self.dir.path(), folders: &folders }).unwrap()
    }

    /// The refusals, as they are printed.
    fn refused(&self, more: &str) -> Vec<String> {
        gate::check(&self.plan(more)).iter().map(ToString::to_string).collect()
    }
}

fn one(refusals: &[String], wants: &[&str]) {
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    for want in wants {
        assert!(refusals[0].contains(want), "no `{want}` in {refusals:?}");
    }
}

#[test]
fn a_plain_program_passes() {
    assert_eq!(Case::new().refused(""), [] as [&str; 0]);
}

#[test]
fn other_classes_and_machines() {
    let case = Case::new();
    case.cc("old.o", "int f(void) { return 0; }", &["-m32", "-c"]);
    one(
        &case.refused("[[file]]\nfrom = \"old.o\"\nto = \"/app/old.o\"\n"),
        &["refused[class]", "/app/old.o", "32-bit 386"],
    );
    let mut arm = fs::read(case.at("main")).unwrap();
    arm[18] = 183;
    fs::write(case.at("arm"), &arm[..64]).unwrap();
    let refused = case.refused("[[file]]\nfrom = \"arm\"\nto = \"/app/arm\"\n");
    one(&refused, &["refused[class]", "64-bit AARCH64", "the image is 64-bit X86_64", "take `"]);
    let mut plan = case.plan("");
    plan.settings.platform = Some("linux/arm64".into());
    let refused: Vec<String> = gate::check(&plan).iter().map(ToString::to_string).collect();
    one(&refused, &["image.toml wants `linux/arm64`", "built for `linux/amd64`"]);
}

#[test]
fn what_the_loader_would_miss() {
    let case = Case::new();
    let mut plan = case.plan("");
    let libc = Path::new("lib/x86_64-linux-gnu/libc.so.6");
    assert!(plan.layers[0].1.remove(libc).is_some());
    let refused: Vec<String> = gate::check(&plan).iter().map(ToString::to_string).collect();
    assert!(refused.iter().any(|r| r.contains("needs `libc.so.6`, which is not in the image")), "{refused:?}");
    let mut plan = case.plan("");
    assert!(plan.layers[0].1.remove(Path::new("lib64/ld-linux-x86-64.so.2")).is_some());
    let refused: Vec<String> = gate::check(&plan).iter().map(ToString::to_string).collect();
    assert!(!refused.is_empty() && refused[0].contains("refused[library]"), "{refused:?}");
}

#[test]
fn symbol_versions() {
    let case = Case::new();
    fs::write(case.at("v1"), "V_1 { global: f; };").unwrap();
    fs::write(case.at("v2"), "V_1 { }; V_2 { global: f; } V_1;").unwrap();
    fs::create_dir(case.at("old")).unwrap();
    let lib = |out: &str, script: &str| {
        let script = format!("-Wl,--version-script={script}");
        case.cc(out, "int f(void) { return 0; }", &["-shared", "-fPIC", "-Wl,-soname,libv.so.1", &script]);
    };
    lib("libv.so.1", "v2");
    lib("old/libv.so.1", "v1");
    case.cc("main", "int f(void); int main(void) { return f(); }", &["libv.so.1", "-Wl,-rpath,/opt/v"]);
    let refused = |from: &str| case.refused(&format!("[[file]]\nfrom = \"{from}\"\nto = \"/opt/v/libv.so.1\"\n"));
    assert_eq!(refused("libv.so.1"), [] as [&str; 0]);
    one(&refused("old/libv.so.1"), &["refused[version]", "/app/main", "`V_2`", "/opt/v/libv.so.1"]);
    // The loader says the same.
    let output = Command::new(case.at("main")).env("LD_LIBRARY_PATH", case.at("old")).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("version `V_2' not found"));
}

#[test]
fn permissions_and_secrets() {
    let case = Case::new();
    fs::write(case.at("f"), "text").unwrap();
    fs::write(case.at("token"), format!("x {}{} y", "AKIA", "QYLPMN5HHHFPZAM2")).unwrap();
    let file = |from: &str, to: &str, more: &str| format!("[[file]]\nfrom = \"{from}\"\nto = \"{to}\"\n{more}\n");
    one(&case.refused(&file("f", "/app/f", "mode = \"4755\"")), &["refused[setuid]", "4755", "mode = \"0755\""]);
    one(&case.refused(&file("f", "/app/.env", "")), &["refused[secret]", "`/app/.env`", "`secrets`"]);
    let refused = case.refused(&file("token", "/app/settings", ""));
    one(&refused, &["refused[secret]", "an access key of AWS", "[[allow]]"]);
    assert!(!refused[0].contains("QYLPMN5HHHFPZAM2"), "a secret is not told");
    let allow = "[[allow]]\nsecret = \"/app/settings\"\nreason = \"revoked, part of a test\"\n";
    assert_eq!(case.refused(&(file("token", "/app/settings", "") + allow)), [] as [&str; 0]);
    one(&case.refused("[image.env]\nDB_PASSWORD = \"hunter2\"\n"), &["`DB_PASSWORD`", "environment of an image"]);
    one(&case.refused("[image.labels]\na = \"AKIAQYLPMN5HHHFPZAM2\"\n"), &["`a`", "labels of an image"]);
    // What a package has is public: OpenSSL's library names every kind of key.
    let path = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3";
    if Path::new(path).exists() {
        assert_eq!(case.refused(&file(path, "/lib/libcrypto.so.3", "")), [] as [&str; 0]);
    }
}

/// Evidence for a program, as `legacy-port audit --evidence` writes it.
fn statement(program: &Path) -> Value {
    let output = Command::new("sha256sum").arg(program).output().unwrap();
    let sum = String::from_utf8(output.stdout).unwrap()[..64].to_owned();
    json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": "urn:legacy-port:audit:v1",
        "subject": [{"name": "../x86_64/main", "digest": {"sha256": sum}}],
        "predicate": {"project": "case", "targets": {"old": {"triple": "i686-unknown-linux-gnu"}, "new": {"triple": "x86_64-unknown-linux-gnu"}},
            "findings": {"new": {"breaks": 0, "may": 0, "look": 3}}, "coverage": {"notParsedToTheEnd": []},
            "verification": {"scenarios": 2, "asExpectedOld": 2, "asExpectedNew": 2, "filesThatDiffer": []}}})
}

#[test]
fn evidence_is_there_good_and_of_this_program() {
    let case = Case::new();
    let plan = case.plan("");
    let file = case.at("evidence.json");
    let check = |text: &str| {
        fs::write(&file, text).unwrap();
        evidence::check(&plan, Some(&file)).unwrap()
    };
    let good = statement(&case.at("main"));
    let checked = check(&good.to_string());
    assert!(checked.refusals.is_empty() && checked.warnings.is_empty(), "{checked:?}");
    let change = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed.to_string()
    };
    let zeros = "0".repeat(64);
    for (text, want) in [
        (String::new(), "is no evidence"),
        ("{}".into(), "is no evidence"),
        ("[".repeat(10_000), "is no evidence"),
        (change("/predicateType", json!("other")), "expected a `urn:legacy-port:audit:v1`"),
        (change("/subject/0/digest/sha256", json!(zeros)), "speaks of another build (sha256 000000000000"),
        (change("/subject", json!([])), "does not speak of `/app/main`"),
        (change("/predicate/findings/new/breaks", json!(1)), "1 findings that break"),
        (change("/predicate/findings/new/may", json!(2)), "and 2 that may"),
        (change("/predicate/findings/new", json!({})), "does not say how many"),
        (change("/predicate/coverage/notParsedToTheEnd", json!([{}])), "1 units that could not be read"),
        (change("/predicate/targets/new/triple", json!("aarch64-unknown-linux-gnu")), "is of a port to `aarch64"),
        (change("/predicate/verification/asExpectedNew", json!(1)), "of 2 scenarios 1 went wrong"),
        (change("/predicate/verification/filesThatDiffer", json!(["a"])), "1 files differ"),
        (change("/predicate/verification/scenarios", json!(0)), "of 0 scenarios"),
    ] {
        let refusals: Vec<String> = check(&text).refusals.iter().map(ToString::to_string).collect();
        one(&refusals, &[want, "refused[evidence]", "--force REASON"]);
    }
    let checked = check(&change("/predicate/verification", Value::Null));
    assert!(checked.refusals.is_empty() && checked.warnings[0].contains("tells of no scenarios"), "{checked:?}");
    for missing in [None, Some(case.at("nosuch"))] {
        let refusals = evidence::check(&plan, missing.as_deref()).unwrap().refusals;
        assert!(
            refusals.len() == 1 && refusals[0].to_string().contains("legacy-port audit --evidence"),
            "{refusals:?}"
        );
    }
}

#[test]
fn what_was_never_32_bit_needs_no_evidence() {
    let case = Case::new();
    let file = case.at("image.toml");
    let text = "[image]\nname = \"case\"\nentrypoint = [\"/app/main\"]\n[[program]]\nfrom = \"main\"\nto = \"/app/main\"\nported = false\n";
    fs::write(&file, text).unwrap();
    let folders = BTreeMap::new();
    let plan = Plan::new(&Config::load(&file).unwrap(), &Machine { root: case.dir.path(), folders: &folders }).unwrap();
    assert!(evidence::check(&plan, None).unwrap().refusals.is_empty());
}

#[test]
fn a_forced_image_keeps_the_reason() {
    let case = Case::new();
    let build = |plan: &Plan| {
        container::image::Image::build(plan, &container::image::Options::default(), &case.at("l")).unwrap()
    };
    let mut plan = case.plan("");
    let usual = build(&plan);
    let refusals = evidence::check(&plan, None).unwrap().refusals;
    let alone: Value =
        serde_json::from_str(&evidence::forced(&plan, None, "the fair opens on Monday", &refusals).unwrap()).unwrap();
    assert_eq!(alone["predicate"]["forced"]["reason"], "the fair opens on Monday");
    assert_eq!(alone["predicate"]["forced"]["against"][0], "there is no evidence that it was ported");
    assert_eq!(
        alone["subject"],
        statement(&case.at("main"))["subject"]
            .as_array()
            .map(|s| json!([{"name": "/app/main", "digest": s[0]["digest"]}]))
            .unwrap()
    );
    // Evidence that is there is kept.
    let given = statement(&case.at("main"));
    let kept: Value =
        serde_json::from_str(&evidence::forced(&plan, Some(&given.to_string()), "why", &[]).unwrap()).unwrap();
    assert_eq!(kept["predicate"]["findings"], given["predicate"]["findings"]);
    plan.forced = Some("the fair opens on Monday".into());
    let forced = build(&plan);
    let manifest: Value = serde_json::from_slice(&forced.manifest).unwrap();
    assert_eq!(manifest["annotations"]["legacy-port.forced"], "the fair opens on Monday");
    assert_ne!(forced.digest, usual.digest);
}
