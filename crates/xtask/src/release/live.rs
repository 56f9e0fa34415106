//! What a release tells, on a terminal with a line that lives, on a pipe a line each, or as JSON.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};
use release::flow::{Event, Tell, plain};
use serde_json::Value;

use crate::image::Format;

/// Who is told: the screen. Calls are told only when `verbose`.
pub(super) fn screen(format: Format, verbose: bool) -> Tell {
    let live = format == Format::Text && std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let bar = if live { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    if live {
        let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    let now = Mutex::new(Now::default());
    Arc::new(move |event: &Event| {
        if matches!(event, Event::Call { .. }) && !verbose {
            return;
        }
        let text = match format {
            Format::Json => json(event),
            Format::Text => format!("{}  {}", clock(), coloured(event)),
        };
        let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
        now.take(event);
        bar.set_message(now.text());
        // Whoever has gone, as `head` does, is no reason to leave a release alone.
        bar.suspend(|| {
            let _ = crate::print(&format!("{text}\n"));
        });
        if matches!(event, Event::Outcome { .. }) {
            bar.finish_and_clear();
        }
    })
}

/// What the living line says: how things are, while the lines above say what came to be.
#[derive(Default)]
struct Now {
    phase: String,
    tasks: String,
    healthy: String,
    traffic: f64,
}

impl Now {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Action { stage, action, status, .. } if status == "InProgress" => {
                self.phase = format!("{stage}/{action}");
            }
            Event::Lifecycle { name, status, .. } if status == "InProgress" => self.phase.clone_from(name),
            Event::Held { reason } => self.phase = format!("waits: {reason}"),
            Event::Baked { .. } => "the old tasks end".clone_into(&mut self.phase),
            Event::Released { .. } => "the old tasks are kept for now".clone_into(&mut self.phase),
            Event::Rollback { .. } => "rollback".clone_into(&mut self.phase),
            Event::Tasks { label, desired, running, .. } if label == "Green" => {
                self.tasks = format!(", {running} of {desired} new tasks run");
            }
            Event::Health { healthy, of, .. } => self.healthy = format!(", {healthy} of {of} healthy"),
            Event::Traffic { green, .. } => self.traffic = *green,
            _ => {}
        }
    }

    fn text(&self) -> String {
        let Self { phase, tasks, healthy, traffic } = self;
        let phase = plain::plain(phase);
        if tasks.is_empty() {
            return phase.into_owned();
        }
        format!("{phase}{tasks}{healthy}, {traffic} % of the traffic on them")
    }
}

fn json(event: &Event) -> String {
    let mut value = serde_json::to_value(event).unwrap_or_default();
    if let Value::Object(map) = &mut value {
        map.insert("time".to_owned(), release::flow::record::now().into());
    }
    plain::json(&value.to_string()).into_owned()
}

/// The time of day in UTC, as the services' own records have it.
fn clock() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() % 86400;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds % 3600 / 60, seconds % 60)
}

fn coloured(event: &Event) -> String {
    let text = event.text();
    let failed = |status: &str| matches!(status, "Failed" | "Stopped" | "Superseded");
    let colour = match event {
        Event::Outcome { outcome, .. } if matches!(outcome.as_str(), "released" | "baked" | "finished") => "32",
        Event::Outcome { .. } | Event::Cause { .. } | Event::StoppedTask { .. } | Event::Alarm { .. } => "31",
        Event::Pipeline { status, .. }
        | Event::Action { status, .. }
        | Event::Deployment { status, .. }
        | Event::Lifecycle { status, .. }
            if failed(status) =>
        {
            "31"
        }
        Event::Log { .. } => "2",
        Event::Blind { .. } | Event::Held { .. } | Event::Throttled { .. } | Event::Rollback { .. } => "33",
        Event::Traffic { .. } | Event::Released { .. } | Event::Baked { .. } => "1",
        _ => return text,
    };
    format!("\x1b[{colour}m{text}\x1b[0m")
}
