use crate::doc::{Node, Value};
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Quality,
    summary: "a parameter of text whose allowed values are truth values",
    why: "YAML reads `true` as a truth value and a parameter is text; what reads the template may tell them apart.",
    remedy: "quote them: `[\"true\", \"false\"]`",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for file in world.of(Kind::Template) {
        for (key, parameter) in file.root.get("Parameters").map_or(&[][..], Node::entries) {
            let values = parameter.get("AllowedValues").map_or(&[][..], Node::items);
            let bare = |n: &&Node| matches!(&n.value, Value::Scalar { text, quoted: false } if text == "true" || text == "false");
            if let Some(first) = values.iter().find(bare) {
                found.at(file, first.line, format!("values of `{}` are not quoted", key.name));
            }
        }
    }
}
