//! What a release tells, on a terminal with a line that lives, on a pipe a line each, or as JSON.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};
use release::flow::{Event, Tell, plain};
use serde_json::Value;

use crate::image::Format;

/// So many tasks that stop are told one by one; a program that ends at once is started again for an hour.
const EACH: usize = 6;

/// After those it is told when there are so many.
const WHOLE: [usize; 6] = [10, 30, 100, 300, 1000, 3000];

/// Who is told: the screen, and the living line of it, under which nothing else may be written: see [`ProgressBar::suspend`].
/// Calls are told only when `verbose`.
pub(super) fn screen(format: Format, verbose: bool) -> (Tell, ProgressBar) {
    let live = format == Format::Text && std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let bar = if live { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    if live {
        let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_message("asks AWS");
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    let now = Mutex::new(Now { phase: "asks AWS".to_owned(), ..Now::default() });
    let shown = bar.clone();
    let tell: Tell = Arc::new(move |event: &Event| {
        if matches!(event, Event::Call { .. }) && !verbose {
            return;
        }
        let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
        now.take(event);
        shown.set_message(now.text());
        let text = match (format, event) {
            (Format::Json, _) => json(event),
            (Format::Text, Event::StoppedTask { reason, .. }) if now.stopped > EACH => {
                if !WHOLE.contains(&now.stopped) {
                    return;
                }
                let text = format!("{} new tasks have stopped so far, the last one: {reason}", now.stopped);
                format!("{}  \x1b[31m{}\x1b[0m", clock(), plain::plain(&text))
            }
            (Format::Text, _) => format!("{}  {}", clock(), coloured(event)),
        };
        // Whoever has gone, as `head` does, is no reason to leave a release alone.
        shown.suspend(|| {
            let _ = crate::print(&format!("{text}\n"));
        });
        if matches!(event, Event::Outcome { .. }) {
            shown.finish_and_clear();
        }
    });
    (tell, bar)
}

/// What the living line says: how things are, while the lines above say what came to be.
#[derive(Default)]
struct Now {
    phase: String,
    tasks: String,
    healthy: String,
    stopped: usize,
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
            Event::StoppedTask { .. } => self.stopped += 1,
            Event::Health { healthy, of, .. } => self.healthy = format!(", {healthy} of {of} healthy"),
            Event::Traffic { green, .. } => self.traffic = *green,
            _ => {}
        }
    }

    fn text(&self) -> String {
        let Self { phase, tasks, healthy, stopped, traffic } = self;
        let phase = plain::plain(phase);
        if tasks.is_empty() {
            return phase.into_owned();
        }
        let stopped = if *stopped > 0 { format!(", {stopped} have stopped") } else { String::new() };
        format!("{phase}{tasks}{healthy}{stopped}, {traffic} % of the traffic on them")
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
