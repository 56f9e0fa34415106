use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, Part, World, names, reference};

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "a parameter becomes names of resources, and any text is taken",
    why: "Names have limits of their own (32 characters for a target group, lower case for a bucket): the wrong one \
          breaks half of the stack.",
    remedy: "give the parameter an `AllowedPattern` that fits the strictest name",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
    look,
};

/// Properties that are names.
const NAMES: [&str; 9] = [
    "Name",
    "BucketName",
    "GroupName",
    "ServiceName",
    "ClusterName",
    "RoleName",
    "Family",
    "TopicName",
    "RepositoryName",
];

fn look(world: &World, found: &mut Found) {
    for file in world.of(Kind::Template) {
        for (key, parameter) in file.root.get("Parameters").map_or(&[][..], Node::entries) {
            let text = parameter.get("Type").and_then(Node::text) == Some("String");
            if !text || ["AllowedPattern", "AllowedValues"].iter().any(|k| parameter.get(k).is_some()) {
                continue;
            }
            let named = |part: &Part| NAMES.iter().filter_map(|n| part.node.get(n)).any(|n| uses(n, &key.name));
            let count = file.resources().filter(named).count();
            if count > 0 {
                found.at(file, key.line, format!("`{}` is in the names of {count} resources", key.name));
            }
        }
    }
}

fn uses(node: &Node, parameter: &str) -> bool {
    let sub = node.get("Fn::Sub").and_then(Node::text);
    reference(node) == Some(parameter) || sub.is_some_and(|t| names(t).any(|n| n == parameter))
}
