use std::collections::BTreeMap;

use crate::check::{Check, FixPromise, Level, Need, Note, Problem};
use crate::source::program::OUTSIDE;
use crate::source::slot;
use crate::source::tree::{Expr, Field, Kind, Op, Place, Record, RecordId, Shape, Side, Tree, Type};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a record or number with another layout under the new target, whose bytes leave the process or come from outside",
    why: "Files, packets and shared memory that one build wrote the other reads elsewhere: old files become garbage, and \
          peers that were not migrated too. A number by itself is told where it goes or comes from. One finding a record, with every place where its bytes go or come from: \
          `fread`, `fwrite`, `read`, `write`, `send`, `recv`, `mmap`, copies of the whole record to and from a byte \
          buffer, and casts of a buffer of numbers. Casts of a byte buffer are told beside these and not by themselves. Silent where the layout is the same on both, and for casts that only step through memory that holds \
          records already. Functions of the program that hand a pointer on to these are followed, whichever unit they are \
          in, for records that are given to them with their `sizeof`, or whose `sizeof` is kept in a table that they take \
          the number of bytes from.",
    level: Level::Breaks,
    fix: FixPromise::ByHand(
        "the format must be decided: the old layout in types of fixed width, or a new version of it",
    ),
    visits: &[Kind::Unit],
    look,
};

/// Where the bytes of one record go or come from.
struct Escapes<'t> {
    records: Pair<&'t Record>,
    layout: Option<Pair<RecordId>>,
    notes: Vec<Note>,
    /// Whether one of the places is more than a cast, which programs have for memory of their own too.
    certain: bool,
}

/// A place where bytes go or come.
struct Escape<'t> {
    ty: Pair<&'t Type>,
    text: String,
    certain: bool,
}

fn look(unit: Expr, problems: &mut Vec<Problem>) {
    let mut all: BTreeMap<Place, Escapes> = BTreeMap::new();
    for e in unit.descendants() {
        if let Some(Escape { ty, text, certain }) = escapes(e) {
            let at = e.written();
            let Some(records) = e.tree.record(ty).filter(|r| moves(*r)) else {
                // With a number for its size as many bytes go as before: that is `hardcoded_size`'s affair.
                let by_sizeof = e.descendants().any(|d| d.kind() == Kind::SizeOf);
                let outside =
                    OUTSIDE.iter().any(|(f, _)| e.callee().is_some_and(|c| c.new.name == *f) && !e.calls_own());
                problems.extend(number(ty, at).filter(|_| by_sizeof && outside && !e.is_system(at)));
                continue;
            };
            // A record of the system has no place of ours: then the first use is the place.
            let place = records.new.place.filter(|p| !e.is_system(*p)).unwrap_or(at);
            let layout = e.tree.record_id(ty);
            let entry = all.entry(place);
            let entry = entry.or_insert_with(|| Escapes { records, layout, notes: Vec::new(), certain: false });
            entry.certain |= certain;
            if !entry.notes.iter().any(|n| n.place == at) {
                entry.notes.push(Note { place: at, text });
            }
        }
    }
    wrappers(unit, problems);
    by_size(unit, problems);
    for (place, Escapes { records, layout, mut notes, .. }) in all.into_iter().filter(|(_, e)| e.certain) {
        notes.extend(culprit(unit, records));
        problems.push(Problem { layout, ..problem(records, place, notes, None) });
    }
}

fn problem(records: Pair<&Record>, place: Place, notes: Vec<Note>, needs: Option<Need>) -> Problem {
    let bytes = records.map(|r| r.size.unwrap_or(0));
    Problem {
        place,
        message: format!(
            "the bytes of `{}` leave the process or come from outside, and it has {} bytes on {{old}} and {} on {{new}}",
            records.new.name, bytes.old, bytes.new
        ),
        help: "give it types of fixed width (<stdint.h>) in the layout that the files have".into(),
        notes,
        needs,
        ..Problem::default()
    }
}

/// Records that are handed as a whole to functions of the program: whether those send them out the program knows.
fn wrappers(unit: Expr, problems: &mut Vec<Problem>) {
    for call in unit.descendants().filter(|e| e.kind() == Kind::Call) {
        let Some(callee) = call.callee() else { continue };
        let arguments: Vec<Expr> = call.arguments().collect();
        for (i, argument) in arguments.iter().enumerate() {
            let Some(ty) = unit.tree.pointee(argument.bare().ty()) else { continue };
            let Some(records) = unit.tree.record(ty).filter(|r| moves(*r)) else { continue };
            let Some(place) = records.new.place.filter(|p| !unit.is_system(*p)) else { continue };
            if !arguments.iter().any(|a| whole(*a, ty)) {
                continue;
            }
            let name = &callee.new.name;
            let mut notes = vec![Note { place: call.written(), text: format!("`{name}`") }];
            notes.extend(culprit(unit, records));
            let needs = Some(Need::Outside(name.clone(), i));
            let layout = unit.tree.record_id(ty);
            problems.push(Problem { layout, ..problem(records, place, notes, needs) });
        }
    }
}

