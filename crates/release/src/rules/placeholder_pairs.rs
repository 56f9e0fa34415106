use crate::doc::Node;
use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{File, Kind, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "an image name in angle brackets that the pipeline does not replace, or the other way round",
    why: "CodeDeployToECS replaces `<NAME>` for each pair of `ImageNArtifactName` and `ImageNContainerName`; what \
          stays in brackets is no image, and half a pair fails the action.",
    remedy: "give every `<NAME>` of the task definition a pair, and every pair its `<NAME>`",
    source: "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let images: Vec<(&File, &Node, &str)> = world
        .containers()
        .filter(|(t, _)| t.file.kind == Kind::TaskDefinition)
        .filter_map(|(t, c)| c.get("image").map(|i| (t.file, i)))
        .filter_map(|(f, i)| Some((f, i, i.text()?.strip_prefix('<')?.strip_suffix('>')?)))
        .collect();
    let mut replaced = Vec::new();
    let mut any = false;
    for (pipeline, action) in world.actions("CodeDeployToECS") {
        any = true;
        for n in 1..=4 {
            let get = |what: &str| action.at(&format!("Configuration.Image{n}{what}"));
            match (get("ArtifactName"), get("ContainerName")) {
                (Some(_), Some(name)) => {
                    let Some(text) = world.value(pipeline.file, name) else { continue };
                    let tasks = world.of(Kind::TaskDefinition).next().is_some();
                    if tasks && !images.iter().any(|(_, _, i)| *i == text) {
                        found.at(pipeline.file, name.line, format!("no image of a task definition is `<{text}>`"));
                    }
                    replaced.push(text);
                }
                (Some(half), None) | (None, Some(half)) => {
                    found.at(
                        pipeline.file,
                        half.line,
                        format!("`Image{n}ArtifactName` and `Image{n}ContainerName` are a pair"),
                    );
                }
                (None, None) => {}
            }
        }
    }
    for (file, image, name) in images {
        if any && !replaced.iter().any(|r| r == name) {
            found.at(file, image.line, format!("the pipeline does not replace `<{name}>`"));
        }
    }
}
