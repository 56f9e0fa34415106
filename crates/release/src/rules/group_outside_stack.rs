use crate::rules::{Level, Rule};
use crate::verify::Found;
use crate::world::{Kind, World};

pub(super) const RULE: Rule = Rule {
    level: Level::Breaks,
    summary: "the service is in a stack and its deployment group is not",
    why: "What is made by hand is not made again with the stack, and names and ARNs are copied from one to the other.",
    remedy: "make `AWS::CodeDeploy::Application` and `AWS::CodeDeploy::DeploymentGroup` in the stack",
    source: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codedeploy-deploymentgroup.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    let Some(service) = world.services().next() else { return };
    if world.resources("AWS::CodeDeploy::DeploymentGroup").next().is_some() {
        return;
    }
    match world.of(Kind::Group).next() {
        Some(file) => found.at(
            file,
            file.part().line_of("deploymentGroupName"),
            format!("made by hand for {} of the stack", service.title()),
        ),
        None => found.at(service.file, service.line, "no template has its deployment group"),
    }
}
