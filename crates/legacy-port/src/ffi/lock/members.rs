//! Records of a tree -> the members that C can name, those of records without a name by their path.

use std::collections::{BTreeMap, BTreeSet};

use super::{Locked, Member};
use crate::finding::{Spot, Spots};
use crate::project::Project;
use crate::source::tree::{Field, Record, RecordId, Shape, Side, Tree, TypeId};

/// Whether C can name it.
pub(super) fn named(record: &Record) -> bool {
    !record.name.is_empty() && !record.name.contains('(')
}

/// Records of one side by their names.
pub(super) fn records(side: &Side, names: &BTreeSet<String>) -> Vec<Locked> {
    let mut all: Vec<Locked> = side
        .records
        .iter()
        .filter(|r| r.place.is_some() && names.contains(&r.name))
        .filter_map(|r| {
            let mut members = Vec::new();
            flatten(side, r, "", 0, &mut |_, m| members.push(m));
            Some(Locked { name: r.name.clone(), size: r.size?, align: r.align?, members })
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup_by(|a, b| a.name == b.name);
    all
}

/// The bit-fields of a record that C can name: path, bits from the start, width in bits.
pub(in crate::ffi) fn bit_fields(side: &Side, record: RecordId) -> Vec<(String, u64, u64)> {
    let mut all = Vec::new();
    if let Some(record) = side.records.get(record.0 as usize) {
        flatten(side, record, "", 0, &mut |_, m| {
            all.extend(m.bits.filter(|_| m.bit_field).map(|bits| (m.path, m.offset, bits)));
        });
    }
    all
}

/// The members that C can name, in order, each with the field that it is.
fn flatten<'s>(side: &'s Side, record: &'s Record, prefix: &str, start: u64, out: &mut dyn FnMut(&'s Field, Member)) {
    for field in &record.fields {
        let (Some(ty), Some(offset)) = (side.types.get(field.ty.0 as usize), field.offset) else { continue };
        let (path, offset) = (format!("{prefix}{}", field.name), start + offset);
        let inner = match ty.shape {
            Shape::Record(id) => side.records.get(id.0 as usize).filter(|r| !named(r)),
            _ => None,
        };
        if let Some(inner) = inner {
            let prefix = if field.name.is_empty() { prefix.to_owned() } else { format!("{path}.") };
            flatten(side, inner, &prefix, offset, out);
        } else if !field.name.is_empty() {
            let bits = field.bits.or(ty.size.filter(|_| !endless(side, field.ty)).map(|s| s * 8));
            out(field, Member { path, ty: ty.name.clone(), offset, bits, bit_field: field.bits.is_some() });
        }
    }
}

/// Whether it is an array without a length.
fn endless(side: &Side, ty: TypeId) -> bool {
    matches!(side.types.get(ty.0 as usize).map(|t| &t.shape), Some(Shape::Array { len: None, .. }))
}

/// Where records and members are declared.
pub(super) fn spots(project: &Project, tree: &Tree, names: &BTreeSet<String>) -> BTreeMap<(String, String), Spot> {
    let spots = Spots::new(&project.root, &tree.files);
    let mut all = BTreeMap::new();
    let side = &tree.sides.new;
    for record in side.records.iter().filter(|r| names.contains(&r.name)) {
        let Some(place) = record.place else { continue };
        all.insert((record.name.clone(), String::new()), spots.spot(place));
        flatten(side, record, "", 0, &mut |field, member| {
            all.insert((record.name.clone(), member.path), spots.spot(field.place));
        });
    }
    all
}
