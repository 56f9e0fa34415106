//! What is told while an image is pushed: bars on terminals, what goes wrong on pipes, a line of JSON for each event.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use container::transfer::{Event, How, Tell};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::{Value, json};

/// One line of JSON for each event but the bytes that are under way.
pub(super) fn print_event(event: &Event) {
    let value: Value = match event {
        Event::Sent { .. } => return,
        Event::Begins { digest, size, from } => {
            json!({"event": "begins", "digest": digest, "size": size, "from": from})
        }
        Event::Kept { digest, bytes } => json!({"event": "kept", "digest": digest, "bytes": bytes}),
        Event::Done { digest, size, how } => {
            let how = match how {
                How::Sent => "sent",
                How::There => "there",
                How::Mounted => "mounted",
            };
            json!({"event": "done", "digest": digest, "size": size, "how": how})
        }
        Event::Waits { what, why, time } => {
            json!({"event": "waits", "what": what, "why": why, "seconds": time.as_secs_f64()})
        }
        Event::Restarts { digest, why } => json!({"event": "restarts", "digest": digest, "why": why}),
    };
    // A closed pipe is told at the end.
    let _ = crate::print(&format!("{value}\n"));
}

/// A bar for each blob on terminals. On pipes only what went wrong for a while is told.
pub(super) fn bars() -> Tell {
    if !std::io::stderr().is_terminal() {
        return Arc::new(|event| match event {
            Event::Waits { what, why, time } => {
                anstream::eprintln!("{what}: {why}; again in {:.1} s", time.as_secs_f64());
            }
            Event::Restarts { digest, why } => anstream::eprintln!("blob {digest}: begins anew: {why}"),
            _ => {}
        });
    }
    let all = MultiProgress::new();
    let bars: Mutex<BTreeMap<String, ProgressBar>> = Mutex::new(BTreeMap::new());
    let style =
        ProgressStyle::with_template("{prefix} {bar:30} {bytes:>10}/{total_bytes:10} {bytes_per_sec:>12} {msg}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    Arc::new(move |event| {
        let mut bars = bars.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bar = |digest: &str, size: u64| {
            let new = || {
                let bar = all.add(ProgressBar::new(size).with_style(style.clone()));
                bar.set_prefix(digest.trim_start_matches("sha256:").chars().take(12).collect::<String>());
                bar
            };
            bars.entry(digest.to_owned()).or_insert_with(new).clone()
        };
        match event {
            Event::Begins { digest, size, from } => {
                let bar = bar(digest, *size);
                bar.set_position(*from);
                bar.reset_eta();
            }
            Event::Sent { digest, bytes } => bar(digest, 0).set_position(*bytes),
            Event::Kept { .. } => {}
            Event::Done { digest, size, how } => {
                let bar = bar(digest, *size);
                bar.set_position(*size);
                bar.finish_with_message(match how {
                    How::Sent => "sent",
                    How::There => "there already",
                    How::Mounted => "mounted",
                });
            }
            Event::Waits { what, why, time } => {
                let _ = all.println(format!("{what}: {why}; again in {:.1} s", time.as_secs_f64()));
            }
            Event::Restarts { digest, why } => {
                let _ = all.println(format!("blob {digest}: begins anew: {why}"));
            }
        }
    })
}
