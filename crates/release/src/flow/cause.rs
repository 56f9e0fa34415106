//! The first cause of a failure, in words.

use super::seen::{Deployment, Pipeline, Stopped};

/// Why a deployment failed: what a task did comes before what `CodeDeploy` saw of it.
#[must_use]
pub fn of_deployment(d: &Deployment, stopped: &[Stopped], architecture: &str) -> String {
    let code = d.error.as_ref().map_or("", |(code, _)| code.as_str());
    let told = d.error.as_ref().map(|(_, text)| text.clone());
    let failed = d.events.iter().find(|e| e.status == "Failed");
    match code {
        "ALARM_ACTIVE" => return with("an alarm went off", told),
        "HOOK_EXECUTION_FAILURE" => {
            let name = failed.map_or(String::new(), |e| format!(" `{}`", e.name));
            return with(&format!("the hook{name} said no"), told);
        }
        "MANUAL_STOP" => return "somebody stopped it".to_owned(),
        _ => {}
    }
    if let Some(task) = stopped.iter().find(|s| s.failed()) {
        return of_task(task, architecture);
    }
    match (code, failed, told) {
        ("", None, None) if d.status == "Stopped" => "somebody stopped it".to_owned(),
        ("TIMEOUT", _, told) => with("the new tasks did not get well in time", told),
        ("IAM_ROLE_MISSING" | "IAM_ROLE_PERMISSIONS", _, told) => with("the role of CodeDeploy is not right", told),
        (_, Some(event), told) => {
            let text = event.message.clone().or(told);
            with(&format!("the lifecycle event `{}` failed", event.name), text)
        }
        (code, None, told) => with(if code.is_empty() { "CodeDeploy gives no reason" } else { code }, told),
    }
}

fn with(words: &str, told: Option<String>) -> String {
    told.filter(|t| !t.is_empty()).map_or(words.to_owned(), |t| format!("{words}: {t}"))
}

/// What a stopped task tells.
fn of_task(task: &Stopped, architecture: &str) -> String {
    let said: Vec<&str> = [Some(task.reason.as_str()), task.container.as_deref()].into_iter().flatten().collect();
    let said = said.join("; ");
    let has = |word: &str| said.to_ascii_lowercase().contains(word);
    let meaning = if has("exec format error") || has("does not match platform") {
        format!("the image was built for another processor than the task's, {architecture}")
    } else if has("cannotpullcontainererror") {
        "the image cannot be pulled: is it in the repository, and may the execution role and the network reach that?"
            .to_owned()
    } else if has("resourceinitializationerror") {
        "the task could not be set up: secrets, log group or network".to_owned()
    } else if has("outofmemory") || task.exit == Some(137) && has("memory") {
        "the program needs more memory than `memory` gives it".to_owned()
    } else if has("health check") {
        "the new tasks do not pass the health check".to_owned()
    } else if has("essential container") {
        match task.exit {
            // What the runtime gives when the kernel does not know the program's format.
            Some(255) => format!(
                "the program ended by itself with status 255, as one does that was built for another processor than the \
                 task's, {architecture}: see its log"
            ),
            Some(status) => format!("the program ended by itself with status {status}: see its log"),
            None => "the program ended by itself: see its log".to_owned(),
        }
    } else {
        return format!("a new task stopped: {said}");
    };
    format!("{meaning} (a new task stopped: {said})")
}

/// Why a pipeline execution ended without a deployment.
#[must_use]
pub fn of_pipeline(p: &Pipeline) -> String {
    let failed = p.actions.iter().find(|a| a.status == "Failed");
    match (p.status.as_str(), failed) {
        ("Superseded", _) => "a later run of the pipeline overtook it".to_owned(),
        ("Stopped" | "Cancelled", _) => with("somebody stopped the pipeline's run", p.summary.clone()),
        (_, Some(action)) => {
            let at = format!("{}/{}", action.stage, action.name);
            match &action.message {
                Some(m) if m.contains("DeploymentLimitExceeded") || m.contains("already has an active Deployment") => {
                    format!("{at}: another release was under way, and there can be one at a time: {m}")
                }
                m if action.asks => with(&format!("somebody said no at {at}, or nobody said yes in time"), m.clone()),
                m => with(&format!("the action {at} failed"), m.clone()),
            }
        }
        (status, None) => with(&format!("the pipeline's run ended: {status}"), p.summary.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::seen::{Action, Lifecycle};

    fn stopped(reason: &str, container: Option<&str>, exit: Option<i64>) -> Vec<Stopped> {
        let container = container.map(str::to_owned);
        vec![Stopped { reason: reason.to_owned(), container, exit, ..Stopped::default() }]
    }

    #[test]
    fn a_task_tells_more_than_a_timeout() {
        let d = Deployment {
            status: "Failed".into(),
            error: Some(("TIMEOUT".into(), "timed out".into())),
            ..Deployment::default()
        };
        let said = |s: &[Stopped]| of_deployment(&d, s, "X86_64");
        assert_eq!(said(&[]), "the new tasks did not get well in time: timed out");
        let format = stopped("Essential container in task exited", Some("exec /a: exec format error"), Some(1));
        assert!(said(&format).starts_with("the image was built for another processor than the task's, X86_64 ("));
        let health = stopped("Task failed ELB health checks in (target-group x)", None, None);
        assert!(said(&health).starts_with("the new tasks do not pass the health check"));
        let ended = stopped("Essential container in task exited", None, Some(3));
        assert!(said(&ended).starts_with("the program ended by itself with status 3"));
        // Tasks that were taken away say nothing of the cause.
        let away = stopped("Scaling activity initiated by (deployment x)", None, Some(143));
        assert_eq!(said(&away), "the new tasks did not get well in time: timed out");
    }

    #[test]
    fn alarms_hooks_and_people() {
        let d = |status: &str, code: &str| Deployment {
            status: status.into(),
            error: (!code.is_empty()).then(|| (code.into(), "text".into())),
            events: vec![Lifecycle { name: "AfterAllowTestTraffic".into(), status: "Failed".into(), message: None }],
            ..Deployment::default()
        };
        let health = stopped("Task failed ELB health checks", None, None);
        assert_eq!(of_deployment(&d("Stopped", "ALARM_ACTIVE"), &health, ""), "an alarm went off: text");
        let hook = of_deployment(&d("Failed", "HOOK_EXECUTION_FAILURE"), &[], "");
        assert_eq!(hook, "the hook `AfterAllowTestTraffic` said no: text");
        let nobody = Deployment { status: "Stopped".into(), ..Deployment::default() };
        assert_eq!(of_deployment(&nobody, &[], ""), "somebody stopped it");
    }

    #[test]
    fn a_pipeline_that_found_another_deployment() {
        let action = Action {
            stage: "Deploy".into(),
            name: "D".into(),
            status: "Failed".into(),
            message: Some("The Deployment Group 'g' already has an active Deployment 'd-1'".into()),
            ..Action::default()
        };
        let p = Pipeline { status: "Failed".into(), actions: vec![action], ..Pipeline::default() };
        assert!(of_pipeline(&p).starts_with("Deploy/D: another release was under way"));
    }
}
