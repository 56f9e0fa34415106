//! What one unit contributes to [`Facts`](super::program::Facts): one function a field.

use std::collections::{BTreeMap, BTreeSet};

use super::address;
use super::origin;
use super::program::{Parameter, Widths, width, widths};
use super::range::{self, Range};
use super::slot::{self, Key, Slot};
use super::tree::{Expr, Kind, On, Op, Shape, Tree, Type};
use super::uses::numeric_uses;
use crate::target::{Pair, Which};

fn is_definition(e: &Expr) -> bool {
    e.node().on == On::Both && e.is_definition()
}

/// How wide what a unit defines is, by name.
pub(super) type Definitions = BTreeMap<String, BTreeSet<Widths>>;

/// The functions and variables that a unit defines and others can name, and the functions that are its own.
pub(super) fn definitions(tree: &Tree) -> (Definitions, Definitions) {
    let (mut found, mut private) = (Definitions::new(), Definitions::new());
    for e in tree.of_kinds(&[Kind::Function, Kind::Variable]) {
        let external = e.decl().is_some_and(|d| d.new.external);
        if is_definition(&e) {
            // In the old style the type says nothing of the parameters; their declarations do.
            let parameters = e.children().filter(|c| c.kind() == Kind::Parameter).map(|p| width(p.ty()));
            let result = widths(tree, e.ty()).first().copied().flatten();
            let widths = std::iter::once(result).chain(parameters).collect();
            let to = if external { &mut found } else { &mut private };
            to.entry(e.name().to_owned()).or_default().insert(widths);
        } else if e.kind() == Kind::Variable && external {
            found.entry(e.name().to_owned()).or_default().insert(widths(tree, e.ty()));
        }
    }
    (found, private)
}

/// The functions with variable arguments that pointers or other wide numbers are passed to.
pub(super) fn wide_passed(tree: &Tree) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for call in tree.of_kinds(&[Kind::Call]) {
        let Some(name) = call.variadic_callee() else { continue };
        let wide =
            |a: Expr| a.converted().new.is_address() || width(a.converted()).is_some_and(|w| w.old == 4 && w.new == 8);
        if call.arguments().skip(1).any(wide) {
            found.insert(name);
        }
    }
    found
}

/// What the functions of a unit take by `va_arg`.
pub(super) fn taken(tree: &Tree) -> BTreeMap<String, BTreeSet<Option<Pair<u64>>>> {
    let mut found: BTreeMap<String, BTreeSet<Option<Pair<u64>>>> = BTreeMap::new();
    for e in tree.of_kinds(&[Kind::Other]) {
        if let Some(ty) = e.va_arg() {
            let function = e.enclosing();
            for name in [function.name().to_owned(), function.ty().new.name.clone()] {
                found.entry(name).or_default().insert(width(ty));
            }
        }
    }
    found
}

/// The members of unions that something is done to.
pub(super) fn union_members(tree: &Tree, done: fn(Expr) -> bool) -> BTreeSet<Key> {
    let member = |e: &Expr| e.kind() == Kind::Member && e.member_of().is_some_and(|r| r.new.is_union) && done(*e);
    tree.iter().filter(member).filter_map(slot::read).map(|slot| slot.key(tree)).collect()
}

pub(super) fn is_tested(e: Expr) -> bool {
    e.is_tested()
}

pub(super) fn is_zeroed(e: Expr) -> bool {
    let up = e.context();
    let mut parts = up.children();
    up.kind() == Kind::Binary
        && up.op() == Op::Assign
        && parts.next().is_some_and(|l| l.inner().id == e.id)
        && parts.next().is_some_and(|v| v.value().new == Some(0))
}

/// The pointers of no type (`void *`, `char *`) that pointers to records are put into.
pub(super) fn records_in(tree: &Tree) -> BTreeMap<Key, BTreeSet<String>> {
    let mut found: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    for e in tree.iter().filter(|e| e.node().on == On::Both && e.ty().new.is_address()) {
        let Some(record) = tree.pointee(e.ty()).and_then(|to| tree.record(to)) else { continue };
        let untyped = |ty: Pair<&Type>| tree.pointee(ty).is_some_and(|to| matches!(to.new.shape, Shape::Void));
        let cast = e.context();
        let becomes = if cast.kind() == Kind::Cast { cast } else { e };
        if (untyped(becomes.converted()) || untyped(becomes.ty()))
            && let Some(goes) = slot::destination(becomes)
        {
            found.entry(goes.to.key(tree)).or_default().insert(record.new.name.clone());
        }
    }
    found
}

