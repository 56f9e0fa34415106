//! Time and memory of commands.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// How long something took.
#[derive(Clone, Copy)]
pub(super) enum Took {
    /// Seconds.
    Whole(f64),
    /// It was ended after so many seconds.
    AtLeast(f64),
}

impl Took {
    pub(super) fn note(self) -> &'static str {
        match self {
            Self::Whole(_) => "",
            Self::AtLeast(_) => " (ended by us, it takes longer)",
        }
    }
}

pub(super) fn seconds(took: Took) -> f64 {
    match took {
        Took::Whole(s) | Took::AtLeast(s) => s,
    }
}

/// The middle one.
pub(super) fn median(mut all: Vec<Took>) -> f64 {
    all.sort_by(|a, b| seconds(*a).total_cmp(&seconds(*b)));
    all.get(all.len() / 2).map_or(0.0, |took| seconds(*took))
}

pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs an audit; findings are no failure.
pub(super) fn time(command: &mut Command) -> Result<Took> {
    let begin = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot run `{}`", command.get_program().display()))?;
    let took = begin.elapsed().as_secs_f64();
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("`{}` ended with {status}", command.get_program().display());
    }
    Ok(Took::Whole(took))
}

/// Runs commands, as many at once as there are processors. None is begun after `limit` seconds.
pub(super) fn time_all(mut commands: Vec<Command>, limit: f64) -> Result<Took> {
    let begin = Instant::now();
    let count = commands.len();
    let ran = AtomicUsize::new(0);
    let chunks = std::sync::Mutex::new(commands.drain(..));
    let failed = std::thread::scope(|scope| {
        let one = || {
            while begin.elapsed().as_secs_f64() < limit {
                let Some(mut command) = chunks.lock().ok().and_then(|mut c| c.next()) else { return Ok(()) };
                // What they say of old code is not what is measured; that they run is.
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                let status = command.status();
                let status = status.with_context(|| format!("cannot run `{}`", command.get_program().display()))?;
                if status.code() != Some(124) {
                    ran.fetch_add(1, Ordering::Relaxed);
                }
            }
            Ok(())
        };
        let all: Vec<_> = (0..threads()).map(|_| scope.spawn(one)).collect();
        all.into_iter().find_map(|t| t.join().ok()?.err())
    });
    let took = begin.elapsed().as_secs_f64();
    match failed {
        Some(e) => Err(e),
        None if ran.load(Ordering::Relaxed) < count => Ok(Took::AtLeast(took)),
        None => Ok(Took::Whole(took)),
    }
}

/// Peak resident memory in MiB, as GNU time tells it.
pub(super) fn peak_memory(command: &Command) -> Option<f64> {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-q", "-f", "%M"]).arg(command.get_program()).args(command.get_args());
    timed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = timed.stdout(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.lines().last()?.trim().parse::<f64>().ok().map(|kib| kib / 1024.0)
}

/// The first line with a version in it that a program prints.
pub(super) fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    let line = text.lines().find(|l| l.contains(|c: char| c.is_ascii_digit())).unwrap_or("unknown");
    format!("{}: {}", program.display(), line.trim())
}
