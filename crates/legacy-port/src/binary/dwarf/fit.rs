//! Rules by which members are placed in a record, and what a record's layout tells of the attributes that it was written
//! with.
//!
//! System V ABI, processor supplements for Intel386 and AMD64, "Structures and Unions" and "Bit-Fields": a member lies at
//! the next multiple of its alignment; a bit-field does not cross a unit of its declared type.

/// A member as the rules see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// Bits.
    pub(crate) size: u64,
    /// Alignment of its type in bytes; at least 1.
    pub(crate) align: u64,
    /// Bits of the declared type, of a bit-field.
    pub(crate) unit: Option<u64>,
    /// Alignment that the member itself was given, bytes; 0 for none.
    pub(crate) said: u64,
}

/// How a record is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pack {
    No,
    /// `__attribute__((packed))`, or `#pragma pack(1)`.
    All,
    /// `#pragma pack(n)`
    Most(u64),
}

/// Bits without a name before a member, which debug information does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hidden {
    No,
    /// `int : 0`
    Rest,
    /// `int : n`
    Bits(u64),
}

/// What a record was written with, besides its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) pack: Pack,
    /// Alignment that each member seems to have been given, 1 for a packed one, 0 for none.
    pub(crate) members: Vec<u64>,
    pub(crate) hidden: Vec<Hidden>,
    /// Alignment that the record was given, or seems to have been.
    pub(crate) record: u64,
}

/// Where members lie: bits; and the whole in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) offsets: Vec<u64>,
    pub(crate) size: u64,
    pub(crate) align: u64,
}

fn up(at: u64, to: u64) -> u64 {
    at.checked_next_multiple_of(to.max(1)).unwrap_or(u64::MAX)
}

/// Where a member goes that could begin at bit `at`, and what it asks of the record's alignment.
fn step(at: u64, item: &Item, pack: Pack, given: u64) -> (u64, u64) {
    // 1 stands for a packed member.
    let (align, given) = (if given == 1 { 1 } else { item.align }, given.max(item.said));
    if let Some(unit) = item.unit {
        let at = if given > 0 { up(at, given.saturating_mul(8)) } else { at };
        return match pack {
            Pack::All => (at, given.max(1)),
            _ if align == 1 => (at, given.max(1)),
            Pack::Most(n) => (at, align.min(n).max(given)),
            Pack::No => {
                let bits = align.saturating_mul(8).max(1);
                // As many units of its alignment as its type has, and no more.
                let spans = (at % bits).saturating_add(item.size).div_ceil(bits);
                (if spans > (unit / bits).max(1) { up(at, bits) } else { at }, align.max(given))
            }
        };
    }
    let align = match pack {
        Pack::No => align.max(given),
        Pack::All => given.max(1),
        Pack::Most(n) => align.max(given).min(n),
    };
    (up(at, align.saturating_mul(8)), align)
}

/// Places members by the rules.
pub(crate) fn place(items: &[Item], union: bool, written: &Written) -> Placed {
    let (mut at, mut end, mut align) = (0, 0, 1);
    let mut offsets = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        if union {
            at = 0;
        }
        match written.hidden.get(i) {
            Some(Hidden::Rest) => at = up(at, item.align.saturating_mul(8)),
            Some(Hidden::Bits(n)) => at = u64::saturating_add(at, *n),
            _ => {}
        }
        let (offset, asks) = step(at, item, written.pack, written.members.get(i).copied().unwrap_or(0));
        offsets.push(offset);
        at = offset.saturating_add(item.size);
        end = end.max(at);
        align = align.max(asks);
    }
    let align = align.max(written.record);
    Placed { offsets, size: up(end.div_ceil(8), align), align }
}

/// The order of members by their alignment, largest first, and the size that a record has in it; nothing where that is not
/// smaller, or not the program's to choose: with bit-fields, in a union, in a record with attributes, with an array without
/// a length at its end.
pub(crate) fn reordered(items: &[Item], union: bool, written: &Written, size: u64) -> Option<(Vec<usize>, u64)> {
    let attributes = written.pack != Pack::No || written.members.iter().any(|given| *given > 0);
    let fixed = |i: &Item| i.unit.is_some() || i.said > 0 || i.size == 0;
    if union || attributes || items.iter().any(fixed) {
        return None;
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(items[i].align));
    let sorted: Vec<Item> = order.iter().map(|&i| items[i]).collect();
    let natural = Written { pack: Pack::No, members: vec![], hidden: vec![], record: written.record };
    let smaller = place(&sorted, false, &natural).size;
    (smaller < size).then_some((order, smaller))
}

/// What the record was written with, so that the rules give the layout that it has; the likeliest first. Nothing where
/// no attribute that is known of explains it.
pub(crate) fn infer(items: &[Item], union: bool, offsets: &[u64], size: u64, said: u64) -> Vec<Written> {
    let plain = |pack| Written { pack, members: vec![], hidden: vec![], record: said };
    let fits = |w: &Written| {
        let p = place(items, union, w);
        p.offsets == offsets && p.size == size
    };
    let natural = plain(Pack::No);
    if fits(&natural) {
        return vec![natural];
    }
    let packs = [Pack::All, Pack::Most(2), Pack::Most(4), Pack::Most(8)];
    let mut all: Vec<Written> = packs.into_iter().map(plain).filter(fits).collect();
    all.extend(step_by_step(items, union, offsets, size, &natural).into_iter().filter(fits));
    all
}

/// Attributes of single members that explain where they lie, and of the record.
fn step_by_step(items: &[Item], union: bool, offsets: &[u64], size: u64, natural: &Written) -> Vec<Written> {
    let mut w = Written { members: vec![0; items.len()], hidden: vec![Hidden::No; items.len()], ..natural.clone() };
    let mut other = None;
    let mut at = 0;
    for (i, (item, &offset)) in items.iter().zip(offsets).enumerate() {
        let start = if union { 0 } else { at };
        let (by_rule, _) = step(start, item, Pack::No, 0);
        if offset > by_rule {
            if item.unit.is_some() {
                if up(start, item.align.saturating_mul(8)) == offset {
                    other = Some((i, offset - start));
                    w.hidden[i] = Hidden::Rest;
                } else {
                    w.hidden[i] = Hidden::Bits(offset - start);
                }
            } else {
                let powers = (0..13).map(|n| 1u64 << n);
                let Some(given) = powers.into_iter().find(|a| *a > item.align && up(start, a * 8) == offset) else {
                    return vec![];
                };
                w.members[i] = given;
            }
        } else if offset < by_rule {
            w.members[i] = 1;
        }
        at = offset.saturating_add(item.size);
    }
    let end = place(items, union, &w);
    if size > end.size {
        let powers = (0..13).map(|n| 1u64 << n);
        let Some(given) = powers.into_iter().find(|a| *a > end.align && up(end.size, *a) == size) else {
            return vec![];
        };
        w.record = given;
    }
    let second = other.map(|(i, bits)| {
        let mut second = w.clone();
        second.hidden[i] = Hidden::Bits(bits);
        second
    });
    std::iter::once(w).chain(second).collect()
}
