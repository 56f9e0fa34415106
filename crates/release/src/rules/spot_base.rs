use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{World, reference};

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "the base on Fargate is as large as the service: nothing ever runs on Spot",
    why: "The base is served before weights are looked at.",
    remedy: "set `Base: 1`, or leave Spot out",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for service in world.resources("AWS::ECS::Service") {
        let strategy = service.list("CapacityProviderStrategy");
        let provider = |s: &Node| s.get("CapacityProvider").and_then(Node::text).unwrap_or("").to_owned();
        if !strategy.iter().any(|s| provider(s) == "FARGATE_SPOT") {
            continue;
        }
        let count = service.node.get("DesiredCount");
        let number = |n: Option<&Node>| n.and_then(|n| world.value(service.file, n)?.parse::<u32>().ok());
        for s in strategy.iter().filter(|s| provider(s) == "FARGATE") {
            let base = s.get("Base");
            let same = base.and_then(reference).is_some_and(|r| count.and_then(reference) == Some(r));
            if same || number(base).zip(number(count)).is_some_and(|(b, c)| b > 1 && b >= c) {
                found.at(service.file, s.line_of("Base"), format!("all tasks of {} are its base", service.title()));
            }
        }
    }
}
