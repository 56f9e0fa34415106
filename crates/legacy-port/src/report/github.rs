//! Workflow commands of GitHub Actions: a line a finding, which the runner makes an annotation of the pull request.
//!
//! GitHub shows the first ten of each kind per step and fifty per job, so the worst come first.

use std::fmt::Write as _;
use std::path::Path;

use super::paths::Paths;
use super::plain::plain;
use crate::audit::Audit;
use crate::check::Level;

/// One workflow command a new finding, worst first; before them what is wrong with acceptances, since that fails too,
/// behind them a warning for each unit that does not parse to its end. Accepted findings are left out.
#[must_use]
pub fn report(audit: &Audit, paths: &Paths) -> String {
    let mut out = String::new();
    for r in &audit.remarks {
        let command = if r.stale { "notice" } else { "error" };
        let _ = writeln!(
            out,
            "::{command} file={},line={},title={} acceptance::{}",
            property(&paths.of(&r.file)),
            r.line,
            r.kind(),
            data(&r.message),
        );
    }
    for f in audit.worst_first() {
        let command = match f.level {
            Level::Breaks => "error",
            Level::May => "warning",
            Level::Look => "notice",
        };
        let mut message = format!("{}\nhelp: {}", f.message, f.help);
        for (spot, text) in &f.notes {
            let place = if *spot == f.spot { String::new() } else { paths.at(spot) + ": " };
            let _ = write!(message, "\nnote: {place}{text}");
        }
        let place = f.spot.place().map_or(String::new(), |(line, _)| {
            let (from, to) = f.spot.columns();
            format!(",line={line},endLine={line},col={from},endColumn={to}")
        });
        let _ = writeln!(
            out,
            "::{command} file={}{place},title={}::{}",
            property(&paths.of(&f.spot.file)),
            property(&format!("{} ({})", f.check, f.level)),
            data(&message),
        );
    }
    for (unit, triples, errors) in audit.broken_units() {
        let mut message = format!("does not parse to its end for {}", triples.join(" and "));
        for e in errors.iter().take(5) {
            let _ = write!(message, "\n{}: {}", paths.of(Path::new(&e.place)), e.text);
        }
        let file = property(&paths.of(unit));
        let _ = writeln!(out, "::warning file={file},title=not audited to its end::{}", data(&message));
    }
    out
}

/// What stands behind `::`: each of these characters would end or begin something.
fn data(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| plain(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// What stands behind `=`; here commas and colons end it as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50% of a::b,\r\n::error::c"), "50%25 of a::b,\u{240d}%0A::error::c");
        assert_eq!(property("a,b=c:d%\n.c"), "a%2Cb=c%3Ad%25%0A.c");
    }
}
