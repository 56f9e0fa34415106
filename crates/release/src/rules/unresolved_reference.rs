use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, World, names, reference};

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "a template names a resource or parameter that it does not have",
    why: "CloudFormation refuses the whole template: \"Unresolved resource dependencies\".",
    remedy: "name one that is there, or leave the dependency out",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for file in world.of(Kind::Template) {
        let there = |name: &str| {
            let name = name.split('.').next().unwrap_or(name);
            name.starts_with("AWS::")
                || ["Resources", "Parameters"].iter().any(|s| file.root.get(s).is_some_and(|n| has(n, name)))
        };
        let mut missing = |name: &str, line| {
            if !there(name) {
                found.at(file, line, format!("nothing here is called `{name}`"));
            }
        };
        for part in file.resources() {
            for name in part.whole.get("DependsOn").map_or(&[][..], Node::each) {
                name.text().into_iter().for_each(|n| missing(n, name.line));
            }
        }
        let parts = ["Resources", "Outputs", "Conditions"].iter().filter_map(|s| file.root.get(s));
        parts.for_each(|part| {
            part.walk(&mut |node| {
                let [(key, of)] = node.entries() else { return };
                match key.name.as_str() {
                    "Ref" | "Fn::GetAtt" => reference(node).into_iter().for_each(|n| missing(n, node.line)),
                    "Fn::Sub" => {
                        let (text, own) = match of.items() {
                            [text, own] => (text.text(), own),
                            _ => (of.text(), of),
                        };
                        names(text.unwrap_or("")).filter(|n| !has(own, n)).for_each(|n| missing(n, node.line));
                    }
                    _ => {}
                }
            });
        });
    }
}

/// Names in templates are told apart by case.
fn has(node: &Node, name: &str) -> bool {
    node.entries().iter().any(|(k, _)| k.name == name)
}
