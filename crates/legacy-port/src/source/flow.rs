//! Which values a variable can have at a place within one function.
//!
//! No control flow graph: the statements of a function are a tree, and what holds at a place is what its enclosing
//! conditions say, and those before it that leave (`if (n > MAX) return;`). Where `goto` jumps into a block that such a
//! condition guards, too much is believed; old programs do so rarely, and what is at stake is a finding.

use super::range::{self, Range};
use super::slot;
use super::tree::{DeclId, Expr, Kind, Op};
use crate::target::Which;

/// What is being asked at the moment: a variable that depends on itself has any value. And how much more may be asked:
/// where many variables are computed from one another (a cipher unrolled), the ways through them double with each step.
pub(super) struct Asking {
    variables: Vec<DeclId>,
    left: u32,
}

impl Asking {
    pub(super) fn new() -> Self {
        Self { variables: Vec::new(), left: 2000 }
    }

    /// Whether one more expression may be asked for.
    pub(super) fn goes_on(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }
}

/// The values that the variable or member named by `e` can have where `e` stands; `None` where nothing is known.
pub(super) fn range(e: Expr, which: Which, asking: &mut Asking) -> Option<Range> {
    let (size, signed) = e.ty().get(which).integer()?;
    let full = Range::of_integer(size, signed);
    let assigned = assigned(e, which, asking).filter(|r| r.within(full)).unwrap_or(full);
    Some(guarded(e, assigned, which, asking))
}

/// The join of everything that is assigned to a local variable; `None` where it can be anything.
fn assigned(e: Expr, which: Which, asking: &mut Asking) -> Option<Range> {
    let decl = e.decl_id().new.filter(|d| e.kind() == Kind::Name && slot::is_local(e, *d))?;
    if asking.variables.contains(&decl) || asking.variables.len() > 8 {
        return None;
    }
    asking.variables.push(decl);
    let mut all: Option<Range> = None;
    let mut known = true;
    for write in writes(e.enclosing(), decl) {
        let values = match write {
            Write::Value(v) => range::converted_asking(v, which, asking),
            Write::Step(step) => stepped(step, decl, which, asking),
            Write::Unknown => None,
        };
        match values {
            Some(r) => all = Some(all.map_or(r, |a| a.join(r))),
            None => known = false,
        }
        if !known {
            break;
        }
    }
    asking.variables.pop();
    all.filter(|_| known)
}

