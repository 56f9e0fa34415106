//! Operations of ECS.

use serde_json::{Value, json};

use super::state::last;
use super::{Service, TaskDefinition, TaskDefinitionInput, shown};
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;

pub(crate) fn answer(world: &mut World, operation: &str, input: &Value) -> Answer {
    match operation {
        "DescribeClusters" => Ok(clusters(world, input)),
        "DescribeServices" => services(world, input),
        "UpdateService" => update(world, input),
        "RegisterTaskDefinition" => register(world, input),
        "DescribeTaskDefinition" => {
            let found = world.ecs.definition(input["taskDefinition"].as_str().unwrap_or(""));
            let found = found.ok_or_else(|| refuse("ClientException", "Unable to describe task definition."))?;
            Ok(json!({"taskDefinition": shown::task_definition(found), "tags": []}))
        }
        "ListTaskDefinitions" => Ok(list_definitions(world, input)),
        "DescribeTaskSets" => task_sets(world, input),
        "ListTasks" => list_tasks(world, input),
        "DescribeTasks" => tasks(world, input),
        _ => Err(Refusal::unknown(operation)),
    }
}

fn cluster<'a>(world: &World, input: &'a Value) -> Answer<&'a str> {
    let name = last(input["cluster"].as_str().unwrap_or("default"));
    let missing = || refuse("ClusterNotFoundException", "Cluster not found.");
    world.ecs.clusters.iter().any(|c| c == name).then_some(name).ok_or_else(missing)
}

fn service<'a>(world: &'a World, input: &Value) -> Answer<&'a Service> {
    let found = world.ecs.service(cluster(world, input)?, input["service"].as_str().unwrap_or(""));
    found.ok_or_else(|| refuse("ServiceNotFoundException", "Service not found."))
}

fn names(input: &Value) -> impl Iterator<Item = &str> {
    input.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn missing(arn: &str) -> Value {
    json!({"arn": arn, "reason": "MISSING"})
}

fn clusters(world: &World, input: &Value) -> Value {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in names(&input["clusters"]).map(last) {
        if !world.ecs.clusters.iter().any(|c| c == name) {
            failures.push(missing(&world.cluster_arn(name)));
            continue;
        }
        let running = world.ecs.tasks.iter().filter(|t| t.running(world.now)).count();
        found.push(json!({
            "clusterArn": world.cluster_arn(name), "clusterName": name, "status": "ACTIVE", "runningTasksCount": running,
            "activeServicesCount": world.ecs.services.iter().filter(|s| s.cluster == name).count(),
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": [],
        }));
    }
    json!({"clusters": found, "failures": failures})
}

fn services(world: &World, input: &Value) -> Answer {
    let cluster = cluster(world, input)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in names(&input["services"]) {
        match world.ecs.service(cluster, name) {
            Some(service) => found.push(shown::service(world, service)),
            None => failures.push(missing(&world.service_arn(cluster, last(name)))),
        }
    }
    Ok(json!({"services": found, "failures": failures}))
}

/// Of a service that `CodeDeploy` releases, the number of tasks alone can be changed here.
fn update(world: &mut World, input: &Value) -> Answer {
    let found = service(world, input)?;
    let (cluster, name) = (found.cluster.clone(), found.name.clone());
    let reserved =
        ["taskDefinition", "networkConfiguration", "loadBalancers", "platformVersion", "capacityProviderStrategy"];
    if let Some(field) = reserved.iter().find(|f| !input[**f].is_null()) {
        let what = if *field == "taskDefinition" { "task definition" } else { field };
        let text = format!(
            "Unable to update {what} on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a \
             new deployment."
        );
        return Err(refuse("InvalidParameterException", text));
    }
    if let Some(count) = input["desiredCount"].as_u64().and_then(|c| u32::try_from(c).ok()) {
        world.scale(&cluster, &name, count);
    }
    Ok(json!({"service": shown::service(world, service(world, input)?)}))
}

fn register(world: &mut World, input: &Value) -> Answer {
    let definition = world.register_task_definition(input)?;
    Ok(json!({"taskDefinition": shown::task_definition(&definition), "tags": []}))
}

fn list_definitions(world: &World, input: &Value) -> Value {
    let prefix = input["familyPrefix"].as_str();
    let all = world.ecs.families.iter().filter(|(family, _)| prefix.is_none_or(|p| p == family.as_str()));
    let mut arns: Vec<&str> = all.flat_map(|(_, revisions)| revisions).map(|d| d.arn.as_str()).collect();
    if input["sort"] == "DESC" {
        arns.reverse();
    }
    json!({"taskDefinitionArns": arns})
}

fn task_sets(world: &World, input: &Value) -> Answer {
    let service = service(world, input)?;
    let wanted: Vec<&str> = names(&input["taskSets"]).collect();
    let fits = |id: &str, arn: &str| wanted.is_empty() || wanted.iter().any(|w| *w == id || *w == arn);
    let found = service.sets.iter().filter(|s| fits(&s.id, &s.arn)).map(|s| shown::task_set(world, service, s));
    let absent = wanted.iter().filter(|w| !service.sets.iter().any(|s| s.id == **w || s.arn == **w));
    let failures: Vec<Value> = absent.map(|w| missing(w)).collect();
    Ok(json!({"taskSets": found.collect::<Vec<_>>(), "failures": failures}))
}

fn list_tasks(world: &World, input: &Value) -> Answer {
    let cluster = cluster(world, input)?;
    let stopped = input["desiredStatus"] == "STOPPED";
    let name = input["serviceName"].as_str().map(last);
    if name.is_some_and(|n| world.ecs.service(cluster, n).is_none()) {
        return Err(refuse("ServiceNotFoundException", "Service not found."));
    }
    let started = input["startedBy"].as_str();
    let of_family = |arn: &str| match input["family"].as_str() {
        Some(family) => world.ecs.definition(arn).is_some_and(|d| d.family == family),
        None => true,
    };
    let here = world.ecs.tasks.iter().filter(|t| {
        t.stopped(world.now) == stopped
            && name.is_none_or(|n| n == t.service)
            && started.is_none_or(|s| s == t.set)
            && of_family(&t.task_definition)
            && world.ecs.service(cluster, &t.service).is_some()
    });
    Ok(json!({"taskArns": here.map(|t| t.arn.as_str()).collect::<Vec<_>>()}))
}

fn tasks(world: &World, input: &Value) -> Answer {
    let cluster = cluster(world, input)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for name in names(&input["tasks"]) {
        if let Some(task) = world.ecs.tasks.iter().find(|t| t.id == last(name)) {
            found.push(shown::task(world, task));
        } else {
            let arn = format!("arn:aws:ecs:{}:{}:task/{cluster}/{}", world.region, world.account, last(name));
            failures.push(missing(&arn));
        }
    }
    Ok(json!({"tasks": found, "failures": failures}))
}

impl World {
    /// Makes the next revision of a family.
    pub(crate) fn register_task_definition(&mut self, input: &Value) -> Answer<TaskDefinition> {
        let TaskDefinitionInput { family, body } = TaskDefinitionInput::new(input)?;
        let revisions = self.ecs.families.entry(family.clone()).or_default();
        let revision = u32::try_from(revisions.len()).unwrap_or(u32::MAX).saturating_add(1);
        let arn = format!("arn:aws:ecs:{}:{}:task-definition/{family}:{revision}", self.region, self.account);
        let definition = TaskDefinition { arn, family, revision, registered: self.now, body };
        revisions.push(definition.clone());
        Ok(definition)
    }
}
