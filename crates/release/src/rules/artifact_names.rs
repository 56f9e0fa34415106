use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "an action uses an artifact that it is not given, or that no action makes",
    why: "The pipeline is refused, or fails at the action.",
    remedy: "list the artifact in `InputArtifacts` of the action and in `OutputArtifacts` of an earlier one",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for pipeline in world.pipelines() {
        let mut made: Vec<&str> = Vec::new();
        for stage in pipeline.list("Stages") {
            for action in stage.get("Actions").map_or(&[][..], Node::items) {
                let names = |key| artifacts(action, key);
                let input: Vec<&str> = names("InputArtifacts").map(|(n, _)| n).collect();
                for (name, line) in names("InputArtifacts").filter(|(n, _)| !made.contains(n)) {
                    found.at(pipeline.file, line, format!("no earlier action makes `{name}`"));
                }
                for (key, value) in action.get("Configuration").map_or(&[][..], Node::entries) {
                    let artifact = key.name.ends_with("TemplateArtifact") || key.name.ends_with("ArtifactName");
                    if let Some(name) = value.text().filter(|n| artifact && !input.contains(n)) {
                        found.at(
                            pipeline.file,
                            key.line,
                            format!("`{name}` is not among the action's input artifacts"),
                        );
                    }
                }
                made.extend(names("OutputArtifacts").map(|(n, _)| n));
            }
        }
    }
}

fn artifacts<'a>(action: &'a Node, key: &str) -> impl Iterator<Item = (&'a str, usize)> {
    let items = action.get(key).map_or(&[][..], Node::items);
    items.iter().filter_map(|a| Some((a.get("Name")?.text()?, a.line)))
}
