//! Objects -> checks -> findings.

use std::path::Path;

use super::checks::Entry;
use super::object::Object;
use crate::audit::Audit;
use crate::check::Level;
use crate::finding::{self, Finding, Spot};
use crate::target::Pair;

/// Looks at one build of something, or at two builds of one thing; `root` is the folder that files are told from.
#[must_use]
pub fn audit(objects: Pair<Option<&Object>>, selected: &[Entry], root: &Path) -> Audit {
    let files: Vec<_> = [objects.old, objects.new].into_iter().flatten().map(|o| o.shown(root)).collect();
    let mut findings = Vec::new();
    for entry in selected {
        let mut problems = Vec::new();
        (entry.check.look)(objects, &mut problems);
        findings.extend(problems.into_iter().filter_map(|p| {
            let file = objects.get(p.of)?.shown(root);
            Some(Finding {
                check: entry.name,
                level: if p.calm { entry.check.level.min(Level::Look) } else { entry.check.level },
                spot: Spot::built(&file, &p.what),
                function: String::new(),
                message: p.message,
                help: p.help,
                notes: p.notes.into_iter().map(|note| (Spot::built(&file, ""), note)).collect(),
                layout: p.layout,
                edit: None,
                accepted: None,
            })
        }));
    }
    Audit { findings: finding::sorted(findings), objects: files.len(), files, ..Audit::default() }
}
