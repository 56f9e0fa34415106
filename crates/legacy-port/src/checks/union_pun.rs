use crate::check::{Check, FixPromise, Level, Need, Note, Problem};
use crate::source::program::width;
use crate::source::slot::Slot;
use crate::source::tree::{Expr, Kind, Record, Shape, Type};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "members of a union that were equally wide under the old target only",
    why: "`union { int i; struct mobj *m; }`: setting `i` to zero leaves the upper half of `m` as it was, so that `m` is not \
          `NULL` afterwards, and what was written by one member is read by half or with rubbish by the other. Level `look` as \
          long as no unit sets the narrow member to zero and asks the wide one whether it is: unions whose members are told \
          apart by a tag are right. Records and byte arrays as members are left to the checks of layouts.",
    level: Level::May,
    fix: FixPromise::ByHand("`intptr_t` for the number makes both as wide; or the two become members of a structure"),
    visits: &[Kind::Record],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(records) = e.tree.record(e.ty()).filter(|r| r.new.is_union) else { return };
    if records.new.place != Some(e.node().place) {
        return;
    }
    let members = members(e, records);
    let pair = members.iter().find_map(|narrow| {
        let wide = members.iter().find(|wide| narrow.1.old == wide.1.old && narrow.1.new < wide.1.new)?;
        Some((narrow, wide))
    });
    let Some(((first, narrow), (second, wide))) = pair else { return };
    let (a, b) = (&records.new.fields[*first], &records.new.fields[*second]);
    problems.push(Problem {
        place: e.node().place,
        message: format!(
            "`{}` and `{}` of `{}` have {} bytes each on {{old}}; on {{new}} they have {} and {}",
            a.name, b.name, records.new.name, narrow.old, narrow.new, wide.new
        ),
        help: "make both as wide, `intptr_t` of <stdint.h> for a number beside a pointer".into(),
        notes: [a, b].map(|f| Note { place: f.place, text: format!("`{}`", f.name) }).into(),
        calmed_by: vec![Need::Apart(Slot::At(a.place), Slot::At(b.place))],
        ..Problem::default()
    });
}

/// The members that are numbers, pointers, or arrays of them: position and bytes.
fn members(e: Expr, records: Pair<&Record>) -> Vec<(usize, Pair<u64>)> {
    let sides = e.tree.sides.as_ref();
    let fields = records.old.fields.iter().zip(&records.new.fields).enumerate();
    let all = fields.filter_map(|(i, (o, n))| {
        let ty = Pair { old: o, new: n }.zip(sides).map(|(f, side)| side.types.get(f.ty.0 as usize)).both()?;
        let element = match (&ty.new.shape, e.tree.pointee(ty)) {
            (Shape::Array { .. }, Some(element)) => element,
            _ => ty,
        };
        let floating = |t: &Type| matches!(t.shape, Shape::Floating);
        let simple = width(element).is_some_and(|w| w.new > 1) || floating(element.new);
        Some((i, ty.map(|t| t.size).both()?)).filter(|_| simple)
    });
    all.collect()
}
