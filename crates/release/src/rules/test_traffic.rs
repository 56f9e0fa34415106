use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "nothing looks at the new tasks before they get production traffic",
    why: "The test listener and the hooks between AllowTestTraffic and AllowTraffic are where a bad release is \
          caught before users see it.",
    remedy: "give the group a `TestTrafficRoute`, or the appspec `Hooks`",
    source: "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let hooks = world.of(Kind::AppSpec).any(|f| f.root.get("Hooks").is_some_and(|h| !h.items().is_empty()));
    for group in world.groups() {
        for pair in group.list("LoadBalancerInfo.TargetGroupPairInfoList") {
            if !hooks && pair.get("TestTrafficRoute").is_none() {
                found.at(group.file, pair.line_of("ProdTrafficRoute"), "has neither a test listener nor hooks");
            }
        }
    }
}
