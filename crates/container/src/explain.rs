//! A plan for people and for programs: who needs what, from which package, how large, and what is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::base::{Base, Fate, Kind};
use crate::elf;
use crate::image::Blob;
use crate::plan::{Content, Entry, Plan};

/// Folders with more files than these are told in one line.
const MANY: usize = 12;

struct Tree<'a> {
    entries: BTreeMap<&'a Path, &'a Entry>,
    children: BTreeMap<Option<&'a Path>, Vec<&'a Path>>,
    /// What the base has as it is.
    there: BTreeSet<&'a Path>,
    out: String,
}

/// The plan as a tree: each program, what it loads and why, then files, then what is there for every program.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let mut tree = Tree { entries: BTreeMap::new(), children: BTreeMap::new(), there: there(plan), out: String::new() };
    for (path, entry) in plan.layers.iter().flat_map(|(_, entries)| entries) {
        tree.entries.insert(path, entry);
    }
    // Folders that nobody named are told by what is in them.
    let named = |e: &Entry| e.content != Content::Folder || e.why != "folder";
    let shown: Vec<(&Path, &Entry)> = tree.entries.iter().filter(|(_, e)| named(e)).map(|(p, e)| (*p, *e)).collect();
    for (path, entry) in &shown {
        let by = entry.by.as_deref().filter(|by| tree.entries.contains_key(by) && by != path);
        tree.children.entry(by).or_default().push(path);
    }
    let own = shown.iter().filter(|(p, _)| !tree.there.contains(p));
    let (bytes, files) =
        own.fold((0, 0), |(b, n), (_, e)| (b + size(&e.content), n + usize::from(e.content != Content::Folder)));
    let _ = writeln!(
        tree.out,
        "{}: {} in {files} files, linux/{}, user {}",
        plan.settings.name,
        human(bytes),
        architecture(plan.machine),
        plan.settings.user
    );
    if let Some(base) = &plan.base {
        let _ = writeln!(tree.out, "{}", base_line(base, &tree));
        for layer in &base.layers {
            let _ = writeln!(tree.out, "   layer {} {:>9}", layer.digest, human(layer.size));
        }
    }
    let mut top = tree.children.remove(&None).unwrap_or_default();
    // Programs first, as `image.toml` has them: what several need stands below the first.
    top.sort_by_key(|p| (plan.programs.iter().position(|q| q == p).unwrap_or(usize::MAX), *p));
    for path in top {
        tree.node(path, "", "");
    }
    let mut out = tree.out;
    for left in &plan.left_out {
        let _ = writeln!(out, "left out: {}: {}", left.what, left.why);
    }
    for warning in &plan.warnings {
        let _ = writeln!(out, "warning: {warning}");
    }
    out
}

/// The paths of entries that the base has as they are; a path that has no place there is told by the gate.
fn there(plan: &Plan) -> BTreeSet<&Path> {
    let Some(base) = &plan.base else { return BTreeSet::new() };
    let all = plan.layers.iter().flat_map(|(_, entries)| entries);
    let there = all.filter(|(path, entry)| base.fate(path, entry, &plan.facts).is_ok_and(|fate| fate == Fate::There));
    there.map(|(path, _)| path.as_path()).collect()
}

fn base_line(base: &Base, tree: &Tree) -> String {
    let size = human(base.layers.iter().map(|l| l.size).sum());
    let ours = tree.there.iter().filter(|p| tree.entries.get(*p).is_some_and(|e| e.content != Content::Folder)).count();
    let files = base.files().filter(|(_, item)| matches!(item.kind, Kind::File { .. })).count();
    format!(
        "over {}@{} (image.toml): {size} packed in {} layers, {files} files, {ours} of ours among them",
        base.reference.name(),
        base.digest,
        base.layers.len()
    )
}

