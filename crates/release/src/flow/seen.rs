//! What there is to see of a run, and what is new in it.

use super::event::Event;

/// A run at a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Its pipeline execution.
    pub pipeline: Option<Pipeline>,
    /// Its deployment.
    pub deployment: Option<Deployment>,
}

impl Seen {
    /// Whether it waits for a person. A pipeline is not asked any more when it deploys: what is known of it then is old.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.deployment.is_none() && self.pipeline.as_ref().is_some_and(|p| p.asks)
    }
}

/// A pipeline execution.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipeline {
    /// Id of the execution.
    pub execution: String,
    /// Its status, in AWS's words.
    pub status: String,
    /// What AWS says besides.
    pub summary: Option<String>,
    /// Its actions that have begun.
    pub actions: Vec<Action>,
    /// Why it does not go on, when nothing of it runs.
    pub held: Option<String>,
    /// Whether it waits for a person.
    pub asks: bool,
}

impl Pipeline {
    /// Whether nothing happens any more.
    #[must_use]
    pub fn over(&self) -> bool {
        !matches!(self.status.as_str(), "InProgress" | "Stopping" | "")
    }

    /// The deployment that its deploying action has made.
    #[must_use]
    pub fn deployment(&self) -> Option<&str> {
        self.actions.iter().filter(|a| a.deploys).find_map(|a| a.external.as_deref())
    }
}

/// An action of a pipeline execution.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Action {
    /// The stage that it is in.
    pub stage: String,
    /// Its name.
    pub name: String,
    /// Its status, in AWS's words.
    pub status: String,
    /// Whether it is the one that makes a deployment.
    pub deploys: bool,
    /// Whether it is one that a person answers.
    pub asks: bool,
    /// The id that another service knows it by.
    pub external: Option<String>,
    /// Why it failed, or what it says.
    pub message: Option<String>,
}

/// A deployment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deployment {
    /// Its id.
    pub id: String,
    /// Its status, in AWS's words.
    pub status: String,
    /// Code and text of what went wrong.
    pub error: Option<(String, String)>,
    /// Whether it rolls back by itself when it fails.
    pub rolls_back: bool,
    /// The deployment that rolls it back.
    pub rollback: Option<String>,
    /// Whether all traffic has moved and the old tasks wait for their end.
    pub waits: bool,
    /// Its lifecycle events, in their order.
    pub events: Vec<Lifecycle>,
    /// Its task sets.
    pub sets: Vec<Set>,
    /// Health of the new tasks in their target group; none where it is not known.
    pub health: Option<Health>,
    /// Alarms of the deployment group in the state ALARM, each with its reason.
    pub alarms: Vec<(String, String)>,
    /// Tasks of the new task set that were stopped while it was under way.
    pub stopped: Vec<Stopped>,
}

impl Deployment {
    /// Whether nothing happens any more.
    #[must_use]
    pub fn over(&self) -> bool {
        matches!(self.status.as_str(), "Succeeded" | "Failed" | "Stopped")
    }

    /// Whether all traffic is on the new tasks and everything that looks at that is content.
    #[must_use]
    pub fn released(&self) -> bool {
        self.waits || self.status == "Succeeded"
    }

    /// Whether the old tasks have waited long enough: nobody can go back to them any more.
    #[must_use]
    pub fn baked(&self) -> bool {
        let ends = |s: &Set| s.status == "DRAINING" || s.desired == 0;
        self.status == "Succeeded" || self.waits && self.set("Blue").is_none_or(ends)
    }

    /// The task set with a label, `Blue` or `Green`.
    #[must_use]
    pub fn set(&self, label: &str) -> Option<&Set> {
        self.sets.iter().find(|s| s.label == label)
    }
}

/// A lifecycle event of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// Its name.
    pub name: String,
    /// Its status, in AWS's words.
    pub status: String,
    /// What went wrong.
    pub message: Option<String>,
}

/// A task set of a deployment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    /// Its id.
    pub id: String,
    /// `Blue` for the old one, `Green` for the new one.
    pub label: String,
    /// Tasks that are wanted.
    pub desired: u64,
    /// Tasks that run.
    pub running: u64,
    /// Tasks on their way.
    pub pending: u64,
    /// Hundredths of the traffic.
    pub weight: f64,
    /// `PRIMARY`, `ACTIVE` or `DRAINING`.
    pub status: String,
    /// Name of its target group.
    pub group: String,
}

/// How the targets of a target group are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Targets that are well.
    pub healthy: u64,
    /// All targets.
    pub of: u64,
    /// States and reasons of the others, each once with how many.
    pub others: Vec<String>,
}

/// A task that was stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Its id.
    pub task: String,
    /// ECS's code, such as `EssentialContainerExited`.
    pub code: String,
    /// ECS's words.
    pub reason: String,
    /// What ECS says of the container, and the status that its program ended with.
    pub container: Option<String>,
    /// The status that its program ended with.
    pub exit: Option<i64>,
    /// ARN of its task definition.
    pub definition: String,
    /// Names of its containers that failed; all of them where none is known to have.
    pub containers: Vec<String>,
}

impl Stopped {
    /// Whether it was stopped for what it did, and not because it was no longer wanted.
    #[must_use]
    pub fn failed(&self) -> bool {
        let unwanted = self.reason.starts_with("Scaling activity") || self.code == "UserInitiated";
        !unwanted
    }
}

