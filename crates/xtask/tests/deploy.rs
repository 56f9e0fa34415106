//! `cargo xtask release deploy` and its neighbours as a person runs them, against an endpoint that executes pipelines and
//! deployments, hundreds of times as fast as AWS; the environment is the one of `ci/release.toml`.

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rehearsal::{Clock, Fault, Rehearsal, Setup};
use serde_json::Value;

const KEY_ID: &str = "AKIAHIDDENHIDDEN";
const SECRET: &str = "hidden+secret/of-the-account";
const TOKEN: &str = "hidden-session-token==";

struct Stage {
    world: Rehearsal,
    image: String,
}

impl Stage {
    async fn new(speed: u32) -> Self {
        Self::of(Setup { clock: Clock::scaled(speed), ..Setup::of("auctiond") }).await
    }

    async fn of(setup: Setup) -> Self {
        let world = Rehearsal::start(setup).await.unwrap();
        // The image that runs already: releasing it again is a release like any.
        let image = world.state(|w| w.task_sets()[0].images[0].rsplit('@').next().unwrap().to_owned());
        Self { world, image }
    }

    fn command(&self, verb: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("release").args(verb).args(["--env", "rehearsal", "--every", "0.02"]);
        command.env("AWS_ENDPOINT_URL", self.world.url()).env("AWS_ACCESS_KEY_ID", KEY_ID);
        command.env("AWS_SECRET_ACCESS_KEY", SECRET).env("AWS_SESSION_TOKEN", TOKEN).env_remove("AWS_PROFILE");
        command.env("RUST_LOG", "trace").stdin(Stdio::null());
        command
    }

    fn run(&self, verb: &[&str]) -> (i32, String, String) {
        told(&self.command(verb).output().unwrap())
    }

