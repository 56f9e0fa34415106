//! The engine by itself: no HTTP, a clock that the test moves.

use std::time::Duration;

use serde_json::{Value, json};

use super::protocol::answer;
use crate::clock::Time;
use crate::ecr::Image;
use crate::ecs::TaskSetStatus;
use crate::fault::Fault;
use crate::setup::Setup;
use crate::world::World;

/// A world, and what time passes in it.
pub(crate) struct Stage {
    pub(crate) world: World,
}

impl Stage {
    pub(crate) fn new(setup: &Setup) -> Self {
        let image = Image {
            digest: format!("sha256:{}", "a".repeat(64)),
            tags: vec!["first".to_owned()],
            pushed: Time::default(),
            kind: String::new(),
            size: 0,
            architecture: Some("amd64".to_owned()),
            manifest: String::new(),
        };
        Self { world: World::new(setup, vec![image], Time::default()).unwrap_or_else(|r| panic!("{r:?}")) }
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        let now = self.world.now.after(Duration::from_secs(seconds));
        self.world.step(now);
    }

    pub(super) fn call(&mut self, operation: &str, input: &Value) -> Value {
        answer(&mut self.world, operation, input).unwrap_or_else(|r| panic!("{operation}: {r:?}"))
    }

    fn refused(&mut self, operation: &str, input: &Value) -> (String, String) {
        let refusal = answer(&mut self.world, operation, input).err().unwrap_or_else(|| panic!("{operation} is taken"));
        (refusal.code.into_owned(), refusal.message)
    }

    /// Registers a task definition for the account's image and deploys it.
    pub(super) fn deploy(&mut self, spec: &str) -> String {
        let image = format!("{}/a@sha256:{}", self.world.registry(), "a".repeat(64));
        let definition = json!({
            "family": "a", "cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{"name": "a", "image": image, "portMappings": [{"containerPort": 8080}]}],
        });
        let arn = self.world.register_task_definition(&definition).unwrap_or_else(|r| panic!("{r:?}")).arn;
        let created = self.call("CreateDeployment", &revision(&spec.replace("<TASK_DEFINITION>", &arn)));
        created["deploymentId"].as_str().unwrap_or("").to_owned()
    }

    pub(super) fn info(&mut self, id: &str) -> Value {
        self.call("GetDeployment", &json!({"deploymentId": id}))["deploymentInfo"].clone()
    }

    fn target(&mut self, id: &str) -> Value {
        let input = json!({"deploymentId": id, "targetId": "a:a"});
        self.call("GetDeploymentTarget", &input)["deploymentTarget"]["ecsTarget"].clone()
    }

    pub(super) fn events(&mut self, id: &str) -> Vec<String> {
        let target = self.target(id);
        let events = target["lifecycleEvents"].as_array().cloned().unwrap_or_default();
        events.iter().map(|e| e["status"].as_str().unwrap_or("").to_owned()).collect()
    }

    /// Hundredths of production's traffic by target group.
    pub(super) fn traffic(&self) -> Vec<(String, f64)> {
        self.world.listeners()[0].1.clone()
    }

    pub(super) fn primary(&self) -> String {
        let sets = self.world.task_sets();
        sets.into_iter().find(|s| s.status == TaskSetStatus::Primary).map(|s| s.target_group).unwrap_or_default()
    }
}

pub(super) fn on(group: &str) -> Vec<(String, f64)> {
    vec![(group.to_owned(), 100.0)]
}

pub(super) const SPEC: &str = "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        \
                    TaskDefinition: <TASK_DEFINITION>\n        LoadBalancerInfo: {ContainerName: a, ContainerPort: 8080}\n";

fn hooked() -> String {
    format!("{SPEC}Hooks:\n  - AfterAllowTestTraffic: CodeDeployHook_check\n")
}

fn revision(spec: &str) -> Value {
    json!({
        "applicationName": "a", "deploymentGroupName": "a",
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": spec}},
    })
}

