//! A release on AWS: begun, followed, stopped, undone, looked at.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use indicatif::ProgressBar;
use release::aws::{BlueGreen, Client, Sent};
use release::bundle::ImageRef;
use release::config::Environment;
use release::flow::begin::{self, Begun};
use release::flow::pace::{Pace, Wall};
use release::flow::watch::{Outcome, Until, Watch};
use release::flow::{Tell, back, history, plain, plan, record, status, stop};
use release::preflight::Report;

use super::live;
use super::verbs::{Abort, Approve, Deploy, FinishNow, Follow, History, Notify, Plan, Rollback, Status, Stop, Where};
use crate::account::{self, block, last_image};
use crate::image::Format;

/// An environment with its engine.
struct Session<'a> {
    at: &'a Where,
    name: String,
    engine: BlueGreen,
    pace: Arc<dyn Pace>,
    tell: Tell,
    line: ProgressBar,
    every: Duration,
}

impl<'a> Session<'a> {
    async fn open(at: &'a Where) -> Result<Self> {
        let (name, environment) = at.environment()?;
        let pace: Arc<dyn Pace> = Arc::new(Wall::default());
        let (tell, line) = live::screen(at.format, at.verbose);
        let client = Client::new(&environment.region, Arc::clone(&pace), Arc::clone(&tell)).await?;
        let here = client.endpoint().is_some_and(container::http::is_loopback);
        if at.every < 5.0 && !here {
            bail!("--every {}: AWS is asked every 5 seconds at most", at.every);
        }
        let engine = BlueGreen::new(client, &environment).await?;
        let every = Duration::from_secs_f64(at.every);
        Ok(Self { at, name, engine, pace, tell, line, every })
    }

    /// Prints what is no event.
    fn print(&self, text: &str) -> Result<()> {
        self.line.suspend(|| crate::print(text))
    }

    async fn report(&self, digest: &str) -> Result<Report> {
        crate::verify::preflight(&self.engine, self.at.settings(&self.name)?, Some(digest)).await
    }

    /// Looks at everything first; whether the release may begin.
    async fn preflight(&self, digest: &str, force: Option<&str>) -> Result<bool> {
        let report = self.report(digest).await?;
        let through = report.lets_through();
        let said = match self.at.format {
            Format::Json => {
                let mut value = report.value();
                value["event"] = "preflight".into();
                format!("{value}\n")
            }
            Format::Text => {
                let and = match (force, report.refused_anyway()) {
                    _ if through => String::new(),
                    (_, Some(item)) => format!("nothing was released, and `--force` does not help: {item}\n"),
                    (Some(reason), None) => format!("goes on all the same: {reason}\n"),
                    (None, None) => "nothing was released; `--force REASON` releases it all the same\n".to_owned(),
                };
                against(&report) + &and
            }
        };
        self.print(&said)?;
        Ok(through || force.is_some() && report.refused_anyway().is_none())
    }

    /// Whether somebody says yes, where that is wanted.
    fn approved(&self, yes: bool, what: &str) -> Result<bool> {
        let Environment { approval, account, region, .. } = self.engine.environment();
        if yes || !approval {
            return Ok(true);
        }
        if !account::somebody() {
            bail!("`approval` in release.toml wants somebody to say yes: give `--yes`");
        }
        let text = format!("{what} to {} (account {account}, {region})", self.name);
        let said = self.line.suspend(|| account::yes(&text, &|| false))?;
        self.line.reset_elapsed();
        if !said {
            self.line.suspend(|| anstream::eprintln!("nobody said yes: nothing was done"));
        }
        Ok(said)
    }

    /// Follows a release; `None` when the person has had enough of it.
    async fn follow(&self, mut begun: Begun, until: Until) -> Result<Option<Outcome>> {
        let environment = self.engine.environment();
        let (pace, tell) = (&*self.pace, &self.tell);
        let watch = Watch { engine: &self.engine, environment, pace, tell, every: self.every };
        tokio::select! {
            outcome = watch.follow(&mut begun.record, &mut begun.run, until) => Ok(Some(outcome?)),
            _ = tokio::signal::ctrl_c() => Ok(None),
        }
    }

    /// How to come back to a release.
    fn goes_on(&self, id: &str) {
        let again = account::again(&self.name, &self.at.config);
        self.line.finish_and_clear();
        anstream::eprintln!("the release goes on by itself");
        anstream::eprintln!("  follow it  cargo xtask release watch {again} {id}");
        anstream::eprintln!("  undo it    cargo xtask release abort {again} {id}");
    }

