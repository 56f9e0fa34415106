use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{World, reference};

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a service asks for capacity providers that its cluster does not have",
    why: "Fargate and Fargate Spot have to be associated with a cluster before a service can use them; the service \
          is not created.",
    remedy: "give the cluster `CapacityProviders: [FARGATE, FARGATE_SPOT]`, or the service `LaunchType: FARGATE`",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for service in world.resources("AWS::ECS::Service") {
        let cluster = service.node.get("Cluster").and_then(reference);
        let Some(cluster) = service.file.resources().find(|r| Some(r.name) == cluster) else { continue };
        let associated = world.resources("AWS::ECS::ClusterCapacityProviderAssociations").next();
        let lists = [Some(cluster), associated].map(|p| p.map_or(&[][..], |p| p.list("CapacityProviders")));
        for strategy in service.list("CapacityProviderStrategy") {
            let Some(provider) = strategy.get("CapacityProvider").and_then(Node::text) else { continue };
            if !lists.iter().any(|l| l.iter().any(|p| p.text() == Some(provider))) {
                let line = service.line_of("CapacityProviderStrategy");
                found.at(
                    service.file,
                    line,
                    format!("`{}` has no capacity providers, {} asks for `{provider}`", cluster.name, service.title()),
                );
                break;
            }
        }
    }
}
