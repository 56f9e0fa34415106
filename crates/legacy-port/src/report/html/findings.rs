//! The findings: by file, those of neighbouring lines under one excerpt.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::{Files, Input, badge, parts, rich};
use crate::check::Level;
use crate::excerpt::AROUND;
use crate::finding::{Finding, Spot};
use crate::layout::Layout;
use crate::report::layout;
use crate::report::plain::html;
use crate::target::Pair;

/// Lines between the first and the last finding of one excerpt: more of them, and what is said is far from its line.
const SPAN: usize = 14;

/// Characters of a line that are shown: some sources have one line.
const LONG: usize = 300;

/// Bytes of a line, as it is written in the page, from where on it may not fit.
const WIDE: usize = 110;

/// Findings of neighbouring lines.
struct Group<'a> {
    findings: Vec<(usize, &'a Finding)>,
    first: usize,
    last: usize,
}

impl Group<'_> {
    fn lines(&self) -> std::ops::RangeInclusive<usize> {
        self.first.saturating_sub(AROUND).max(1)..=self.last + AROUND
    }
}

/// What is known of the whole page while its parts are written.
struct Page<'a> {
    input: &'a Input<'a>,
    files: &'a Files<'a>,
    /// Lines that an excerpt shows.
    shown: BTreeSet<(&'a Path, usize)>,
    /// Lines that something refers to.
    wanted: BTreeSet<(&'a Path, usize)>,
    /// Lines that have been given their name.
    named: BTreeSet<(&'a Path, usize)>,
}

pub(super) fn section(out: &mut String, input: &Input, files: &Files) {
    out.push_str("<section id=\"findings\" aria-labelledby=\"h-findings\">\n<h2 id=\"h-findings\" tabindex=\"-1\">Findings</h2>\n");
    if input.audit.findings.is_empty() {
        let none = if input.audit.accepted.is_empty() { "None." } else { "None that is new." };
        let _ = writeln!(out, "<p>{none}</p>\n</section>");
        return;
    }
    filter(out, input, files);
    let groups = groups(&input.audit.findings);
    let mut page = Page { input, files, shown: BTreeSet::new(), wanted: BTreeSet::new(), named: BTreeSet::new() };
    for group in &groups {
        let file = group.findings[0].1.spot.file.as_path();
        let known = |line: &usize| input.lines.get(file, *line).is_some();
        page.shown.extend(group.lines().filter(known).map(|line| (file, line)));
        for (_, f) in group.findings.iter().filter(|(_, f)| f.spot.place().is_some()) {
            page.shown.insert((file, f.spot.line));
            page.wanted.insert((file, f.spot.line));
            page.wanted.extend(f.notes.iter().map(|(spot, _)| (spot.file.as_path(), spot.line)));
        }
    }
    let mut open: Option<&Path> = None;
    for group in &groups {
        let file = group.findings[0].1.spot.file.as_path();
        if open != Some(file) {
            if open.is_some() {
                out.push_str("</section>\n");
            }
            let number = files.number(file);
            let count = files.0.get(file).map_or(0, |f| f.1.iter().sum::<usize>());
            let count = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
            let name = html(&input.paths.of(file));
            let _ = writeln!(
                out,
                "<section class=\"file\" id=\"f{number}\" aria-labelledby=\"h-f{number}\" data-file=\"{number}\">\n\
                 <h3 id=\"h-f{number}\">{name} <small>{count}</small></h3>"
            );
            open = Some(file);
        }
        place(out, &mut page, group);
    }
    out.push_str("</section>\n<p id=\"none\" hidden>Nothing fits the filter.</p>\n</section>\n");
}

/// The form: shown by the script that makes it work.
fn filter(out: &mut String, input: &Input, files: &Files) {
    out.push_str("<form id=\"filter\" role=\"search\" aria-label=\"Filter the findings\" hidden>\n<fieldset><legend>Level</legend>");
    for level in Level::ALL {
        let _ = write!(
            out,
            "<label><input type=\"checkbox\" name=\"level\" value=\"{level}\" checked> {}</label>",
            badge(level)
        );
    }
    out.push_str("</fieldset>\n<label>Check <select name=\"check\"><option value=\"\">all</option>");
    let checks: BTreeSet<&str> = input.audit.findings.iter().map(|f| f.check).collect();
    for check in checks {
        let _ = write!(out, "<option>{check}</option>");
    }
    out.push_str("</select></label>\n<label>File <select name=\"file\"><option value=\"\">all</option>");
    for (file, (number, _)) in &files.0 {
        let _ = write!(out, "<option value=\"{number}\">{}</option>", html(&input.paths.of(file)));
    }
    let _ = write!(
        out,
        "</select></label>\n<label>Text <input type=\"search\" name=\"text\" autocomplete=\"off\" spellcheck=\"false\"></label>\n\
         <button type=\"reset\">Show all</button>\n<output name=\"count\" aria-live=\"polite\">{0} of {0}</output>\n</form>\n",
        input.audit.findings.len()
    );
}

fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut out: Vec<Group> = Vec::new();
    for (i, f) in findings.iter().enumerate() {
        let line = f.spot.line;
        let joins = out.last().is_some_and(|g| {
            g.findings[0].1.spot.file == f.spot.file
                && (line == g.last || (line <= g.last + 2 * AROUND && line < g.first + SPAN))
        });
        match out.last_mut().filter(|_| joins) {
            Some(group) => {
                group.findings.push((i, f));
                group.last = line;
            }
            None => out.push(Group { findings: vec![(i, f)], first: line, last: line }),
        }
    }
    out
}

fn place<'a>(out: &mut String, page: &mut Page<'a>, group: &Group<'a>) {
    out.push_str("<div class=\"place\">\n");
    if group.first > 0 {
        excerpt(out, page, group);
    }
    let mut drawn: Vec<&Pair<Layout>> = Vec::new();
    for &(i, f) in &group.findings {
        finding(out, page, i, f);
        if let Some(layouts) = &f.layout {
            if drawn.contains(&layouts) {
                out.push_str("<p class=\"drawn\">Its layouts are drawn above.</p>\n");
            } else {
                let names = page.input.targets.as_ref().map(|t| t.short());
                figure(out, layouts, names, i);
                drawn.push(layouts);
            }
        }
        out.push_str("</article>\n");
    }
    out.push_str("</div>\n");
}