    fn deploy(&self, more: &[&str]) -> (i32, String, String) {
        self.run(&[&["deploy", "--yes", "--image", &self.image], more].concat())
    }
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_a_failing_one_and_the_way_back() {
    let stage = Stage::new(2000).await;
    let (code, out, err) = stage.deploy(&[]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains("traffic: 100 % on the new tasks") && out.contains("finished: the new tasks have all"),
        "{out}"
    );
    assert!(!out.contains('\x1b'), "no colours on a pipe");

    stage.world.fault(Fault::HookFails { event: "AfterAllowTestTraffic".into() });
    stage.world.fault(Fault::NeverHealthy);
    let (code, out, err) = stage.deploy(&["--format", "json"]);
    assert_eq!(code, 1, "{out}{err}");
    let events: Vec<Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |kind: &str| events.iter().find(|e| e["event"] == kind).unwrap_or_else(|| panic!("no {kind} in {out}"));
    assert!(of("cause")["text"].as_str().unwrap().starts_with("the new tasks do not pass the health check"), "{out}");
    assert_eq!(of("outcome")["outcome"], "failed");
    assert!(of("outcome")["text"].as_str().unwrap().starts_with("rolled back"), "{out}");
    assert!(of("rollback")["deployment"].as_str().unwrap().starts_with("d-"));
    stage.world.no_faults();

    let (code, out, err) = stage.deploy(&[]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, err) = stage.run(&["rollback", "--yes"]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, err) = stage.run(&["status", "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    let status: Value = serde_json::from_str(&out).unwrap();
    let releases = status["releases"].as_array().unwrap();
    let ends: Vec<&str> = releases.iter().map(|r| r["outcome"].as_str().unwrap()).collect();
    assert_eq!(ends, ["finished", "failed", "finished", "finished"]);
    assert_eq!(releases[3]["archive"], releases[0]["archive"], "the first one came back");
    assert_eq!(status["serving"][0]["share"], 100.0);

    let (code, out, err) = stage.run(&["history"]);
    assert_eq!(code, 0, "{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("   4  ") && lines[0].ends_with(", rollback to 1"), "{out}");
    assert!(lines[2].contains("  failed  ") && lines[3].starts_with("      the new tasks do not pass"), "{out}");
    let (code, out, err) = stage.run(&["history", "--format", "json", "--last", "1"]);
    assert_eq!(code, 0, "{err}");
    let history: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&history["releases"][0]["number"], &history["releases"][0]["outcome"]),
        (&4.into(), &"finished".into())
    );
    let (code, _, err) = stage.run(&["history", "--last", "0"]);
    assert!(code == 2 && err.contains("expected 1 or more"), "{err}");
    // One that failed is nothing to go back to.
    let (code, out, err) = stage.run(&["rollback", "--yes", "--to", "2"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("no good release `2` of `rehearsal`"), "{err}");
    let (code, out, err) = stage.run(&["rollback", "--yes", "--to", "3", "--until", "baked"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("baked: the new tasks have all traffic"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_and_a_no_in_the_pipeline() {
    let setup = Setup { clock: Clock::scaled(2000), approval: true, ..Setup::of("auctiond") };
    let stage = Stage::of(setup).await;
    let waits = async |id: &str| {
        let until = ["watch", id];
        let mut child = stage.command(&until).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        let asks = lines.any(|l| l.unwrap().contains("waits: somebody has to say yes at `Approve/Person`"));
        child.kill().unwrap();
        child.wait().unwrap();
        asks
    };
    for (word, want) in [("--detach", "finished: "), ("--reject", "failed: ")] {
        let (code, _, err) = stage.deploy(&["--detach"]);
        assert_eq!(code, 0, "{err}");
        let id = err.lines().find(|l| l.contains(" watch ")).unwrap().rsplit(' ').next().unwrap().to_owned();
        assert!(waits(&id).await);
        let (code, mut out, err) = stage.run(&["approve", "--summary", "words of mine", word]);
        assert_eq!(code, 0, "{out}{err}");
        assert!(err.contains(" at Approve/Person"), "{err}");
        if word == "--detach" {
            out = stage.run(&["watch", &id]).1;
        }
        assert!(out.contains(want) && out.contains("words of mine"), "{out}");
    }
    let (code, out, err) = stage.run(&["approve"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("nothing is under way"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_come_back_abort() {
    // Slow enough that the wait for the end of the old tasks does not pass meanwhile.
    let stage = Stage::new(200).await;
    let (code, out, err) = stage.deploy(&["--detach"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("cargo xtask release watch --env rehearsal "), "{err}");
    let id = err.lines().find(|l| l.contains(" watch ")).unwrap().rsplit(' ').next().unwrap();
    let (code, out, err) = stage.run(&["watch", id, "--until", "released"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains(&format!("pipeline execution {id}: InProgress")), "{out}");

    // The group is busy until the old tasks are gone.
    let (code, out, err) = stage.deploy(&[]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    for wanted in ["no_deployment", "deployment d-", "`release finish-now`", "`--force` does not help: no_deployment"] {
        assert!(out.contains(wanted), "no `{wanted}` in {out}");
    }
    // What AWS itself refuses is not to be forced.
    let (code, out, err) = stage.deploy(&["--force", "we are in a hurry"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("nothing was released, and `--force` does not help: no_deployment"), "{out}");
    let (code, out, err) = stage.run(&["finish-now"]);
    assert_eq!(code, 0, "{out}{err}");

    let (code, _, err) = stage.deploy(&["--detach"]);
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = stage.run(&["abort"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("stopped: "), "{out}");
    let (code, _, err) = stage.run(&["abort"]);
    assert_eq!(code, 2);
    assert!(err.contains("nothing is under way in `rehearsal`; the last one, ") && err.contains("as stopped"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_before_it_deploys_and_one_too_late() {
    let setup = Setup { clock: Clock::scaled(2000), approval: true, ..Setup::of("auctiond") };
    let stage = Stage::of(setup).await;
    let (code, _, err) = stage.deploy(&["--detach"]);
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = stage.run(&["stop", "--reason", "the wrong image"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains("the wrong image") && out.contains("stopped: nothing was changed, the image from before"),
        "{out}"
    );
    let (code, _, err) = stage.run(&["stop"]);
    assert_eq!(code, 2);
    assert!(err.contains("nothing is under way") && err.contains("ended as stopped"), "{err}");
    let (code, _, err) = stage.run(&["stop", "--reason", &"x".repeat(201)]);
    assert!(code == 2 && err.contains("201 characters; CodePipeline takes 200"), "{err}");

    let stage = Stage::new(200).await;
    let (code, _, err) = stage.deploy(&["--until", "released"]);
    assert_eq!(code, 0, "{err}");
    let (code, out, err) = stage.run(&["stop"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("`release abort` undoes it"), "{err}");
    let (code, out, err) = stage.run(&["stop", "--abandon"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("the pipeline's run is stopped; its deployment d-") && err.contains("release watch"), "{err}");
    let (code, out, err) = stage.run(&["finish-now"]);
    assert_eq!(code, 0, "{out}{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_says_what_went_where() {
    let stage = Stage::new(2000).await;
    let (code, out, err) = stage.run(&["notify"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let [(subject, text)] = &stage.world.state(rehearsal::World::published)[..] else { panic!("not one message") };
    assert_eq!(subject, "Test: releases to rehearsal");
    for wanted in ["arn:aws:sns:ap-northeast-1:123456789012:auctiond-Topic", "one subscriber", subject, text] {
        assert!(out.contains(wanted), "no `{wanted}` in {out}");
    }
    let (code, out, _) = stage.run(&["notify", "--format", "json"]);
    let sent: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &sent["subject"], &sent["subscribers"]), (0, &subject.as_str().into(), &1.into()));
    // A topic that nobody listens to tells nobody.
    let setup = Setup { clock: Clock::scaled(2000), subscribers: 0, ..Setup::of("auctiond") };
    let (code, out, _) = Stage::of(setup).await.run(&["notify"]);
    assert_eq!(code, 1);
    assert!(out.contains("nobody: no subscription is confirmed"), "{out}");
    assert!(stage.world.state(rehearsal::World::deployments).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preflight_refuses_and_a_reason_lets_through() {
    let stage = Stage::new(2000).await;
    stage.world.fault(Fault::Alarm { name: "auctiond-5xx".into() });
    let (code, out, err) = stage.deploy(&["--format", "json"]);
    assert_eq!((code, err.as_str(), out.lines().count()), (1, "", 1), "{out}");
    let event: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&event["event"], &event["clean"]), (&"preflight".into(), &false.into()));
    assert!(stage.world.state(rehearsal::World::deployments).is_empty());
    let (code, out, _) = stage.deploy(&[]);
    assert_eq!(code, 1);
    assert!(out.contains("nothing was released; `--force REASON` releases it all the same"), "{out}");
    let (code, _, err) = stage.deploy(&["--force", "x"]);
    assert_eq!(code, 2);
    assert!(err.contains("it is kept in the record of the release"), "{err}");
    // The alarm stops it, as it was said.
    let (code, out, err) = stage.deploy(&["--force", "the alarm itself is broken"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        out.contains("goes on all the same: the alarm itself is broken") && out.contains("an alarm went off"),
        "{out}"
    );
    let (_, out, _) = stage.run(&["status", "--format", "json"]);
    let status: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(status["releases"][0]["forced"], "the alarm itself is broken", "{out}");
}

/// What is all well for a plan of its own may be in the way of a release all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_the_preflight_finds() {
    let stage = Stage::new(2000).await;
    let (code, out, err) = stage.run(&["plan", "--image", &stage.image]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("now          no deployment is under way\npreflight: ") && out.ends_with(" 0 NG\n"), "{out}");
    let elsewhere = Setup { region: "eu-west-1".into(), clock: Clock::scaled(2000), ..Setup::of("auctiond") };
    let stage = Stage::of(elsewhere).await;
    let (code, out, err) = stage.run(&["plan", "--image", &stage.image]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("it is in eu-west-1, release.toml has ap-northeast-1"), "{out}");
    let (code, out, _) = stage.run(&["plan", "--image", &stage.image, "--format", "json"]);
    let plan: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &plan["preflight"]["clean"]), (1, &false.into()), "{out}");
    assert!(stage.world.state(rehearsal::World::deployments).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_always_ends_is_no_flood() {
    let stage = Stage::new(2000).await;
    stage.world.fault(Fault::Crashes { exit: 3, lines: vec!["no database".into()] });
    let (code, out, err) = stage.deploy(&[]);
    assert_eq!(code, 1, "{out}{err}");
    let stopped = out.lines().filter(|l| l.contains("  task ")).count();
    assert_eq!(stopped, 6, "{out}");
    assert!(out.contains("  30 new tasks have stopped so far, the last one: Essential container"), "{out}");
    let (_, out, err) = stage.deploy(&["--format", "json"]);
    let all = out.lines().filter(|l| l.contains("\"event\":\"stopped-task\"")).count();
    assert!(all > 30, "machines are told all of them: {out}{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_drawn_over_a_question() {
    use std::io::{Read, Write};
    let stage = Stage::new(2000).await;
    let line =
        format!("{} release deploy --env rehearsal --every 0.02 --image {}", env!("CARGO_BIN_EXE_xtask"), stage.image);
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env("AWS_ENDPOINT_URL", stage.world.url()).env("TERM", "xterm");
    command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET).env_remove("AWS_PROFILE");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let (mut shown, mut some) = (String::new(), [0; 4096]);
    while !shown.contains("[y/N] ") {
        let read = out.read(&mut some).unwrap();
        assert!(read > 0, "no question in {shown}");
        shown += &String::from_utf8_lossy(&some[..read]);
    }
    assert!(shown.contains("asks AWS"), "a line lives: {shown:?}");
    // It would be drawn five times meanwhile.
    tokio::time::sleep(Duration::from_secs(1)).await;
    child.stdin.take().unwrap().write_all(b"n\n").unwrap();
    out.read_to_string(&mut shown).unwrap();
    let after = shown.split("[y/N] ").nth(1).unwrap();
    assert!(after.trim_start().starts_with("n\r\n"), "{shown:?}");
    assert!(shown.contains("nobody said yes: nothing was done"), "{shown:?}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_leaves_the_release_alone() {
    let stage = Stage::new(1).await;
    let mut command = stage.command(&["deploy", "--yes", "--image", &stage.image]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // As soon as it is known to run.
    while stage.world.state(|w| w.task_sets().len()) < 2 {
        stage.world.clock().advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let (code, out, err) = told(&child.wait_with_output().unwrap());
    assert_eq!(code, 2, "{out}{err}");
    assert!(err.contains("the release goes on by itself") && err.contains("release watch --env rehearsal"), "{err}");
    assert_eq!(stage.world.state(rehearsal::World::deployments)[0].1, "InProgress");
    stage.world.clock().advance(Duration::from_hours(2));
    assert_eq!(stage.world.state(rehearsal::World::deployments)[0].1, "Succeeded");
    let (_, out, _) = stage.run(&["status"]);
    assert!(out.contains(" finished "), "who was not watched to the end is asked for: {out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_and_what_is_never_said() {
    let stage = Stage::new(2000).await;
    let (code, out, err) = stage.run(&["deploy", "--image", &stage.image]);
    assert_eq!((code, out.lines().count()), (2, 1), "{out}");
    assert!(out.starts_with("preflight: ") && out.ends_with(" 0 NG\n"), "{out}");
    assert!(err.contains("wants somebody to say yes: give `--yes`"), "{err}");
    let (code, _, err) = stage.run(&["deploy", "--yes", "--image", "release"]);
    assert_eq!(code, 2);
    assert!(err.contains("a tag may mean another image tomorrow"), "{err}");

    // At the highest verbosity, with all that can be said: success, failure, refusal.
    let (code, mut all, err) = stage.deploy(&["-v"]);
    assert_eq!(code, 0, "{err}");
    all += &err;
    stage.world.fault(Fault::Throttle { operation: "GetDeployment".into(), times: 1 });
    let (_, out, err) = stage.deploy(&["-v", "--format", "json"]);
    all += &(out + &err);
    // With credentials that have ended nothing is asked and nothing is changed.
    let (code, _, err) = stage.deploy(&["--detach"]);
    assert_eq!(code, 0, "{err}");
    let id = err.lines().find(|l| l.contains(" watch ")).unwrap().rsplit(' ').next().unwrap();
    stage.world.fault(Fault::ExpiredCredentials);
    let (code, out, err) = stage.run(&["watch", id, "-v"]);
    assert_eq!(code, 2, "{out}{err}");
    all += &(out + &err);
    let (code, out, err) = stage.run(&["status", "-v"]);
    assert_eq!(code, 2);
    assert!(err.contains("the credentials have expired"), "{err}");
    all += &(out + &err);
    let archives = stage.world.state(|w| format!("{:?}", w.task_sets()));
    for word in ["STS GetCallerIdentity: status 200", "\"event\":\"throttled\"", "\"operation\":\"PutObject\""] {
        assert!(all.contains(word), "no `{word}` in {all}");
    }
    for secret in [KEY_ID, SECRET, TOKEN, "AWS4-HMAC-SHA256"] {
        assert!(!all.contains(secret) && !archives.contains(secret), "`{secret}` is said");
    }
}
