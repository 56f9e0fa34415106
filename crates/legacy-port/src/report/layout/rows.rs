//! A layout -> the boxes of its column: members, padding, members of members, each below the one before it.

use super::TOP;
use crate::layout::{Layout, Member};

/// What one box stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Member,
    /// The head of a member that is a record itself; its members follow.
    Head,
    Padding,
    /// A member of a union: it lies over the others.
    Overlay,
    /// What is left out.
    Rest,
}

/// One box of a column.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) kind: Kind,
    pub(super) member: Option<&'a Member>,
    /// Which member of the outermost record it begins.
    pub(super) top: Option<usize>,
    /// Bits from the start of the record, and how many.
    pub(super) offset: u64,
    pub(super) bits: u64,
    pub(super) depth: u32,
    /// For a union: its size, which its widest member has.
    pub(super) of: u64,
    /// Said of what is left out.
    pub(super) left_out: usize,
    pub(super) y: u32,
    pub(super) height: u32,
}

/// More members than that are not readable side by side; those that follow are counted.
const MEMBERS: usize = 100;

/// The boxes of one column, each below the one before it.
pub(super) fn rows(layout: &Layout) -> Vec<Row<'_>> {
    let mut out = Vec::new();
    if layout.is_union() {
        overlays(&mut out, &layout.members, layout.size.saturating_mul(8), 0);
    } else {
        fill(&mut out, &layout.members, 0, layout.size.saturating_mul(8), 0);
    }
    out
}

fn push<'a>(out: &mut Vec<Row<'a>>, row: Row<'a>) {
    let y = out.last().map_or(TOP, |r: &Row| r.y + r.height);
    let height = match row.kind {
        Kind::Padding => 18,
        Kind::Head | Kind::Overlay | Kind::Rest => 22,
        Kind::Member if row.member.is_some_and(|m| m.bit_field) || row.bits == 0 => 20,
        Kind::Member => match row.bits / 8 {
            0..=4 => 22,
            5..=8 => 30,
            more => 30 + 5 * (more / 8).ilog2().min(6),
        },
    };
    out.push(Row { y, height, ..row });
}

/// The members of a structure from bit `start` to `end`, and the padding between and behind them.
fn fill<'a>(out: &mut Vec<Row<'a>>, members: &'a [Member], start: u64, end: u64, depth: u32) {
    let empty = Row {
        kind: Kind::Padding,
        member: None,
        top: None,
        offset: 0,
        bits: 0,
        depth,
        of: 0,
        left_out: 0,
        y: 0,
        height: 0,
    };
    let mut at = start;
    for (i, m) in members.iter().take(MEMBERS).enumerate() {
        if m.offset > at {
            push(out, Row { offset: at, bits: m.offset - at, ..empty });
        }
        let row = Row { member: Some(m), top: (depth == 0).then_some(i), offset: m.offset, bits: m.bits, ..empty };
        if m.members.is_empty() {
            push(out, Row { kind: Kind::Member, ..row });
        } else {
            push(out, Row { kind: Kind::Head, ..row });
            if m.is_union() {
                overlays(out, &m.members, m.bits, depth + 1);
            } else {
                fill(out, &m.members, m.offset, m.offset.saturating_add(m.bits), depth + 1);
            }
        }
        at = at.max(m.offset.saturating_add(m.bits));
    }
    if members.len() > MEMBERS {
        push(out, Row { kind: Kind::Rest, offset: at, left_out: members.len() - MEMBERS, ..empty });
    } else if end > at {
        push(out, Row { offset: at, bits: end - at, ..empty });
    }
}

/// The members of a union: each begins where it begins.
fn overlays<'a>(out: &mut Vec<Row<'a>>, members: &'a [Member], of: u64, depth: u32) {
    for (i, m) in members.iter().take(MEMBERS).enumerate() {
        let top = (depth == 0).then_some(i);
        let (kind, member, bits) = (Kind::Overlay, Some(m), m.bits);
        push(out, Row { kind, member, top, offset: m.offset, bits, depth, of, left_out: 0, y: 0, height: 0 });
    }
    if members.len() > MEMBERS {
        let left_out = members.len() - MEMBERS;
        let offset = members.first().map_or(0, |m| m.offset);
        let kind = Kind::Rest;
        push(out, Row { kind, member: None, top: None, offset, bits: 0, depth, of, left_out, y: 0, height: 0 });
    }
}
