use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "an address made of a constant with bit 31, which is the upper end of memory under the old target only",
    why: "`(char *)0xFFFFFFFF` was the last byte there is and the same as `(char *)-1`; `0xC0000000` is where the kernel began. \
          Under the new target both lie in the middle of nothing, are different from -1, and every real address is greater. \
          Silent for `(char *)-1`, which is the last byte on both.",
    level: Level::May,
    fix: FixPromise::ByHand(
        "`UINTPTR_MAX`, `(void *)-1`, `MAP_FAILED`, or the address of an object made for the purpose",
    ),
    visits: &[Kind::Cast, Kind::Integer, Kind::Paren],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let (value, to, place) = match e.kind() {
        Kind::Cast => {
            let Some(operand) = e.operand() else { return };
            (operand, e.ty(), e.written())
        }
        _ => (e, e.converted(), e.conversion()),
    };
    let Some(number) = value.value().both() else { return };
    let pointer = e.tree.sides.as_ref().map(|s| s.pointer_size);
    let high = (0x8000_0000..=0xFFFF_FFFF).contains(&number.new);
    let integer = value.ty().new.integer().is_some();
    if !high || !integer || !to.new.is_address() || !pointer.differs() || e.is_system(place) {
        return;
    }
    problems.push(Problem {
        place,
        message: format!(
            "{:#x} is an address in the upper half of memory on {{old}}, and in the lowest part of it on {{new}}",
            number.new
        ),
        help: "use `(void *)-1`, `UINTPTR_MAX`, or the address of an object of your own".into(),
        ..Problem::default()
    });
}