#[test]
fn a_canary_moves_traffic_waits_and_removes_the_old_tasks() {
    let mut stage = Stage::new(&Setup::of("a"));
    let id = stage.deploy(SPEC);
    assert_eq!(stage.info(&id)["status"], "Created");
    let early = stage.refused("GetDeploymentTarget", &json!({"deploymentId": id, "targetId": "a:a"}));
    assert_eq!(early.0, "DeploymentNotStartedException");
    stage.pass(2);
    assert_eq!(stage.info(&id)["status"], "Queued");
    stage.pass(12);
    assert_eq!(stage.info(&id)["status"], "InProgress");
    let mut want = ["Succeeded", "InProgress", "Pending", "Pending", "Pending", "Pending", "Pending", "Pending"];
    assert_eq!(stage.events(&id), want);
    assert_eq!(stage.traffic(), on("a-1"));
    // 20 s until they run, 30 s until they are well, 2 s for the test listener.
    stage.pass(50);
    want[1..7].copy_from_slice(&["Succeeded", "Succeeded", "Succeeded", "Succeeded", "Succeeded", "InProgress"]);
    assert_eq!(stage.events(&id), want);
    assert_eq!(stage.traffic(), [("a-1".to_owned(), 90.0), ("a-2".to_owned(), 10.0)]);
    assert_eq!(stage.world.listeners()[1], (8443, on("a-2")));
    let sets = stage.target(&id)["taskSetsInfo"].clone();
    assert_eq!((&sets[0]["trafficWeight"], &sets[1]["trafficWeight"]), (&json!(90.0), &json!(10.0)));
    assert_eq!((&sets[0]["taskSetLabel"], &sets[1]["taskSetLabel"]), (&json!("Blue"), &json!("Green")));
    assert_eq!((stage.primary(), &sets[1]["runningCount"]), ("a-1".to_owned(), &json!(2)));
    assert_eq!(stage.info(&id)["instanceTerminationWaitTimeStarted"], false);
    stage.pass(300);
    assert_eq!((stage.traffic(), stage.primary()), (on("a-2"), "a-2".to_owned()));
    let info = stage.info(&id);
    assert_eq!((&info["status"], &info["instanceTerminationWaitTimeStarted"]), (&json!("InProgress"), &json!(true)));
    assert_eq!(stage.world.task_sets().len(), 2);
    stage.pass(14 * 60);
    assert_eq!(stage.info(&id)["status"], "InProgress");
    stage.pass(120);
    let info = stage.info(&id);
    assert_eq!((&info["status"], &info["deploymentOverview"]["Succeeded"]), (&json!("Succeeded"), &json!(1)));
    assert!(stage.events(&id).iter().all(|e| e == "Succeeded"));
    assert_eq!(stage.world.task_sets().len(), 1);
    // The next one goes the other way round.
    let next = stage.deploy(SPEC);
    stage.pass(3600);
    assert_eq!((stage.info(&next)["status"].clone(), stage.traffic()), (json!("Succeeded"), on("a-1")));
}

#[test]
fn the_same_happens_in_one_stride_as_in_many() {
    let run = |strides: &[u64]| {
        let mut stage = Stage::new(&Setup::of("a"));
        let id = stage.deploy(&hooked());
        for seconds in strides {
            stage.pass(*seconds);
        }
        (stage.info(&id), stage.target(&id), stage.world.task_sets())
    };
    let (one, many) = (run(&[7200]), run(&vec![1; 7200]));
    assert_eq!(one, many);
    assert_eq!(one.0["status"], "Succeeded");
}

#[test]
fn one_deployment_at_a_time() {
    let mut stage = Stage::new(&Setup::of("a"));
    let id = stage.deploy(SPEC);
    let refused = stage.refused("CreateDeployment", &revision(SPEC));
    let text = format!("The Deployment Group 'a' already has an active Deployment '{id}'");
    assert_eq!(refused, ("DeploymentLimitExceededException".to_owned(), text));
    // The wait for the old tasks counts, until it is ended.
    stage.pass(600);
    assert_eq!(stage.refused("CreateDeployment", &revision(SPEC)).0, "DeploymentLimitExceededException");
    let wait = json!({"deploymentId": id, "deploymentWaitType": "TERMINATION_WAIT"});
    assert_eq!(stage.call("ContinueDeployment", &wait), Value::Null);
    stage.pass(60);
    assert_eq!(stage.info(&id)["status"], "Succeeded");
    assert_eq!(stage.refused("ContinueDeployment", &wait).0, "DeploymentAlreadyCompletedException");
    stage.deploy(SPEC);
}

#[test]
fn tasks_that_never_get_well_fail_after_an_hour_and_are_rolled_back() {
    let mut stage = Stage::new(&Setup::of("a"));
    stage.world.faults.add(Fault::NeverHealthy);
    let id = stage.deploy(SPEC);
    stage.pass(3500);
    assert_eq!(stage.info(&id)["status"], "InProgress");
    let failed = stage.world.ecs.tasks.iter().filter(|t| t.stopped(stage.world.now)).count();
    assert!(failed > 10, "{failed} tasks have failed");
    stage.pass(200);
    let info = stage.info(&id);
    assert_eq!((&info["status"], &info["errorInformation"]["code"]), (&json!("Failed"), &json!("TIMEOUT")));
    assert_eq!(stage.events(&id)[1..3], ["Failed", "Skipped"]);
    let back = info["rollbackInfo"]["rollbackDeploymentId"].as_str().unwrap_or("").to_owned();
    let other = stage.info(&back);
    assert_eq!(
        (&other["creator"], &other["rollbackInfo"]["rollbackTriggeringDeploymentId"]),
        (&json!("codeDeployRollback"), &json!(id))
    );
    stage.pass(200);
    assert_eq!(stage.info(&back)["status"], "Succeeded");
    assert_eq!((stage.traffic(), stage.primary(), stage.world.task_sets().len()), (on("a-1"), "a-1".to_owned(), 1));
    assert_eq!(stage.world.listeners()[1].1, on("a-1"));
}

