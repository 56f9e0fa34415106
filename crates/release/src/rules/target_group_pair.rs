use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a deployment group without two target groups and a production listener",
    why: "Blue/green moves a listener from one target group to the other.",
    remedy: "name both target groups and one listener in `TargetGroupPairInfoList`",
    source: "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TargetGroupPairInfo.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for group in world.groups() {
        let pairs = group.list("LoadBalancerInfo.TargetGroupPairInfoList");
        if pairs.len() != 1 {
            found.at(
                group.file,
                group.line_of("LoadBalancerInfo.TargetGroupPairInfoList"),
                format!("{} pairs of target groups, and there is one", pairs.len()),
            );
        }
        for pair in pairs {
            let count = pair.get("TargetGroups").map_or(0, |t| t.items().len());
            if count != 2 {
                found.at(group.file, pair.line_of("TargetGroups"), format!("{count} target groups, and there are two"));
            }
            if pair.at("ProdTrafficRoute.ListenerArns").is_none_or(|l| l.items().is_empty()) {
                found.at(group.file, pair.line_of("ProdTrafficRoute"), "no production listener");
            }
        }
    }
}
