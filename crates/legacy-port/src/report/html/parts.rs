//! Members of records as tables, what the audit covers, and what the checks look for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::{Input, badge, rich};
use crate::layout::{Layout, Member};
use crate::report::layout::bytes;
use crate::report::plain::html;
use crate::target::Pair;

/// Errors that are told of one unit.
const ERRORS: usize = 20;

/// The members of a record with offset and size under both targets, for those who do not see the drawing.
pub(super) fn members(out: &mut String, layouts: &Pair<Layout>, names: Pair<&str>) {
    let names = names.map(html);
    let _ = writeln!(
        out,
        "<details><summary>The same as a table</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"Members of {0}\"><table>\n<thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Type</th><th \
         scope=\"col\">Offset on {1}</th><th scope=\"col\">on {2}</th><th scope=\"col\">Size on {1}</th><th scope=\"col\">on \
         {2}</th></tr></thead>\n<tbody>",
        html(&layouts.new.name),
        names.old,
        names.new
    );
    rows(out, &layouts.old.members, &layouts.new.members, "");
    let size = layouts.as_ref().map(|l| bytes(l.size.saturating_mul(8)));
    let _ = writeln!(
        out,
        "<tr><th scope=\"row\">the whole</th><td></td><td></td><td></td><td>{}</td><td>{}</td></tr>\n</tbody></table></div></details>",
        size.old, size.new
    );
}

fn rows(out: &mut String, old: &[Member], new: &[Member], outer: &str) {
    let offset = |m: &Member| match m.offset % 8 {
        0 => (m.offset / 8).to_string(),
        bit => format!("{} bit {bit}", m.offset / 8),
    };
    for (o, n) in old.iter().zip(new) {
        let name = if n.name.is_empty() { "(unnamed)" } else { &n.name };
        let moved = |differs: bool| if differs { " class=\"differs\"" } else { "" };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td{}>{}</td><td>{}</td><td{}>{}</td></tr>",
            html(&format!("{outer}{name}")),
            html(&n.ty),
            offset(o),
            moved(o.offset != n.offset),
            offset(n),
            bytes(o.bits),
            moved(o.bits != n.bits),
            bytes(n.bits)
        );
        rows(out, &o.members, &n.members, &format!("{name}."));
    }
}

/// Units, errors, and what one target alone compiles.
pub(super) fn coverage(out: &mut String, input: &Input) {
    let Input { audit, targets, paths, .. } = input;
    let broken = audit.broken_units();
    let units = audit.looked_at();
    if audit.objects > 0 {
        let _ = writeln!(
            out,
            "<section id=\"coverage\" aria-labelledby=\"h-coverage\">\n<h2 id=\"h-coverage\">What the audit covers</h2>\n\
             <p>{units}.</p>"
        );
        for sentence in &audit.said {
            let _ = writeln!(out, "<p>{}</p>", html(sentence));
        }
        out.push_str("</section>\n");
        return;
    }
    let _ = writeln!(
        out,
        "<section id=\"coverage\" aria-labelledby=\"h-coverage\">\n<h2 id=\"h-coverage\">What the audit covers</h2>\n\
         <p>{units}, each parsed as {} compiles it and as {} does. {}</p>",
        html(&targets.old.triple),
        html(&targets.new.triple),
        match broken.len() {
            0 => "All of them parse to their end.".to_owned(),
            1 => "One does not parse to its end: it was looked at as far as it parses.".to_owned(),
            n => format!("{n} of them do not parse to their end: they were looked at as far as they parse."),
        }
    );
    for (unit, triples, errors) in &broken {
        let count = if errors.len() == 1 { "1 error".to_owned() } else { format!("{} errors", errors.len()) };
        let _ = writeln!(
            out,
            "<details><summary><code>{}</code> for {}: {count}</summary>\n<ul>",
            html(&paths.of(unit)),
            html(&triples.join(" and "))
        );
        for e in errors.iter().take(ERRORS) {
            let place = html(&paths.of(Path::new(&e.place)));
            let _ = writeln!(out, "<li><code>{place}</code> {}</li>", html(&e.text));
        }
        if errors.len() > ERRORS {
            let _ = writeln!(out, "<li>and {} more</li>", errors.len() - ERRORS);
        }
        out.push_str("</ul></details>\n");
    }
    if audit.regions.is_empty() {
        out.push_str("<p>Both targets compile the same code.</p>\n</section>\n");
        return;
    }
    let mut regions: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (place, name) in &audit.regions {
        let (file, line) = place.rsplit_once(':').unwrap_or((place, ""));
        regions.entry((file, name)).or_default().push(line);
    }
    out.push_str(
        "<h3>Code that one target alone compiles</h3>\n<p>There is nothing to compare it with: it was not audited.</p>\n<ul>\n",
    );
    for ((file, name), mut lines) in regions {
        lines.sort_by_key(|l| l.parse::<usize>().unwrap_or(0));
        let (file, lines) = (html(&paths.of(Path::new(file))), html(&lines.join(", ")));
        let _ = writeln!(out, "<li><code>{file}</code> on {} alone, from line {lines}</li>", html(name));
    }
    out.push_str("</ul>\n</section>\n");
}

/// What `explain` says of each check; those with findings first.
pub(super) fn checks(out: &mut String, input: &Input) {
    let found: BTreeSet<&str> = input.audit.findings.iter().chain(&input.audit.accepted).map(|f| f.check).collect();
    out.push_str("<section id=\"checks\" aria-labelledby=\"h-checks\">\n<h2 id=\"h-checks\">The checks</h2>\n");
    let (with, without): (Vec<&crate::rule::Rule>, Vec<_>) =
        input.selected.iter().partition(|e| found.contains(e.name));
    for e in with.into_iter().chain(without) {
        let nothing = if found.contains(e.name) { "" } else { " <small>found nothing</small>" };
        let _ = writeln!(
            out,
            "<article class=\"check\" id=\"check-{0}\" aria-labelledby=\"h-check-{0}\">\n<h3 id=\"h-check-{0}\">{0} {1}{nothing}</h3>\n\
             <p>Finds {2}.</p>\n<p>{3}</p>\n<p>Fix: {4}.</p>\n<details><summary>C code that is wrong, and C code that is \
             right</summary>\n<h4>Wrong</h4>\n<p>{7}</p>\n<pre class=\"c\" \
             tabindex=\"0\"><code>{5}</code></pre>\n<h4>Right</h4>\n<pre class=\"c\" tabindex=\"0\"><code>{6}</code></pre>\n\
             </details>\n</article>",
            e.name,
            badge(e.level),
            rich(e.summary),
            rich(e.why),
            rich(&e.fix.to_string()),
            code(e.bad),
            code(e.good),
            rich(&e.marked())
        );
    }
    out.push_str("</section>\n");
}

fn code(text: &str) -> String {
    text.lines().map(|line| html(line) + "\n").collect()
}
