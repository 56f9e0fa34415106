use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::tree::{Expr, Field, Kind, Op, Record, Type};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "an offset or a size counted by hand in a record that is laid out differently",
    why: "`(char *)header + 8` was where a member lay, `sizeof(header) - 4` was all but the last one. Under the new target the \
          member lies elsewhere. Found for numbers that are the offset of a member under the old target only, and for \
          differences of a record's `sizeof` and a number of bytes. Silent for records that are the same on both, and for \
          steps over whole records.",
    level: Level::May,
    fix: FixPromise::ByHand("`offsetof(struct header, member)`, or the member itself"),
    visits: &[Kind::Binary, Kind::Subscript],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let parts: Vec<Expr> = e.children().map(Expr::inner).collect();
    let [a, b] = parts.as_slice() else { return };
    if e.is_system(e.written()) {
        return;
    }
    match (e.kind(), e.op()) {
        (Kind::Binary, Op::Sub) if b.kind() == Kind::Integer && a.kind() == Kind::SizeOf => less(e, *a, *b, problems),
        (Kind::Subscript, _) | (Kind::Binary, Op::Add) => {
            let (bytes, offset) = if a.ty().new.is_address() { (*a, *b) } else { (*b, *a) };
            by_offset(e, bytes, offset, problems);
        }
        _ => {}
    }
}

/// `sizeof(record) - 4`
fn less(e: Expr, size: Expr, number: Expr, problems: &mut Vec<Problem>) {
    let Some(records) = size.measured().and_then(|ty| e.tree.record(ty)) else { return };
    let less = number.value().new.unwrap_or(0);
    let sizes = records.map(|r| r.size.unwrap_or(0));
    if !sizes.differs() || less < 4 {
        return;
    }
    problems.push(Problem {
        place: e.written(),
        message: format!(
            "`{}` has {} bytes on {{old}} and {} on {{new}}; {less} less than that is another part of it",
            records.new.name, sizes.old, sizes.new
        ),
        help: "use `offsetof`, or the `sizeof` of what is left out".into(),
        ..Problem::default()
    });
}

/// `(char *)record + 8`
fn by_offset(e: Expr, bytes: Expr, offset: Expr, problems: &mut Vec<Problem>) {
    let is_byte = |ty: Pair<&Type>| e.tree.pointee(ty).is_some_and(|to| to.new.size == Some(1));
    let Some(number) = offset.value().new.filter(|n| offset.kind() == Kind::Integer && *n >= 2) else { return };
    if bytes.kind() != Kind::Cast || !is_byte(bytes.ty()) {
        return;
    }
    let Some(records) = e.tree.pointee(bytes.bare().ty()).and_then(|ty| e.tree.record(ty)) else { return };
    let Some((old, new)) = member_at(records, number * 8) else { return };
    problems.push(Problem {
        place: e.written(),
        message: format!(
            "`{}` of `{}` is at offset {number} on {{old}} and at {} on {{new}}",
            new.name,
            records.new.name,
            new.offset.unwrap_or(0) / 8
        ),
        help: format!("use the member, or `offsetof({}, {})`", records.new.name, old.name),
        notes: vec![Note { place: new.place, text: "the member".into() }],
        ..Problem::default()
    });
}

/// The member at so many bits under the old target, where it has moved.
fn member_at(records: Pair<&Record>, bits: i128) -> Option<(&Field, &Field)> {
    let mut fields = records.old.fields.iter().zip(&records.new.fields);
    fields.find(|(o, n)| o.offset.map(i128::from) == Some(bits) && o.offset != n.offset)
}
