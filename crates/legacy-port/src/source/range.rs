//! Constants and the ranges that values lie in, under one target.
//!
//! Ranges are about expressions: a constant, a mask, a remainder, a shift, a small `sizeof`, a bound that a library
//! function keeps, and what `flow` knows of a variable where it stands. They are what keeps a check silent where a value
//! provably fits.

use super::clang::Parsed;
use super::flow::{self, Asking};
use super::tree::{Expr, Kind, Op, Shape, Type};
use crate::target::Which;

/// The least and the greatest value that something can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Least value.
    pub lo: i128,
    /// Greatest value.
    pub hi: i128,
}

impl Range {
    /// Everything that an integer of `size` bytes can hold; types wider than 8 bytes are taken for 8.
    #[must_use]
    pub fn of_integer(size: u64, signed: bool) -> Self {
        Self::of_bits(size.clamp(1, 8) * 8, signed)
    }

    /// Everything that an integer of so many bits can hold.
    fn of_bits(bits: u64, signed: bool) -> Self {
        let bits = u32::try_from(bits.clamp(1, 64)).unwrap_or(64);
        if signed {
            Self { lo: -(1 << (bits - 1)), hi: (1 << (bits - 1)) - 1 }
        } else {
            Self { lo: 0, hi: (1 << bits) - 1 }
        }
    }

    /// Whether all of it is within `other`.
    #[must_use]
    pub fn within(self, other: Self) -> bool {
        other.lo <= self.lo && self.hi <= other.hi
    }

