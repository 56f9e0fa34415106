//! What one unit knows and another needs: facts about declarations, told by place so that they hold over all units.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::address;
use super::flow;
use super::origin;
use super::range::{self, Range};
use super::slot::{self, Key, Slot};
use super::tree::{Expr, Kind, On, Op, Shape, Tree, Type, TypeId};
use crate::check::Need;
use crate::target::{Pair, Which};

/// A function's parameter: the function's name, and the position from 0.
pub type Parameter = (String, usize);

/// How wide a function's result and its parameters are, or a variable is, in bytes under both targets: numbers and pointers
/// only, `None` for anything else.
pub type Widths = Vec<Option<Pair<u64>>>;

/// What all units together know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Integers too narrow for a pointer in which one is kept.
    pointers_in: BTreeSet<Key>,
    /// Narrow integers that are set to the value of another one as it is.
    copied: BTreeMap<Key, BTreeSet<Key>>,
    /// Pointers in which numbers are kept, and the integers that those are read from, where known.
    numbers_in: BTreeMap<Key, BTreeSet<Option<Key>>>,
    /// Members that are integers, and the parameters that they are passed for.
    members_passed: BTreeMap<Key, BTreeSet<Parameter>>,
    /// Parameters that are used as numbers alone, and what they are handed on to.
    numeric: BTreeMap<Parameter, Vec<Parameter>>,
    /// Functions and variables that units define, by name.
    definitions: BTreeMap<String, BTreeSet<Widths>>,
    /// Integers that had 4 bytes and have 8: those into which something wide goes, those into which addresses go, and the
    /// others that each is set to.
    wide_in: BTreeSet<Key>,
    addresses_in: BTreeSet<Key>,
    set_to: BTreeMap<Key, BTreeSet<Key>>,
    /// All integers that something wide reaches, once that was asked.
    #[serde(skip)]
    wide: OnceLock<BTreeSet<Key>>,
    /// Functions with variable arguments, by name and by type, to which wide ones (pointers, `long`) are passed.
    wide_passed: BTreeSet<String>,
    /// Functions with variable arguments, by name and by type: how wide what they take by `va_arg` is.
    taken: BTreeMap<String, BTreeSet<Option<Pair<u64>>>>,
    /// Members of unions that are set to zero, and those that are asked whether they are.
    zeroed: BTreeSet<Key>,
    tested: BTreeSet<Key>,
    /// Pointers of no type in which pointers to records are kept, and the names of those.
    records_in: BTreeMap<Key, BTreeSet<String>>,
    /// Functions by name: the parameter that they hand on as a format.
    formats: BTreeMap<String, usize>,
    /// Parameters that functions hand on as they are, and the parameters they go to.
    handed_on: BTreeMap<Parameter, BTreeSet<Parameter>>,
}