/// The pointers and numbers that the functions of a unit get and hand on.
pub(super) fn handed_on(tree: &Tree) -> BTreeMap<Parameter, BTreeSet<Parameter>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let mut parameters = BTreeMap::new();
    let mut function = "";
    for e in tree.of_kinds(&[Kind::Function, Kind::Call]) {
        if e.kind() == Kind::Function {
            function = e.name();
            let list = e.children().filter(|c| c.kind() == Kind::Parameter).enumerate();
            parameters = list.filter_map(|(i, p)| Some((p.decl_id().new?.0, i))).collect::<BTreeMap<_, _>>();
        }
        let Some(callee) = e.callee() else { continue };
        for (j, argument) in e.arguments().enumerate() {
            let from = argument.bare().decl_id().new.and_then(|d| parameters.get(&d.0));
            if let Some(&i) = from {
                found.entry((function.to_owned(), i)).or_default().insert((callee.new.name.clone(), j));
            }
        }
    }
    found
}

/// Functions that take what is printed by a `va_list`, and the position of their format.
const TAKE_LIST: &[(&str, usize)] = &[
    ("vasprintf", 1),
    ("verr", 1),
    ("verrx", 1),
    ("vfprintf", 1),
    ("vprintf", 0),
    ("vsnprintf", 2),
    ("vsprintf", 1),
    ("vsyslog", 1),
    ("vwarn", 0),
    ("vwarnx", 0),
];

/// The functions of a unit that hand a parameter on as a format: wrappers, known by their bodies.
pub(super) fn wrappers(tree: &Tree) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for call in tree.of_kinds(&[Kind::Call]) {
        let name = call.callee().map_or("", |c| &c.new.name);
        let Some(&(_, at)) = TAKE_LIST.iter().find(|(f, _)| *f == name) else { continue };
        let Some(format) = call.arguments().nth(at).and_then(|a| a.bare().decl_id().new) else { continue };
        let function = call.enclosing();
        let mut parameters = function.children().filter(|c| c.kind() == Kind::Parameter);
        if let Some(i) = parameters.position(|p| p.decl_id().new == Some(format)) {
            found.insert(function.name().to_owned(), i);
        }
    }
    found
}

/// The integers in which a pointer is kept that they are too narrow for: what was lost is lost where it is read again.
pub(super) fn pointers_in(tree: &Tree) -> BTreeSet<Key> {
    let narrow = |e: Expr| {
        let to = if e.kind() == Kind::Cast { e.ty() } else { e.converted() };
        to.new.integer().is_some_and(|(size, _)| size < tree.sides.new.pointer_size)
    };
    let from_pointer = |e: Expr| {
        let pointer = match e.kind() {
            Kind::Cast => e.operand().and_then(address::carried),
            _ => Some(e).filter(|e| e.ty().new.is_address() && e.converted().new.integer().is_some()),
        };
        pointer.is_some_and(|p| !address::is_offset(p))
    };
    let found = tree
        .iter()
        .filter(|e| e.ty().new.size.is_some() && narrow(*e) && from_pointer(*e) && !address::means_the_same(*e));
    found.filter_map(slot::destination).map(|goes| goes.to.key(tree)).collect()
}

/// The integers as narrow as half a pointer that are assigned to one another, and those that pointers share: what one
/// of two pointers that were set to each other puts there the other reads.
pub(super) fn copied(tree: &Tree) -> BTreeMap<Key, BTreeSet<Key>> {
    let mut found: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    let mut add = |to: &Slot, from: &Slot, back: bool| {
        let (to, from) = (to.key(tree), from.key(tree));
        if to == from {
            return;
        }
        if back {
            found.entry(from.clone()).or_default().insert(to.clone());
        }
        found.entry(to).or_default().insert(from);
    };
    let kinds = [Kind::Name, Kind::Member, Kind::Subscript, Kind::Call, Kind::Unary, Kind::Binary];
    for e in tree.of_kinds(&kinds) {
        let reads = matches!(e.kind(), Kind::Name | Kind::Member | Kind::Subscript | Kind::Call)
            || (e.kind() == Kind::Unary && matches!(e.op(), Op::Deref | Op::AddressOf))
            || (e.kind() == Kind::Binary && matches!(e.op(), Op::Add | Op::Sub));
        if !reads {
            continue;
        }
        if e.ty().new.integer().is_some_and(|(size, _)| size == 4) {
            if let Some(goes) = slot::destination(e) {
                // An address with something added to it is one as well.
                terms(e).filter_map(slot::read).for_each(|from| add(&goes.to, &from, false));
            }
        } else if e.ty().new.is_address()
            && let Some(from) = slot::narrow_elements(e)
            && let Some(goes) = slot::destination(e)
        {
            add(&goes.to, &from, true);
        }
    }
    found
}

