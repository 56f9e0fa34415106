use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "stack and pipeline register revisions of one family",
    why: "The latest revision of the family means one thing to the stack and another to the pipeline, and whoever \
          rolls back to the one before gets what the other made.",
    remedy: "give the stack's first task definition a family of its own",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let family = |kind: Kind| {
        let all = world.task_definitions().filter(move |t| t.file.kind == kind);
        all.filter_map(|t| Some((t, world.known(&t, "family")?))).collect::<Vec<_>>()
    };
    let released = family(Kind::TaskDefinition);
    for (task, name) in family(Kind::Template) {
        if let Some((other, _)) = released.iter().find(|(_, n)| *n == name) {
            let line = task.line_of("family");
            found.at(task.file, line, format!("the family `{name}` is that of `{}` too", other.file.path.display()));
        }
    }
}
