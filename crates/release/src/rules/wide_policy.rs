use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Risk,
    summary: "a role that may do everything of a service, or pass any role",
    why: "Whoever can change the pipeline can then do it too: read every bucket, or start tasks with the rights of \
          any role.",
    remedy: "name actions and resources; for CodeDeployToECS the source lists the few that it needs, with \
             `iam:PassRole` to `ecs-tasks.amazonaws.com`",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for role in world.resources("AWS::IAM::Role") {
        let policies = role.list("Policies").iter().filter_map(|p| p.at("PolicyDocument.Statement"));
        for statement in policies.flat_map(Node::each) {
            let has = |key: &str, fits: &dyn Fn(&str) -> bool| {
                statement.get(key).map_or(&[][..], Node::each).iter().find(|n| n.text().is_some_and(fits))
            };
            let allows = statement.get("Effect").and_then(Node::text) == Some("Allow");
            let everything = has("Resource", &|r| r == "*").is_some();
            let wide = has("Action", &|a| a == "*" || a.ends_with(":*") || a.eq_ignore_ascii_case("iam:PassRole"));
            if let Some(action) = wide.filter(|_| allows && everything) {
                let name = action.text().unwrap_or_default();
                found.at(role.file, action.line, format!("{} may `{name}` on everything", role.title()));
            }
        }
    }
}
