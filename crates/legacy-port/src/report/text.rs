//! For people at a terminal: the line, the place underlined, both meanings, the remedy.
//!
//! Source files and file names are not trusted: nothing of them reaches the terminal as a command.

use std::fmt::Write as _;
use std::path::Path;

use annotate_snippets::{Annotation, AnnotationKind, Level as Title, Origin, Renderer, Snippet};

use super::paths::Paths;
use super::plain::{plain, plain_span};
use crate::acceptance::Remark;
use crate::audit::Audit;
use crate::check::Level;
use crate::finding::{Finding, Spot};
use crate::target::{Pair, Target};

/// What the report is read on.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Whether it has colours.
    pub colour: bool,
    /// Characters in a line; longer source lines are shown around the place, longer sentences are broken.
    pub width: usize,
}

impl Default for Screen {
    /// A file or pipe.
    fn default() -> Self {
        Self { colour: false, width: 140 }
    }
}

/// Notes that are shown with their line; of the others only the place is told.
const NOTES: usize = 6;

/// Errors that are told of one unit.
const ERRORS: usize = 5;

/// The whole report.
#[must_use]
pub fn report(audit: &Audit, targets: Pair<&Target>, paths: &Paths, screen: Screen) -> String {
    let renderer = if screen.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(screen.width.max(40));
    let mut out = String::new();
    for f in &audit.findings {
        let _ = writeln!(out, "{}\n", finding(f, &renderer, paths, screen.width.max(40), None));
    }
    for (unit, triples, errors) in audit.broken_units() {
        let unit = paths.of(unit);
        let _ = writeln!(out, "{} does not parse to its end for {}:", plain(&unit), triples.join(" and "));
        for e in errors.iter().take(ERRORS) {
            let _ = writeln!(out, "  {}: {}", plain(&paths.of(Path::new(&e.place))), plain(&e.text));
        }
        if errors.len() > ERRORS {
            let _ = writeln!(out, "  and {} further errors", errors.len() - ERRORS);
        }
    }
    for (place, name) in &audit.regions {
        let _ = writeln!(out, "{}: {name} alone compiles this", plain(&paths.of(Path::new(place))));
    }
    if !(audit.broken.is_empty() && audit.regions.is_empty()) {
        out.push('\n');
    }
    out += &remarks(audit, paths);
    out += &said(audit);
    let _ = writeln!(out, "{}", summary(audit, targets));
    out
}

/// The accepted findings, each with who accepts it and why.
#[must_use]
pub fn accepted(audit: &Audit, paths: &Paths, screen: Screen) -> String {
    let renderer = if screen.colour { Renderer::styled() } else { Renderer::plain() };
    let width = screen.width.max(40);
    let renderer = renderer.term_width(width);
    let mut out = String::new();
    for f in &audit.accepted {
        let Some(a) = &f.accepted else { continue };
        let why = format!("accepted in `{}`: {}", plain(&paths.of(Path::new(&a.place))), plain(&a.reason));
        let _ = writeln!(out, "{}\n", finding(f, &renderer, paths, width, Some(&why)));
    }
    out
}

/// What is wrong with comments that accept findings, a line each.
#[must_use]
pub fn remarks(audit: &Audit, paths: &Paths) -> String {
    let line = |r: &Remark| {
        let file = paths.of(&r.file);
        format!("{} acceptance at {}:{}: {}\n", r.kind(), plain(&file), r.line, plain(&r.message))
    };
    audit.remarks.iter().map(line).collect()
}

/// What else is to be said of what was looked at, a line each.
#[must_use]
pub fn said(audit: &Audit) -> String {
    audit.said.iter().flat_map(|s| [plain(s), "\n".into()]).collect()
}

