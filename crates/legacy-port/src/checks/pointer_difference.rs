use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::address::is_difference;
use crate::source::tree::{Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "a difference of two pointers taken by way of integers that lose half of each under the new target",
    why: "`(int)p - (int)q` is right by luck: the lost halves cancel out as long as both point into one object of less than \
          2 GiB. It is told so that it can be made `p - q`, which needs no luck; level `look`, since it computes what it \
          did.",
    level: Level::Look,
    fix: FixPromise::ByHand("`p - q` counts elements and not bytes: the division that often follows has to go too"),
    visits: &[Kind::Cast],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    let Some(size) = e.ty().map(|t| t.integer().map(|(size, _)| size)).both() else { return };
    let pointer = e.tree.sides.as_ref().map(|s| s.pointer_size);
    // Once for the two: at the first.
    let first = e.context().children().next().is_some_and(|c| c.inner().id == e.id);
    if !first || !is_difference(e) || e.is_system(place) || size.old < pointer.old || size.new >= pointer.new {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "a pointer has {} bytes on {{old}} and {} on {{new}}; the difference is taken of {} of them",
            pointer.old, pointer.new, size.new
        ),
        help: "subtract the pointers".into(),
        ..Problem::default()
    });
}
