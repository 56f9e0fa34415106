use crate::check::{Check, FixPromise, Level, Need, Note, Problem};
use crate::source::slot;
use crate::source::tree::{DeclId, Expr, Kind, Op, Record, Shape};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a pointer that points to records of several types, taken for one of them whose members have moved",
    why: "Where a `void *` holds now one record and now another, what a member of the wrong one hits depends on the layouts, \
          and these are others under the new target: a write that landed in an unused member lands in one that matters. \
          Right where a tag tells them apart; whether that is so everywhere only a person sees, hence level `look`. Told at \
          the place where the pointer is taken for the record, with the writes that follow. Found for members and variables \
          into which units of the program put pointers to two or more records.",
    level: Level::Look,
    fix: FixPromise::ByHand("a common first member that says what it is, and a test of it before each such place"),
    visits: &[Kind::Name, Kind::Member, Kind::Cast],
    look,
};

/// How many writes are told.
const WRITES: usize = 12;

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let to = if e.kind() == Kind::Cast { e.ty() } else { e.converted() };
    let from = if e.kind() == Kind::Cast { e.operand().map(Expr::ty) } else { Some(e.ty()) };
    let untyped = from.and_then(|f| e.tree.pointee(f)).is_some_and(|t| matches!(t.new.shape, Shape::Void));
    let Some(records) = e.tree.pointee(to).and_then(|t| e.tree.record(t)).filter(|r| untyped && moves(*r)) else {
        return;
    };
    let place = e.conversion();
    let Some(slot) = slot::read(e).filter(|_| !e.is_system(place)) else { return };
    let notes = kept_in(e).map(|decl| writes(e, decl)).unwrap_or_default();
    problems.push(Problem {
        place,
        message: format!(
            "`{}` is taken for a pointer to `{}` here, and points to other records too; its members lie elsewhere on {{new}}",
            e.bare().name(),
            records.new.name
        ),
        help: "ask first which of the records it is".into(),
        notes,
        needs: Some(Need::SeveralRecordsIn(slot)),
        ..Problem::default()
    });
}

fn moves(records: Pair<&Record>) -> bool {
    records.map(|r| r.fields.iter().map(|f| f.offset).collect::<Vec<_>>()).differs()
}

/// The local variable that the pointer is kept in.
fn kept_in(e: Expr) -> Option<DeclId> {
    let up = e.context();
    match up.kind() {
        Kind::Variable => up.decl_id().new,
        Kind::Binary if up.op() == Op::Assign => up.children().next()?.inner().decl_id().new,
        _ => None,
    }
}

/// The members that are written through the variable, behind this place in the function.
fn writes(e: Expr, decl: DeclId) -> Vec<Note> {
    let behind = e.enclosing().descendants().filter(|w| w.id > e.id && w.kind() == Kind::Member);
    let through = |m: &Expr| m.children().next().is_some_and(|p| p.bare().decl_id().new == Some(decl));
    let written = |m: &Expr| {
        let up = m.context();
        let target = up.children().next().is_some_and(|t| t.inner().id == m.id);
        let assigns = matches!((up.kind(), up.op()), (Kind::Binary, Op::Assign) | (Kind::CompoundAssign, _));
        target && (assigns || matches!(up.op(), Op::Increment | Op::Decrement))
    };
    let all = behind.filter(through).filter(written).take(WRITES);
    all.map(|m| Note { place: m.node().place, text: format!("`{}` is written", m.name()) }).collect()
}
