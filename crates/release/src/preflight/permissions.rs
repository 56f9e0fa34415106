//! What the roles may do, by AWS's own simulation of their policies.

use super::picture::{list, text};
use super::{Fault, Item, Need, Picture, Question, Seen, needs, none_of, skip};

const RULE: &str = "a role does what a policy allows it, and nothing that a boundary or an organization denies";
const SOURCE: &str = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html";

pub(super) const ITEMS: &[Item] = &[
    Item {
        id: "deploy_role_may",
        rule: RULE,
        remedy: "allow it in the policy of the deployment group's role, or attach `AWSCodeDeployRoleForECS` to it",
        source: SOURCE,
        look: |p| may(p, Question::DeployMay, Question::DeployRole),
    },
    Item {
        id: "execution_role_may",
        rule: RULE,
        remedy: "allow it in the policy of the execution role: without the image and the log no task starts",
        source: SOURCE,
        look: |p| may(p, Question::ExecutionMay, Question::ExecutionRole),
    },
    Item {
        id: "pipeline_role_may",
        rule: RULE,
        remedy: "allow it in the policy of the pipeline's role",
        source: SOURCE,
        look: |p| may(p, Question::PipelineMay, Question::PipelineRole),
    },
];

/// An action on a resource, its decision, and conditions that could not be simulated.
type Result<'a> = (&'a str, &'a str, &'a str, usize);

fn may(p: &Picture, who: Question, role: Question) -> Seen {
    let told = p.told(who)?;
    let name = p.told(role).map_or("", |r| text(&r["Role"]["RoleName"]));
    let group = p.group().cloned().unwrap_or_default();
    let mut results: Vec<Result> = Vec::new();
    for result in list(&told["EvaluationResults"]) {
        let action = text(&result["EvalActionName"]);
        let missing = list(&result["MissingContextValues"]).len();
        results.push((action, text(&result["EvalResourceName"]), text(&result["EvalDecision"]), missing));
        for own in list(&result["ResourceSpecificResults"]) {
            let missing = list(&own["MissingContextValues"]).len();
            results.push((action, text(&own["EvalResourceName"]), text(&own["EvalResourceDecision"]), missing));
        }
    }
    let (mut faults, mut allowed, mut unsure) = (Vec::new(), 0, Vec::new());
    for need in needs(who, &p.environment, &group) {
        let (mut denied, mut lacking) = (Vec::new(), Vec::new());
        for action in need.actions {
            let mine: Vec<&Result> = results.iter().filter(|r| r.0 == *action && resource(&need, r.1)).collect();
            if mine.iter().any(|r| r.2 == "allowed") {
                allowed += 1;
            } else if mine.is_empty() || mine.iter().any(|r| r.3 > 0) {
                unsure.push(*action);
            } else if mine.iter().any(|r| r.2 == "explicitDeny") {
                denied.push(format!("`{action}`"));
            } else {
                lacking.push(format!("`{action}`"));
            }
        }
        for (actions, how) in [(denied, "denied"), (lacking, "not allowed")].into_iter().filter(|(a, _)| !a.is_empty())
        {
            let are = if actions.len() == 1 { "is" } else { "are" };
            let what = format!("{} {are} {how} on {}", actions.join(", "), need.resources.join(" or "));
            faults.push(Fault { resource: format!("role {name}"), what, key: None });
        }
    }
    if faults.is_empty() && !unsure.is_empty() {
        return skip(format!("conditions of {} cannot be simulated", unsure.join(", ")));
    }
    none_of(faults, format!("{name} may do all {allowed} things that it has to"))
}

fn resource(need: &Need, name: &str) -> bool {
    need.resources.iter().any(|r| r == name)
}
