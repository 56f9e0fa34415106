use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{World, reference};

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a target group that may be of a kind that Fargate or an application load balancer has not",
    why: "Tasks with network mode awsvpc are addresses, so the type has to be `ip`; target groups of an application \
          load balancer have HTTP or HTTPS.",
    remedy: "write `TargetType: ip` and `Protocol: HTTP`, and drop the parameters",
    source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for group in world.resources("AWS::ElasticLoadBalancingV2::TargetGroup") {
        for (key, good) in [("TargetType", &["ip"][..]), ("Protocol", &["HTTP", "HTTPS"])] {
            let Some(node) = group.node.get(key) else { continue };
            let parameter = reference(node).and_then(|p| group.file.root.get("Parameters")?.get(p));
            let allowed = parameter.and_then(|p| p.get("AllowedValues")).map_or(&[][..], Node::items);
            let literal = node.text().map(|_| node);
            for value in allowed.iter().chain(literal) {
                if let Some(wrong) = value.text().filter(|t| !good.contains(t)) {
                    found.at(group.file, value.line, format!("`{key}` of a target group can be `{wrong}`"));
                }
            }
        }
    }
}