impl Facts {
    /// What one unit contributes.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let (wide_in, addresses_in, set_to) = set_to(tree);
        Self {
            wide_in,
            addresses_in,
            set_to,
            wide: OnceLock::new(),
            pointers_in: pointers_in(tree),
            copied: copied(tree),
            numbers_in: numbers_in(tree),
            members_passed: members_passed(tree),
            numeric: numeric(tree),
            definitions: definitions(tree),
            zeroed: union_members(tree, is_zeroed),
            tested: union_members(tree, is_tested),
            records_in: records_in(tree),
            wide_passed: wide_passed(tree),
            taken: taken(tree),
            formats: wrappers(tree),
            handed_on: handed_on(tree),
        }
    }

    /// Adds what another unit knows. Of two functions of one name the first is taken.
    pub fn extend(&mut self, other: Self) {
        self.pointers_in.extend(other.pointers_in);
        self.formats.extend(other.formats);
        for (slot, from) in other.copied {
            self.copied.entry(slot).or_default().extend(from);
        }
        for (slot, from) in other.numbers_in {
            self.numbers_in.entry(slot).or_default().extend(from);
        }
        for (slot, to) in other.members_passed {
            self.members_passed.entry(slot).or_default().extend(to);
        }
        for (from, to) in other.handed_on {
            self.handed_on.entry(from).or_default().extend(to);
        }
        for (parameter, to) in other.numeric {
            self.numeric.entry(parameter).or_insert(to);
        }
        for (name, widths) in other.definitions {
            self.definitions.entry(name).or_default().extend(widths);
        }
        self.wide_in.extend(other.wide_in);
        self.addresses_in.extend(other.addresses_in);
        for (slot, from) in other.set_to {
            self.set_to.entry(slot).or_default().extend(from);
        }
        self.wide = OnceLock::new();
        self.wide_passed.extend(other.wide_passed);
        for (function, widths) in other.taken {
            self.taken.entry(function).or_default().extend(widths);
        }
        self.zeroed.extend(other.zeroed);
        self.tested.extend(other.tested);
        for (slot, records) in other.records_in {
            self.records_in.entry(slot).or_default().extend(records);
        }
    }

    /// Whether a need is met.
    #[must_use]
    pub fn meet(&self, need: &Need<Key>) -> bool {
        match need {
            Need::PointerIn(key) => self.holds_pointer(key),
            Need::NumberIn(key) => self.numbers_in.get(key).is_some_and(|from| {
                // What is read from an integer that holds pointers is none.
                from.iter().any(|f| f.as_ref().is_none_or(|f| !self.holds_pointer(f)))
            }),
            Need::SizeOut(Key::Parameter(name, i)) => self.reaches(name, *i, SIZES_OUTSIDE),
            Need::SizeOut(key) => {
                self.members_passed.get(key).into_iter().flatten().any(|(f, i)| self.reaches(f, *i, SIZES_OUTSIDE))
            }
            Need::Apart(zeroed, tested) => !(self.zeroed.contains(zeroed) && self.tested.contains(tested)),
            Need::SeveralRecordsIn(key) => self.records_in.get(key).is_some_and(|r| r.len() > 1),
            Need::DefinedOtherwise(name, widths) => self.definitions.get(name).is_some_and(|all| {
                // One project may consist of several programs, each with a function of this name.
                all.iter().any(|d| disagree(d, widths)) && !all.iter().any(|d| fits(d, widths))
            }),
            Need::NothingWideIn(keys) => {
                let wide = self.wide.get_or_init(|| self.reached_by_wide());
                keys.iter().all(|k| !wide.contains(k) && !self.addresses_in.contains(k))
            }
            Need::WidePassed(names) => names.iter().any(|n| self.wide_passed.contains(n)),
            Need::TakesWide(name) => self.taken.get(name).is_some_and(|widths| {
                let wide = |w: &Option<Pair<u64>>| w.is_some_and(|w| w.old == 4 && w.new == 8);
                !widths.is_empty() && widths.iter().all(wide)
            }),
            Need::NarrowParameter(name, i) => {
                // One project may consist of several programs, each with a function of this name.
                let all = self.definitions.get(name).into_iter().flatten();
                let mut widths = all.filter_map(|w| w.get(i + 1).copied()).peekable();
                widths.peek().is_some() && widths.all(|w| w.is_some_and(|w| w.old == 4 && w.new == 4))
            }
            Need::WideResult(name) => self.widens(name, 0),
            Need::Outside(name, i) => self.reaches(name, *i, OUTSIDE),
            Need::Formats(name, i) => self.formats.get(name) == Some(i),
            Need::WideParameter(name, i) => {
                let all = self.definitions.get(name).into_iter().flatten();
                let mut widths = all.filter_map(|w| w.get(i + 1).copied()).peekable();
                widths.peek().is_some() && widths.all(|w| w.is_some_and(|w| w.old == 4 && w.new == 8))
            }
            Need::Numeric(name, i) => self.is_numeric(name, *i),
        }
    }

    /// Whether a problem holds, and if so whether it is only to be looked at; `needs` and `calmed_by` are the problem's.
    #[must_use]
    pub fn judge(&self, needs: Option<&Need<Key>>, calmed_by: &[Need<Key>]) -> Option<bool> {
        needs.is_none_or(|n| self.meet(n)).then(|| calmed_by.iter().any(|n| self.meet(n)))
    }
}

/// Whether two descriptions of a function agree under the old target and not under the new.
#[must_use]
pub fn disagree(a: &Widths, b: &Widths) -> bool {
    let both = || a.iter().zip(b).filter_map(|(x, y)| x.zip(*y));
    both().all(|(x, y)| x.old == y.old) && both().any(|(x, y)| x.new != y.new)
}

