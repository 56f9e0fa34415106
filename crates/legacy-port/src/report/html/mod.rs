//! One page that needs nothing else: it works from `file://`, without a network, and mostly without its script.
//!
//! Everything that comes from the program goes through `html` or `rich`; style and script are named by their digests
//! in the page's policy, so that nothing else runs even if something got through.

mod accepted;
mod findings;
mod parts;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::paths::Paths;
use super::plain::html;
use super::{layout, text};
use crate::audit::Audit;
use crate::check::Level;
use crate::excerpt::Lines;
use crate::rule::Rule;
use crate::target::{Pair, Target};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the page is made of.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Name of the project, the page's title.
    pub project: &'a str,
    /// What was found and seen.
    pub audit: &'a Audit,
    /// The checks that were asked.
    pub selected: &'a [Rule],
    /// The two targets.
    pub targets: Pair<&'a Target>,
    /// How files are called.
    pub paths: &'a Paths,
    /// Source lines around the findings.
    pub lines: &'a Lines,
}

/// The whole page.
#[must_use]
pub fn report(input: &Input) -> String {
    let style = format!("{STYLE}{}", layout::CSS);
    let files = Files::of(input.audit);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{} - legacy-port audit</title>\n<style>{style}</style>\n</head>\n<body>\n",
        digest(&style),
        digest(SCRIPT),
        html(input.project)
    );
    let _ = write!(
        out,
        "<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n<header>\n<h1>{}</h1>\n<p>{}</p>\n</header>\n<nav aria-label=\"Contents\"><ul><li><a href=\"#summary\">Summary</a></li><li><a \
         href=\"#findings\">Findings</a></li>{}<li><a href=\"#coverage\">What the audit covers</a></li><li><a \
         href=\"#checks\">The checks</a></li></ul></nav>\n<main>\n",
        html(input.project),
        html(&text::summary(input.audit, input.targets)),
        if accepted::any(input.audit) { "<li><a href=\"#accepted\">Accepted</a></li>" } else { "" }
    );
    summary(&mut out, input, &files);
    findings::section(&mut out, input, &files);
    accepted::section(&mut out, input);
    parts::coverage(&mut out, input);
    parts::checks(&mut out, input);
    let version = env!("CARGO_PKG_VERSION");
    let _ = write!(
        out,
        "</main>\n<footer><p>Written by legacy-port {version}.</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    );
    out
}

/// Files with findings, numbered in order of their names; how many findings each has of each level, worst first.
struct Files<'a>(BTreeMap<&'a Path, (usize, [usize; 3])>);

impl<'a> Files<'a> {
    fn of(audit: &'a Audit) -> Self {
        let mut files: BTreeMap<&Path, (usize, [usize; 3])> = BTreeMap::new();
        for f in &audit.findings {
            files.entry(&f.spot.file).or_default().1[rank(f.level)] += 1;
        }
        for (number, (_, file)) in (1..).zip(&mut files) {
            file.0 = number;
        }
        Self(files)
    }

    fn number(&self, file: &Path) -> usize {
        self.0.get(file).map_or(0, |f| f.0)
    }
}

/// Position of a level, worst first.
fn rank(level: Level) -> usize {
    Level::ALL.iter().position(|&l| l == level).unwrap_or(0)
}

