//! The preflight of an account: what the rehearsal tells is well, each case breaks one thing in that picture, and a few things
//! are broken in the rehearsal itself. `cases.toml` has the cases: the answer to a question is changed at a pointer or refused,
//! or `release.toml` says something else; the item has to say so, and no other anything, but for what `also` names.

mod at_once;
mod live;
#[expect(dead_code)] // what the flow needs besides
#[path = "../flow/stage.rs"]
mod stage;

use std::collections::BTreeSet;
use std::path::Path;

use rehearsal::Setup;
use release::config::Config;
use release::preflight::{Answer, Bad, Outcome, Picture, Question, Report, Settings, THEMES, look};
use serde::Deserialize;
use stage::{NAME, Stage};

/// A picture of a rehearsal that nothing has happened to, asked about the image that runs.
async fn well() -> Picture {
    let stage = Stage::of(true, Setup { triggers: true, ..Setup::of("auctiond") }).await;
    let mut picture = stage.engine.picture(Some(&running(&stage))).await;
    let tried = serde_json::json!({"runtime": "runc", "answers": [{"path": "/health", "status": 200}]});
    picture.answers.insert(Question::Trial, Answer::Told(tried));
    picture
}

fn running(stage: &Stage) -> String {
    stage.traffic()[0].0.clone()
}

/// Items that say that something is not so.
fn wrong(outcomes: &[Outcome]) -> BTreeSet<&'static str> {
    let faults = |o: &&Outcome| matches!(o.seen, Err(Bad::Faults(_)));
    outcomes.iter().filter(faults).map(|o| o.item.id).collect()
}

/// Items that could not look.
fn skipped(outcomes: &[Outcome]) -> BTreeSet<&'static str> {
    outcomes.iter().filter(|o| matches!(o.seen, Err(Bad::Skip(_)))).map(|o| o.item.id).collect()
}

fn report(outcomes: Vec<Outcome>, text: &str) -> Report {
    let settings = Settings { path: "release.toml".into(), text: text.to_owned(), name: NAME.to_owned() };
    Report { settings, image: None, findings: Vec::new(), files: 0, outcomes }
}

#[tokio::test]
async fn a_rehearsal_is_well() {
    let outcomes = look(&well().await);
    let report = report(outcomes.clone(), &stage::toml(true));
    assert_eq!(wrong(&outcomes), BTreeSet::new(), "{}", report.text(true));
    assert_eq!(skipped(&outcomes), BTreeSet::from(["image_scan"]), "{}", report.text(true));
    assert!(report.clean() && report.lets_through());
    // Without a pipeline what is about one cannot be looked at, and the rest is well.
    let stage = Stage::new(false).await;
    let outcomes = look(&stage.engine.picture(None).await);
    assert_eq!(wrong(&outcomes), BTreeSet::new());
    let skipped = skipped(&outcomes);
    assert!(
        ["pipeline_sources", "pipeline_role_may", "no_execution", "image_exists"].iter().all(|i| skipped.contains(i))
    );
    assert_eq!(skipped.len(), 15, "{skipped:?}");
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    item: String,
    /// The question whose answer is another.
    question: Option<Question>,
    /// Where in it.
    #[serde(default)]
    pointer: String,
    /// JSON that stands there.
    value: Option<String>,
    /// The code with which it is refused.
    refused: Option<String>,
    /// What of `release.toml` is replaced.
    from: Option<String>,
    to: Option<String>,
    /// Part of what has to be said.
    says: String,
    /// Other items that see the same.
    #[serde(default)]
    also: Vec<String>,
}

impl Case {
    /// The settings that it has.
    fn settings(&self) -> String {
        let text = stage::toml(true);
        let (Some(from), Some(to)) = (&self.from, &self.to) else { return text };
        assert!(text.contains(from), "`{from}` is not in release.toml");
        text.replacen(from, to, 1)
    }

