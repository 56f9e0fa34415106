use crate::check::{Check, FixPromise, Level, Problem};
use crate::edit::{Change, with_length};
use crate::source::format;
use crate::source::tree::{Expr, Kind, Shape, Type};

pub(super) const CHECK: Check = Check {
    summary: "an object that `scanf` fills as wide as it is under the old target only",
    why: "`%d` into a `time_t` sets half of it, and the rest stays what it was; `%ld` into an `int` writes over what lies \
          behind it. Silent where widths agree on both, or disagree on both alike. Not followed: formats that are no \
          literals, and functions of the program that hand theirs on.",
    level: Level::Breaks,
    fix: FixPromise::Edits("the conversion gets the length of the object that is filled"),
    visits: &[Kind::Call],
    look,
};

/// Functions of the library and the position of their format.
const SCANS: &[(&str, usize)] = &[("fscanf", 1), ("scanf", 0), ("sscanf", 1)];

fn look(e: Expr, problems: &mut Vec<Problem>) {
    // glibc's headers call them by other names where the standard says so.
    let name = e.callee().map_or("", |c| c.new.name.trim_start_matches("__isoc99_").trim_start_matches("__isoc23_"));
    let Some(&(_, at)) = SCANS.iter().find(|(f, _)| *f == name) else { return };
    let arguments: Vec<Expr> = e.arguments().collect();
    let Some(formats) = arguments.get(at).and_then(|f| f.text()) else { return };
    let conversions = formats.map(format::scanf);
    for (i, argument) in arguments.iter().skip(at + 1).enumerate() {
        let Some(pair) = conversions.as_ref().map(|c| c.get(i)).both() else { continue };
        let Some(object) = e.tree.pointee(argument.bare().ty()) else { continue };
        let wanted = pair.zip(e.tree.sides.as_ref()).map(|(c, side)| c.width.bytes(side)).both();
        let simple = |t: &Type| matches!(t.shape, Shape::Integer { .. } | Shape::Pointer(_));
        let given = object.map(|t| t.size.filter(|_| simple(t))).both();
        let (Some(wanted), Some(given)) = (wanted, given) else { continue };
        let place = argument.conversion();
        if wanted.old != given.old || wanted.new == given.new || e.is_system(place) {
            continue;
        }
        let integers = object.map(Type::integer).both();
        let length = integers.and_then(|n| with_length(&pair.new.text, &object.new.name, (n.old.0, n.new.0)));
        problems.push(Problem {
            place,
            message: format!(
                "`{}` has {} bytes on {{old}} and {} on {{new}}; `{}` writes {} and {}",
                object.new.name, given.old, given.new, pair.new.text, wanted.old, wanted.new
            ),
            help: "use the conversion of the object's type, or read into one of the conversion's".into(),
            change: arguments[at].literal().zip(length).map(|(place, by)| Change::Conversion {
                place,
                nth: i,
                was: pair.new.text.clone(),
                by,
                scan: true,
            }),
            ..Problem::default()
        });
    }
}
