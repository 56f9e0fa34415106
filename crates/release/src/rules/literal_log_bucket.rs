use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Risk,
    summary: "the access log goes to a bucket that the template names",
    why: "The bucket has to be in the region and its policy has to let the load balancer write; in another account \
          it is someone else's, and the load balancer is not created.",
    remedy: "make the bucket a parameter, and the log a condition",
    source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for balancer in world.resources("AWS::ElasticLoadBalancingV2::LoadBalancer") {
        for attribute in balancer.list("LoadBalancerAttributes") {
            let bucket = attribute.get("Key").and_then(Node::text) == Some("access_logs.s3.bucket");
            if let Some(name) = attribute.get("Value").and_then(Node::text).filter(|n| bucket && !n.is_empty()) {
                found.at(balancer.file, attribute.line_of("Value"), format!("the log goes to `{name}`"));
            }
        }
    }
}
