use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a deployment group for a cluster or service that the template calls otherwise",
    why: "CodeDeploy answers with InvalidECSServiceException: it looks for the service by both names.",
    remedy: "take both names from one place: `!Ref` of the cluster, `!GetAtt` of the service, or the stack's outputs",
    source: "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ECSService.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for (key, kind, property) in
        [("clusterName", "AWS::ECS::Cluster", "ClusterName"), ("serviceName", "AWS::ECS::Service", "ServiceName")]
    {
        let names: Vec<String> = world.resources(kind).filter_map(|r| world.known(&r, property)).collect();
        for group in world.groups() {
            for service in group.list("ECSServices") {
                let Some(name) = service.get(key).and_then(|n| world.value(group.file, n)) else { continue };
                if !names.is_empty() && !names.contains(&name) {
                    found.at(
                        group.file,
                        service.line_of(key),
                        format!("`{name}`, and the template makes `{}`", names.join("`, `")),
                    );
                }
            }
        }
    }
}
