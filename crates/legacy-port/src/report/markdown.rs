//! Markdown for a pull request, or for the summary of a step of GitHub Actions.
//!
//! Names and source text come from the program: none of it may become markup, a link or a mention of somebody.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::paths::Paths;
use super::plain::{cut, plain};
use super::text::summary;
use crate::acceptance::By;
use crate::audit::Audit;
use crate::check::Level;
use crate::finding::Finding;
use crate::target::{Pair, Target};

/// What GitHub takes as the summary of one step, in bytes.
pub const LIMIT: usize = 1 << 20;

/// Rows of the table of files, findings that are told in full, and lines of what was not audited.
const FILES: usize = 20;
const TOLD: usize = 50;
const LISTED: usize = 20;

/// Bytes of one finding: names in it may be as long as the source likes.
const ITEM: usize = 2000;

/// Kept free for the line that says what was left out.
const RESERVE: usize = 200;

/// The page, of at most `limit` bytes: what does not fit is left out, and that is said.
#[must_use]
pub fn report(audit: &Audit, targets: Pair<&Target>, paths: &Paths, limit: usize) -> String {
    let mut page = Page { out: String::new(), limit, full: false };
    page.push(&format!("## legacy-port audit\n\n{}\n", prose(&summary(audit, targets))));
    if !audit.findings.is_empty() {
        page.push(
            "\n**breaks** misbehaves on ordinary input, **may** for some values, **look** differs, often rightly\n",
        );
        checks(&mut page, audit);
        files(&mut page, audit, paths);
        told(&mut page, audit, paths);
    }
    accepted(&mut page, audit, paths);
    coverage(&mut page, audit, targets, paths);
    if page.full {
        page.out.push_str("\n_The rest is left out: a summary has a limited size. The whole report has all of it._\n");
    }
    page.out
}

/// Takes whole blocks until one does not fit, and none after that.
struct Page {
    out: String,
    limit: usize,
    full: bool,
}

impl Page {
    fn push(&mut self, block: &str) {
        self.full |= self.out.len() + block.len() + RESERVE > self.limit;
        if !self.full {
            self.out.push_str(block);
        }
    }
}

fn checks(page: &mut Page, audit: &Audit) {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for f in &audit.findings {
        *counts.entry((std::cmp::Reverse(f.level), f.check)).or_default() += 1;
    }
    page.push("\n### By check\n\n| check | level | findings |\n| --- | --- | ---: |\n");
    for ((level, check), count) in counts {
        page.push(&format!("| {} | {} | {count} |\n", code(check), level.0));
    }
}

