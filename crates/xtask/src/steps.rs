//! A live list of steps: a spinner on terminals while one runs, then a line with its result and time.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// The list.
pub(crate) struct Steps {
    begin: Instant,
    width: usize,
    done: Vec<(&'static str, Duration)>,
}

/// A step that runs; its line is printed by [`Steps::end`].
pub(crate) struct Step {
    name: &'static str,
    begin: Instant,
    bar: ProgressBar,
}

impl Steps {
    /// `width` is that of the longest name.
    pub(crate) fn new(width: usize) -> Self {
        Self { begin: Instant::now(), width, done: Vec::new() }
    }

    pub(crate) fn begin(&self, name: &'static str) -> Step {
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        let style =
            ProgressStyle::with_template("{spinner} {prefix} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        bar.set_prefix(format!("{name:0$}", self.width));
        bar.enable_steady_tick(Duration::from_millis(100));
        Step { name, begin: Instant::now(), bar }
    }

    /// Ends a step with what it has to say.
    pub(crate) fn end(&mut self, step: Step, result: &str) {
        self.line(step, "\x1b[32mok\x1b[0m    ", result);
    }

    /// Ends a step that stops the list.
    pub(crate) fn fail(&mut self, step: Step, result: &str) {
        self.line(step, "\x1b[31mfailed\x1b[0m", result);
    }

    fn line(&mut self, step: Step, mark: &str, result: &str) {
        let Step { name, begin, bar } = step;
        bar.finish_and_clear();
        let time = begin.elapsed();
        self.done.push((name, time));
        anstream::println!("{mark} {name:0$} {1:>6.1} s  {result}", self.width, time.as_secs_f64());
    }

    pub(crate) fn times(&self) -> String {
        let each: Vec<String> = self.done.iter().map(|(n, t)| format!("{n} {:.1} s", t.as_secs_f64())).collect();
        format!("{:.1} s ({})", self.begin.elapsed().as_secs_f64(), each.join(", "))
    }
}

impl Step {
    /// The same as [`Step::at`], for another thread.
    pub(crate) fn bar(&self) -> impl Fn(String) + Send + Sync + 'static {
        let bar = self.bar.clone();
        move |message| bar.set_message(message)
    }

    /// Writes a line while it runs.
    pub(crate) fn said(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let bar = self.bar.clone();
        move |line| bar.suspend(|| anstream::println!("{line}"))
    }

    /// What the step is at, while it runs.
    pub(crate) fn at(&self, message: String) {
        self.bar.set_message(message);
    }
}
