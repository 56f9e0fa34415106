use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind, Op, Shape};

pub(super) const CHECK: Check = Check {
    summary: "memory that is handed out in multiples of 4 bytes, which was the width of a pointer under the old target",
    why: "`size = (size + 3) & ~3` in an allocator makes the next block start at a multiple of 4: pointers and `double`s in it \
          are not aligned under the new target. That is slow on some processors and a trap on others, and compilers rely on \
          it. Found for sizes that are rounded up to 4 in functions that return memory of no type. Silent everywhere else: \
          files and pictures are padded to 4 bytes on every target.",
    level: Level::May,
    fix: FixPromise::ByHand("round up to `_Alignof(max_align_t)`, or to `sizeof(void *)` where no more is promised"),
    visits: &[Kind::Binary],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    let pointer = e.tree.sides.as_ref().map(|s| s.pointer_size);
    if e.op() != Op::BitAnd || !pointer.differs() || e.is_system(place) {
        return;
    }
    let mut parts = e.children().map(Expr::inner);
    let (Some(sum), Some(mask)) = (parts.next(), parts.next()) else { return };
    let step = i128::from(pointer.old);
    let clears = mask.value().new.is_some_and(|v| v & (2 * step - 1) == step && (v == -step || v >= 0xFFFF_FFFC));
    let adds = sum.op() == Op::Add && sum.children().any(|c| c.inner().value().new == Some(step - 1));
    if !(clears && adds && gives_memory(e)) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "pointers are aligned to {} bytes on {{old}} and to {} on {{new}}; this rounds up to {}",
            pointer.old, pointer.new, pointer.old
        ),
        help: "round up to the alignment that the memory needs, such as `_Alignof(max_align_t)`".into(),
        ..Problem::default()
    });
}

/// Whether the function around an expression returns memory of no type.
fn gives_memory(e: Expr) -> bool {
    let function = e.enclosing();
    let Shape::Function { result, .. } = &function.ty().new.shape else { return false };
    let side = &e.tree.sides.new;
    let Some(Shape::Pointer(to)) = side.types.get(result.0 as usize).map(|t| &t.shape) else { return false };
    let to = side.types.get(to.0 as usize);
    to.is_some_and(|t| matches!(t.shape, Shape::Void) || t.size == Some(1))
}
