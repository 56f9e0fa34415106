//! What one unit knows and another needs: facts about declarations, told by place so that they hold over all units.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::gather::{
    copied, definitions, handed_on, is_tested, is_zeroed, members_passed, numbers_in, numeric, pointers_in, records_in,
    set_to, taken, union_members, wide_passed, wrappers,
};
use super::slot::Key;
use super::tree::{Shape, Tree, Type, TypeId};
use crate::check::Need;
use crate::target::Pair;

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
    /// Functions and variables that units define and others can name, by name.
    definitions: BTreeMap<String, BTreeSet<Widths>>,
    /// Functions that no other unit can name: `static` ones.
    private: BTreeMap<String, BTreeSet<Widths>>,
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
        let (definitions, private) = definitions(tree);
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
            definitions,
            private,
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
        for (name, widths) in other.private {
            self.private.entry(name).or_default().extend(widths);
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
                let all = self.defined(name);
                let mut widths = all.filter_map(|w| w.get(i + 1).copied()).peekable();
                widths.peek().is_some() && widths.all(|w| w.is_some_and(|w| w.old == 4 && w.new == 4))
            }
            Need::WideResult(name) => self.widens(name, 0),
            Need::Outside(name, i) => self.reaches(name, *i, OUTSIDE),
            Need::Formats(name, i) => self.formats.get(name) == Some(i),
            Need::WideParameter(name, i) => {
                let all = self.defined(name);
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
    /// How wide the functions and variables of a name are, wherever they are defined.
    fn defined(&self, name: &str) -> impl Iterator<Item = &Widths> {
        [&self.definitions, &self.private].into_iter().filter_map(move |all| all.get(name)).flatten()
    }

    /// Whether a function's result (0) or parameter (from 1) had 4 bytes and has 8.
    fn widens(&self, name: &str, position: usize) -> bool {
        let all = self.defined(name);
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
