use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Risk,
    summary: "an HTTPS listener without a security policy",
    why: "The one that is taken then still speaks TLS 1.0.",
    remedy: "`SslPolicy: ELBSecurityPolicy-TLS13-1-2-2021-06`",
    source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for listener in world.resources("AWS::ElasticLoadBalancingV2::Listener") {
        if world.known(&listener, "Protocol").as_deref() == Some("HTTPS") && listener.node.get("SslPolicy").is_none() {
            found.at(listener.file, listener.line, format!("{} has no `SslPolicy`", listener.title()));
        }
    }
}
