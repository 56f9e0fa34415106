use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::format::{self, Conversion};
use crate::source::range::{self, Range};
use crate::source::tree::{Expr, Kind, Shape};
use crate::target::Which;

pub(super) const CHECK: Check = Check {
    summary: "a text buffer that holds the longest text under the old target and not under the new",
    why: "A `long` is printed with 11 characters at most where it has 4 bytes, and with 20 where it has 8; an address in \
          hexadecimal takes 8 and 16. `char b[12]; sprintf(b, \"%ld\", n)` runs over, and nothing warns. The longest text is \
          computed for both targets from the format and from what is known of the arguments. Silent where it does not fit \
          under the old target either, where a value is known to be small, and where the length cannot be told (`%s` of a \
          text that is not known, floating point).",
    level: Level::May,
    fix: FixPromise::ByHand("a larger buffer, and `snprintf` with its `sizeof`"),
    visits: &[Kind::Call],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    if e.callee().is_none_or(|c| c.new.name != "sprintf") || e.is_system(e.written()) {
        return;
    }
    let arguments: Vec<Expr> = e.arguments().collect();
    let [buffer, format, values @ ..] = arguments.as_slice() else { return };
    let buffer = buffer.bare();
    let Shape::Array { len: Some(room), .. } = buffer.ty().new.shape else { return };
    let Some(text) = format.text() else { return };
    let lengths = [(Which::Old, text.old), (Which::New, text.new)].map(|(which, text)| longest(text, values, which));
    let [Some(old), Some(new)] = lengths else { return };
    // And the zero behind it.
    if old + 1 > room || new < room {
        return;
    }
    problems.push(Problem {
        place: e.written(),
        message: format!(
            "`{}` has room for {room} bytes; the longest text takes {} on {{old}} and {} on {{new}}",
            buffer.name(),
            old + 1,
            new + 1
        ),
        help: format!("make it {} bytes or more, and use `snprintf`", new + 1),
        ..Problem::default()
    });
}

/// Characters of the longest text that a format makes of these values under one target.
fn longest(format: &str, values: &[Expr], which: Which) -> Option<u64> {
    let conversions = format::printf(format);
    let mut values = values.iter();
    let mut total = format::literal_length(format);
    for conversion in &conversions {
        total += characters(conversion, *values.next()?, which)?;
    }
    Some(total)
}

fn characters(conversion: &Conversion, value: Expr, which: Which) -> Option<u64> {
    let (width, precision) = conversion.measures()?;
    let own = match conversion.text.chars().last()? {
        'd' | 'i' => digits(values(conversion, value, which)?, 10, precision),
        'u' => digits(unsigned(values(conversion, value, which)?, conversion, value, which)?, 10, precision),
        'x' | 'X' => {
            let range = unsigned(values(conversion, value, which)?, conversion, value, which)?;
            digits(range, 16, precision) + if conversion.text.contains('#') { 2 } else { 0 }
        }
        'o' => digits(unsigned(values(conversion, value, which)?, conversion, value, which)?, 8, precision),
        'p' => 2 + 2 * value.tree.sides.as_ref().get(which).pointer_size,
        'c' => 1,
        's' => {
            let known = match value.bare().ty().get(which).shape {
                Shape::Array { len: Some(n), .. } => Some(n.saturating_sub(1)),
                _ => None,
            };
            match (known, precision) {
                (Some(n), Some(p)) => n.min(p),
                (n, p) => n.or(p)?,
            }
        }
        _ => return None,
    };
    Some(own.max(width))
}

/// The values that an argument can have, as the conversion takes it.
fn values(conversion: &Conversion, value: Expr, which: Which) -> Option<Range> {
    let bytes = conversion.width.bytes(value.tree.sides.as_ref().get(which))?;
    let range = range::own(value, which)?;
    let full = Range::of_integer(bytes, true);
    Some(if range.within(full) { range } else { full })
}

/// The same for a conversion that knows no sign.
fn unsigned(range: Range, conversion: &Conversion, value: Expr, which: Which) -> Option<Range> {
    let bytes = conversion.width.bytes(value.tree.sides.as_ref().get(which))?;
    Some(if range.lo < 0 { Range::of_integer(bytes, false) } else { range })
}

fn digits(range: Range, base: u128, precision: Option<u64>) -> u64 {
    let count = |v: i128| {
        let (mut rest, mut n) = (v.unsigned_abs() / base, 1);
        while rest > 0 {
            (rest, n) = (rest / base, n + 1);
        }
        n.max(precision.unwrap_or(0)) + u64::from(v < 0)
    };
    count(range.lo).max(count(range.hi))
}