/// Records whose size is kept (in a table of what is to be saved, say) and later says how many bytes go out or come in.
fn by_size(unit: Expr, problems: &mut Vec<Problem>) {
    for e in unit.descendants().filter(|e| e.kind() == Kind::SizeOf) {
        let Some(ty) = e.measured() else { continue };
        let Some(records) = unit.tree.record(ty).filter(|r| moves(*r)) else { continue };
        let Some(place) = records.new.place.filter(|p| !unit.is_system(*p)) else { continue };
        let Some(goes) = slot::destination(e) else { continue };
        let mut notes = vec![Note { place: e.written(), text: "its size is kept here, and so many bytes go".into() }];
        notes.extend(culprit(unit, records));
        let layout = unit.tree.record_id(ty);
        problems.push(Problem { layout, ..problem(records, place, notes, Some(Need::SizeOut(goes.to))) });
    }
}

/// A number by itself that widens.
fn number(ty: Pair<&Type>, place: Place) -> Option<Problem> {
    let sizes = ty.map(|t| t.integer().map(|(size, _)| size)).both().filter(Pair::differs)?;
    Some(Problem {
        place,
        message: format!(
            "the bytes of a `{}` leave the process or come from outside, and it has {} bytes on {{old}} and {} on {{new}}",
            ty.new.name, sizes.old, sizes.new
        ),
        help: "read and write a type of fixed width (<stdint.h>), and convert it".into(),
        ..Problem::default()
    })
}

/// Whether size or offsets differ.
fn moves(records: Pair<&Record>) -> bool {
    let offsets = records.map(|r| r.fields.iter().map(|f| f.offset).collect::<Vec<_>>());
    records.map(|r| r.size).differs() || offsets.differs()
}

/// The first member that is wider: the one to change.
fn culprit(unit: Expr, records: Pair<&Record>) -> Option<Note> {
    let sides = unit.tree.sides.as_ref();
    let size = |side: &Side, f: &Field| side.types.get(f.ty.0 as usize)?.size;
    let (_, field) = records
        .old
        .fields
        .iter()
        .zip(&records.new.fields)
        .find(|(o, n)| size(sides.old, o) != size(sides.new, n) || o.offset != n.offset)?;
    (!unit.is_system(field.place))
        .then(|| Note { place: field.place, text: format!("{} is the first member that differs", field.shown()) })
}

