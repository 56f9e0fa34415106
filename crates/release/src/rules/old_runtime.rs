use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "a Lambda function of the release with a runtime that is no longer kept",
    why: "Lambda stops creating and then updating functions of deprecated runtimes; a hook that cannot be mended \
          stops every release.",
    remedy: "move it to a runtime of the table in the source",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    look,
};

/// Deprecated by November 2025.
const OLD: [&str; 21] = [
    "nodejs",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "ruby2.5",
    "ruby2.7",
    "java8",
    "go1.x",
    "provided",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
];

fn look(world: &World, found: &mut Found) {
    for function in world.resources("AWS::Lambda::Function") {
        let runtime = world.known(&function, "Runtime").unwrap_or_default();
        if OLD.contains(&runtime.as_str()) {
            found.at(function.file, function.line_of("Runtime"), format!("`{runtime}` is deprecated"));
        }
    }
}