fn files(page: &mut Page, audit: &Audit, paths: &Paths) {
    let mut counts: BTreeMap<_, [usize; 3]> = BTreeMap::new();
    for f in &audit.findings {
        let row = counts.entry(&f.spot.file).or_default();
        row[Level::ALL.iter().position(|&l| l == f.level).unwrap_or(0)] += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    // Stable: files alike stay in order of their names.
    rows.sort_by_key(|(_, counts)| std::cmp::Reverse(*counts));
    page.push("\n### By file\n\n| file | breaks | may | look |\n| --- | ---: | ---: | ---: |\n");
    for (file, [breaks, may, look]) in rows.iter().take(FILES) {
        let file = code(cut(&paths.of(file), ITEM).as_ref()).replace('|', "\\|");
        page.push(&format!("| {file} | {breaks} | {may} | {look} |\n"));
    }
    if rows.len() > FILES {
        page.push(&format!("\n{} further files have findings\n", rows.len() - FILES));
    }
}

fn told(page: &mut Page, audit: &Audit, paths: &Paths) {
    page.push("\n### Worst first\n\n");
    for f in audit.worst_first().into_iter().take(TOLD) {
        page.push(&item(f, paths));
    }
    if audit.findings.len() > TOLD {
        page.push(&format!("\n{} further findings are in the whole report\n", audit.findings.len() - TOLD));
    }
}

/// How many findings are accepted, of which checks, and what is not right with that.
fn accepted(page: &mut Page, audit: &Audit, paths: &Paths) {
    if audit.accepted.is_empty() && audit.gone.is_empty() && audit.remarks.is_empty() {
        return;
    }
    page.push("\n### Accepted\n\n");
    let mut counts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (f, a) in audit.accepted.iter().filter_map(|f| Some((f, f.accepted.as_ref()?))) {
        counts.entry(f.check).or_default()[usize::from(a.by == By::Baseline)] += 1;
    }
    if !counts.is_empty() {
        page.push("| check | in comments | in the baseline |\n| --- | ---: | ---: |\n");
    }
    for (check, [comments, baseline]) in &counts {
        page.push(&format!("| {} | {comments} | {baseline} |\n", code(check)));
    }
    let more = audit.gone.len() + audit.remarks.len() > 0;
    if more && !counts.is_empty() {
        page.push("\n");
    }
    for r in audit.remarks.iter().take(LISTED) {
        let place = format!("{}:{}", cut(&paths.of(&r.file), ITEM), r.line);
        page.push(&format!("- {} acceptance at {}: {}\n", r.kind(), code(&place), prose(&cut(&r.message, ITEM))));
    }
    if audit.remarks.len() > LISTED {
        page.push(&format!("- {} further acceptances are not right\n", audit.remarks.len() - LISTED));
    }
    if !audit.gone.is_empty() {
        let count = audit.gone.len();
        page.push(&format!("- {count} accepted and gone: `legacy-port baseline prune` takes them out\n"));
    }
}

fn item(f: &Finding, paths: &Paths) -> String {
    let at = paths.at(&f.spot);
    let place = cut(&at, ITEM);
    let source = cut(f.spot.text.trim(), 120);
    let mut out = format!("- **{}** {} {}: {}\n", f.level, code(&place), code(f.check), prose(&cut(&f.message, ITEM)));
    if !source.is_empty() {
        let _ = writeln!(out, "  - {}", code(&source));
    }
    for text in f.evidence() {
        let _ = writeln!(out, "  - {}", prose(&cut(text, ITEM)));
    }
    let _ = writeln!(out, "  - {}", prose(&cut(&f.help, ITEM)));
    out
}

fn coverage(page: &mut Page, audit: &Audit, targets: Pair<&Target>, paths: &Paths) {
    let broken = audit.broken_units();
    if audit.objects > 0 {
        page.push(&format!("\n### What the audit covers\n\n- {}\n", audit.looked_at()));
        for sentence in audit.said.iter().take(LISTED) {
            page.push(&format!("- {}\n", prose(&cut(sentence, ITEM))));
        }
        if audit.said.len() > LISTED {
            page.push(&format!("- {} further remarks\n", audit.said.len() - LISTED));
        }
        return;
    }
    let units = audit.looked_at();
    page.push(&format!(
        "\n### What the audit covers\n\n- {units} parsed as {} and as {} compile them, {} of them not to their end\n",
        code(targets.old.short()),
        code(targets.new.short()),
        broken.len()
    ));
    for (unit, triples, errors) in broken.iter().take(LISTED) {
        let unit = code(&cut(&paths.of(unit), ITEM));
        page.push(&format!("  - {unit} for {}\n", triples.iter().map(|t| code(t)).collect::<Vec<_>>().join(" and ")));
        for e in errors.iter().take(3) {
            page.push(&format!(
                "    - {}\n",
                code(&cut(&format!("{}: {}", paths.of(Path::new(&e.place)), e.text), ITEM))
            ));
        }
        if errors.len() > 3 {
            page.push(&format!("    - {} further errors\n", errors.len() - 3));
        }
    }
    if broken.len() > LISTED {
        page.push(&format!("  - {} further units\n", broken.len() - LISTED));
    }
    if !audit.regions.is_empty() {
        let count = audit.regions.len();
        let places = if count == 1 { "1 place".into() } else { format!("{count} places") };
        page.push(&format!("- {places} that one target alone compiles\n"));
    }
    for (place, name) in audit.regions.iter().take(LISTED) {
        page.push(&format!(
            "  - {} is compiled for {} alone\n",
            code(&cut(&paths.of(Path::new(place)), ITEM)),
            code(name)
        ));
    }
    if audit.regions.len() > LISTED {
        page.push(&format!("  - {} further places\n", audit.regions.len() - LISTED));
    }
}

/// Text as code, whatever stands in it.
fn code(text: &str) -> String {
    let text = plain(text).replace('\t', " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    if text.is_empty() { String::new() } else { format!("{fence}{space}{text}{space}{fence}") }
}

/// A sentence of ours, in which values stand in backticks.
fn prose(text: &str) -> String {
    let mut out = String::new();
    let parts: Vec<&str> = text.split('`').collect();
    for (i, part) in parts.iter().enumerate() {
        // A backtick without a partner is one.
        let lone = i % 2 == 1 && i + 1 == parts.len();
        if lone {
            out.push_str("&#96;");
        }
        if i % 2 == 1 && !lone {
            out.push_str(&code(part));
        } else {
            escape(&mut out, part);
        }
    }
    out
}

fn escape(out: &mut String, text: &str) {
    let text = plain(text);
    let mut before = ' ';
    for (i, c) in text.char_indices() {
        let rest = &text[i + c.len_utf8()..];
        let inside = before.is_alphanumeric() && rest.starts_with(char::is_alphanumeric);
        // As numbers they are neither markup nor a mention, in any dialect.
        if "\\*[]<#&~|!@".contains(c) || (c == '_' && !inside) || (c == '>' && i == 0) {
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
        before = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup() {
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(prose("`*p` is <b>@me</b>"), "`*p` is &#60;b>&#64;me&#60;/b>");
        assert_eq!(prose("a ` b"), "a &#96; b");
    }

    #[test]
    fn a_full_page_says_so() {
        let mut page = Page { out: String::new(), limit: 300, full: false };
        page.push(&"a".repeat(90));
        page.push(&"b".repeat(90));
        page.push("c");
        assert!(page.full && page.out == "a".repeat(90), "nothing follows what was left out");
    }
}
