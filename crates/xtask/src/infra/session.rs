//! An account, as the verbs use it: credentials, time, who is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use release::aws::{Client, CloudFormation};
use release::config::Environment;
use release::flow::pace::{Pace, Wall};
use release::infra::event::{Event, Tell};
use release::infra::lint;
use release::infra::prepare::Ask;
use release::infra::stack::Stack;
use release::verify;

use super::verbs::Account;
use crate::image::Format;

pub(super) struct Session {
    pub(super) name: String,
    pub(super) environment: Environment,
    pub(super) stacks: Vec<Stack>,
    pub(super) aws: CloudFormation,
    pub(super) pace: Arc<dyn Pace>,
    pub(super) every: Duration,
    pub(super) tell: Tell,
    stopped: Arc<AtomicBool>,
}

impl Session {
    /// Reads the settings and finds the account, which has to be the one that they name.
    pub(super) async fn open(account: &Account) -> Result<Self> {
        let (name, environment, stacks) = account.at.stacks()?;
        let pace: Arc<dyn Pace> = Arc::new(Wall::default());
        let client = Client::new(&environment.region, Arc::clone(&pace), calls(account.verbose)).await?;
        let here = client.endpoint().is_some_and(container::http::is_loopback);
        if account.every < 2.0 && !here {
            bail!("--every {}: AWS is asked every 2 seconds at most", account.every);
        }
        let (every, tell) = (Duration::from_secs_f64(account.every), screen(account.format));
        let aws = CloudFormation::new(client);
        let stopped = Arc::new(AtomicBool::new(false));
        let found = Self { name, environment, stacks, aws, pace, every, tell, stopped };
        found.ask(None, None, false).account(&found.environment.account).await?;
        Ok(found)
    }

    pub(super) fn ask<'a>(&'a self, image: Option<&'a str>, first: Option<&'a str>, adopt: bool) -> Ask<'a> {
        Ask { aws: &self.aws, pace: &*self.pace, every: self.every, image, first, adopt }
    }

    /// From now on Ctrl-C is noted, and what has been prepared is taken back before the end.
    pub(super) fn mind_ctrl_c(&self) {
        let stopped = Arc::clone(&self.stopped);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stopped.store(true, Ordering::SeqCst);
            }
        });
    }

    /// Whether there was one.
    pub(super) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// The rules over what would be sent. Whether one of them stops it.
    pub(super) fn lint(&self, account: &Account) -> Result<bool> {
        // What belongs together is looked at together, whatever is meant now.
        let all = release::infra::stack::stacks(&self.name, &self.environment)?;
        let (findings, files, stops) = lint::lint(&self.environment, &all)?;
        if stops {
            let text = match account.format {
                Format::Text => verify::text(&findings, files),
                Format::Json => verify::json(&findings, files),
            };
            crate::print(&text)?;
        }
        Ok(stops)
    }
}

/// Waits and calls, on standard error: the former always, the latter when asked for.
fn calls(verbose: bool) -> release::flow::Tell {
    use release::flow::Event as Flow;
    Arc::new(move |event: &Flow| match event {
        Flow::Throttled { .. } => anstream::eprintln!("{}", event.text()),
        Flow::Call { .. } if verbose => anstream::eprintln!("{}", event.text()),
        _ => {}
    })
}

/// A line or an object for each event.
fn screen(format: Format) -> Tell {
    Arc::new(move |event: &Event| {
        let text = match format {
            Format::Json => serde_json::to_string(event).unwrap_or_default(),
            Format::Text => coloured(event),
        };
        // Whoever has gone, as `head` does, is no reason to leave a stack alone.
        let _ = crate::print(&format!("{text}\n"));
    })
}

fn coloured(event: &Event) -> String {
    let colour = match event {
        Event::Status { status, .. } if status.ends_with("_FAILED") || status.contains("ROLLBACK") => "31",
        Event::Status { name: None, status, .. } if status.ends_with("_COMPLETE") => "32",
        Event::Outcome { outcome: "done" | "same", .. } => "32",
        Event::Cause { .. } | Event::Outcome { .. } => "31",
        _ => return event.text(),
    };
    format!("\x1b[{colour}m{}\x1b[0m", event.text())
}