/// Whether two descriptions of a function agree under both targets.
fn fits(a: &Widths, b: &Widths) -> bool {
    a.iter().zip(b).filter_map(|(x, y)| x.zip(*y)).all(|(x, y)| x == y)
}

/// The widths of a function's result and parameters, or of a variable.
#[must_use]
pub fn widths(tree: &Tree, ty: Pair<&Type>) -> Widths {
    let sides = tree.sides.as_ref();
    let type_at = |id: Pair<TypeId>| width(id.zip(sides).map(|(id, side)| &side.types[id.0 as usize]));
    match (&ty.old.shape, &ty.new.shape) {
        (Shape::Function { result: old, params: olds, .. }, Shape::Function { result: new, params: news, .. }) => {
            let result = std::iter::once(type_at(Pair { old: *old, new: *new }));
            result.chain(olds.iter().zip(news).map(|(o, n)| type_at(Pair { old: *o, new: *n }))).collect()
        }
        _ => vec![width(ty)],
    }
}

/// Bytes of a number or pointer; `None` for anything else.
#[must_use]
pub fn width(ty: Pair<&Type>) -> Option<Pair<u64>> {
    let simple = |t: &Type| matches!(t.shape, Shape::Integer { .. } | Shape::Pointer(_));
    if !(simple(ty.old) && simple(ty.new)) {
        return None;
    }
    ty.map(|t| t.size).both()
}

impl Facts {
    /// Whether a function's result (0) or parameter (from 1) had 4 bytes and has 8.
    fn widens(&self, name: &str, position: usize) -> bool {
        let all = self.definitions.get(name).into_iter().flatten();
        all.filter_map(|w| w.get(position).copied().flatten()).any(|w| w.old == 4 && w.new == 8)
    }

    /// The integers into which something wide goes, and all those that are set to one of these.
    fn reached_by_wide(&self) -> BTreeSet<Key> {
        let mut into: BTreeMap<&Key, Vec<&Key>> = BTreeMap::new();
        for (slot, from) in &self.set_to {
            for f in from {
                into.entry(f).or_default().push(slot);
            }
        }
        let mut todo: Vec<&Key> = self.wide_in.iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(at) = todo.pop() {
            if seen.insert(at.clone()) {
                todo.extend(into.get(at).into_iter().flatten());
            }
        }
        seen
    }

    /// Whether a pointer is kept in an integer, or in one that it was copied from.
    fn holds_pointer(&self, key: &Key) -> bool {
        let mut todo = vec![key];
        let mut seen = BTreeSet::new();
        while let Some(at) = todo.pop() {
            if self.pointers_in.contains(at) {
                return true;
            }
            if seen.insert(at) {
                todo.extend(self.copied.get(at).into_iter().flatten());
            }
        }
        false
    }

    /// Follows a parameter from function to function, each once, until it is one of `ends`.
    fn reaches(&self, name: &str, parameter: usize, ends: &[(&str, usize)]) -> bool {
        let mut todo = vec![(name.to_owned(), parameter)];
        let mut seen = BTreeSet::new();
        while let Some(at) = todo.pop() {
            if ends.contains(&(at.0.as_str(), at.1)) {
                return true;
            }
            if seen.insert(at.clone()) {
                todo.extend(self.handed_on.get(&at).into_iter().flatten().cloned());
            }
        }
        false
    }

    /// Whether a parameter is used as a number alone, by whoever it is handed on to as well.
    fn is_numeric(&self, name: &str, parameter: usize) -> bool {
        let mut todo = vec![(name.to_owned(), parameter)];
        let mut seen = BTreeSet::new();
        while let Some(at) = todo.pop() {
            if seen.insert(at.clone()) {
                let Some(to) = self.numeric.get(&at) else { return false };
                todo.extend(to.iter().cloned());
            }
        }
        true
    }
}

fn is_definition(e: &Expr) -> bool {
    e.node().on == On::Both && e.is_definition()
}