    fn apply(&self, picture: &mut Picture) {
        let config = Config::parse(Path::new("release.toml"), &self.settings(), &|_| None).unwrap();
        picture.environment = config.environment(NAME).unwrap().clone();
        let Some(question) = self.question else { return };
        if let Some(code) = &self.refused {
            let text = format!("AWS, operation: {code}");
            picture.answers.insert(question, Answer::Refused { code: code.clone(), text });
            return;
        }
        let Some(Answer::Told(told)) = picture.answers.get_mut(&question) else { panic!("{question:?} is not told") };
        let value = serde_json::from_str(self.value.as_ref().unwrap()).unwrap();
        if let Some(there) = told.pointer_mut(&self.pointer) {
            *there = value;
            return;
        }
        let (parent, name) = self.pointer.rsplit_once('/').unwrap();
        let parent = told.pointer_mut(parent).unwrap_or_else(|| panic!("{question:?} has no {}", self.pointer));
        parent.as_object_mut().unwrap().insert(name.to_owned(), value);
    }
}

#[tokio::test]
async fn each_item_finds_its_cases_and_nothing_else() {
    // As it is kept and read again.
    let well = well().await;
    let kept = serde_json::to_string(&well.answers).unwrap();
    let well = Picture { answers: serde_json::from_str(&kept).unwrap(), ..well };
    let cases: Cases = toml::from_str(include_str!("cases.toml")).unwrap();
    let mut failures = Vec::new();
    for case in &cases.case {
        let mut picture = well.clone();
        case.apply(&mut picture);
        let outcomes = look(&picture);
        let expected: BTreeSet<&str> = case.also.iter().chain([&case.item]).map(String::as_str).collect();
        let text = report(outcomes.clone(), &case.settings()).text(false);
        let mine = outcomes.iter().find(|o| o.item.id == case.item).expect("an item");
        let said = matches!(&mine.seen, Err(Bad::Faults(f)) if f.iter().any(|f| f.what.contains(&case.says)));
        if wrong(&outcomes) != expected || !said {
            failures.push(format!("{} `{}`: {:?}\n{text}", case.item, case.says, wrong(&outcomes)));
        }
        // Where release.toml was changed, its line is told.
        if let (Some(from), Err(Bad::Faults(faults))) = (&case.from, &mine.seen) {
            let at = case.settings().lines().position(|l| Some(l) == case.to.as_deref()).map(|n| n + 1);
            let told = faults[0].key.map(|key| report(Vec::new(), &case.settings()).settings.line(key));
            assert!(at.is_some() && told == at, "{}, `{from}`: line {told:?} instead of {at:?}", case.item);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let items: BTreeSet<&str> = THEMES.iter().flat_map(|(_, items)| items.iter().map(|i| i.id)).collect();
    // A pair that Fargate does not have is refused when release.toml is read already.
    let mut picture = well.clone();
    picture.environment.task.memory = 300;
    assert_eq!(wrong(&look(&picture)), ["task_size"].into());
    let with: BTreeSet<&str> = cases.case.iter().map(|c| c.item.as_str()).chain(["task_size"]).collect();
    assert_eq!(items, with, "items without a case");
}

#[test]
fn items_are_sorted_and_say_what_to_do() {
    assert!(THEMES.is_sorted_by(|a, b| a.0 < b.0));
    let mut all = BTreeSet::new();
    for (theme, items) in THEMES {
        assert!(items.is_sorted_by(|a, b| a.id < b.id), "{theme}");
        for item in *items {
            assert!(all.insert(item.id), "{} is there twice", item.id);
            assert!(item.source.starts_with("https://docs.aws.amazon.com/"), "{}", item.id);
            assert!(![item.rule, item.remedy].iter().any(|t| t.ends_with('.') || t.is_empty()), "{}", item.id);
        }
    }
}

#[tokio::test]
async fn what_may_not_be_asked_is_skipped_with_the_reason() {
    let well = well().await;
    // Whatever is asked: who may not see it is told so, and nothing is called wrong because of it.
    for question in well.answers.keys() {
        let mut picture = well.clone();
        let text = "AWS, operation: AccessDenied".to_owned();
        picture.answers.insert(*question, Answer::Refused { code: "AccessDenied".into(), text });
        let outcomes = look(&picture);
        assert_eq!(wrong(&outcomes), BTreeSet::new(), "{question:?}");
        let denied = |o: &Outcome| matches!(&o.seen, Err(Bad::Skip(why)) if why.contains("AccessDenied"));
        assert!(outcomes.iter().any(denied), "{question:?}: nobody misses it");
    }
    // Nor does an answer that makes no sense end anything.
    for question in well.answers.keys() {
        for value in ["null", "[]", "7", "\"x\"", "{\"a\": [[]]}"] {
            let mut picture = well.clone();
            picture.answers.insert(*question, Answer::Told(serde_json::from_str(value).unwrap()));
            assert_eq!(look(&picture).len(), look(&well).len());
        }
    }
}

#[tokio::test]
async fn reports_have_place_rule_remedy_and_source() {
    let mut picture = well().await;
    picture.answers.insert(Question::Alarms, Answer::NotAsked("\u{1b}[31mred".into()));
    picture.answers.insert(Question::Location, Answer::Told("eu-west-1".into()));
    let report = report(look(&picture), &stage::toml(true));
    let text = report.text(true);
    for wanted in [
        "bucket_region",
        "it is in eu-west-1, release.toml has ap-northeast-1",
        "at      release.toml:3",
        "rule    the bucket of an S3 source is in the region of the pipeline",
        "source  https://docs.aws.amazon.com/codepipeline/",
        "\u{fffd}[31mred",
    ] {
        assert!(text.contains(wanted), "no `{wanted}` in\n{text}");
    }
    let short = report.text(false);
    assert!(short.contains("bucket_region") && !short.contains("bucket_versioning"), "{short}");
    let value = report.value();
    let items = value["items"].as_array().unwrap();
    let of = |id: &str| items.iter().find(|i| i["item"] == id).unwrap();
    assert_eq!((&of("bucket_region")["state"], &of("bucket_region")["faults"][0]["line"]), (&"NG".into(), &3.into()));
    assert_eq!((&of("alarms_exist")["state"], &of("credentials")["state"]), (&"SKIP".into(), &"OK".into()));
    assert_eq!((&value["clean"], items.len()), (&false.into(), report.outcomes.len()));
    let log: serde_json::Value = serde_json::from_str(&report.sarif()).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let mine = results.iter().find(|r| r["ruleId"] == "bucket_region").unwrap();
    let place = &mine["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&"release.toml".into(), &3.into()));
    let told = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert!(told.iter().any(|n| n["message"]["text"].as_str().unwrap().starts_with("alarms_exist was skipped: ")));
}

/// What is in another account says nothing of this one: one thing is wrong, and the rest is not looked at.
#[tokio::test]
async fn another_account_is_one_fault() {
    let mut picture = well().await;
    "210987654321".clone_into(&mut picture.environment.account);
    let gone = |code: &str| Answer::Refused { code: code.into(), text: format!("AWS, operation: {code}") };
    picture.answers.insert(Question::Service, gone("ServiceNotFoundException"));
    picture.answers.insert(Question::Location, gone("NoSuchBucket"));
    let outcomes = look(&picture);
    assert_eq!((wrong(&outcomes), skipped(&outcomes).len()), (["credentials"].into(), outcomes.len() - 1));
    let report = report(outcomes, &stage::toml(true));
    assert_eq!((report.lets_through(), report.refused_anyway()), (false, Some("credentials")));
    assert!(report.text(false).contains("at      release.toml:2"), "{}", report.text(false));
}

/// A policy that hangs on a condition which a simulation does not know is no fault.
#[tokio::test]
async fn what_cannot_be_simulated_is_skipped() {
    let mut picture = well().await;
    let Some(Answer::Told(told)) = picture.answers.get_mut(&Question::DeployMay) else { panic!("it is not told") };
    for result in told["EvaluationResults"].as_array_mut().unwrap() {
        result["EvalDecision"] = "implicitDeny".into();
        result["MissingContextValues"] = vec!["aws:PrincipalTag/team"].into();
        for own in result["ResourceSpecificResults"].as_array_mut().into_iter().flatten() {
            own["EvalResourceDecision"] = "implicitDeny".into();
            own["MissingContextValues"] = vec!["aws:PrincipalTag/team"].into();
        }
    }
    let outcomes = look(&picture);
    assert_eq!(wrong(&outcomes), BTreeSet::new());
    assert!(skipped(&outcomes).contains("deploy_role_may"));
}