fn excerpt<'a>(out: &mut String, page: &mut Page<'a>, group: &Group<'a>) {
    let file = group.findings[0].1.spot.file.as_path();
    let number = page.files.number(file);
    let (mut numbers, mut source) = (String::new(), String::new());
    let mut before = None;
    let mut wide = false;
    for line in group.lines() {
        let spots: Vec<(&Spot, Level)> =
            group.findings.iter().filter(|(_, f)| f.spot.line == line).map(|(_, f)| (&f.spot, f.level)).collect();
        let text = match (spots.first(), page.input.lines.get(file, line)) {
            (Some((spot, _)), _) => marked(&spot.text, &spots),
            (None, Some(text)) => shortened(text, 0..LONG),
            (None, None) => continue,
        };
        wide |= text.len() + 7 * text.matches('\t').count() > WIDE;
        if before.is_some_and(|before| before + 1 != line) {
            numbers.push_str("⋮\n");
            source.push('\n');
        }
        before = Some(line);
        let _ = writeln!(numbers, "{line}");
        let named = page.wanted.contains(&(file, line)) && page.named.insert((file, line));
        let name = if named { format!(" id=\"f{number}-{line}\"") } else { String::new() };
        if spots.is_empty() && name.is_empty() {
            let _ = writeln!(source, "{text}");
        } else {
            let class = if spots.is_empty() { "" } else { " class=\"hit\"" };
            let _ = writeln!(source, "<span{class}{name}>{text}</span>");
        }
    }
    // What has to be scrolled must be reached by key; a stop at each of thousands of excerpts would be in the way.
    let stop = if wide { " tabindex=\"0\"" } else { "" };
    let _ = writeln!(
        out,
        "<div class=\"excerpt\"{stop} role=\"region\" aria-label=\"Source of {}, lines {} to {}\"><pre class=\"numbers\" \
         aria-hidden=\"true\">{numbers}</pre><pre><code>{source}</code></pre></div>",
        html(&page.input.paths.of(file)),
        group.first,
        group.last
    );
}