impl Tree<'_> {
    fn node(&mut self, path: &Path, first: &str, rest: &str) {
        let Some(entry) = self.entries.get(path).copied() else { return };
        let children = self.children.get(&Some(path)).cloned().unwrap_or_default();
        let many = entry.content == Content::Folder && self.below(path).0 > MANY;
        let (size, note) = if many {
            let (files, bytes) = self.below(path);
            (bytes, format!("{} ({files} files)", entry.why))
        } else {
            let there = if self.there.contains(path) { ", in the base" } else { "" };
            (size(&entry.content), format!("{}{there}", entry.why))
        };
        let name = format!("{first}/{}", path.display());
        let package = entry.package.as_ref().map_or(String::new(), |(n, v)| format!("{n} {v}"));
        let size = if entry.content == Content::Folder && !many { String::new() } else { human(size) };
        let line = format!("{name:54} {size:>9}  {note:42} {package}");
        let _ = writeln!(self.out, "{}", line.trim_end());
        if many {
            return;
        }
        for (i, child) in children.iter().enumerate() {
            let last = i + 1 == children.len();
            let (a, b) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.node(child, &format!("{rest}{a}"), &format!("{rest}{b}"));
        }
    }

    /// Files below a folder, and their bytes.
    fn below(&self, folder: &Path) -> (usize, u64) {
        let inside = self.entries.iter().filter(|(p, e)| p.starts_with(folder) && e.content != Content::Folder);
        inside.fold((0, 0), |(n, b), (_, e)| (n + 1, b + size(&e.content)))
    }
}

/// The plan as one object.
#[must_use]
pub fn json(plan: &Plan) -> Value {
    let in_base = there(plan);
    let base = plan.base.as_ref().map(|b| {
        let layer = |l: &Blob| json!({"digest": l.digest, "size": l.size, "mediaType": l.media_type});
        json!({"reference": b.reference.to_string(), "resolved": b.wanted, "digest": b.digest, "why": "image.toml",
            "layers": b.layers.iter().map(layer).collect::<Vec<_>>()})
    });
    let slash = |p: &Path| format!("/{}", p.display());
    let entry = |(path, e): (&PathBuf, &Entry)| {
        let (kind, from) = match &e.content {
            Content::Folder => ("folder", None),
            Content::File(from) => ("file", Some(from.display().to_string())),
            Content::Bytes(_) => ("made", None),
        };
        let package = e.package.as_ref().map(|(name, version)| json!({"name": name, "version": version}));
        json!({"path": slash(path), "kind": kind, "from": from, "size": size(&e.content), "mode": format!("{:04o}", e.mode),
            "owner": e.owner, "why": e.why, "inBase": in_base.contains(path.as_path()), "neededBy": e.by.as_deref().map(slash), "package": package})
    };
    let layers: Vec<Value> = plan
        .layers
        .iter()
        .map(|(name, entries)| json!({"name": name, "entries": entries.iter().map(entry).collect::<Vec<_>>()}))
        .collect();
    let left: Vec<Value> = plan.left_out.iter().map(|l| json!({"what": l.what, "why": l.why})).collect();
    json!({"name": plan.settings.name, "platform": format!("linux/{}", architecture(plan.machine)),
        "programs": plan.programs.iter().map(|p| slash(p)).collect::<Vec<_>>(), "env": plan.settings.env,
        "base": base, "layers": layers, "leftOut": left, "warnings": plan.warnings})
}

/// A machine as OCI names it.
pub(crate) fn architecture(machine: u16) -> &'static str {
    if machine == elf::AARCH64 { "arm64" } else { "amd64" }
}

fn size(content: &Content) -> u64 {
    match content {
        Content::Folder => 0,
        Content::File(path) => fs::metadata(path).map_or(0, |m| m.len()),
        Content::Bytes(b) => b.len() as u64,
    }
}

#[allow(clippy::cast_precision_loss)] // to two digits
fn human(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.2} MB", bytes as f64 / 1e6),
    }
}
