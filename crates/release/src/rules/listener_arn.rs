use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a traffic route of CodeDeploy that is not the ARN of a listener",
    why: "CodeDeploy takes the ARN of one listener and answers with InvalidTrafficRoutingConfigurationException to \
          the ARN of a listener rule. Blue/green of ECS itself is the reverse: it takes a rule.",
    remedy: "take the part before the last slash and write `listener/app/...` where `listener-rule/app/...` stands",
    source: "https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TrafficRoute.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for group in world.groups() {
        for pair in group.list("LoadBalancerInfo.TargetGroupPairInfoList") {
            for route in ["ProdTrafficRoute", "TestTrafficRoute"] {
                let arns = pair.get(route).and_then(|r| r.get("ListenerArns")).map_or(&[][..], Node::items);
                for arn in arns {
                    let wrong = arn.text().filter(|t| !t.contains(":listener/"));
                    if wrong.is_some() {
                        found.at(
                            group.file,
                            arn.line,
                            format!(
                                "`{route}` is the ARN of {}",
                                if wrong.is_some_and(|t| t.contains(":listener-rule/")) {
                                    "a listener rule"
                                } else {
                                    "no listener"
                                }
                            ),
                        );
                    }
                }
                if arns.len() > 1 {
                    found.at(
                        group.file,
                        arns[1].line,
                        format!("`{route}` has {} listeners, and may have one", arns.len()),
                    );
                }
            }
        }
    }
}