/// One way in which a variable gets a value.
enum Write<'t> {
    /// It is set to the value of this expression.
    Value(Expr<'t>),
    /// It goes up or down by one here.
    Step(Expr<'t>),
    /// Something else is done to it.
    Unknown,
}

/// Every place in a function that gives a variable a value.
fn writes(function: Expr<'_>, decl: DeclId) -> impl Iterator<Item = Write<'_>> {
    let named = move |e: Expr| e.kind() == Kind::Name && e.decl_id().new == Some(decl);
    function.descendants().filter_map(move |e| match e.kind() {
        Kind::Variable if e.decl_id().new == Some(decl) => {
            // Its parts are those of its type, and then its value. `va_arg` and `({ ... })` are `Other` as well.
            let last = e.children().last();
            let block = |v: &Expr| v.children().any(|c| c.kind() == Kind::Compound);
            if last.is_some_and(|v| v.kind() == Kind::Other && (v.va_arg().is_some() || block(&v))) {
                return Some(Write::Unknown);
            }
            let value = last.filter(|v| v.ty().new.size.is_some() && v.kind() != Kind::Other);
            value.map(Write::Value)
        }
        Kind::Binary if e.op() == Op::Assign => {
            let mut parts = e.children();
            let left = parts.next()?.inner();
            named(left).then(|| parts.next().map_or(Write::Unknown, Write::Value))
        }
        Kind::CompoundAssign => named(e.children().next()?.inner()).then_some(Write::Unknown),
        Kind::Assembler => e.descendants().any(named).then_some(Write::Unknown),
        Kind::Unary if named(e.children().next()?.inner()) => match e.op() {
            Op::Increment | Op::Decrement => Some(Write::Step(e)),
            Op::AddressOf => Some(Write::Unknown),
            _ => None,
        },
        _ => None,
    })
}

/// The values that `i++` and `i--` lead to, where the condition of a loop around them bounds `i`.
fn stepped(step: Expr, decl: DeclId, which: Which, asking: &mut Asking) -> Option<Range> {
    let up = step.op() == Op::Increment;
    let mut e = step;
    while !matches!(e.kind(), Kind::Function | Kind::Unit) {
        if let Some(condition) = loop_condition(e)
            && let Some(bound) = conjuncts(condition).find_map(|c| bound(c, decl, which, asking))
        {
            let (lo, hi) = (bound.0, bound.1);
            return match (up, lo, hi) {
                // One more than the last value for which the loop goes on.
                (true, _, Some(hi)) => Some(Range { lo: hi.min(0), hi: hi + 1 }),
                (false, Some(lo), _) => Some(Range { lo: lo - 1, hi: lo.max(0) }),
                _ => None,
            };
        }
        e = e.parent();
    }
    None
}

/// What a comparison says of a variable when it is true: least and greatest value.
fn bound(c: Expr, decl: DeclId, which: Which, asking: &mut Asking) -> Option<(Option<i128>, Option<i128>)> {
    let mut parts = c.children();
    let (a, b) = (parts.next()?, parts.next()?);
    let named = |e: Expr| e.bare().kind() == Kind::Name && e.bare().decl_id().new == Some(decl);
    let (op, other) = if named(a) {
        (c.op(), b)
    } else if named(b) {
        (mirrored(c.op()), a)
    } else {
        return None;
    };
    let r = range::converted_asking(other, which, asking)?;
    Some(match op {
        Op::Less | Op::NotEqual => (None, Some(r.hi - 1)),
        Op::LessEqual => (None, Some(r.hi)),
        Op::Greater => (Some(r.lo + 1), None),
        Op::GreaterEqual => (Some(r.lo), None),
        _ => return None,
    })
}

fn mirrored(op: Op) -> Op {
    match op {
        Op::Less => Op::Greater,
        Op::Greater => Op::Less,
        Op::LessEqual => Op::GreaterEqual,
        Op::GreaterEqual => Op::LessEqual,
        other => other,
    }
}

fn negated(op: Op) -> Option<Op> {
    Some(match op {
        Op::Less => Op::GreaterEqual,
        Op::Greater => Op::LessEqual,
        Op::LessEqual => Op::Greater,
        Op::GreaterEqual => Op::Less,
        Op::Equal => Op::NotEqual,
        Op::NotEqual => Op::Equal,
        _ => return None,
    })
}

/// The condition of a loop. libclang leaves out the parts that a `for` does not have, so that it is known by what it is.
fn loop_condition(e: Expr<'_>) -> Option<Expr<'_>> {
    let mut parts =
        e.children().filter(|c| matches!(c.kind(), Kind::Binary | Kind::Paren) && c.inner().op().is_truth());
    parts.next().filter(|_| e.kind() == Kind::Loop)
}

/// The parts of `a && b && c`.
fn conjuncts(e: Expr<'_>) -> impl Iterator<Item = Expr<'_>> {
    let mut todo = vec![e.inner()];
    std::iter::from_fn(move || {
        while let Some(e) = todo.pop() {
            if e.kind() == Kind::Binary && e.op() == Op::And {
                todo.extend(e.children().map(Expr::inner));
            } else {
                return Some(e);
            }
        }
        None
    })
}

/// How far up conditions are looked for: only code that programs write nests deeper, and there it would take for ever.
const AROUND: usize = 1000;

/// How many statements back conditions are looked for that would have left.
const BEFORE: usize = 1000;

/// A range made smaller by the conditions that hold where `e` stands.
fn guarded(e: Expr, mut values: Range, which: Which, asking: &mut Asking) -> Range {
    let (mut part, mut up) = (e, e.parent());
    let mut in_loop = false;
    for _ in 0..AROUND {
        if matches!(part.kind(), Kind::Function | Kind::Unit) {
            break;
        }
        let first = up.children().next().filter(|_| !part.is_first());
        let condition = match up.kind() {
            Kind::If | Kind::Conditional => first.map(|c| (c, c.node().end == part.id)),
            Kind::Loop => loop_condition(up).filter(|c| c.id < part.id).map(|c| (c, true)),
            Kind::Binary if up.op() == Op::And => first.map(|c| (c, true)),
            Kind::Binary if up.op() == Op::Or => first.map(|c| (c, false)),
            _ => None,
        };
        // What a condition says is asked first, and only then whether it still holds: that is a walk over all in between.
        if let Some((condition, holds)) = condition {
            let narrower = narrowed(e, condition, holds, values, which, asking, 0);
            if narrower != values && !changed(e, part, in_loop) {
                values = narrower;
            }
        }
        if up.kind() == Kind::Compound {
            // What leaves before: `if (n > MAX) return;`, but for what `switch` and `goto` jump over.
            let jumped_to = |s: Expr| matches!(s.kind(), Kind::Case | Kind::Label);
            let before = part.before().take(BEFORE).take_while(|s| !jumped_to(*s));
            let before: Vec<Expr> = before.filter(|s| s.kind() == Kind::If && !jumped_to(part)).collect();
            for before in before.into_iter().rev() {
                let mut parts = before.children();
                let (Some(condition), Some(then), None) = (parts.next(), parts.next(), parts.next()) else { continue };
                let narrower = narrowed(e, condition, false, values, which, asking, 0);
                if narrower != values
                    && leaves(then)
                    && !changed_between(e, before.node().end, if in_loop { part.node().end } else { e.id })
                {
                    values = narrower;
                }
            }
        }
        in_loop |= up.kind() == Kind::Loop;
        (part, up) = (up, up.parent());
    }
    values
}

/// Whether the variable of `e` is changed in a part of the function before it, or, in a loop, anywhere in that part.
fn changed(e: Expr, part: Expr, in_loop: bool) -> bool {
    changed_between(e, part.id, if in_loop { part.node().end } else { e.id })
}

fn changed_between(e: Expr, from: u32, to: u32) -> bool {
    (from..to).map(|id| e.tree.at(id)).any(|w| {
        let target = match w.kind() {
            Kind::Binary if w.op() == Op::Assign => w.children().next(),
            Kind::CompoundAssign => w.children().next(),
            Kind::Unary if matches!(w.op(), Op::Increment | Op::Decrement | Op::AddressOf) => w.children().next(),
            _ => None,
        };
        target.is_some_and(|t| same(t.inner(), e))
    })
}

/// Whether a statement never goes on to the next one.
fn leaves(statement: Expr) -> bool {
    match statement.kind() {
        Kind::Return | Kind::Jump => true,
        Kind::Compound => statement.children().last().is_some_and(leaves),
        Kind::Call => {
            let name = statement.callee().map_or("", |c| &c.new.name);
            matches!(name, "exit" | "_exit" | "abort" | "longjmp" | "err" | "errx" | "__builtin_unreachable")
        }
        _ => false,
    }
}

/// Whether what is done at `b`, behind `a` in the source, can be done after `a`: not so for the two branches of a
/// condition, nor where all that follows `a` leaves first. With itself: whether a loop around it can come back.
#[must_use]
pub fn can_follow(a: Expr, b: Expr) -> bool {
    let mut part = a;
    let mut up = a.parent();
    while !matches!(part.kind(), Kind::Function | Kind::Unit) {
        let around = up.id <= b.id && b.id < up.node().end;
        let same_part = part.id <= b.id && b.id < part.node().end;
        if around && !same_part {
            // Behind the condition comes either branch, and behind one branch never the other.
            let condition = up.children().next().is_some_and(|c| c.id == part.id);
            return condition || !matches!(up.kind(), Kind::If | Kind::Conditional | Kind::Switch);
        }
        if same_part && a.id == b.id && up.kind() == Kind::Loop {
            return true;
        }
        // What comes behind in the same block leaves, and leaves the loop too.
        let gone = |s: Expr| s.kind() == Kind::Return || (s.kind() == Kind::Call && leaves(s));
        if up.kind() == Kind::Compound && up.children().any(|s| s.id >= part.id && gone(s)) {
            return false;
        }
        if part.kind() == Kind::Return {
            return false;
        }
        (part, up) = (up, up.parent());
    }
    false
}

/// What a condition, or its opposite, says of `e`.
fn narrowed(
    e: Expr,
    condition: Expr,
    holds: bool,
    values: Range,
    which: Which,
    asking: &mut Asking,
    depth: u32,
) -> Range {
    let c = condition.inner();
    let mut parts = c.children();
    let (Some(a), b) = (parts.next(), parts.next()) else { return values };
    match (c.kind(), c.op(), b) {
        _ if depth > 32 => values,
        (Kind::Unary, Op::Not, _) => narrowed(e, a, !holds, values, which, asking, depth + 1),
        // All of `a && b` holds, or nothing of `a || b` does: each of the two says something.
        (Kind::Binary, Op::And | Op::Or, Some(b)) if (c.op() == Op::And) == holds => {
            let values = narrowed(e, a, holds, values, which, asking, depth + 1);
            narrowed(e, b, holds, values, which, asking, depth + 1)
        }
        (Kind::Binary, op, Some(b)) => {
            let Some(op) = (if holds { Some(op) } else { negated(op) }) else { return values };
            let (op, mine, other) = if same(a.bare(), e) {
                (op, a, b)
            } else if same(b.bare(), e) {
                (mirrored(op), b, a)
            } else {
                return values;
            };
            compared(op, mine, other, values, which, asking)
        }
        _ => values,
    }
}

fn compared(op: Op, mine: Expr, other: Expr, values: Range, which: Which, asking: &mut Asking) -> Range {
    let Some(r) = range::converted_asking(other, which, asking) else { return values };
    // `(unsigned)n < 10` says that `n` is not below zero either.
    let unsigned = mine.converted().get(which).integer().is_some_and(|(_, signed)| !signed);
    let Range { mut lo, mut hi } = values;
    match op {
        Op::Less => hi = hi.min(r.hi - 1),
        Op::LessEqual => hi = hi.min(r.hi),
        Op::Greater => lo = lo.max(r.lo + 1),
        Op::GreaterEqual => lo = lo.max(r.lo),
        Op::Equal => (lo, hi) = (lo.max(r.lo), hi.min(r.hi)),
        _ => return values,
    }
    if unsigned && matches!(op, Op::Less | Op::LessEqual | Op::Equal) && r.hi < i128::from(i64::MAX) {
        lo = lo.max(0);
    }
    if lo > hi { values } else { Range { lo, hi } }
}

/// Whether two expressions are the same variable, member or constant, written alike.
#[must_use]
pub fn same(a: Expr, b: Expr) -> bool {
    if a.kind() != b.kind() || a.op() != b.op() || a.value().new != b.value().new {
        return false;
    }
    let (mut left, mut right) = (a.children(), b.children());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return a.decl_id().new == b.decl_id().new,
            (Some(x), Some(y)) if same(x.inner(), y.inner()) => {}
            _ => return false,
        }
    }
}
