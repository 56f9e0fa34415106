//! Record layouts as plain data, for drawing: of a dual tree here, of debug information elsewhere.

use serde::{Deserialize, Serialize};

use crate::source::tree::{Field, RecordId, Shape, Side, Tree};
use crate::target::Pair;

/// A structure or union under one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// `struct sale`, `union link`, or its typedef's name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// Members in the order of the source.
    pub members: Vec<Member>,
}

/// A member of a layout.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Name; empty for an unnamed one.
    pub name: String,
    /// Its type as written.
    pub ty: String,
    /// Bits from the start of the outermost record.
    pub offset: u64,
    /// Width in bits; 0 for an array without a length.
    pub bits: u64,
    /// Whether it is a bit-field.
    pub bit_field: bool,
    /// Its own members, where it is a record itself; theirs are left out.
    pub members: Vec<Member>,
}

impl Layout {
    /// A record under both targets; nothing where its layout is not known.
    #[must_use]
    pub fn of(tree: &Tree, records: Pair<RecordId>) -> Option<Pair<Self>> {
        records.zip(tree.sides.as_ref()).map(|(id, side)| one(side, id)).both()
    }

    /// Whether all members lie at its start: a union, or what has nothing to tell it from one.
    #[must_use]
    pub fn is_union(&self) -> bool {
        overlap(&self.members)
    }
}

impl Member {
    /// Whether it is a union, as [`Layout::is_union`].
    #[must_use]
    pub fn is_union(&self) -> bool {
        overlap(&self.members)
    }
}

fn overlap(members: &[Member]) -> bool {
    members.iter().filter(|m| m.bits > 0).count() > 1 && members.windows(2).all(|m| m[0].offset == m[1].offset)
}

fn one(side: &Side, id: RecordId) -> Option<Layout> {
    let record = side.records.get(id.0 as usize)?;
    let members = record.fields.iter().filter_map(|f| member(side, f, 0, true)).collect();
    Some(Layout { name: record.name.clone(), size: record.size?, align: record.align?, members })
}

/// A field at `start` bits; `open` says whether the members that it has itself are told.
fn member(side: &Side, field: &Field, start: u64, open: bool) -> Option<Member> {
    let ty = side.types.get(field.ty.0 as usize)?;
    let offset = start + field.offset?;
    let inner = match ty.shape {
        Shape::Record(id) if open => side.records.get(id.0 as usize).map_or(&[][..], |r| &r.fields),
        _ => &[],
    };
    Some(Member {
        name: field.name.clone(),
        ty: ty.name.clone(),
        offset,
        // An array without a length has no size: it is the tail.
        bits: field.bits.unwrap_or_else(|| ty.size.unwrap_or(0) * 8),
        bit_field: field.bits.is_some(),
        members: inner.iter().filter_map(|f| member(side, f, offset, false)).collect(),
    })
}
