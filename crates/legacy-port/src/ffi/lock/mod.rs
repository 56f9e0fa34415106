//! Layouts that are not to move, as data: headers -> records that are locked, a section for each way to lay them out.
//!
//! The figures are libclang's, which tells bit-fields too, and hold only where bindgen computes the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::bare;
use super::bindings::{Bindings, Figures, Wanted};
use super::headers::Headers;
use crate::finding::Spot;
use crate::project::Project;
use crate::source::tree::{Record, RecordId, Shape, Side, Tree, TypeId};
use crate::target::{DataModel, Target};
use crate::{Error, Result};

mod c;
pub mod compare;
pub(crate) mod default;
mod members;
mod rust;

pub(super) use members::bit_fields;
use members::{named, records, spots};

/// The targets that layouts are locked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum For {
    /// The new target alone.
    #[default]
    New,
    /// The old target alone.
    Old,
    /// Both: one section where they agree, else one for each.
    Both,
}

/// Records that are locked, and all that is written of them.
#[derive(Clone, Debug)]
pub struct Lock {
    /// Name of the project.
    pub name: String,
    /// The headers, as the lock includes them.
    pub headers: Vec<String>,
    /// The ways to lay them out.
    pub sections: Vec<Section>,
    /// Where members are declared, by record and member; a record itself by an empty member.
    pub spots: BTreeMap<(String, String), Spot>,
    modules: Vec<Module>,
}

/// Records under one target, or under several that agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// `x86_64 (LP64)`, `i386 (ILP32) and x86_64 (LP64)`.
    pub title: String,
    /// The data model that it is for; `None` where it is for more than one.
    pub model: Option<DataModel>,
    /// The records, by name.
    pub records: Vec<Locked>,
}

/// A record that is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// As C names it: `struct sale`, or its typedef.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// Members in order; those of records without a name by their path, `u.cents`.
    pub members: Vec<Member>,
}

/// A member of a record that is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name, or the path to it.
    pub path: String,
    /// Its type as written.
    pub ty: String,
    /// Bits from the start of the record.
    pub offset: u64,
    /// Width in bits; `None` for an array without a length.
    pub bits: Option<u64>,
    /// Whether it is a bit-field.
    pub bit_field: bool,
}

/// Rust's side: bindgen's types for one target or several.
#[derive(Clone, Debug)]
struct Module {
    title: String,
    model: Option<DataModel>,
    items: Vec<String>,
    /// By Rust's name, with C's.
    records: Vec<(String, String, Figures)>,
}

impl Lock {
    /// The lock of a project's headers for these targets.
    ///
    /// # Errors
    /// When headers cannot be read, no record is named, or bindgen and libclang do not agree on one.
    pub fn of(project: &Project, targets: For) -> Result<Self> {
        let headers = Headers::of(project)?;
        let tree = headers.tree()?;
        let names = names(&headers, &tree)?;
        let wanted: Vec<String> = names.iter().flat_map(|n| [bare(n).to_owned(), format!("{}_", bare(n))]).collect();
        let bindings = headers.bindings(Wanted::Types(&wanted))?;
        let mut sides = Vec::new();
        let mut all = project.targets.as_ref().zip(tree.sides.as_ref()).zip(bindings.as_ref());
        if let (For::Old | For::Both, ((target, side), bindings)) = (targets, all.old) {
            sides.push((target, records(side, &names), bindings));
        }
        if let (For::New | For::Both, ((target, side), bindings)) = (targets, &mut all.new) {
            sides.push((target, records(side, &names), bindings));
        }
        let mut lock = Self {
            name: project.name.clone(),
            headers: headers.choice.headers.iter().map(|h| included(&headers, h)).collect(),
            sections: Vec::new(),
            spots: spots(project, &tree, &names),
            modules: Vec::new(),
        };
        for (target, records, bindings) in sides {
            lock.add(target, records, bindings)
                .map_err(|message| Error::Ffi { path: headers.choice.headers[0].clone(), message })?;
        }
        Ok(lock)
    }

    fn add(&mut self, target: &Target, records: Vec<Locked>, bindings: &Bindings) -> std::result::Result<(), String> {
        let model = target.model();
        let title = model.map_or_else(|| target.short().to_owned(), |m| format!("{} ({m})", target.short()));
        let figures = records.iter().map(|r| agreed(r, bindings)).collect::<std::result::Result<Vec<_>, _>>()?;
        let module = Module {
            title: title.clone(),
            model,
            items: bindings.items.clone(),
            records: figures.into_iter().flatten().collect(),
        };
        match self.modules.last_mut() {
            Some(last) if last.items == module.items && last.records == module.records => {
                last.title = format!("{} and {title}", last.title);
                last.model = last.model.filter(|_| last.model == model);
            }
            _ => self.modules.push(module),
        }
        match self.sections.last_mut() {
            Some(last) if last.records == records => {
                last.title = format!("{} and {title}", last.title);
                last.model = last.model.filter(|_| last.model == model);
            }
            _ => self.sections.push(Section { title, model, records }),
        }
        let apart = |models: Vec<Option<DataModel>>| models.len() < 2 || models[0] != models[1];
        let told = apart(self.sections.iter().map(|s| s.model).collect());
        if !told || !apart(self.modules.iter().map(|m| m.model).collect()) {
            return Err(
                "both targets have one data model and lay records out in two ways, which the lock cannot tell \
                        apart; lock one of them: `--targets new`"
                    .into(),
            );
        }
        Ok(())
    }