    async fn to_the_end(&self, begun: Begun, until: Until, detach: bool) -> Result<ExitCode> {
        let id = begun.record.id().to_owned();
        if detach {
            self.goes_on(&id);
            return Ok(ExitCode::SUCCESS);
        }
        match self.follow(begun, until).await {
            Ok(Some(outcome)) => Ok(ExitCode::from(u8::from(!outcome.good()))),
            Ok(None) => {
                self.goes_on(&id);
                Ok(ExitCode::from(2))
            }
            // It is not known how the release does, and it does not need us.
            Err(e) => {
                self.goes_on(&id);
                Err(e)
            }
        }
    }

    async fn meant(&self, id: Option<&str>) -> Result<Begun> {
        begin::account(&self.engine, self.engine.environment()).await?;
        let record = status::meant(&self.engine, &self.name, id).await?;
        let run = record.run();
        Ok(Begun { record, run })
    }
}

/// What a preflight says, short where it says nothing against a release.
fn against(report: &Report) -> String {
    if report.lets_through() && report.findings.is_empty() {
        return format!("preflight: {}\n", report.counts());
    }
    report.text(false)
}

/// What is handed over is not to be left half done.
async fn unless_stopped<T>(work: impl Future<Output = release::Result<T>>) -> Result<T> {
    tokio::select! {
        result = work => Ok(result?),
        _ = tokio::signal::ctrl_c() => bail!("stopped while it was handed over: `release status` says whether it began"),
    }
}

pub(super) fn plan(args: &Plan) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        let environment = s.engine.environment();
        let digest = args.image.clone().map_or_else(|| last_image(environment), Ok)?;
        let found = plan::plan(&s.engine, &s.name, environment, &digest).await?;
        let report = s.report(&digest).await?;
        s.print(&match args.at.format {
            Format::Text => found.text() + &against(&report),
            Format::Json => {
                let mut value = serde_json::to_value(&found)?;
                value["preflight"] = report.value();
                format!("{value:#}\n")
            }
        })?;
        Ok(ExitCode::from(u8::from(!report.lets_through())))
    })
}

pub(super) fn deploy(args: &Deploy) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        let environment = s.engine.environment();
        let digest = args.image.clone().map_or_else(|| last_image(environment), Ok)?;
        ImageRef::new(&environment.repository.to_string(), &digest).map_err(|e| anyhow!(e)).context("--image")?;
        if !s.preflight(&digest, args.force.as_deref()).await? {
            return Ok(ExitCode::FAILURE);
        }
        if !s.approved(args.handed.yes, &format!("release {digest}"))? {
            return Ok(ExitCode::FAILURE);
        }
        let handed = begin::deploy(&s.engine, &s.name, environment, &digest, args.force.as_deref(), &s.tell);
        let begun = unless_stopped(handed).await?;
        s.to_the_end(begun, args.handed.until.into(), args.handed.detach).await
    })
}

pub(super) fn rollback(args: &Rollback) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        let to = args.to.as_deref();
        let what = to.map_or("bring back the release before".to_owned(), |to| format!("bring back the release {to}"));
        if !s.approved(args.handed.yes, &what)? {
            return Ok(ExitCode::FAILURE);
        }
        let back = back::rollback(&s.engine, &s.name, s.engine.environment(), to, &s.tell);
        let begun = unless_stopped(Box::pin(back)).await?;
        s.to_the_end(begun, args.handed.until.into(), args.handed.detach).await
    })
}

pub(super) fn follow(args: &Follow) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.which.at).await?;
        let begun = s.meant(args.which.execution.as_deref()).await?;
        s.to_the_end(begun, args.until.into(), false).await
    })
}

pub(super) fn abort(args: &Abort) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.which.at).await?;
        let begun = s.meant(args.which.execution.as_deref()).await?;
        let id = begun.record.id().to_owned();
        stop::abort(&s.engine, &begun.run).await?;
        let Some(outcome) = s.follow(begun, Until::Finished).await? else {
            s.goes_on(&id);
            return Ok(ExitCode::from(2));
        };
        let as_before = outcome.outcome == "stopped" && outcome.rollback.as_deref().is_none_or(|r| r == "Succeeded");
        Ok(ExitCode::from(u8::from(!as_before)))
    })
}

