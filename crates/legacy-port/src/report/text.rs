//! For people at a terminal: the line, the place underlined, both meanings, the remedy.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};

use crate::audit::Audit;
use crate::check::Level;
use crate::finding::{Finding, Spot};
use crate::target::{Pair, Target};

/// The whole report; `colour` adds terminal colours.
#[must_use]
pub fn report(audit: &Audit, targets: Pair<&Target>, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for f in &audit.findings {
        let _ = writeln!(out, "{}\n", renderer.render(&groups(f)));
    }
    for b in &audit.broken {
        let _ = writeln!(out, "does not parse to its end for {}: {}", b.triple, b.unit.display());
        for e in &b.errors {
            let _ = writeln!(out, "  {}: {}", e.place, e.text);
        }
    }
    for (place, name) in &audit.regions {
        let _ = writeln!(out, "{name} alone compiles {place}");
    }
    let _ = writeln!(out, "{}", summary(audit, targets));
    out
}

/// The last line: what was looked at, and how many findings of which level.
#[must_use]
pub fn summary(audit: &Audit, targets: Pair<&Target>) -> String {
    let counts: Vec<String> = Level::ALL.iter().map(|&l| format!("{} {l}", audit.count(l))).collect();
    let units = if audit.units == 1 { "1 unit".to_owned() } else { format!("{} units", audit.units) };
    let mut line = format!(
        "{units}, {} -> {}: {}",
        targets.old.short(),
        targets.new.short(),
        if audit.findings.is_empty() { "no finding".to_owned() } else { counts.join(", ") }
    );
    if audit.left_out > 0 {
        let _ = write!(line, "; {} left out, since nothing in them changed", audit.left_out);
    }
    if !audit.broken.is_empty() {
        let _ = write!(line, "; {} not parsed to their end", audit.broken.len());
    }
    line
}

fn groups(f: &Finding) -> Vec<Group<'_>> {
    let level = match f.level {
        Level::Breaks => Title::ERROR.with_name("breaks"),
        Level::May => Title::WARNING.with_name("may break"),
        Level::Look => Title::NOTE.with_name("look"),
    };
    let mut group = level.primary_title(&f.message).id(f.check).element(snippet(&f.spot, None));
    for (spot, text) in &f.notes {
        group = group.element(snippet(spot, Some(text)));
    }
    vec![group.element(Title::HELP.message(&f.help))]
}

fn snippet<'a>(spot: &'a Spot, label: Option<&'a str>) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let kind = if label.is_some() { AnnotationKind::Context } else { AnnotationKind::Primary };
    Snippet::source(&spot.text)
        .line_start(spot.line)
        .path(spot.file.to_string_lossy())
        .annotation(kind.span(spot.span.0..spot.span.1).label(label))
}
