//! Counting: labelled lines and what was said of them -> figures, and the limits that they are held to.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::truth::{Label, Verdict};
use super::{Said, percent};

/// A label and what was said of its line.
pub(crate) type Judged<'a> = (&'a Label, Vec<&'a Said>);

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Share {
    pub(crate) found: usize,
    pub(crate) of: usize,
}

impl Share {
    fn add(&mut self, found: bool) {
        self.found += usize::from(found);
        self.of += 1;
    }

    pub(crate) fn percent(self) -> f64 {
        percent(self.found, self.of)
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{}/{}", self.found, self.of))
    }
}

/// Lines of one kind, and the root causes that they belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Row {
    /// Whatever they were put together by.
    pub(crate) name: String,
    /// For benign lines `found` are those reported.
    pub(crate) lines: Share,
    pub(crate) groups: Share,
}

/// What was found of lines put together by something.
pub(crate) fn rows<'a>(judged: &'a [Judged], by: impl Fn(&'a Label) -> (Verdict, &'a str)) -> Vec<(Verdict, Row)> {
    let mut lines: BTreeMap<(Verdict, &str), Share> = BTreeMap::new();
    let mut groups: BTreeMap<(Verdict, &str), BTreeMap<&str, bool>> = BTreeMap::new();
    for (label, said) in judged {
        let found = is_found(label, said);
        lines.entry(by(label)).or_default().add(found);
        *groups.entry(by(label)).or_default().entry(&label.group).or_default() |= found;
    }
    let row = |(key, lines): ((Verdict, &str), Share)| {
        let mut of_groups = Share::default();
        groups[&key].values().for_each(|found| of_groups.add(*found));
        (key.0, Row { name: key.1.to_owned(), lines, groups: of_groups })
    };
    let mut rows: Vec<_> = lines.into_iter().map(row).collect();
    rows.sort_by(|(v, a), (w, b)| (v, b.lines.of, &a.name).cmp(&(w, a.lines.of, &b.name)));
    rows
}

/// A benign line is reported when something asks to be acted upon; a note is fine there.
pub(crate) fn is_found(label: &Label, said: &[&Said]) -> bool {
    if label.verdict == Verdict::Benign { said.iter().any(|s| s.loud) } else { !said.is_empty() }
}

/// One verdict over all classes.
pub(crate) fn of_verdict(judged: &[Judged], verdict: Verdict) -> Row {
    let all = rows(judged, |l| (l.verdict, ""));
    all.into_iter().find(|(v, _)| *v == verdict).map(|(_, row)| row).unwrap_or_default()
}

/// Places at which a tool is loud: what is told twice of one place counts once.
pub(crate) fn loud(said: &[Said]) -> usize {
    said.iter().filter(|s| s.loud).collect::<BTreeSet<_>>().len()
}

/// A figure with its limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Limit {
    pub(crate) what: &'static str,
    pub(crate) is: f64,
    pub(crate) allowed: &'static str,
    pub(crate) kept: bool,
}

/// What the audit is held to on programs that it was developed with.
pub(crate) fn limits(judged: &[Judged], per_1000: f64) -> Vec<Limit> {
    let defect = of_verdict(judged, Verdict::Defect);
    let compat = of_verdict(judged, Verdict::Compat).lines;
    let latent = of_verdict(judged, Verdict::Latent).lines;
    let benign = of_verdict(judged, Verdict::Benign).lines;
    let files = Share { found: compat.found + latent.found, of: compat.of + latent.of };
    let least = |what, is: f64, allowed, least: f64| Limit { what, is, allowed, kept: is >= least };
    let reported = if benign.of == 0 { 0.0 } else { benign.percent() };
    vec![
        least("defect lines, %", defect.lines.percent(), "at least 90", 90.0),
        least("defect groups, %", defect.groups.percent(), "at least 95", 95.0),
        least("compat and latent lines, %", files.percent(), "at least 80", 80.0),
        Limit { what: "benign lines reported, %", is: reported, allowed: "at most 7", kept: reported <= 7.0 },
        Limit { what: "findings per 1,000 lines", is: per_1000, allowed: "below 8", kept: per_1000 < 8.0 },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(verdict: &str, class: &str, group: &str) -> Label {
        let json = serde_json::json!({"id": "x", "program": "p", "repo": "o/n", "commit": "c", "file": "a.c",
            "line": 1, "class": class, "verdict": verdict, "group": group, "line_sha256": ""});
        serde_json::from_value(json).unwrap()
    }

    fn said(loud: bool) -> Said {
        let empty = String::new;
        let (file, related) = ("a.c".into(), Vec::new());
        Said { file, line: 1, rule: empty(), level: empty(), message: empty(), loud, related }
    }

    #[test]
    fn one_line_finds_its_group_and_a_note_reports_nothing() {
        let (note, finding) = (said(false), said(true));
        let labels: Vec<Label> =
            [("defect", "a", "g"), ("defect", "a", "g"), ("defect", "b", "h"), ("benign", "a", "i")]
                .map(|(v, c, g)| label(v, c, g))
                .into();
        let quiet: Vec<Judged> = labels.iter().zip([vec![&note], vec![], vec![], vec![&note]]).collect();
        let all = of_verdict(&quiet, Verdict::Defect);
        assert_eq!((all.lines, all.groups), (Share { found: 1, of: 3 }, Share { found: 1, of: 2 }));
        assert_eq!(of_verdict(&quiet, Verdict::Benign).lines, Share { found: 0, of: 1 });
        let loud: Vec<Judged> = labels.iter().map(|l| (l, vec![&finding])).collect();
        assert_eq!(of_verdict(&loud, Verdict::Benign).lines, Share { found: 1, of: 1 });
        let classes = rows(&quiet, |l| (l.verdict, &l.class));
        let names: Vec<_> = classes.iter().map(|(v, r)| (*v, r.name.as_str(), r.lines.of)).collect();
        assert_eq!(names, [(Verdict::Benign, "a", 1), (Verdict::Defect, "a", 2), (Verdict::Defect, "b", 1)]);
    }

    #[test]
    fn limits_are_kept_or_missed_each_by_itself() {
        let finding = said(true);
        let labels = [label("defect", "a", "g"), label("compat", "a", "h"), label("benign", "a", "i")];
        let right: Vec<Judged> = labels.iter().zip([vec![&finding], vec![&finding], vec![]]).collect();
        assert!(limits(&right, 7.9).iter().all(|l| l.kept));
        let wrong: Vec<Judged> = labels.iter().zip([vec![], vec![], vec![&finding]]).collect();
        assert!(limits(&wrong, 8.0).iter().all(|l| !l.kept));
    }
}
