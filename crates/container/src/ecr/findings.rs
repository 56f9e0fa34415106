//! What a scan found, as plain data, and in words.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::Deserialize;

/// How bad a finding is, by the scanner's word; from the least to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nobody has judged it yet.
    Undefined,
    /// Worth knowing.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// From the worst to the least.
    pub const ALL: [Self; 6] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Informational, Self::Undefined];

    /// As image.toml and reports have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// A scanner's word. One that is not known, as Inspector's `UNTRIAGED`, is not judged yet.
    #[must_use]
    pub fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|s| s.word().eq_ignore_ascii_case(word)).unwrap_or(Self::Undefined)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name, such as `CVE-2026-1234`.
    pub name: String,
    /// How bad it is.
    pub severity: Severity,
    /// The package it is in, and its version.
    pub package: Option<(String, String)>,
    /// The version in which it is fixed, where that is told.
    pub fixed: Option<String>,
    /// What it is.
    pub description: String,
    /// Where to read on.
    pub uri: Option<String>,
}

/// Which of Amazon's scanners it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// ECR's own, once for a push.
    Basic,
    /// Amazon Inspector, which goes on looking.
    Enhanced,
}

impl Scanner {
    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Enhanced => "enhanced",
        }
    }
}

/// All findings of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Who found them.
    pub scanner: Scanner,
    /// How many there are of each severity: the larger one of what the scanner says and what it lists.
    pub counts: BTreeMap<Severity, u64>,
    /// From the worst to the least; not all, where there are more than anybody can read.
    pub list: Vec<Finding>,
}

impl Findings {
    /// Sorts and counts.
    #[must_use]
    pub fn new(scanner: Scanner, told: BTreeMap<Severity, u64>, mut list: Vec<Finding>) -> Self {
        list.sort_by(|a, b| {
            (b.severity, &a.name, &a.package, &a.fixed).cmp(&(a.severity, &b.name, &b.package, &b.fixed))
        });
        list.dedup();
        let mut listed: BTreeMap<Severity, u64> = BTreeMap::new();
        for finding in &list {
            *listed.entry(finding.severity).or_default() += 1;
        }
        let mut counts = told;
        for (severity, count) in listed {
            let most = counts.entry(severity).or_default();
            *most = count.max(*most);
        }
        counts.retain(|_, count| *count > 0);
        Self { scanner, counts, list }
    }

    /// How many are as bad as this or worse.
    #[must_use]
    pub fn from(&self, least: Severity) -> u64 {
        self.counts.range(least..).map(|(_, count)| count).sum()
    }

    /// `1 critical, 2 high`, or `no findings`.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |s: Severity| self.counts.get(&s).map(|n| format!("{n} {s}"));
        let all: Vec<String> = Severity::ALL.into_iter().filter_map(count).collect();
        if all.is_empty() { "no findings".into() } else { all.join(", ") }
    }

    /// A line for the summary, and a line for each of the worst `most`.
    #[must_use]
    pub fn text(&self, most: usize) -> String {
        let mut out = format!("scan ({}): {}\n", self.scanner.word(), self.summary());
        for f in self.list.iter().take(most) {
            let package = f.package.as_ref().map_or(String::new(), |(name, version)| format!("{name} {version}"));
            let fixed = f.fixed.as_ref().map_or(String::new(), |v| format!("fixed in {v}"));
            let line =
                format!("  {:13} {:16} {package:32} {fixed:20} {}", f.severity, f.name, f.uri.as_deref().unwrap_or(""));
            let _ = writeln!(out, "{}", line.trim_end());
        }
        let total = self.from(Severity::Undefined);
        let shown = self.list.len().min(most) as u64;
        if total > shown {
            let _ = writeln!(out, "  and {} more; `--scan-sarif FILE` writes them down", total - shown);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(name: &str, severity: Severity) -> Finding {
        let package = Some(("zlib".into(), "1.2".into()));
        Finding { name: name.into(), severity, package, fixed: None, description: String::new(), uri: None }
    }

    #[test]
    fn severities_are_in_order() {
        assert!(Severity::Critical > Severity::High && Severity::Informational > Severity::Undefined);
        assert_eq!(Severity::of("UNTRIAGED"), Severity::Undefined);
        assert_eq!(Severity::ALL.map(|s| Severity::of(&s.word().to_uppercase())), Severity::ALL);
    }

    #[test]
    fn what_is_said_and_what_is_listed_count_once() {
        let list = vec![
            finding("B", Severity::Low),
            finding("C", Severity::High),
            finding("A", Severity::Low),
            finding("A", Severity::Low),
        ];
        let found = Findings::new(Scanner::Basic, BTreeMap::from([(Severity::Low, 5), (Severity::Medium, 0)]), list);
        assert_eq!(found.list.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["C", "A", "B"]);
        assert_eq!(found.summary(), "1 high, 5 low");
        assert_eq!((found.from(Severity::High), found.from(Severity::Low), found.from(Severity::Critical)), (1, 6, 0));
        assert!(found.text(2).ends_with("and 4 more; `--scan-sarif FILE` writes them down\n"), "{}", found.text(2));
    }
}
