use crate::check::{Check, FixPromise, Level, Need, Problem};
use crate::edit::{Change, with_length};
use crate::source::format::{self, Conversion};
use crate::source::tree::{Expr, Kind, Shape, Type};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "an argument of `printf` whose width agrees with its conversion under the old target only",
    why: "`%d` for a `long` or a `size_t`, `%x` for a pointer, `%ld` for an `int`: the number is cut, or the upper half is \
          whatever lies there, and with more arguments than registers those behind it are read from the wrong place. \
          Found for the functions of the library and for functions of the program that hand their format on to \
          `vprintf` and its like, in whichever unit. Silent for `%zu`, `%td`, `%jd`, `PRId64`, and for what disagrees on \
          both targets alike. Not followed: formats that are no literals.",
    level: Level::May,
    fix: FixPromise::Edits("the conversion gets the length of the type, where an integer is printed"),
    visits: &[Kind::Call],
    look,
};

/// Functions of the library and the position of their format.
const PRINTS: &[(&str, usize)] = &[
    ("asprintf", 1),
    ("dprintf", 1),
    ("err", 1),
    ("errx", 1),
    ("fprintf", 1),
    ("printf", 0),
    ("snprintf", 2),
    ("sprintf", 1),
    ("syslog", 1),
    ("warn", 0),
    ("warnx", 0),
];

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(callee) = e.callee() else { return };
    let name = callee.new.name.as_str();
    let known = PRINTS.iter().find(|(f, _)| *f == name).map(|(_, at)| *at);
    let types = callee.zip(e.tree.sides.as_ref()).map(|(decl, side)| side.types.get(decl.ty.0 as usize));
    let Some(Shape::Function { params, variadic: true, .. }) = types.new.map(|t| &t.shape) else { return };
    let Some(at) = known.or(params.len().checked_sub(1)) else { return };
    let arguments: Vec<Expr> = e.arguments().collect();
    let Some(formats) = arguments.get(at).and_then(|f| f.text()) else { return };
    let conversions = formats.map(format::printf);
    for (i, argument) in arguments.iter().skip(params.len()).enumerate() {
        let pair = conversions.as_ref().map(|c| c.get(i)).both();
        let place = argument.conversion();
        let Some((conversion, wanted)) = pair.and_then(|c| disagrees(*argument, c)) else { continue };
        if e.is_system(place) {
            continue;
        }
        let ty = argument.converted();
        let integers = ty.map(Type::integer).both();
        let length = integers.and_then(|n| with_length(&conversion.text, &ty.new.name, (n.old.0, n.new.0)));
        problems.push(Problem {
            place,
            message: format!(
                "`{}` has {} bytes on {{old}} and {} on {{new}}; `{}` takes {}",
                ty.new.name,
                ty.old.size.unwrap_or(0),
                ty.new.size.unwrap_or(0),
                conversion.text,
                if wanted.differs() { format!("{} and {}", wanted.old, wanted.new) } else { wanted.new.to_string() },
            ),
            help: "use the conversion of the type: `%zu`, `%td`, `%jd`, `%p`, `PRId64` of <inttypes.h>".into(),
            notes: Vec::new(),
            change: arguments[at].literal().zip(length).map(|(place, by)| Change::Conversion {
                place,
                nth: i,
                was: conversion.text.clone(),
                by,
                scan: false,
            }),
            needs: known.is_none().then(|| Need::Formats(name.to_owned(), at)),
            ..Problem::default()
        });
    }
}

/// The conversion, and the bytes that it takes, where they are the argument's under the old target and not under the new.
fn disagrees<'c>(argument: Expr, conversion: Pair<&'c Conversion>) -> Option<(&'c Conversion, Pair<u64>)> {
    let wanted = conversion.zip(argument.tree.sides.as_ref()).map(|(c, side)| c.width.bytes(side)).both()?;
    let simple = |t: &Type| matches!(t.shape, Shape::Integer { .. } | Shape::Pointer(_));
    let ty = argument.converted();
    let given = ty.map(|t| t.size.filter(|_| simple(t))).both()?;
    (wanted.old == given.old && wanted.new != given.new).then_some((conversion.new, wanted))
}
