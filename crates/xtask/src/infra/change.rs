//! What changes something: planned, done, taken away.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Result, bail};
use release::infra::apply::{self, Outcome};
use release::infra::destroy;
use release::infra::event::Event;
use release::infra::plan::Plan;

use super::session::Session;
use super::verbs::{Account, Apply, Destroy, Planned};
use crate::account::{self, block, last_image, question, somebody};
use crate::image::Format;

fn show(account: &Account, plan: &Plan) -> Result<()> {
    crate::print(&match account.format {
        Format::Text => plan.text(),
        // Events follow it, each on a line of its own.
        Format::Json => format!("{}\n", serde_json::to_string(plan)?),
    })
}

pub(super) fn plan(args: &Planned) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.account).await?;
        if s.lint(&args.account)? {
            return Ok(ExitCode::FAILURE);
        }
        s.mind_ctrl_c();
        // For a service that is not there.
        let last = last_image(&s.environment).ok();
        let ask = s.ask(args.image.as_deref(), last.as_deref(), args.adopt);
        let environment = (&*s.name, &*s.environment.account, &*s.environment.region);
        let prepared = ask.prepare(environment, &s.stacks).await?;
        ask.take_back(&prepared.ready).await?;
        if s.stopped() {
            bail!("stopped; nothing was changed");
        }
        show(&args.account, &prepared.plan)?;
        Ok(ExitCode::from(u8::from(prepared.plan.refused())))
    })
}

pub(super) fn apply(args: &Apply) -> Result<ExitCode> {
    let planned = &args.planned;
    block(async {
        let s = Session::open(&planned.account).await?;
        if s.lint(&planned.account)? {
            return Ok(ExitCode::FAILURE);
        }
        s.mind_ctrl_c();
        // For a service that is not there.
        let last = last_image(&s.environment).ok();
        let ask = s.ask(planned.image.as_deref(), last.as_deref(), planned.adopt);
        let environment = (&*s.name, &*s.environment.account, &*s.environment.region);
        let mut prepared = ask.prepare(environment, &s.stacks).await?;
        let shown = show(&planned.account, &prepared.plan);
        let ready = shown.and_then(|()| approved(&s, args, &prepared.plan));
        if s.stopped() || !matches!(ready, Ok(true)) {
            ask.take_back(&prepared.ready).await?;
            ready?;
            if s.stopped() {
                bail!("stopped; nothing was changed");
            }
            anstream::eprintln!("nobody said yes: nothing was changed");
            return Ok(ExitCode::FAILURE);
        }
        let result = tokio::select! {
            result = apply::apply(&ask, &s.stacks, &mut prepared, &s.tell) => Some(result),
            _ = tokio::signal::ctrl_c() => None,
        };
        // Whatever was not executed does nothing, but would be in the way.
        let back = ask.take_back(&prepared.ready).await;
        let Some(outcome) = result else {
            goes_on(&s, &planned.account);
            return Ok(ExitCode::from(2));
        };
        if outcome.is_err() {
            goes_on(&s, &planned.account);
        }
        let outcome = outcome?;
        back?;
        Ok(exit(&outcome))
    })
}

fn exit(outcome: &Outcome) -> ExitCode {
    ExitCode::from(u8::from(!outcome.good()))
}

/// Whether somebody says yes, unless there is nothing to do or it was given.
fn approved(s: &Session, args: &Apply, plan: &Plan) -> Result<bool> {
    if args.yes || plan.refused() || plan.same() {
        return Ok(true);
    }
    if !somebody() {
        bail!("somebody has to say yes: give `--yes`; nothing was changed");
    }
    let what = if plan.stacks.iter().any(release::infra::plan::StackPlan::hurts) {
        "do that, with what it loses and interrupts"
    } else {
        "do that"
    };
    let (account, region) = (&s.environment.account, &s.environment.region);
    account::yes(&format!("{what}, in the account {account} ({region})"), &|| s.stopped())
}

/// How to come back to a stack that changes.
fn goes_on(s: &Session, account: &Account) {
    let again = account::again(&s.name, &account.at.config);
    anstream::eprintln!("what has begun goes on by itself, in CloudFormation; what had not begun was taken back");
    anstream::eprintln!("  follow it  cargo xtask infra status --follow {again}");
    anstream::eprintln!("  the rest   cargo xtask infra apply {again}");
}

pub(super) fn destroy(args: &Destroy) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.account).await?;
        let ask = s.ask(None, None, false);
        let found = destroy::plan(&ask, &s.stacks).await?;
        crate::print(&match args.account.format {
            Format::Text => found.text(),
            Format::Json => format!("{}\n", serde_json::from_str::<serde_json::Value>(&found.json())?),
        })?;
        if !found.refused.is_empty() {
            let text = "see above: nothing was done".to_owned();
            (s.tell)(&Event::Outcome { outcome: "refused", text });
            return Ok(ExitCode::FAILURE);
        }
        if found.stacks.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        if !said(&found.names(), &args.yes_destroy)? {
            return Ok(ExitCode::FAILURE);
        }
        tokio::select! {
            outcome = destroy::destroy(&ask, &found, &s.tell) => Ok(exit(&outcome?)),
            _ = tokio::signal::ctrl_c() => {
                goes_on(&s, &args.account);
                Ok(ExitCode::from(2))
            }
        }
    })
}

/// Whether every name is said: at the command, or typed.
fn said(names: &BTreeSet<&str>, given: &[String]) -> Result<bool> {
    if let Some(other) = given.iter().find(|g| !names.contains(g.as_str())) {
        bail!("--yes-destroy {other}: nothing of that name goes; nothing was done");
    }
    let missing: Vec<&str> = names.iter().copied().filter(|n| !given.iter().any(|g| g == n)).collect();
    if missing.is_empty() {
        return Ok(true);
    }
    if !somebody() || !given.is_empty() {
        bail!("to be destroyed, these have to be named too: `--yes-destroy {}`; nothing was done", missing.join(" "));
    }
    for name in missing {
        if question(&format!("type `{name}` to destroy it:"), &|| false)?.as_deref() != Some(name) {
            anstream::eprintln!("`{name}` was not typed: nothing was done");
            return Ok(false);
        }
    }
    Ok(true)
}
