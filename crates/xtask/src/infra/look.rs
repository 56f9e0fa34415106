//! What changes nothing: rendered, linted, looked at, compared.

use std::process::ExitCode;

use anyhow::Result;
use release::infra::follow::Follow;
use release::infra::state::{self, State};
use release::infra::{drift, lint, render, stack, status};
use release::verify;

use super::session::Session;
use super::verbs;
use crate::account::block;
use crate::image::Format;

pub(super) fn render(args: &verbs::Render) -> Result<ExitCode> {
    let (.., stacks) = args.at.stacks()?;
    crate::print(&match args.format {
        Format::Text => render::text(&stacks),
        Format::Json => render::json(&stacks),
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn lint(args: &verbs::Render) -> Result<ExitCode> {
    let (name, environment) = args.at.environment()?;
    let stacks = stack::stacks(&name, &environment)?;
    let (findings, files, _) = lint::lint(&environment, &stacks)?;
    crate::print(&match args.format {
        Format::Text => verify::text(&findings, files),
        Format::Json => verify::json(&findings, files),
    })?;
    Ok(ExitCode::from(u8::from(!findings.is_empty())))
}

pub(super) fn status(args: &verbs::Status) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.account).await?;
        let mut found = status::status(&s.aws, &s.stacks).await?;
        if args.follow {
            let follow = Follow { aws: &s.aws, pace: &*s.pace, every: s.every, tell: &s.tell };
            for one in &found {
                let Some(live) = &one.stack else { continue };
                if state::state(&live.status) == State::Busy {
                    let before = follow.before(&live.id).await?;
                    follow.to_the_end(&one.name, &live.id, before).await?;
                }
            }
            found = status::status(&s.aws, &s.stacks).await?;
        }
        crate::print(&match args.account.format {
            Format::Text => status::text(&found),
            Format::Json => status::json(&found),
        })?;
        let bad = |o: &status::Status| o.stack.as_ref().is_some_and(|s| !state::good(&s.status));
        Ok(ExitCode::from(u8::from(args.follow && found.iter().any(bad))))
    })
}

pub(super) fn drift(args: &verbs::Drift) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.account).await?;
        let found = drift::drift(&s.aws, &*s.pace, s.every, &s.stacks).await?;
        crate::print(&match args.account.format {
            Format::Text => drift::text(&found),
            Format::Json => drift::json(&found),
        })?;
        Ok(ExitCode::from(u8::from(found.iter().any(drift::Drift::bad))))
    })
}
