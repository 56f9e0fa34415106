//! The rules: our own files are clean, each case breaks one thing in them, and the published flow has the defects that its
//! files can show.
//!
//! `tests/rules/<rule>.toml` has cases: `from` is replaced by `to` in one of our files, and the rule has to find it on the
//! line where `at` stands (`+1` for the line after it, `FILE:` before it for another file), once, and
//! no other rule anything, but for what `also` names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use release::config::Config;
use release::rules::ALL;
use release::verify::{Finding, json, text, verify};
use release::world::World;
use release::{bundle, doc};
use serde::Deserialize;

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Templates and bundle as this workspace makes them, with roles in place of what the stack tells.
fn ours() -> BTreeMap<String, String> {
    let variables = |_: &str| None;
    let text = include_str!("../../../ci/release.toml")
        .replace("${output:auctiond.ExecutionRoleArn}", "arn:aws:iam::123456789012:role/execution")
        .replace("${output:auctiond.TaskRoleArn}", "arn:aws:iam::123456789012:role/task");
    let config = Config::parse(Path::new("release.toml"), &text, &variables).unwrap();
    let bundle = bundle::files(config.environment("production").unwrap());
    let mut files: BTreeMap<String, String> = bundle.into_iter().map(|(n, t)| (n.to_owned(), t)).collect();
    for name in ["pipeline.yaml", "repository.yaml", "service.yaml"] {
        files.insert(name.to_owned(), fs::read_to_string(here().join("templates").join(name)).unwrap());
    }
    files
}

fn world(files: &BTreeMap<String, String>) -> World {
    let parameters = [("Service", "auctiond"), ("ContainerPort", "8080")];
    let parameters = parameters.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let mut world = World { files: Vec::new(), parameters };
    for (name, text) in files {
        world.add(Path::new(name), doc::parse(Path::new(name), text).unwrap()).unwrap();
    }
    world
}

#[test]
fn ours_have_none() {
    assert_eq!(verify(&world(&ours())), []);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    file: String,
    from: String,
    to: String,
    /// Where it is found; the line of `to` when absent.
    at: Option<String>,
    /// Other rules that see the same mistake.
    #[serde(default)]
    also: Vec<String>,
}

#[test]
fn each_rule_finds_its_cases_and_nothing_else() {
    let mut wrong = Vec::new();
    for entry in ALL {
        let path = here().join("tests/rules").join(format!("{}.toml", entry.name));
        let cases: Cases = toml::from_str(&fs::read_to_string(&path).unwrap_or_default())
            .unwrap_or_else(|e| panic!("`{}` has no case: {e}", path.display()));
        for case in cases.case {
            let mut files = ours();
            let text = files.get_mut(&case.file).unwrap();
            assert!(text.contains(&case.from), "`{}` has no `{}`", case.file, case.from);
            let start = text.find(&case.from).unwrap();
            *text = text.replacen(&case.from, &case.to, 1);
            let (file, line) = place(&case, &files, start);
            let found = verify(&world(&files));
            let (mine, others): (Vec<&Finding>, Vec<&Finding>) = found.iter().partition(|f| f.rule == entry.name);
            let here = mine.iter().any(|f| f.file == Path::new(&file) && f.line == line);
            let others: Vec<&&Finding> = others.iter().filter(|f| !case.also.iter().any(|a| a == f.rule)).collect();
            let once = mine.len() == 1 || case.also.iter().any(|a| a == entry.name);
            if !once || !here || !others.is_empty() {
                wrong.push(format!(
                    "{}: `{}` in `{file}`, expected line {line}: {mine:?} {others:?}",
                    entry.name, case.to
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let cases = fs::read_dir(here().join("tests/rules")).unwrap().count();
    assert_eq!(cases, ALL.len(), "a case of no rule");
}

fn place(case: &Case, files: &BTreeMap<String, String>, start: usize) -> (String, usize) {
    let line_of = |text: &str, byte: usize| text[..byte].matches('\n').count() + 1;
    let Some(at) = &case.at else { return (case.file.clone(), line_of(&files[&case.file], start)) };
    let (file, at) = at.split_once(':').filter(|(f, _)| files.contains_key(*f)).unwrap_or((&case.file, at));
    let (at, more) = at.rsplit_once('+').map_or((at, 0), |(a, n)| n.parse().map_or((at, 0), |n: usize| (a, n)));
    let text = &files[file];
    let byte = text.find(at).unwrap_or_else(|| panic!("`{file}` has no `{at}`"));
    (file.to_owned(), line_of(text, byte) + more)
}

#[test]
fn rules_are_sorted_and_say_what_to_do() {
    assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
    for entry in ALL {
        assert!(entry.rule.source.starts_with("https://docs.aws.amazon.com/"), "{}", entry.name);
        assert!(entry.rule.why.ends_with('.') && !entry.rule.remedy.ends_with('.'), "{}", entry.name);
    }
}

/// File, line and rule of what the published flow's files show, as they were printed.
const ARTICLE: &str = include_str!("published_flow.txt");

/// The files of that flow are not ours to copy.
#[test]
#[ignore = "needs the files of the published flow: PUBLISHED_FLOW=FOLDER cargo test -p release --test rules -- --ignored"]
fn the_published_flow_has_the_defects_that_its_files_can_show() {
    let folder = PathBuf::from(std::env::var_os("PUBLISHED_FLOW").expect("PUBLISHED_FLOW names their folder"));
    let names = ["CodeDeploy.json", "CodePipeline.yaml", "appspec.yaml", "cfn.yaml", "taskdef.json"];
    let paths: Vec<PathBuf> = names.iter().map(|n| folder.join(n)).collect();
    let findings = verify(&World::load(&paths, BTreeMap::new()).unwrap());
    let name = |f: &Finding| f.file.file_name().unwrap().to_string_lossy().into_owned();
    let lines: Vec<String> = findings.iter().map(|f| format!("{}:{} {}", name(f), f.line, f.rule)).collect();
    let expected: Vec<&str> =
        ARTICLE.lines().filter(|l| !l.starts_with('#')).map(|l| l.split(" #").next().unwrap().trim_end()).collect();
    assert_eq!(lines, expected, "{}", lines.join("\n"));
    let shown = text(&findings, 5);
    let log: serde_json::Value = serde_json::from_str(&json(&findings, 5)).unwrap();
    assert_eq!(log["findings"].as_array().unwrap().len(), expected.len());
    for f in &findings {
        let entry = ALL.iter().find(|e| e.name == f.rule).unwrap();
        assert!(shown.contains(&f.message) && shown.contains(entry.rule.remedy), "{shown}");
    }
}