pub(super) fn stop(args: &Stop) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.which.at).await?;
        let begun = s.meant(args.which.execution.as_deref()).await?;
        let id = begun.record.id().to_owned();
        if let Some(deployment) = stop::stop(&s.engine, &begun.run, &args.reason, args.abandon).await? {
            let and = if args.abandon { "" } else { "had begun meanwhile and " };
            s.line.suspend(|| {
                anstream::eprintln!(
                    "the pipeline's run is stopped; its deployment {deployment} {and}goes on by itself"
                );
            });
            s.goes_on(&id);
            return Ok(ExitCode::from(u8::from(!args.abandon)));
        }
        let Some(outcome) = s.follow(begun, Until::Finished).await? else {
            s.goes_on(&id);
            return Ok(ExitCode::from(2));
        };
        Ok(ExitCode::from(u8::from(outcome.outcome != "stopped")))
    })
}

pub(super) fn notify(args: &Notify) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        let environment = s.engine.environment();
        let caller = begin::account(&s.engine, environment).await?;
        let Environment { account, region, .. } = environment;
        let text = format!(
            "This is a test. Releases to {} (account {account}, {region}) are told here. Nothing was released and nothing \
             has changed. Sent by {} with `cargo xtask release notify`.",
            s.name, caller.arn
        );
        let sent = s.engine.notify(&format!("Test: releases to {}", subject(&s.name)), &text).await?;
        s.print(&match args.at.format {
            Format::Text => told(&sent),
            Format::Json => format!("{}\n", serde_json::to_value(&sent)?),
        })?;
        Ok(ExitCode::from(u8::from(sent.subscribers == Some(0))))
    })
}

/// The name of an environment, as far as a subject takes it.
fn subject(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_graphic() { c } else { '?' }).take(60).collect()
}

/// What was sent, for people.
fn told(sent: &Sent) -> String {
    let who = match sent.subscribers {
        Some(0) => "nobody: no subscription is confirmed, so nobody is told of releases either".to_owned(),
        Some(1) => "one subscriber".to_owned(),
        Some(n) => format!("{n} subscribers"),
        None => "not known: these credentials may not ask for the topic's subscribers".to_owned(),
    };
    let Sent { topic, message, subject, text, .. } = sent;
    let line = |name: &str, text: &str| format!("{name:9} {}\n", plain::plain(text));
    line("topic", topic)
        + &line("message", message)
        + &line("to", &who)
        + &line("subject", subject)
        + &line("text", text)
}

pub(super) fn approve(args: &Approve) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.which.at).await?;
        let begun = s.meant(args.which.execution.as_deref()).await?;
        let id = begun.record.id().to_owned();
        let at = stop::approve(&s.engine, &begun.run, !args.reject, &args.summary).await?;
        let said = if args.reject { "said no at" } else { "said yes at" };
        s.line.suspend(|| anstream::eprintln!("{said} {at}"));
        if !args.reject || args.detach {
            return s.to_the_end(begun, args.until.into(), args.detach).await;
        }
        let Some(outcome) = s.follow(begun, Until::Finished).await? else {
            s.goes_on(&id);
            return Ok(ExitCode::from(2));
        };
        Ok(ExitCode::from(u8::from(outcome.outcome != "failed" || !outcome.verified)))
    })
}

pub(super) fn history(args: &History) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        begin::account(&s.engine, s.engine.environment()).await?;
        let found = history::history(&s.engine, &s.name, args.last).await?;
        s.print(&match args.at.format {
            Format::Text => found.text(),
            Format::Json => format!("{:#}\n", serde_json::to_value(&found)?),
        })?;
        Ok(ExitCode::SUCCESS)
    })
}

pub(super) fn finish_now(args: &FinishNow) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.which.at).await?;
        let begun = s.meant(args.which.execution.as_deref()).await?;
        stop::finish_now(&s.engine, &begun.run).await?;
        s.to_the_end(begun, Until::Finished, false).await
    })
}

pub(super) fn status(args: &Status) -> Result<ExitCode> {
    block(async {
        let s = Session::open(&args.at).await?;
        begin::account(&s.engine, s.engine.environment()).await?;
        let found = status::status(&s.engine, &s.name, args.last.min(record::LATEST)).await?;
        s.print(&match args.at.format {
            Format::Text => found.text(),
            Format::Json => format!("{:#}\n", serde_json::to_value(&found)?),
        })?;
        Ok(ExitCode::SUCCESS)
    })
}