/// What is new in `now`.
#[must_use]
pub fn news(before: &Seen, now: &Seen) -> Vec<Event> {
    let mut out = Vec::new();
    if let Some(p) = &now.pipeline {
        of_pipeline(before.pipeline.as_ref(), p, &mut out);
    }
    if let Some(d) = &now.deployment {
        let before = before.deployment.as_ref().filter(|b| b.id == d.id);
        of_deployment(before, d, &mut out);
    }
    out
}

fn of_pipeline(before: Option<&Pipeline>, now: &Pipeline, out: &mut Vec<Event>) {
    for action in &now.actions {
        let old = before.and_then(|b| b.actions.iter().find(|a| a.stage == action.stage && a.name == action.name));
        if old.is_none_or(|o| o.status != action.status || o.external != action.external) {
            out.push(Event::Action {
                stage: action.stage.clone(),
                action: action.name.clone(),
                status: action.status.clone(),
                detail: action.message.clone().or(action.external.clone()),
            });
        }
    }
    if before.is_none_or(|b| b.status != now.status) {
        out.push(Event::Pipeline {
            execution: now.execution.clone(),
            status: now.status.clone(),
            detail: now.summary.clone(),
        });
    }
    if let Some(held) = now.held.as_ref().filter(|held| before.is_none_or(|b| b.held.as_ref() != Some(held))) {
        out.push(Event::Held { reason: held.clone() });
    }
}

fn of_deployment(before: Option<&Deployment>, now: &Deployment, out: &mut Vec<Event>) {
    let id = || now.id.clone();
    if before.is_none() && !now.over() {
        out.push(Event::Deployment { deployment: id(), status: now.status.clone(), detail: None });
    }
    for event in &now.events {
        let old = before.and_then(|b| b.events.iter().find(|e| e.name == event.name));
        if old.map_or("Pending", |o| o.status.as_str()) != event.status {
            let Lifecycle { name, status, message } = event.clone();
            out.push(Event::Lifecycle { deployment: id(), name, status, detail: message });
        }
    }
    for set in &now.sets {
        let old = before.and_then(|b| b.sets.iter().find(|s| s.id == set.id));
        let tasks = |s: &Set| (s.desired, s.running, s.pending);
        if old.is_none_or(|o| tasks(o) != tasks(set)) {
            let Set { label, desired, running, pending, .. } = set.clone();
            out.push(Event::Tasks { deployment: id(), label, desired, running, pending });
        }
    }
    if let Some(health) = now.health.as_ref().filter(|h| before.is_none_or(|b| b.health.as_ref() != Some(h))) {
        let Health { healthy, of, others } = health.clone();
        out.push(Event::Health { deployment: id(), healthy, of, others });
    }
    for (name, reason) in &now.alarms {
        if !before.is_some_and(|b| b.alarms.iter().any(|(n, _)| n == name)) {
            out.push(Event::Alarm { deployment: id(), name: name.clone(), reason: reason.clone() });
        }
    }
    let share = |d: &Deployment| d.set("Green").map_or(0.0, |s| s.weight);
    if (share(now) - before.map_or(0.0, share)).abs() > 0.05 {
        let blue = now.set("Blue").map_or(0.0, |s| s.weight);
        out.push(Event::Traffic { deployment: id(), green: share(now), blue });
    }
    for stopped in &now.stopped {
        if !before.is_some_and(|b| b.stopped.contains(stopped)) {
            let Stopped { task, reason, container, exit, .. } = stopped.clone();
            out.push(Event::StoppedTask { task, reason, container, exit });
        }
    }
    if now.waits && !now.over() && !before.is_some_and(|b| b.waits) {
        out.push(Event::Released { deployment: id() });
    }
    if now.baked() && !now.over() && !before.is_some_and(Deployment::baked) {
        out.push(Event::Baked { deployment: id() });
    }
    if before.map_or(now.over(), |b| b.status != now.status) {
        let detail = now.error.as_ref().map(|(code, text)| format!("{code}: {text}"));
        out.push(Event::Deployment { deployment: id(), status: now.status.clone(), detail });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(green: f64) -> Seen {
        let event = Lifecycle { name: "Install".into(), status: "Succeeded".into(), message: None };
        let set =
            Set { id: "s".into(), label: "Green".into(), desired: 2, running: 2, weight: green, ..Set::default() };
        let deployment = Deployment {
            id: "d-1".into(),
            status: "InProgress".into(),
            events: vec![event],
            sets: vec![set],
            ..Deployment::default()
        };
        Seen { pipeline: None, deployment: Some(deployment) }
    }

    #[test]
    fn only_what_is_new_is_told() {
        let words = |before: &Seen, now: &Seen| news(before, now).iter().map(Event::text).collect::<Vec<_>>();
        let first = deployment(0.0);
        assert_eq!(
            words(&Seen::default(), &first),
            ["deployment d-1: InProgress", "Install: Succeeded", "new tasks: 2 wanted, 2 run, 0 on their way"]
        );
        assert_eq!(words(&first, &first), [] as [&str; 0]);
        assert_eq!(words(&first, &deployment(10.0)), ["traffic: 10 % on the new tasks, 0 % on the old ones"]);
    }
}