/// A line with its places marked; where several overlap the worst one is shown.
fn marked(text: &str, spots: &[(&Spot, Level)]) -> String {
    let inside = |span: (usize, usize)| text.get(span.0..span.1).is_some();
    let spans: Vec<((usize, usize), Level)> =
        spots.iter().map(|(s, level)| (s.span, *level)).filter(|(span, _)| inside(*span)).collect();
    let first = spans.iter().map(|(s, _)| s.0).min().unwrap_or(0);
    let last = spans.iter().map(|(s, _)| s.1).max().unwrap_or(0);
    let from = if first > LONG / 2 { text.floor_char_boundary(first - LONG / 4) } else { 0 };
    let to = text.ceil_char_boundary((last + LONG / 4).clamp(from + LONG, from + 10 * LONG).min(text.len()));
    let mut cuts: Vec<usize> = spans.iter().flat_map(|(s, _)| [s.0, s.1]).filter(|c| (from..to).contains(c)).collect();
    cuts.extend([from, to]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut out = String::from(if from > 0 { "…" } else { "" });
    for piece in cuts.windows(2) {
        let words = html(&text[piece[0]..piece[1]]);
        match spans.iter().filter(|(s, _)| s.0 <= piece[0] && piece[1] <= s.1).map(|(_, level)| *level).max() {
            Some(level) => {
                let _ = write!(out, "<mark class=\"{level}\">{words}</mark>");
            }
            None => out.push_str(&words),
        }
    }
    if to < text.len() {
        out.push('…');
    }
    out
}

fn shortened(text: &str, range: std::ops::Range<usize>) -> String {
    let end = text.floor_char_boundary(range.end);
    format!("{}{}", html(&text[..end]), if end < text.len() { "…" } else { "" })
}

fn finding(out: &mut String, page: &Page, i: usize, f: &Finding) {
    let Page { input, files, .. } = page;
    let file = files.number(&f.spot.file);
    let at = f.spot.place().map_or_else(
        || format!("<span class=\"at\"><code>{}</code></span>", html(&f.spot.text)),
        |(line, _)| {
            let (column, _) = f.spot.columns();
            format!("<a class=\"at\" href=\"#f{file}-{line}\">line {line}, column {column}</a>")
        },
    );
    let _ = write!(
        out,
        "<article class=\"finding {0}\" data-level=\"{0}\" data-check=\"{1}\" aria-labelledby=\"n{i}\">\n<h4 id=\"n{i}\">{2} <a \
         class=\"check\" href=\"#check-{1}\">{1}</a> {at}",
        f.level,
        f.check,
        badge(f.level)
    );
    if !f.function.is_empty() {
        let _ = write!(out, " <span class=\"in\">in <code>{}</code></span>", html(&f.function));
    }
    let _ = write!(
        out,
        "</h4>\n<p class=\"message\">{}</p>\n<p class=\"help\"><b>Remedy</b> {}</p>\n",
        rich(&f.message),
        rich(&f.help)
    );
    if f.notes.is_empty() {
        return;
    }
    out.push_str("<ul class=\"notes\">\n");
    for (spot, text) in &f.notes {
        if spot.place().is_none() {
            let _ = writeln!(out, "<li>{}</li>", rich(text));
            continue;
        }
        let place = html(&input.paths.at(spot));
        let key = (spot.file.as_path(), spot.line);
        let _ = if page.shown.contains(&key) {
            write!(out, "<li><a href=\"#f{}-{}\">{place}</a>", files.number(&spot.file), spot.line)
        } else {
            write!(out, "<li><span class=\"at\">{place}</span>")
        };
        let source = spot.text.trim();
        let source = if source.is_empty() {
            String::new()
        } else {
            format!(" <code class=\"line\">{}</code>", shortened(source, 0..120))
        };
        let _ = writeln!(out, " {}{source}</li>", rich(text));
    }
    out.push_str("</ul>\n");
}

fn figure(out: &mut String, layouts: &Pair<Layout>, names: Pair<&str>, i: usize) {
    let name = html(&layouts.new.name);
    let _ = writeln!(
        out,
        "<figure>\n<figcaption>How <code>{name}</code> lies in memory; hatched is padding, a line says by how many bytes a member \
         moved</figcaption>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Drawing of {name}\">\n{}</div>",
        layout::svg(layouts.as_ref(), names, &format!("l{i}"))
    );
    parts::members(out, layouts, names);
    out.push_str("</figure>\n");
}
