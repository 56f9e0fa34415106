//! Change sets, made and read: what AWS itself says would be done. Whatever is prepared is done or taken back.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::change::{all_new, lines};
use super::plan::{Plan, StackPlan};
use super::seen::{self, ChangeSet};
use super::stack::{Stack, TAG};
use super::state::{self, State};
use super::template::Template;
use super::{guard, template};
use crate::aws::CloudFormation;
use crate::aws::cloudformation::Proposal;
use crate::flow::pace::Pace;
use crate::{Error, Result};

/// What planning needs.
pub struct Ask<'a> {
    /// The account.
    pub aws: &'a CloudFormation,
    /// Time.
    pub pace: &'a dyn Pace,
    /// Between two looks.
    pub every: Duration,
    /// The image to begin with, by digest, for a stack that is there too.
    pub image: Option<&'a str>,
    /// The same for a stack that is not there, when nobody says one.
    pub first: Option<&'a str>,
    /// Whether stacks that were made otherwise are taken over.
    pub adopt: bool,
}

/// A change set that waits to be executed.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Its ARN.
    pub id: String,
    /// ARN of the stack.
    pub stack: String,
    /// Whether the stack is there for this change set only.
    pub made: bool,
    /// Outputs of other stacks that it was made with.
    pub with: BTreeMap<(String, String), String>,
}

/// A plan with the change sets that would do it.
#[derive(Debug)]
pub struct Prepared {
    /// What they do.
    pub plan: Plan,
    /// One for each stack that has something to do, in the order of the plan.
    pub ready: Vec<Option<Ready>>,
}

/// How often a change set is looked at before it is given up; AWS takes seconds.
const LOOKS: u32 = 600;