/// The types whose bytes go out or come in at a node.
fn escapes(e: Expr<'_>) -> Option<Escape<'_>> {
    match e.kind() {
        Kind::Call => call(e),
        Kind::Cast => {
            let (ty, from) = view_of_bytes(e)?;
            // A place within a table of numbers is in something that was read; bytes are what every allocator hands out,
            // and a pointer to a number by itself is how some libraries of the time wrote `void *`.
            let from_table = e.operand().map(Expr::bare).is_some_and(|o| {
                let address = o.kind() == Kind::Unary && o.op() == Op::AddressOf;
                let place = o.kind() == Kind::Binary || (address && !is_head_of(o, ty));
                place || matches!(o.ty().new.shape, Shape::Array { .. })
            });
            Some(Escape { ty, text: "a buffer is taken for one here".into(), certain: from_table && !is_byte(from) })
        }
        _ => None,
    }
}

/// `(struct whole *)&p->head.n`: from a member that is at the start of a record back to the record, which nobody read.
fn is_head_of(address: Expr, whole: Pair<&Type>) -> bool {
    let member = address.children().next().map(Expr::inner).and_then(|m| m.member_of()?.new.place);
    let mut ty = whole;
    for _ in 0..16 {
        let Some(records) = address.tree.record(ty) else { return false };
        if records.new.place.is_some() && records.new.place == member {
            return true;
        }
        let first = records.zip(address.tree.sides.as_ref());
        let first = first.map(|(r, side)| r.fields.first().and_then(|f| side.types.get(f.ty.0 as usize))).both();
        let Some(first) = first else { return false };
        ty = first;
    }
    false
}

fn call(e: Expr<'_>) -> Option<Escape<'_>> {
    let name = e.callee()?.new.name.as_str();
    let known =
        OUTSIDE.iter().any(|(f, _)| *f == name) || matches!(name, "memcpy" | "memmove" | "bcopy" | "mmap" | "shmat");
    // The names first: whether a function is the program's own is asked of the whole unit.
    if !known || e.calls_own() {
        return None;
    }
    let arguments: Vec<Expr> = e.arguments().collect();
    let object = |i: usize| arguments.get(i).and_then(|a| e.tree.pointee(a.bare().ty()));
    if let Some(&(_, argument)) = OUTSIDE.iter().find(|(f, _)| *f == name) {
        return Some(Escape { ty: object(argument)?, text: format!("`{name}`"), certain: true });
    }
    if matches!(name, "memcpy" | "memmove" | "bcopy") {
        let made_of_bytes = |i: usize| arguments.get(i).is_some_and(|a| comes_from_bytes(*a));
        let outside = |this: usize, other: usize| {
            object(other).is_some_and(is_byte) || made_of_bytes(other) || made_of_bytes(this)
        };
        // The record is on one side and bytes on the other, and it goes as a whole; a pointer that was made from a byte
        // buffer is one, whatever its type says.
        let ty = [(0, 1), (1, 0)].into_iter().find_map(|(this, other)| {
            let ty = object(this)?;
            (outside(this, other) && ty.new.size != Some(1) && whole(*arguments.get(2)?, ty)).then_some(ty)
        })?;
        return Some(Escape { ty, text: format!("`{name}` to or from a byte buffer"), certain: true });
    }
    let becomes = if e.context().kind() == Kind::Cast { e.context().ty() } else { e.converted() };
    if matches!(name, "mmap" | "shmat") {
        return Some(Escape { ty: e.tree.pointee(becomes)?, text: format!("`{name}`"), certain: true });
    }
    None
}

/// Whether a size is said by the `sizeof` of this type.
fn whole(size: Expr, ty: Pair<&Type>) -> bool {
    let of_type = |e: Expr| e.kind() == Kind::SizeOf && e.value() == ty.map(|t| t.size.map(i128::from));
    of_type(size.inner()) || size.descendants().any(of_type)
}

fn is_byte(ty: Pair<&Type>) -> bool {
    matches!(ty.new.shape, Shape::Integer { .. }) && ty.new.size == Some(1)
}

/// `(struct header *)(buffer + n)` where `buffer` consists of bytes or numbers: the record that it is taken for. A step
/// through memory that holds records (`(struct block *)((char *)block + size)`) is none.
fn view_of_bytes(cast: Expr<'_>) -> Option<(Pair<&Type>, Pair<&Type>)> {
    let to = cast.tree.pointee(cast.ty())?;
    cast.tree.record(to)?;
    let from = base(cast.operand()?)?;
    let of = from.tree.pointee(from.ty())?;
    // Functions that return `char *` are allocators of the time as often as not.
    let bytes = matches!(of.new.shape, Shape::Integer { .. }) && from.kind() != Kind::Call;
    bytes.then_some((to, of))
}

/// The pointer that an expression starts from: without casts, and without what is added to it.
fn base(e: Expr) -> Option<Expr> {
    let mut e = e.bare();
    loop {
        let sum = e.kind() == Kind::Binary && matches!(e.op(), Op::Add | Op::Sub);
        // `&((char *)p)[n]` is a sum as well.
        let element = e.kind() == Kind::Unary && e.op() == Op::AddressOf;
        let element = e.children().next().map(Expr::inner).filter(|s| element && s.kind() == Kind::Subscript);
        if let Some(subscript) = element {
            e = subscript.children().next()?.bare();
        } else if sum {
            // `(struct block *)((char *)p - sizeof(struct block))`: the head that an allocator put before its memory.
            if e.op() == Op::Sub && e.children().nth(1).is_some_and(|n| n.inner().kind() == Kind::SizeOf) {
                return None;
            }
            e = e.children().find(|c| c.converted().new.is_address())?.bare();
        } else {
            return Some(e);
        }
    }
}

/// Whether a local variable was set from a cast of bytes in the same function.
fn comes_from_bytes(e: Expr) -> bool {
    let name = e.bare();
    let Some(decl) = name.decl_id().new.filter(|_| name.kind() == Kind::Name) else { return false };
    let function = e.enclosing();
    function.descendants().any(|s| {
        let value = match s.kind() {
            Kind::Variable if s.decl_id().new == Some(decl) => s.children().last(),
            Kind::Binary if s.op() == Op::Assign => {
                let mut parts = s.children();
                let target = parts.next().map(Expr::inner).filter(|t| t.kind() == Kind::Name);
                target.filter(|t| t.decl_id().new == Some(decl)).and_then(|_| parts.next())
            }
            _ => None,
        };
        value.map(Expr::inner).is_some_and(|v| v.kind() == Kind::Cast && view_of_bytes(v).is_some())
    })
}

/// The records of a unit whose bytes go out or come in, whether they move or not, each with what the program must have
/// for it.
pub(crate) fn leaving(tree: &Tree) -> Vec<(String, Option<Need>)> {
    let mut all = Vec::new();
    for e in tree.iter() {
        let record = |ty| e.tree.record(ty).map(|r: Pair<&Record>| r.new.name.clone());
        all.extend(escapes(e).filter(|e| e.certain).and_then(|escape| Some((record(escape.ty)?, None))));
        if e.kind() == Kind::SizeOf {
            let kept = e.measured().and_then(|ty| Some((record(ty)?, slot::destination(e)?)));
            all.extend(kept.map(|(name, goes)| (name, Some(Need::SizeOut(goes.to)))));
        }
        let Some(callee) = e.callee().filter(|_| e.kind() == Kind::Call) else { continue };
        let arguments: Vec<Expr> = e.arguments().collect();
        for (i, argument) in arguments.iter().enumerate() {
            let Some(ty) = e.tree.pointee(argument.bare().ty()) else { continue };
            if let Some(name) = record(ty).filter(|_| arguments.iter().any(|a| whole(*a, ty))) {
                all.push((name, Some(Need::Outside(callee.new.name.clone(), i))));
            }
        }
    }
    all
}
