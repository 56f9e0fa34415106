use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind, Op, Record};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a record gone through as an array of words of 4 bytes, whose members have moved",
    why: "`int *word = (int *)record; for (i = 0; i < n; i++) sum += word[i];` visited each member, and visits halves of \
          pointers and padding now; a table of offsets in words (`word[3]`) hits other members. Level `look`: what is done \
          with the words only a person sees. Silent where only the first word is taken, and for records that are the same \
          on both.",
    level: Level::Look,
    fix: FixPromise::ByHand("name the members, or give the record types of fixed width"),
    visits: &[Kind::Cast],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    let Some(operand) = e.operand().filter(|_| !e.is_system(place)) else { return };
    let (Some(to), Some(from)) = (e.tree.pointee(e.ty()), e.tree.pointee(operand.converted())) else { return };
    let Some(records) = e.tree.record(from).filter(|r| moves(*r)) else { return };
    let sizes = to.map(|t| t.integer().map(|(size, _)| size)).both();
    let up = e.context();
    let first_only = up.kind() == Kind::Unary && up.op() == Op::Deref;
    // `ClientData` and the like: an `int *` by a name of its own is how some libraries of the time wrote `void *`.
    let opaque = !e.ty().new.name.contains('*');
    if first_only || opaque || sizes.is_none_or(|s| s.old != 4) {
        return;
    }
    let bytes = records.map(|r| r.size.unwrap_or(0));
    problems.push(Problem {
        place,
        message: format!(
            "`{}` is taken for words of 4 bytes; it has {} bytes on {{old}} and {} on {{new}}, and members elsewhere",
            records.new.name, bytes.old, bytes.new
        ),
        help: "name the members".into(),
        ..Problem::default()
    });
}

fn moves(records: Pair<&Record>) -> bool {
    records.map(|r| r.fields.iter().map(|f| f.offset).collect::<Vec<_>>()).differs()
}