/// The last line: what was looked at, and how many findings of which level.
#[must_use]
pub fn summary(audit: &Audit, targets: Pair<&Target>) -> String {
    let counts: Vec<String> = Level::ALL.iter().map(|&l| format!("{} {l}", audit.count(l))).collect();
    let looked_at = audit.looked_at();
    // Where some are accepted it is said that these are not.
    let new = if audit.accepted.is_empty() && audit.gone.is_empty() { "" } else { "new " };
    let mut line = format!(
        "{looked_at}, {} -> {}: {}",
        targets.old.short(),
        targets.new.short(),
        if audit.findings.is_empty() { format!("no {new}finding") } else { format!("{new}{}", counts.join(", ")) }
    );
    let wrong = audit.remarks.iter().filter(|r| !r.stale).count();
    for (count, what) in
        [(audit.accepted.len(), "accepted"), (audit.gone.len(), "accepted and gone"), (wrong, "accepted wrongly")]
    {
        if count > 0 {
            let _ = write!(line, "; {count} {what}");
        }
    }
    if audit.left_out > 0 {
        let _ = write!(line, "; {} left out, since nothing in them changed", audit.left_out);
    }
    let broken = audit.broken_units().len();
    if broken > 0 {
        let _ = write!(line, "; {broken} not parsed to {} end", if broken == 1 { "its" } else { "their" });
    }
    line
}

fn finding(f: &Finding, renderer: &Renderer, paths: &Paths, width: usize, why: Option<&str>) -> String {
    let (level, name) = match f.level {
        Level::Breaks => (Title::ERROR, "breaks"),
        Level::May => (Title::WARNING, "may break"),
        Level::Look => (Title::NOTE, "look"),
    };
    let prefix = name.len() + f.check.len() + "[]: ".len();
    let message = broken(&plain(&f.message), width, prefix);
    let notes: Vec<(&Spot, String)> = f.notes.iter().map(|(spot, text)| (spot, plain(text).into_owned())).collect();
    let group = level.with_name(name).primary_title(message).id(f.check);
    let mut group = match f.spot.place() {
        Some(_) => group.element(snippet(&f.spot, None, paths)),
        None => group.element(Origin::path(format!("{} ({})", plain(&paths.of(&f.spot.file)), plain(&f.spot.text)))),
    };
    let (lines, facts): (Vec<_>, Vec<_>) =
        notes.iter().partition(|(spot, _)| spot.place().is_some() && **spot != f.spot);
    for (spot, text) in lines.iter().take(NOTES) {
        group = group.element(snippet(spot, Some(text), paths));
    }
    for (spot, text) in lines.iter().skip(NOTES) {
        let (line, (column, _)) = (spot.line, spot.columns());
        let place = format!("{}: {text}", plain(&paths.of(&spot.file)));
        group = group.element(Origin::path(place).line(line).char_column(column));
    }
    let margin = (f.spot.line.max(f.notes.iter().map(|n| n.0.line).max().unwrap_or(0))).to_string().len();
    for (_, fact) in facts {
        group = group.element(Title::NOTE.message(broken(fact, width, margin + " = note: ".len())));
    }
    let help = broken(&plain(&f.help), width, margin + " = help: ".len());
    group = group.element(Title::HELP.message(help));
    if let Some(edit) = f.edit.as_ref().filter(|_| f.accepted.is_none()) {
        let said = broken(&plain(&edit.said()), width, margin + " = help: ".len());
        group = group.element(Title::HELP.message(said));
    }
    if let Some(why) = why {
        group = group.element(Title::NOTE.message(broken(why, width, margin + " = note: ".len())));
    }
    renderer.render(&[group])
}

/// A sentence in lines of at most `width` characters, the first of which begins behind `prefix` of them.
fn broken(sentence: &str, width: usize, prefix: usize) -> String {
    let room = width.saturating_sub(prefix).max(30);
    let (mut out, mut used) = (String::new(), 0);
    for word in sentence.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

fn snippet<'a>(spot: &Spot, label: Option<&'a str>, paths: &Paths) -> Snippet<'a, Annotation<'a>> {
    let kind = if label.is_some() { AnnotationKind::Context } else { AnnotationKind::Primary };
    let (text, span) = plain_span(&spot.text, spot.span);
    Snippet::source(text.into_owned())
        .line_start(spot.line)
        .path(plain(&paths.of(&spot.file)).into_owned())
        .annotation(kind.span(span.0..span.1).label(label))
}