/// What is added up in an integer expression; itself where it is no sum.
fn terms(e: Expr<'_>) -> impl Iterator<Item = Expr<'_>> {
    let mut todo = vec![e];
    std::iter::from_fn(move || {
        while let Some(e) = todo.pop().map(Expr::inner) {
            if e.kind() == Kind::Binary && matches!(e.op(), Op::Add | Op::Sub) {
                todo.extend(e.children());
            } else {
                return Some(e);
            }
        }
        None
    })
}

/// The pointers that numbers are put into.
pub(super) fn numbers_in(tree: &Tree) -> BTreeMap<Key, BTreeSet<Option<Key>>> {
    let mut found: BTreeMap<Key, BTreeSet<Option<Key>>> = BTreeMap::new();
    for e in tree.iter().filter(|e| e.node().on == On::Both) {
        let Some(from) = address::number_made_pointer(e) else { continue };
        let from = from.map(|slot| slot.key(tree));
        let becomes = if e.kind() == Kind::Cast { e.ty() } else { e.converted() };
        let to = slot::destination(e).map(|goes| goes.to);
        for slot in to.into_iter().chain(slot::of_type(becomes.new)) {
            found.entry(slot.key(tree)).or_default().insert(from.clone());
        }
    }
    found
}

/// The integers that had 4 bytes and have 8: those into which something wide goes, those into which addresses go, and
/// what the others are set to.
pub(super) fn set_to(tree: &Tree) -> (BTreeSet<Key>, BTreeSet<Key>, BTreeMap<Key, BTreeSet<Key>>) {
    let (mut wide, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    let mut all = BTreeMap::<Key, BTreeSet<Key>>::new();
    let widened = |ty: Pair<&Type>| {
        let sizes = ty.map(|t| t.integer().map(|(size, _)| size)).both();
        sizes.is_some_and(|s| s.old == 4 && s.new == 8)
    };
    for e in tree.iter().filter(|e| e.node().on == On::Both) {
        let assigned = match e.kind() {
            Kind::CompoundAssign => e.children().nth(1).zip(e.children().next()),
            _ => None,
        };
        let value = assigned.map_or(e, |(right, _)| right);
        if e.kind() == Kind::Unary && e.op() == Op::AddressOf {
            // `time(&seconds)`
            let of = e.children().next().filter(|of| widened(of.ty()));
            let taken = tree.pointee(e.converted()).is_some_and(|to| origin::is_wide(to.new));
            wide.extend(of.filter(|_| taken).and_then(slot::read).map(|slot| slot.key(tree)));
        } else if widened(value.converted()) {
            let to = match assigned {
                Some((_, left)) => slot::read(left),
                None => slot::destination(e).map(|goes| goes.to),
            };
            let Some(to) = to.map(|slot| slot.key(tree)) else { continue };
            let fits = |r: Range| r.lo >= i128::from(i32::MIN) && r.hi <= i128::from(u32::MAX);
            if value.ty().new.integer().is_some_and(|(size, _)| size <= 4)
                || range::own(value, Which::New).is_some_and(fits)
            {
                continue;
            }
            let from = origin::of(value);
            if from.wide {
                wide.insert(to);
            } else if from.address {
                // An address is kept whole here, and numbers that are kept with it are no wider for that.
                addresses.insert(to);
            } else if !matches!(to, Key::Parameter(..)) {
                // Helpers (`max`, `scale`) would bring together all that they are ever called with.
                // What a function was given is looked at where it is called.
                let given = |k: &Key| matches!((k, &to), (Key::Parameter(f, _), Key::Result(g)) if f == g);
                let from = from.slots.iter().map(|slot| slot.key(tree));
                let from = from.filter(|k| *k != to && !given(k)).collect::<BTreeSet<_>>();
                if !from.is_empty() {
                    all.entry(to).or_default().extend(from);
                }
            }
        }
    }
    (wide, addresses, all)
}

/// The members of records that are passed to functions as they are.
pub(super) fn members_passed(tree: &Tree) -> BTreeMap<Key, BTreeSet<Parameter>> {
    let mut found: BTreeMap<Key, BTreeSet<Parameter>> = BTreeMap::new();
    for call in tree.of_kinds(&[Kind::Call]) {
        let Some(callee) = call.callee() else { continue };
        for (i, argument) in call.arguments().enumerate() {
            let member = argument.bare();
            if member.kind() == Kind::Member
                && member.ty().new.integer().is_some()
                && let Some(slot) = slot::read(member)
            {
                found.entry(slot.key(tree)).or_default().insert((callee.new.name.clone(), i));
            }
        }
    }
    found
}

/// The narrow parameters of the functions that a unit defines which are used as numbers alone.
pub(super) fn numeric(tree: &Tree) -> BTreeMap<Parameter, Vec<Parameter>> {
    let mut found = BTreeMap::new();
    for function in tree.of_kinds(&[Kind::Function]).filter(is_definition) {
        let parameters = function.children().filter(|c| c.kind() == Kind::Parameter).enumerate();
        for (i, p) in parameters.filter(|(_, p)| p.ty().new.integer().is_some_and(|(size, _)| size == 4)) {
            let uses = p.decl_id().new.and_then(|decl| numeric_uses(function, decl));
            if let Some(uses) = uses {
                found.insert((function.name().to_owned(), i), uses);
            }
        }
    }
    found
}
