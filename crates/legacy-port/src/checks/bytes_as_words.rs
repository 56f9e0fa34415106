use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::slot;
use crate::source::tree::{Expr, Kind, Shape};

pub(super) const CHECK: Check = Check {
    summary: "bytes that are gone through by words that had 4 bytes and have 8 under the new target",
    why: "`unsigned long *mem = (unsigned long *)image;` steps over 4 bytes of a picture, a packet or a file at a time, and \
          over 8 after the port: rows are skipped, counts are twice too large, and the last access goes past the end. Found \
          where a pointer to bytes becomes a pointer to a number that widens; what is taken at once by `*(long *)p` is \
          `element_size_pun`'s. Silent for what functions return (allocators return `char *` in old programs), and for \
          pointers to pointers.",
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
    let used = e.context();
    let at_once = matches!(used.kind(), Kind::Subscript) || (used.kind() == Kind::Unary);
    if !widens || !bytes || made || at_once {
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
