use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::slot;
use crate::source::tree::{Expr, Kind, Op, Shape, Type};

pub(super) const CHECK: Check = Check {
    summary: "bytes that are gone through by words that had 4 bytes and have 8 under the new target",
    why: "`unsigned long *mem = (unsigned long *)image;` steps over 4 bytes of a picture, a packet or a file at a time, and \
          over 8 after the port: rows are skipped, counts are twice too large, and the last access goes past the end. \
          `*(long *)(packet + 4)` takes 8 bytes where 4 were sent. Found where a pointer to bytes becomes a pointer to a \
          number that widens. Silent for types that the system or a library names (`time_t`, `Cursor`), which lie in memory \
          of that type as a rule, for what functions return (allocators return `char *` in old programs), for \
          pointers to pointers, and where the function steps or divides by `sizeof` of the word.",
    level: Level::May,
    fix: FixPromise::ByHand("`uint32_t` of <stdint.h> where a word of 4 bytes is meant"),
    visits: &[Kind::Cast],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    let Some(operand) = e.operand().filter(|_| !e.is_system(place)) else { return };
    let (Some(to), Some(from)) = (e.tree.pointee(e.ty()), e.tree.pointee(operand.converted())) else { return };
    let widens = to.map(|t| t.integer().map(|(size, _)| size)).both().is_some_and(|s| s.old == 4 && s.new == 8);
    let bytes = matches!(from.new.shape, Shape::Integer { .. }) && from.new.size == Some(1);
    let made = operand.bare().kind() == Kind::Call;
    // A type named by a header of the system is declared nowhere in the program, and not written with `long`.
    let named = to.new.declared.is_none() && !to.new.name.split(' ').any(|word| word == "long");
    if !widens || !bytes || made || named || counts_words(e, operand, to.new) {
        return;
    }
    let kept = slot::destination(e).and_then(|goes| goes.declared).filter(|p| !e.is_system(*p));
    problems.push(Problem {
        place,
        message: format!("a `{}` has 4 bytes on {{old}} and 8 on {{new}}; it is laid over bytes here", to.new.name),
        help: "use `uint32_t` of <stdint.h> for a word of 4 bytes".into(),
        notes: kept.map(|place| Note { place, text: "the pointer is kept in this".into() }).into_iter().collect(),
        ..Problem::default()
    });
}

/// Whether the program counts by the word that it has: `(long *)((char *)p + sizeof(long))`, `size % sizeof(long)`.
fn counts_words(e: Expr, operand: Expr, word: &Type) -> bool {
    let sum = operand.inner();
    let stepped = sum.kind() == Kind::Binary && sum.descendants().any(|d| d.kind() == Kind::SizeOf);
    let divides = |d: Expr| {
        d.kind() == Kind::Binary
            && matches!(d.op(), Op::Div | Op::Rem)
            && d.children().nth(1).is_some_and(|s| {
                let size = s.inner();
                size.measured().is_some_and(|m| m.new.name == word.name)
                    || size
                        .as_written()
                        .is_some_and(|t| t.trim_start_matches("sizeof").trim_matches(['(', ')', ' ']) == word.name)
            })
    };
    stepped || e.enclosing().descendants().any(divides)
}
