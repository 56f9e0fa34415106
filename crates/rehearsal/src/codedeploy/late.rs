//! What can still happen when traffic moves or has moved.

use serde_json::{Value, json};

use super::tests::{SPEC, Stage, on};
use crate::fault::Fault;
use crate::setup::Setup;

#[test]
fn a_stop_or_an_alarm_while_the_old_tasks_are_kept_brings_them_back() {
    for alarm in [true, false] {
        let mut stage = Stage::new(&Setup::of("a"));
        let id = stage.deploy(SPEC);
        stage.pass(700);
        assert_eq!((stage.traffic(), stage.primary()), (on("a-2"), "a-2".to_owned()));
        if alarm {
            stage.world.faults.add(Fault::Alarm { name: "a-latency".to_owned() });
            stage.pass(0);
        } else {
            stage.call("StopDeployment", &json!({"deploymentId": id, "autoRollbackEnabled": true}));
        }
        let info = stage.info(&id);
        assert_eq!(info["status"], "Stopped");
        let back = info["rollbackInfo"]["rollbackDeploymentId"].clone();
        // The alarm is still up, and does not stop what brings the old tasks back.
        stage.pass(300);
        let other = stage.info(back.as_str().unwrap_or(""));
        assert_eq!(other["status"], "Succeeded");
        assert_eq!(stage.events(back.as_str().unwrap_or(""))[5..], ["Skipped", "Succeeded", "Skipped"]);
        assert_eq!((stage.traffic(), stage.primary(), stage.world.task_sets().len()), (on("a-1"), "a-1".to_owned(), 1));
    }
}

#[test]
fn who_stops_says_whether_to_roll_back() {
    let mut stage = Stage::new(&Setup::of("a"));
    let id = stage.deploy(SPEC);
    stage.pass(700);
    stage.call("StopDeployment", &json!({"deploymentId": id, "autoRollbackEnabled": false}));
    assert_eq!(stage.info(&id)["rollbackInfo"], Value::Null);
    stage.pass(3600);
    assert_eq!((stage.traffic(), stage.world.task_sets().len()), (on("a-2"), 2));
    // The next one begins with what serves.
    let next = stage.deploy(SPEC);
    stage.pass(3600);
    assert_eq!(stage.info(&next)["status"], "Succeeded");
    assert_eq!((stage.traffic(), stage.primary(), stage.world.task_sets().len()), (on("a-1"), "a-1".to_owned(), 1));
}

#[test]
fn without_a_test_listener_its_events_are_skipped() {
    let mut stage = Stage::new(&Setup { test_listener: false, ..Setup::of("a") });
    let id = stage.deploy(SPEC);
    stage.pass(3600);
    assert_eq!(stage.info(&id)["status"], "Succeeded");
    assert_eq!(stage.events(&id)[2..6], ["Succeeded", "Skipped", "Skipped", "Succeeded"]);
}

#[test]
fn linear_traffic_moves_by_equal_steps() {
    let config = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes".to_owned();
    let mut stage = Stage::new(&Setup { deployment_config: config, ..Setup::of("a") });
    stage.deploy(SPEC);
    // 2 + 2 s until it begins, 50 s until the tasks are well, 2 s for the test listener.
    stage.pass(56);
    let mut shares = Vec::new();
    for _ in 0..11 {
        let traffic = stage.traffic();
        shares.push(traffic.iter().find(|(g, _)| g == "a-2").map_or(0.0, |(_, share)| *share));
        stage.pass(60);
    }
    assert_eq!(shares, [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0, 100.0]);
}

#[test]
fn an_appspec_without_a_strategy_takes_the_service_s_away() {
    for strategy in ["", "        CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Base: 0, Weight: 3}]\n"] {
        let mut stage = Stage::new(&Setup::of("a"));
        let ask = json!({"cluster": "a", "services": ["a"]});
        let told = |stage: &mut Stage| {
            let all = crate::ecs::protocol::answer(&mut stage.world, "DescribeServices", &ask);
            all.unwrap_or_else(|r| panic!("{r:?}"))["services"][0].clone()
        };
        assert_eq!(told(&mut stage)["capacityProviderStrategy"][0]["capacityProvider"], "FARGATE");
        stage.deploy(&format!("{SPEC}{strategy}"));
        stage.pass(3600);
        let service = told(&mut stage);
        assert!(service["taskDefinition"].as_str().is_some_and(|t| t.ends_with("task-definition/a:1")), "{service}");
        if strategy.is_empty() {
            assert_eq!(
                (&service["capacityProviderStrategy"], &service["launchType"]),
                (&Value::Null, &json!("FARGATE"))
            );
        } else {
            assert_eq!(service["capacityProviderStrategy"][0]["weight"], 3);
        }
    }
}