    pub(super) fn join(self, other: Self) -> Self {
        Self { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    fn corners(self, other: Self, f: impl Fn(i128, i128) -> Option<i128>) -> Option<Self> {
        let all = [f(self.lo, other.lo)?, f(self.lo, other.hi)?, f(self.hi, other.lo)?, f(self.hi, other.hi)?];
        Some(Self { lo: *all.iter().min()?, hi: *all.iter().max()? })
    }
}

/// A value as an integer type keeps it.
fn wrap(value: i128, size: u64, signed: bool) -> i128 {
    let range = Range::of_integer(size, signed);
    let width = range.hi - range.lo + 1;
    (value - range.lo).rem_euclid(width) + range.lo
}

fn wrap_to(value: i128, ty: &Type) -> Option<i128> {
    match ty.shape {
        Shape::Integer { signed } => Some(wrap(value, ty.size?, signed)),
        Shape::Pointer(_) => Some(wrap(value, ty.size?, false)),
        Shape::Bool => Some(i128::from(value != 0)),
        _ => None,
    }
}

fn arithmetic(op: Op, a: i128, b: i128) -> Option<i128> {
    Some(match op {
        Op::Mul => a.checked_mul(b)?,
        Op::Div => a.checked_div(b)?,
        Op::Rem => a.checked_rem(b)?,
        Op::Add => a + b,
        Op::Sub => a - b,
        Op::Shl => a.checked_mul(1i128.checked_shl(u32::try_from(b).ok().filter(|b| *b < 64)?)?)?,
        Op::Shr => a >> u32::try_from(b).ok().filter(|b| *b < 64)?,
        Op::Less => (a < b).into(),
        Op::Greater => (a > b).into(),
        Op::LessEqual => (a <= b).into(),
        Op::GreaterEqual => (a >= b).into(),
        Op::Equal => (a == b).into(),
        Op::NotEqual => (a != b).into(),
        Op::BitAnd => a & b,
        Op::BitXor => a ^ b,
        Op::BitOr => a | b,
        Op::And => (a != 0 && b != 0).into(),
        Op::Or => (a != 0 || b != 0).into(),
        _ => return None,
    })
}

/// The value of a node whose parts are known, in its own type.
pub(super) fn fold(unit: &Parsed, id: usize) -> Option<i128> {
    let node = &unit.nodes[id];
    let ty = &unit.side.types[node.ty.0 as usize];
    let mut next = id + 1;
    let mut part = || {
        let child = (next < node.end as usize).then(|| &unit.nodes[next])?;
        next = child.end as usize;
        Some(unit.value(child).and_then(|v| wrap_to(v, &unit.side.types[child.conv.0 as usize])))
    };
    let value = match node.kind {
        Kind::Paren => part()??,
        Kind::Cast => {
            let mut last = None;
            while let Some(v) = part() {
                last = v;
            }
            last?
        }
        Kind::Unary => {
            let v = part()??;
            match node.op {
                Op::Plus => v,
                Op::Minus => -v,
                Op::BitNot => !v,
                Op::Not => (v == 0).into(),
                _ => return None,
            }
        }
        Kind::Binary => {
            let (a, b) = (part()??, part()??);
            arithmetic(node.op, a, b)?
        }
        Kind::Conditional => {
            let condition = part()??;
            let (yes, no) = (part()?, part()?);
            if condition == 0 { no? } else { yes? }
        }
        _ => return None,
    };
    wrap_to(value, ty)
}

/// Library functions whose result is at most the value of one argument, and -1 or 0 at least.
const BOUNDED_BY_ARGUMENT: &[(&str, usize, i128)] = &[
    ("fread", 2, 0),
    ("fwrite", 2, 0),
    ("pread", 2, -1),
    ("pwrite", 2, -1),
    ("read", 2, -1),
    ("readlink", 2, -1),
    ("recv", 2, -1),
    ("recvfrom", 2, -1),
    ("send", 2, -1),
    ("sendto", 2, -1),
    ("strnlen", 1, 0),
    ("write", 2, -1),
];

/// The range of an expression where it stands, implicit conversions done. `None` for what is no integer.
#[must_use]
pub fn converted(e: Expr, which: Which) -> Option<Range> {
    converted_asking(e, which, &mut Asking::new())
}

pub(super) fn converted_asking(e: Expr, which: Which, asking: &mut Asking) -> Option<Range> {
    let (size, signed) = e.converted().get(which).integer()?;
    let target = Range::of_integer(size, signed);
    let own_range = own_asking(e, which, asking)?;
    let widens = e.ty().get(which).integer().is_some_and(|(own_size, _)| own_size < size);
    if widens && !signed && own_range.lo < 0 && own_range.hi >= 0 {
        // A count that is meant to be none below zero. What becomes of it if it is one is a question of sign extension.
        return Some(Range { lo: 0, hi: own_range.hi });
    }
    Some(if own_range.within(target) { own_range } else { target })
}

/// The range of an expression in its own type.
#[must_use]
pub fn own(e: Expr, which: Which) -> Option<Range> {
    own_asking(e, which, &mut Asking::new())
}

fn own_asking(e: Expr, which: Which, asking: &mut Asking) -> Option<Range> {
    if let Some(v) = e.value().get(which) {
        return Some(Range { lo: v, hi: v });
    }
    let (size, signed) = e.ty().get(which).integer()?;
    let full = Range::of_integer(size, signed);
    if !asking.goes_on() {
        return Some(full);
    }
    let known = match e.kind() {
        Kind::Paren | Kind::Cast => e.operand().and_then(|o| converted_asking(o, which, asking)),
        Kind::Conditional => {
            let mut parts = e.children().skip(1).map(|c| converted_asking(c, which, asking));
            match (parts.next().flatten(), parts.next().flatten()) {
                (Some(a), Some(b)) => Some(a.join(b)),
                _ => None,
            }
        }
        Kind::Binary if e.op().is_truth() => Some(Range { lo: 0, hi: 1 }),
        Kind::Binary => binary(e, which, asking),
        Kind::Unary => match e.op() {
            Op::Not => Some(Range { lo: 0, hi: 1 }),
            Op::Minus => {
                let r = e.children().next().and_then(|c| converted_asking(c, which, asking));
                r.map(|r| Range { lo: -r.hi, hi: -r.lo })
            }
            Op::Plus => e.children().next().and_then(|c| converted_asking(c, which, asking)),
            _ => None,
        },
        Kind::Call => call(e, which, asking),
        Kind::Member if let Some(bits) = bit_field(e, which) => Some(Range::of_bits(bits, signed)),
        Kind::Name | Kind::Member => flow::range(e, which, asking),
        _ => None,
    };
    // What runs over in the type may be anywhere in it.
    Some(known.filter(|r| r.within(full)).unwrap_or(full))
}

/// The width of the bit-field that an expression names.
fn bit_field(e: Expr, which: Which) -> Option<u64> {
    let place = e.decl()?.get(which).place?;
    e.member_of()?.get(which).fields.iter().find(|f| f.place == place)?.bits
}

fn binary(e: Expr, which: Which, asking: &mut Asking) -> Option<Range> {
    let mut parts = e.children();
    let (left, right) = (parts.next()?, parts.next()?);
    let b = converted_asking(right, which, asking)?;
    if matches!(e.op(), Op::Comma | Op::Assign) {
        return if e.op() == Op::Comma { Some(b) } else { None };
    }
    let a = converted_asking(left, which, asking)?;
    match e.op() {
        // A mask without a sign bounds the result, whatever the other side is.
        Op::BitAnd if a.lo >= 0 || b.lo >= 0 => {
            let hi = [a, b].iter().filter(|r| r.lo >= 0).map(|r| r.hi).min()?;
            Some(Range { lo: 0, hi })
        }
        // A divisor is never zero.
        Op::Rem if b.lo >= 0 && b.hi > 0 => {
            let top = (b.hi - 1).min(a.hi.max(0));
            Some(Range { lo: if a.lo >= 0 { 0 } else { -(b.hi - 1) }, hi: top })
        }
        Op::Div if b.lo > 0 => a.corners(b, i128::checked_div),
        Op::Shl if a.lo >= 0 && b.lo >= 0 && b.hi < 64 => a.corners(b, |x, y| arithmetic(Op::Shl, x, y)),
        Op::Shr if b.lo >= 0 => a.corners(Range { lo: b.lo, hi: b.hi.min(63) }, |x, y| arithmetic(Op::Shr, x, y)),
        Op::Add | Op::Sub | Op::Mul => a.corners(b, |x, y| arithmetic(e.op(), x, y)),
        Op::BitOr | Op::BitXor if a.lo >= 0 && b.lo >= 0 => {
            let bits = 128 - (a.hi | b.hi).leading_zeros();
            let lo = if e.op() == Op::BitOr { a.lo.max(b.lo) } else { 0 };
            Some(Range { lo, hi: (1 << bits) - 1 })
        }
        _ => None,
    }
}

fn call(e: Expr, which: Which, asking: &mut Asking) -> Option<Range> {
    let name = &e.callee()?.get(which).name;
    if name == "strlen" {
        let text = e.arguments().next()?.inner();
        // A text in an array is shorter than the array.
        return match &text.ty().get(which).shape {
            Shape::Array { len: Some(n), .. } if *n > 1 => Some(Range { lo: 0, hi: i128::from(*n) - 1 }),
            _ => None,
        };
    }
    let &(_, argument, lo) = BOUNDED_BY_ARGUMENT.iter().find(|(f, ..)| f == name)?;
    let hi = converted_asking(e.arguments().nth(argument)?, which, asking)?.hi;
    Some(Range { lo, hi })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_wrap_as_their_type_keeps_them() {
        assert_eq!(wrap(0xFFFF_FFFF, 4, true), -1);
        assert_eq!(wrap(-1, 4, false), 0xFFFF_FFFF);
        assert_eq!(wrap(-1, 8, false), i128::from(u64::MAX));
        assert_eq!(wrap(300, 1, false), 44);
    }

    #[test]
    fn hostile_shifts_and_divisions_have_no_value() {
        assert_eq!(arithmetic(Op::Shl, 1, 64), None);
        assert_eq!(arithmetic(Op::Shl, 1, -1), None);
        assert_eq!(arithmetic(Op::Shr, 1, i128::MAX), None);
        assert_eq!(arithmetic(Op::Div, 1, 0), None);
        assert_eq!(arithmetic(Op::Mul, i128::MAX, 2), None);
    }
}
