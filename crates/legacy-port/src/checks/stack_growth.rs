use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::tree::{Expr, Kind, Op};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a stack that has to hold much more under the new target: large arrays, recursion, stacks of a fixed size",
    why: "Arrays of pointers and of records with pointers are twice as large. Where one of 64 KiB and more is a local variable, \
          or a function that calls itself keeps some of 1 KiB and more, the stack that was large enough may not be; and one \
          that the program makes itself, for a thread or a context, has as many bytes as are written there. Silent for \
          `static` arrays, for frames that do not grow, and for sizes that follow from a `sizeof`. Not followed: functions \
          that call themselves by way of others, `alloca`.",
    level: Level::Look,
    fix: FixPromise::ByHand("from the heap, a larger stack, or indexes of 4 bytes in the place of pointers"),
    visits: &[Kind::Function, Kind::Call, Kind::Binary],
    look,
};

/// Bytes by which the frame of any function may grow.
const LARGE: u64 = 64 << 10;

/// Bytes by which the frame of a function that calls itself may grow.
const RECURSIVE: u64 = 1 << 10;

/// A stack that is smaller than this is made to measure.
const FIXED: i128 = 1 << 20;

fn look(e: Expr, problems: &mut Vec<Problem>) {
    match e.kind() {
        Kind::Function => frame(e, problems),
        Kind::Call => {
            let by_call = e.callee().is_some_and(|c| c.new.name == "pthread_attr_setstacksize");
            if let Some(size) = e.arguments().nth(1).filter(|_| by_call) {
                stack(e, size, problems);
            }
        }
        _ => {
            let mut parts = e.children();
            let target = parts.next().filter(|t| e.op() == Op::Assign && t.inner().name() == "ss_size");
            if let Some((_, size)) = target.zip(parts.next()) {
                stack(e, size, problems);
            }
        }
    }
}

fn frame(function: Expr, problems: &mut Vec<Problem>) {
    let place = function.written();
    if !function.is_definition() || function.is_system(place) {
        return;
    }
    let own = function.decl_id().new;
    let mut all = Pair { old: 0u64, new: 0u64 };
    let mut largest: Option<(u64, Expr)> = None;
    for v in function.descendants().filter(|d| d.kind() == Kind::Variable && !d.decl().is_none_or(|d| d.new.fixed)) {
        let Some(size) = v.ty().map(|t| t.size).both() else { continue };
        all = Pair { old: all.old.saturating_add(size.old), new: all.new.saturating_add(size.new) };
        let grows = size.new.saturating_sub(size.old);
        if grows > largest.map_or(0, |l| l.0) {
            largest = Some((grows, v));
        }
    }
    let grows = all.new.saturating_sub(all.old);
    let Some((_, variable)) = largest.filter(|_| grows >= RECURSIVE) else { return };
    let recursive = function.descendants().any(|d| d.kind() == Kind::Call && d.decl_id().new == own);
    if grows < LARGE && !recursive {
        return;
    }
    problems.push(Problem {
        place: variable.written(),
        message: format!(
            "the variables of `{}`{} take {} bytes of the stack on {{old}} and {} on {{new}}",
            function.name(),
            if recursive { ", which calls itself," } else { "" },
            all.old,
            all.new
        ),
        help: "take it from the heap, or see that the stack is large enough".into(),
        notes: vec![Note { place, text: "the function".into() }],
        ..Problem::default()
    });
}

/// A stack whose size is a number.
fn stack(e: Expr, size: Expr, problems: &mut Vec<Problem>) {
    let place = size.conversion();
    let value = size.value().both().filter(|v| !v.differs());
    let pointer = e.tree.sides.as_ref().map(|s| s.pointer_size);
    let measured = size.kind() == Kind::SizeOf || size.descendants().any(|d| d.kind() == Kind::SizeOf);
    let Some(bytes) = value.map(|v| v.new).filter(|v| (1..FIXED).contains(v) && pointer.differs() && !measured) else {
        return;
    };
    // The library's own constants follow its needs.
    if e.is_system(place) || e.is_system(size.inner().written()) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "a stack of {bytes} bytes on both: frames on {{new}} are larger, up to twice as large as on {{old}}"
        ),
        help: "make it larger, or measure what is used".into(),
        ..Problem::default()
    });
}
