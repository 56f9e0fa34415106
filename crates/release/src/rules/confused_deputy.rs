use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Risk,
    summary: "a role that a service may take for anybody",
    why: "The service acts for other accounts too: without a condition one of them can have it use this role.",
    remedy: "add `Condition: {StringEquals: {aws:SourceAccount: !Ref AWS::AccountId}}` to the statement",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for role in world.resources("AWS::IAM::Role") {
        let statements = role.node.at("AssumeRolePolicyDocument.Statement").map_or(&[][..], Node::each);
        for statement in statements {
            if statement.at("Principal.Service").is_some() && statement.get("Condition").is_none() {
                found.at(role.file, statement.line, format!("{} has no condition", role.title()));
            }
        }
    }
}