/// The functions and variables that a unit defines and others can name.
fn definitions(tree: &Tree) -> BTreeMap<String, BTreeSet<Widths>> {
    let mut found: BTreeMap<String, BTreeSet<Widths>> = BTreeMap::new();
    for e in tree.of_kinds(&[Kind::Function, Kind::Variable]) {
        let external = e.decl().is_some_and(|d| d.new.external);
        if is_definition(&e) {
            // In the old style the type says nothing of the parameters; their declarations do.
            let parameters = e.children().filter(|c| c.kind() == Kind::Parameter).map(|p| width(p.ty()));
            let result = widths(tree, e.ty()).first().copied().flatten();
            let widths = std::iter::once(result).chain(parameters).collect();
            found.entry(e.name().to_owned()).or_default().insert(widths);
        } else if e.kind() == Kind::Variable && external {
            found.entry(e.name().to_owned()).or_default().insert(widths(tree, e.ty()));
        }
    }
    found
}

/// The functions with variable arguments that pointers or other wide numbers are passed to.
fn wide_passed(tree: &Tree) -> BTreeSet<String> {
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
fn taken(tree: &Tree) -> BTreeMap<String, BTreeSet<Option<Pair<u64>>>> {
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
fn union_members(tree: &Tree, done: fn(Expr) -> bool) -> BTreeSet<Key> {
    let member = |e: &Expr| e.kind() == Kind::Member && e.member_of().is_some_and(|r| r.new.is_union) && done(*e);
    tree.iter().filter(member).filter_map(slot::read).map(|slot| slot.key(tree)).collect()
}

fn is_tested(e: Expr) -> bool {
    e.is_tested()
}

fn is_zeroed(e: Expr) -> bool {
    let up = e.context();
    let mut parts = up.children();
    up.kind() == Kind::Binary
        && up.op() == Op::Assign
        && parts.next().is_some_and(|l| l.inner().id == e.id)
        && parts.next().is_some_and(|v| v.value().new == Some(0))
}

/// The pointers of no type (`void *`, `char *`) that pointers to records are put into.
fn records_in(tree: &Tree) -> BTreeMap<Key, BTreeSet<String>> {
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

/// Functions of the library through which bytes leave or enter, and the argument that points to them.
pub const OUTSIDE: &[(&str, usize)] = &[
    ("fread", 0),
    ("fwrite", 0),
    ("pread", 1),
    ("pwrite", 1),
    ("read", 1),
    ("recv", 1),
    ("recvfrom", 1),
    ("send", 1),
    ("sendto", 1),
    ("write", 1),
];

/// The same functions: the arguments that say how many bytes these are, or how many each element has.
const SIZES_OUTSIDE: &[(&str, usize)] = &[
    ("fread", 1),
    ("fwrite", 1),
    ("pread", 2),
    ("pwrite", 2),
    ("read", 2),
    ("recv", 2),
    ("recvfrom", 2),
    ("send", 2),
    ("sendto", 2),
    ("write", 2),
];

/// The pointers and numbers that the functions of a unit get and hand on.
fn handed_on(tree: &Tree) -> BTreeMap<Parameter, BTreeSet<Parameter>> {
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
fn wrappers(tree: &Tree) -> BTreeMap<String, usize> {
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
fn pointers_in(tree: &Tree) -> BTreeSet<Key> {
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
fn copied(tree: &Tree) -> BTreeMap<Key, BTreeSet<Key>> {
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
fn numbers_in(tree: &Tree) -> BTreeMap<Key, BTreeSet<Option<Key>>> {
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
fn set_to(tree: &Tree) -> (BTreeSet<Key>, BTreeSet<Key>, BTreeMap<Key, BTreeSet<Key>>) {
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
fn members_passed(tree: &Tree) -> BTreeMap<Key, BTreeSet<Parameter>> {
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
fn numeric(tree: &Tree) -> BTreeMap<Parameter, Vec<Parameter>> {
    let mut found = BTreeMap::new();
    for function in tree.of_kinds(&[Kind::Function]).filter(is_definition) {
        let parameters = function.children().filter(|c| c.kind() == Kind::Parameter).enumerate();
        for (i, p) in parameters.filter(|(_, p)| p.ty().new.integer().is_some_and(|(size, _)| size == 4)) {
            let uses = p.decl_id().new.and_then(|decl| flow::numeric_uses(function, decl));
            if let Some(uses) = uses {
                found.insert((function.name().to_owned(), i), uses);
            }
        }
    }
    found
}