#[test]
fn a_failing_hook_an_alarm_and_a_stop_roll_back_by_their_events() {
    let cases = [
        (
            Some(Fault::HookFails { event: "AfterAllowTestTraffic".to_owned() }),
            "Failed",
            json!("HOOK_EXECUTION_FAILURE"),
            "DEPLOYMENT_FAILURE",
        ),
        (Some(Fault::Alarm { name: "a-5xx".to_owned() }), "Stopped", json!("ALARM_ACTIVE"), "DEPLOYMENT_STOP_ON_ALARM"),
        (None, "Stopped", Value::Null, "DEPLOYMENT_STOP_ON_REQUEST"),
    ];
    for (fault, status, code, event) in cases {
        for wanted in [true, false] {
            let rollback = if wanted { vec![event.to_owned()] } else { Vec::new() };
            let mut stage = Stage::new(&Setup { rollback, ..Setup::of("a") });
            let id = stage.deploy(&hooked());
            let hook = matches!(fault, Some(Fault::HookFails { .. }));
            if let Some(fault) = fault.clone().filter(|_| hook) {
                stage.world.faults.add(fault);
            }
            stage.pass(120);
            if !hook {
                assert_eq!(stage.traffic().len(), 2, "the canary is out");
            }
            match fault.clone().filter(|_| !hook) {
                Some(fault) => stage.world.faults.add(fault),
                None if !hook => {
                    let told = stage.call("StopDeployment", &json!({"deploymentId": id}));
                    assert_eq!(told["status"], "Succeeded");
                }
                None => {}
            }
            stage.pass(0);
            let info = stage.info(&id);
            assert_eq!((info["status"].as_str(), &info["errorInformation"]["code"]), (Some(status), &code), "{event}");
            assert_eq!(info["rollbackInfo"].is_null(), !wanted, "{event}");
            stage.pass(300);
            let sets = if wanted { 1 } else { 2 };
            assert_eq!((stage.world.task_sets().len(), stage.primary()), (sets, "a-1".to_owned()), "{event}");
            assert_eq!(stage.traffic() == on("a-1"), wanted || hook, "{event}");
            // Whatever was left, the next one works.
            stage.world.faults.clear();
            let next = stage.deploy(SPEC);
            stage.pass(7200);
            assert_eq!((stage.info(&next)["status"].clone(), stage.world.task_sets().len()), (json!("Succeeded"), 1));
        }
    }
}

#[test]
fn a_deployment_waits_for_somebody_or_is_stopped() {
    let mut stage = Stage::new(&Setup { ready_wait: Some(30), ..Setup::of("a") });
    let id = stage.deploy(SPEC);
    let go = json!({"deploymentId": id, "deploymentWaitType": "READY_WAIT"});
    assert_eq!(stage.refused("ContinueDeployment", &go).0, "DeploymentIsNotInReadyStateException");
    stage.pass(600);
    assert_eq!((stage.info(&id)["status"].clone(), stage.traffic()), (json!("Ready"), on("a-1")));
    stage.call("ContinueDeployment", &go);
    assert_eq!((stage.info(&id)["status"].clone(), stage.traffic().len()), (json!("InProgress"), 2));
    stage.pass(7200);
    let other = stage.deploy(SPEC);
    stage.pass(7200);
    let info = stage.info(&other);
    assert_eq!((&info["status"], info["rollbackInfo"].is_null()), (&json!("Stopped"), false));
    assert_eq!(stage.traffic(), on("a-2"));
}

#[test]
fn what_does_not_fit_is_refused_in_the_words_of_the_service() {
    let mut stage = Stage::new(&Setup::of("a"));
    let mut other = revision(SPEC);
    other["applicationName"] = json!("b");
    assert_eq!(stage.refused("CreateDeployment", &other).1, "No application found for name: b");
    assert_eq!(stage.refused("CreateDeployment", &revision("version: 0.0")).0, "InvalidRevisionException");
    assert_eq!(stage.refused("GetDeployment", &json!({"deploymentId": "d-NONE"})).0, "DeploymentDoesNotExistException");
    assert_eq!(stage.refused("DeleteApplication", &json!({})).0, "UnknownOperationException");
    // What only ECS knows fails the deployment.
    for (from, to, want) in [
        ("ContainerName: a", "ContainerName: b", "The container b does not exist in the task definition."),
        ("ContainerPort: 8080", "ContainerPort: 80", "The container a did not have a container port 80 defined."),
    ] {
        let id = stage.deploy(&SPEC.replace(from, to));
        stage.pass(30);
        let info = stage.info(&id);
        assert_eq!(info["errorInformation"]["code"], "ECS_UPDATE_ERROR");
        let text = info["errorInformation"]["message"].as_str().unwrap_or("");
        assert!(text.contains(want), "{text}");
        stage.pass(300);
    }
}
