//! Headers -> bindings for both targets -> checks -> findings.

use std::collections::HashMap;

use super::bindings::{Bindings, Wanted};
use super::check::What;
use super::checks::Entry;
use super::headers::Headers;
use super::{Choice, bare, lock};
use crate::Result;
use crate::audit::Audit;
use crate::check::Level;
use crate::finding::{self, Finding, Spot, Spots};
use crate::layout::Layout;
use crate::project::Project;
use crate::source::tree::{DeclKind, Place, RecordId, Side, Tree};
use crate::target::{Pair, Target, Which};

/// Looks at the headers of a project; the bindings are the evidence.
///
/// # Errors
/// When `[ffi]` names no headers, or one of them cannot be read.
pub fn audit(project: &Project, selected: &[Entry]) -> Result<(Audit, Pair<Bindings>)> {
    let headers = Headers::of(project)?;
    let mut bindings = headers.bindings(Wanted::Below(&project.root))?;
    let tree = headers.tree()?;
    let places = Places::of(&tree, headers.choice);
    for (side, which) in [(&mut bindings.old, Which::Old), (&mut bindings.new, Which::New)] {
        side.records.retain(|name, _| !places.is_system(name));
        for (name, figures) in &mut side.records {
            if let Some(ids) = places.find(What::Record, name).records {
                figures.bit_fields = lock::bit_fields(tree.sides.as_ref().get(which), ids.get(which));
            }
        }
    }
    let spots = Spots::new(&project.root, &tree.files);
    let names = project.targets.as_ref().map(Target::short);
    let say = |s: &str| s.replace("{old}", names.old).replace("{new}", names.new);
    let mut findings = Vec::new();
    for entry in selected {
        let mut problems = Vec::new();
        (entry.check.look)(bindings.as_ref(), &mut problems);
        for p in problems {
            let found = places.find(p.what, &p.name);
            let spot = found.place.map_or_else(|| places.defined(project, &p.name), |place| spots.spot(place));
            let calm = p.calm || (p.what == What::Record && !found.fixed);
            findings.push(Finding {
                check: entry.name,
                level: if calm { entry.check.level.min(Level::Look) } else { entry.check.level },
                notes: p.notes.iter().map(|note| (spot.clone(), say(note))).collect(),
                spot,
                function: String::new(),
                message: say(&p.message),
                help: say(&p.help),
                layout: found.records.and_then(|ids| Layout::of(&tree, ids)),
                edit: None,
                accepted: None,
            });
        }
    }
    let mut files: Vec<_> =
        tree.files.iter().filter(|f| !f.system).map(|f| project.shown(&f.path).to_owned()).collect();
    files.sort();
    let audit =
        Audit { findings: finding::sorted(findings), headers: headers.choice.headers.len(), files, ..Audit::default() };
    Ok((audit, bindings))
}

/// Where what bindgen names stands.
struct Places<'t> {
    tree: &'t Tree,
    records: HashMap<&'t str, Found>,
    decls: HashMap<(What, &'t str), Place>,
}

#[derive(Clone, Copy, Default)]
struct Found {
    place: Option<Place>,
    records: Option<Pair<RecordId>>,
    /// Whether it must not move.
    fixed: bool,
}

impl<'t> Places<'t> {
    fn of(tree: &'t Tree, choice: &Choice) -> Self {
        let by_name = |side: &'t Side| {
            let ids = (0u32..).zip(&side.records).filter(|(_, r)| r.place.is_some());
            ids.map(|(id, r)| (bare(&r.name), (RecordId(id), r.place))).collect::<HashMap<_, _>>()
        };
        let sides = tree.sides.as_ref().map(by_name);
        let names = sides.old.keys().chain(sides.new.keys());
        let records = names.map(|&name| {
            let both = sides.as_ref().map(|side| side.get(name).copied());
            let place = both.new.or(both.old).and_then(|(_, place)| place);
            let records = both.map(|r| r.map(|(id, _)| id)).both();
            (name, Found { place, records, fixed: choice.names(name) })
        });
        let mut decls = HashMap::new();
        for side in [&tree.sides.old, &tree.sides.new] {
            for decl in &side.decls {
                let what = match decl.kind {
                    DeclKind::Function => What::Function,
                    DeclKind::EnumConstant => What::Constant,
                    _ => continue,
                };
                decls.extend(decl.place.map(|place| ((what, decl.name.as_str()), place)));
            }
        }
        Self { tree, records: records.collect(), decls }
    }

    fn find(&self, what: What, name: &str) -> Found {
        // What is a word of Rust has a line added: `type_`.
        let names = || [Some(name), name.strip_suffix('_')].into_iter().flatten();
        if what == What::Record {
            return names().find_map(|n| self.records.get(n)).copied().unwrap_or_default();
        }
        // An enumerator has the name of its enumeration before it: `colour_RED`.
        let behind = name.match_indices('_').map(|(at, _)| &name[at + 1..]);
        let place = names().chain(behind).find_map(|n| self.decls.get(&(what, n))).copied();
        Found { place, ..Found::default() }
    }

    /// Whether a record is one of the system, which came along since the program's own have it as a member.
    fn is_system(&self, record: &str) -> bool {
        let place = self.find(What::Record, record).place;
        place.and_then(|p| self.tree.files.get(p.file as usize)).is_some_and(|f| f.system)
    }

    /// A macro is in no tree: its definition is looked for in the headers.
    fn defined(&self, project: &Project, name: &str) -> Spot {
        for file in self.tree.files.iter().filter(|f| !f.system) {
            let bytes = std::fs::read(&file.path).unwrap_or_default();
            for (number, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
                let rest = line.trim_start().strip_prefix('#').map(str::trim_start);
                let rest = rest.and_then(|r| r.strip_prefix("define")).map(str::trim_start).unwrap_or_default();
                let defined = rest
                    .strip_prefix(name)
                    .filter(|behind| !behind.starts_with(|c: char| c == '_' || c.is_alphanumeric()));
                if defined.is_some() {
                    let from = line.len() - rest.len();
                    return Spot {
                        file: project.shown(&file.path).to_owned(),
                        line: number + 1,
                        column: from + 1,
                        text: line.to_owned(),
                        span: (from, from + name.len()),
                    };
                }
            }
        }
        let last = project.ffi.as_ref().and_then(|c| c.headers.last()).map_or(project.root.as_path(), |h| h);
        Spot { line: 1, column: 1, text: String::new(), span: (0, 0), file: project.shown(last).to_owned() }
    }
}