impl Ask<'_> {
    /// Refuses credentials of another account.
    ///
    /// # Errors
    /// When they are of another one, or none.
    pub async fn account(&self, account: &str) -> Result<()> {
        let caller = self.aws.caller().await?;
        if caller.account == account {
            return Ok(());
        }
        Err(Error::Release(format!(
            "these credentials are of the account {}, release.toml has {account}: nothing was done",
            caller.account
        )))
    }

    /// Makes a change set for each stack. What has to be waited for is planned from its template.
    ///
    /// # Errors
    /// When AWS refuses; what was made until then is taken back.
    pub async fn prepare(&self, environment: (&str, &str, &str), stacks: &[Stack]) -> Result<Prepared> {
        let (name, account, region) = environment;
        let plan = Plan {
            environment: name.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            stacks: Vec::new(),
        };
        let mut out = Prepared { plan, ready: Vec::new() };
        for stack in stacks {
            match self.one(stack).await {
                Ok((plan, ready)) => {
                    out.plan.stacks.push(plan);
                    out.ready.push(ready);
                }
                Err(e) => {
                    // The first error counts.
                    let _ = self.take_back(&out.ready).await;
                    return Err(e);
                }
            }
        }
        Ok(out)
    }

    /// Takes change sets back that were not executed, and stacks that are there for them only.
    ///
    /// # Errors
    /// When AWS refuses; then with what is left.
    pub async fn take_back(&self, ready: &[Option<Ready>]) -> Result<()> {
        let mut result = Ok(());
        for one in ready.iter().flatten() {
            if let Err(e) = self.undo(one).await {
                let id = &one.id;
                result =
                    Err(Error::Release(format!("{e}; the change set `{id}` is left, which does nothing by itself")));
            }
        }
        result
    }

    async fn undo(&self, one: &Ready) -> Result<()> {
        self.aws.forget(&one.id).await?;
        if one.made {
            let now = self.aws.stack(&one.stack).await?;
            if now.is_some_and(|s| s.status == "REVIEW_IN_PROGRESS") {
                self.aws.delete(&one.stack).await?;
            }
        }
        Ok(())
    }

    /// The plan of one stack, and its change set.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn one(&self, stack: &Stack) -> Result<(StackPlan, Option<Ready>)> {
        let live = self.aws.stack(&stack.name).await?;
        let how = live.as_ref().map_or(State::None, |l| state::state(&l.status));
        let there = how != State::None;
        let mut plan = StackPlan {
            stack: stack.name.clone(),
            part: stack.part.name(),
            there,
            changes: Vec::new(),
            silent: false,
            waits: None,
            refused: Vec::new(),
            notes: Vec::new(),
        };
        let known = live.as_ref().filter(|_| there);
        if let Some(live) = known {
            if how != State::Good {
                let next = state::next(&stack.name, &live.status).unwrap_or_default();
                plan.refused.push(format!("its status is {}: {next}", live.status));
            }
            if !self.adopt && live.tags.get(TAG) != Some(&stack.environment) {
                plan.refused.push(not_ours(stack, live));
            }
            if !plan.refused.is_empty() {
                return Ok((plan, None));
            }
        }
        let mut with = BTreeMap::new();
        let parameters = match self.values(stack, known, &mut with).await? {
            Ok(parameters) => parameters,
            Err(waits) if there => {
                plan.refused.push(waits);
                return Ok((plan, None));
            }
            Err(waits) => {
                plan.waits = Some(waits);
                plan.changes = all_new(&stack.template);
                return Ok((plan, None));
            }
        };
        let (set, made) = match self.change_set(stack, there, live.as_ref(), parameters).await? {
            Ok(found) => found,
            Err(refused) => {
                plan.refused.extend(refused);
                return Ok((plan, None));
            }
        };
        let ready = Ready { id: set.id.clone(), stack: set.stack.clone(), made, with };
        match self.read(stack, known, &set, &mut plan).await {
            Ok(()) => {
                plan.silent = set.changes.is_empty() && there;
                Ok((plan, Some(ready)))
            }
            Err(e) => {
                let _ = self.undo(&ready).await;
                Err(e)
            }
        }
    }

    /// Puts a change set into words.
    async fn read(
        &self,
        stack: &Stack,
        live: Option<&seen::Stack>,
        set: &ChangeSet,
        plan: &mut StackPlan,
    ) -> Result<()> {
        let Some(live) = live else {
            plan.changes = lines(&set.changes, None, &stack.template);
            return Ok(());
        };
        let old = Template::parse("the template of the stack", &self.aws.template(&live.id).await?).ok();
        plan.changes = lines(&set.changes, old.as_ref(), &stack.template);
        if stack.part != template::Part::Repository && !set.changes.is_empty() {
            let resources = self.aws.resources(&live.id).await?;
            let standing = self.aws.standing(live, &resources).await;
            let (refused, notes) = guard::look(&standing, &set.changes, &stack.template, &resources);
            plan.refused.extend(refused);
            plan.notes.extend(notes);
        }
        Ok(())
    }

    /// A change set that is ready; reasons where AWS finds some, none when there is nothing to do.
    async fn change_set(
        &self,
        stack: &Stack,
        there: bool,
        live: Option<&seen::Stack>,
        parameters: Vec<(String, Option<String>)>,
    ) -> Result<std::result::Result<(ChangeSet, bool), Vec<String>>> {
        let proposal = Proposal {
            stack: &stack.name,
            there,
            template: stack.part.text(),
            parameters,
            tags: tags(stack, live),
            roles: stack.template.makes_roles(),
        };
        let new = live.is_none();
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let (id, arn) = match self.aws.propose(&format!("infra-{nanos:x}"), &proposal).await {
            Ok(made) => made,
            Err(Error::Aws(r)) if r.code == "ValidationError" => {
                return Ok(Err(if nothing(&r.message) { Vec::new() } else { vec![r.message] }));
            }
            Err(e) => return Err(e),
        };
        let ready = Ready { id: id.clone(), stack: arn, made: new, with: BTreeMap::new() };
        for _ in 0..LOOKS {
            let set = match self.aws.change_set(&id).await {
                Ok(set) => set,
                Err(e) => {
                    let _ = self.undo(&ready).await;
                    return Err(e);
                }
            };
            match set.status.as_str() {
                // What AWS calls it in its answer is what it is called from now on.
                "CREATE_COMPLETE" => return Ok(Ok((ChangeSet { id, stack: ready.stack, ..set }, new))),
                "FAILED" => {
                    let reason = set.reason.unwrap_or_else(|| "AWS refuses the change set and says no reason".into());
                    let mut why = Vec::new();
                    if !nothing(&reason) {
                        // It is only help: whoever may not ask is told the reason.
                        why = self.aws.found_wrong(&id).await.unwrap_or_default();
                        why.insert(0, reason);
                    }
                    self.undo(&ready).await?;
                    return Ok(Err(why));
                }
                _ => self.pace.sleep(self.every).await,
            }
        }
        self.undo(&ready).await?;
        Err(Error::Release(format!("the change set of `{}` does not get ready: try again later", stack.name)))
    }
}

/// Whether AWS says that there is nothing to do.
fn nothing(message: &str) -> bool {
    ["didn't contain changes", "No updates are to be performed"].iter().any(|w| message.contains(w))
}

/// Those that the stack has, which a change set would take away, and ours.
fn tags(stack: &Stack, live: Option<&seen::Stack>) -> Vec<(String, String)> {
    let mut all: BTreeMap<String, String> = live.map(|l| l.tags.clone()).unwrap_or_default();
    // Those are AWS's own.
    all.retain(|key, _| !key.starts_with("aws:"));
    all.insert(TAG.to_owned(), stack.environment.clone());
    all.into_iter().collect()
}

/// Why a stack is left alone.
pub(super) fn not_ours(stack: &Stack, live: &seen::Stack) -> String {
    match live.tags.get(TAG) {
        None => format!(
            "it was not made by `infra` (it has no tag `{TAG}`): `--adopt` takes it over, with the template of this command \
             in place of its own"
        ),
        Some(other) => format!(
            "it was made for the environment `{other}`, and this is `{}`: another `stack` in release.toml, or `--adopt`",
            stack.environment
        ),
    }
}