    /// What its targets are called.
    #[must_use]
    pub fn title(&self) -> String {
        self.sections.iter().map(|s| s.title.as_str()).collect::<Vec<_>>().join(" and ")
    }

    /// The files of the lock with their names, the C header first.
    #[must_use]
    pub fn files(&self) -> [(String, String); 2] {
        let name = self.file_stem();
        [(format!("{name}.h"), c::header(self)), (format!("{name}.rs"), rust::module(self))]
    }

    /// `auctiond_lock`: a name in C and in Rust.
    fn file_stem(&self) -> String {
        let name: String = self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let digit = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
        format!("{digit}{name}_lock")
    }
}

/// The records to be locked, with those that they have as members, by their names in C.
fn names(headers: &Headers, tree: &Tree) -> Result<BTreeSet<String>> {
    let file = headers.project.root.join("legacy-port.toml");
    let fail = |message: String| Error::Ffi { path: file.clone(), message };
    let side = &tree.sides.new;
    let defined: Vec<&Record> = side.records.iter().filter(|r| r.place.is_some() && named(r)).collect();
    let mut names = BTreeSet::new();
    if let Some(patterns) = &headers.choice.records {
        for pattern in patterns {
            let chosen: Vec<_> =
                defined.iter().filter(|r| pattern.matches(bare(&r.name)) && !system(tree, r)).collect();
            if chosen.is_empty() {
                return Err(fail(format!("`records`: `{pattern}` names no record that the headers define")));
            }
            names.extend(chosen.into_iter().map(|r| r.name.clone()));
        }
    } else {
        let leaving = default::leaving(headers.project, |_| {})?;
        names.extend(defined.iter().filter(|r| leaving.contains(&r.name) && !system(tree, r)).map(|r| r.name.clone()));
    }
    if names.is_empty() {
        return Err(fail(
            "no record of the headers is known to leave the process; name those that must not move: `[ffi]` with \
             `records = [\"...\"]`"
                .into(),
        ));
    }
    // Members that are records move their outer one.
    let mut all = BTreeSet::new();
    let mut open: Vec<RecordId> =
        (0u32..).zip(&side.records).filter(|(_, r)| names.contains(&r.name)).map(|(i, _)| RecordId(i)).collect();
    while let Some(id) = open.pop() {
        let Some(record) = side.records.get(id.0 as usize) else { continue };
        if named(record) && !all.insert(record.name.clone()) {
            continue;
        }
        open.extend(record.fields.iter().filter_map(|f| of(side, f.ty)));
    }
    Ok(all)
}

fn system(tree: &Tree, record: &Record) -> bool {
    record.place.and_then(|p| tree.files.get(p.file as usize)).is_some_and(|f| f.system)
}

/// The record that a type is, or consists of.
fn of(side: &Side, ty: TypeId) -> Option<RecordId> {
    match side.types.get(ty.0 as usize)?.shape {
        Shape::Record(id) => Some(id),
        Shape::Array { element, .. } => of(side, element),
        _ => None,
    }
}

/// The name of a header as a file of the project includes it.
fn included(headers: &Headers, header: &Path) -> String {
    let folders: Vec<PathBuf> = headers.folders().into_iter().chain([headers.project.root.clone()]).collect();
    let below = folders.iter().filter_map(|dir| header.strip_prefix(dir).ok());
    let shortest = below.min_by_key(|path| path.components().count());
    shortest.unwrap_or(header).to_string_lossy().into_owned()
}

/// What bindgen says of a record and of the ones without a name in it, where it agrees with libclang.
fn agreed(record: &Locked, bindings: &Bindings) -> std::result::Result<Vec<(String, String, Figures)>, String> {
    let own = [bare(&record.name).to_owned(), format!("{}_", bare(&record.name))];
    let found = own.iter().find_map(|n| Some((n, bindings.records.get(n)?)));
    let (name, figures) =
        found.ok_or_else(|| format!("bindgen does not take over `{}`; leave it out of `records`", record.name))?;
    let differ = |what: &str, ours: u64, theirs: u64| {
        let name = &record.name;
        Err(format!(
            "of `{name}` libclang says {what} {ours} and bindgen {theirs}; it is not locked, leave it out of `records`"
        ))
    };
    if (record.size, record.align) != (figures.size, figures.align) {
        let align = record.size == figures.size;
        let (ours, theirs) = if align { (record.align, figures.align) } else { (record.size, figures.size) };
        return differ(if align { "alignment" } else { "size" }, ours, theirs);
    }
    for (field, offset) in &figures.offsets {
        let names = [Some(field.as_str()), field.strip_suffix('_')];
        let member = names.into_iter().flatten().find_map(|n| record.members.iter().find(|m| m.path == n));
        if let Some(m) = member.filter(|m| m.offset != offset * 8) {
            return differ(&format!("that `{field}` is at"), m.offset / 8, *offset);
        }
    }
    let inner = format!("{name}__bindgen_ty_");
    let inner = bindings.records.iter().filter(|(n, _)| n.starts_with(&inner));
    let own = std::iter::once((name.clone(), record.name.clone(), figures.clone()));
    Ok(own.chain(inner.map(|(n, f)| (n.clone(), format!("{}, within it", record.name), f.clone()))).collect())
}