fn summary(out: &mut String, input: &Input, files: &Files) {
    out.push_str("<section id=\"summary\" aria-labelledby=\"h-summary\">\n<h2 id=\"h-summary\">Summary</h2>\n<ul class=\"levels\">\n");
    for (level, meaning) in Level::ALL.iter().zip(MEANINGS) {
        let count = input.audit.count(*level);
        let _ = writeln!(
            out,
            "<li class=\"{level}\"><strong>{count}</strong> {} <span>{meaning}</span></li>",
            badge(*level)
        );
    }
    out.push_str("</ul>\n");
    let (accepted, gone) = (input.audit.accepted.len(), input.audit.gone.len());
    if accepted + gone > 0 {
        let gone = if gone > 0 {
            format!(" The baseline accepts {gone} more that nothing finds any longer.")
        } else {
            String::new()
        };
        let _ = writeln!(
            out,
            "<p>These are the new ones. Besides, <a href=\"#accepted\">{accepted} are accepted</a>.{gone}</p>"
        );
    }
    if input.audit.findings.is_empty() {
        let new = if accepted + gone > 0 { "new " } else { "" };
        let _ = writeln!(out, "<p>No {new}finding.</p>\n</section>");
        return;
    }
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for f in &input.audit.findings {
        *counts.entry((rank(f.level), f.check)).or_default() += 1;
    }
    out.push_str("<div class=\"tables\">\n<div><h3 id=\"h-by-check\">By check</h3>\n<div class=\"long\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-by-check\"><table>\n<thead><tr><th scope=\"col\">Level</th><th scope=\"col\">Check</th><th scope=\"col\" class=\"number\">Findings</th></tr></thead>\n<tbody>\n");
    for ((level, check), count) in counts {
        let _ = writeln!(
            out,
            "<tr><td>{}</td><th scope=\"row\"><a href=\"#check-{check}\">{check}</a></th><td class=\"number\"><a \
             href=\"#findings\" data-only-check=\"{check}\" aria-label=\"show the {count} findings of {check}\">{count}</a></td></tr>",
            badge(Level::ALL[level])
        );
    }
    out.push_str("</tbody></table></div></div>\n<div><h3 id=\"h-by-file\">By file</h3>\n<div class=\"long\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-by-file\"><table>\n<thead><tr><th scope=\"col\">File</th><th scope=\"col\" class=\"number\">breaks</th><th scope=\"col\" class=\"number\">may</th><th scope=\"col\" class=\"number\">look</th></tr></thead>\n<tbody>\n");
    let mut rows: Vec<_> = files.0.iter().collect();
    rows.sort_by_key(|(_, (number, counts))| (std::cmp::Reverse(*counts), *number));
    for (file, (number, counts)) in rows {
        let _ = write!(out, "<tr><th scope=\"row\"><a href=\"#f{number}\">{}</a></th>", html(&input.paths.of(file)));
        for count in counts {
            let class = if *count == 0 { "number none" } else { "number" };
            let _ = write!(out, "<td class=\"{class}\">{count}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div></div>\n</div>\n</section>\n");
}

const MEANINGS: [&str; 3] = ["misbehaves on ordinary input", "misbehaves for some values", "differs, often rightly"];

/// A level as a word and a shape: colour is not all that tells them apart.
fn badge(level: Level) -> String {
    let shape = ["■", "▲", "●"][rank(level)];
    format!("<span class=\"badge {level}\"><span aria-hidden=\"true\">{shape}</span> {level}</span>")
}

/// A sentence of ours: what stands in backticks is code.
fn rich(text: &str) -> String {
    let mut out = String::new();
    let parts: Vec<&str> = text.split('`').collect();
    for (i, part) in parts.iter().enumerate() {
        match (i % 2 == 1, i + 1 == parts.len()) {
            (true, false) => {
                let _ = write!(out, "<code>{}</code>", html(part));
            }
            // A backtick without a partner is one.
            (true, true) => {
                let _ = write!(out, "`{}", html(part));
            }
            _ => out.push_str(&html(part)),
        }
    }
    out
}

/// SHA-256 in base64, as a policy names what it allows.
fn digest(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in Sha256::digest(text).chunks(3) {
        let bits = chunk.iter().chain(&[0; 2]).take(3).fold(0usize, |bits, byte| bits << 8 | usize::from(*byte));
        for i in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * i) & 63];
            out.push(if i > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_openssl() {
        assert_eq!(digest(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn code_is_what_stands_in_backticks() {
        assert_eq!(rich("`a<b` is > `c"), "<code>a&lt;b</code> is &gt; `c");
    }
}
