//! What one unit knows and another needs: facts about declarations, told by place so that they hold over all units.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::tree::{DeclKind, Expr, Kind, On, Op, Place, Shape, Tree, Type};
use crate::check::Need;
use crate::target::Pair;

/// A declaration, known to every unit by its file and offset.
pub type Key = (PathBuf, u32);

/// The key of a place.
fn key(tree: &Tree, place: Place) -> Key {
    (tree.files.get(place.file as usize).map(|f| f.path.clone()).unwrap_or_default(), place.start)
}

/// Where the member, variable or parameter that an expression names is declared.
#[must_use]
pub fn declaration(e: Expr) -> Option<Place> {
    let e = e.inner();
    let decl = e.decl().filter(|_| matches!(e.kind(), Kind::Name | Kind::Member))?.new;
    matches!(decl.kind, DeclKind::Field | DeclKind::Variable | DeclKind::Parameter).then_some(decl.place?)
}

/// Where a value goes: what is assigned to, or initialized, with just this expression.
#[must_use]
pub fn destination(e: Expr) -> Option<Place> {
    let (mut part, mut context) = (e, e.parent());
    while context.kind() == Kind::Paren {
        (part, context) = (context, context.parent());
    }
    match context.kind() {
        Kind::Binary if context.op() == Op::Assign => {
            let left = context.children().next().filter(|l| l.id != part.id)?;
            declaration(left)
        }
        Kind::Variable => context.decl().and_then(|d| d.new.place),
        _ => None,
    }
}

/// What all units together know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Integers in which a pointer is kept.
    holders: BTreeSet<Key>,
    /// Functions by name: whether the result widens, and each parameter.
    functions: BTreeMap<String, (bool, Vec<bool>)>,
    /// Functions by name: the parameter that they hand on as a format.
    formats: BTreeMap<String, usize>,
    /// Pointers that functions hand on: function and parameter -> the functions and parameters they go to.
    handed_on: BTreeMap<(String, usize), BTreeSet<(String, usize)>>,
}

impl Facts {
    /// What one unit contributes.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        Self {
            holders: pointer_holders(tree),
            functions: definitions(tree),
            formats: wrappers(tree),
            handed_on: handed_on(tree),
        }
    }

    /// Adds what another unit knows. Of two functions of one name the first is taken.
    pub fn extend(&mut self, other: Self) {
        self.holders.extend(other.holders);
        self.formats.extend(other.formats);
        for (from, to) in other.handed_on {
            self.handed_on.entry(from).or_default().extend(to);
        }
        for (name, signature) in other.functions {
            self.functions.entry(name).or_insert(signature);
        }
    }

    /// Whether a need is met.
    #[must_use]
    pub fn meet(&self, need: &Asked) -> bool {
        match need {
            Asked::PointerIn(key) => self.holders.contains(key),
            Asked::WideResult(name) => self.functions.get(name).is_some_and(|f| f.0),
            Asked::Outside(name, i) => self.goes_outside(name, *i),
            Asked::Formats(name, i) => self.formats.get(name) == Some(i),
            Asked::WideParameter(name, i) => self.functions.get(name).is_some_and(|f| f.1.get(*i) == Some(&true)),
        }
    }
}

impl Facts {
    /// Follows a pointer from function to function, each once, until one of the library takes its bytes.
    fn goes_outside(&self, name: &str, parameter: usize) -> bool {
        let mut todo = vec![(name.to_owned(), parameter)];
        let mut seen = BTreeSet::new();
        while let Some(at) = todo.pop() {
            if OUTSIDE.contains(&(at.0.as_str(), at.1)) {
                return true;
            }
            if seen.insert(at.clone()) {
                todo.extend(self.handed_on.get(&at).into_iter().flatten().cloned());
            }
        }
        false
    }
}

/// A [`Need`] in words that hold beyond its unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)] // as in `Need`
pub enum Asked {
    PointerIn(Key),
    WideResult(String),
    WideParameter(String, usize),
    Outside(String, usize),
    Formats(String, usize),
}

impl Asked {
    /// The need of a problem in `tree`.
    #[must_use]
    pub fn new(tree: &Tree, need: Need) -> Self {
        match need {
            Need::PointerIn(place) => Self::PointerIn(key(tree, place)),
            Need::WideResult(name) => Self::WideResult(name),
            Need::WideParameter(name, i) => Self::WideParameter(name, i),
            Need::Outside(name, i) => Self::Outside(name, i),
            Need::Formats(name, i) => Self::Formats(name, i),
        }
    }
}

/// Whether numbers or pointers of a type had 4 bytes and have 8.
fn widens(ty: Pair<&Type>) -> bool {
    let simple = |t: &Type| matches!(t.shape, Shape::Integer { .. } | Shape::Pointer(_));
    simple(ty.old) && simple(ty.new) && ty.old.size == Some(4) && ty.new.size == Some(8)
}

/// The functions that a unit defines.
fn definitions(tree: &Tree) -> BTreeMap<String, (bool, Vec<bool>)> {
    let defined = |e: &Expr| {
        e.kind() == Kind::Function && e.node().on == On::Both && e.children().any(|c| c.kind() == Kind::Compound)
    };
    let signature = |e: Expr| {
        let result = e.ty().zip(tree.sides.as_ref()).map(|(ty, side)| match ty.shape {
            Shape::Function { result, .. } => side.types.get(result.0 as usize),
            _ => None,
        });
        let parameters = e.children().filter(|c| c.kind() == Kind::Parameter).map(|p| widens(p.ty())).collect();
        (e.name().to_owned(), (result.both().is_some_and(widens), parameters))
    };
    tree.iter().filter(defined).map(signature).collect()
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

/// The pointers that the functions of a unit get and hand on.
fn handed_on(tree: &Tree) -> BTreeMap<(String, usize), BTreeSet<(String, usize)>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let mut parameters = BTreeMap::new();
    let mut function = "";
    for e in tree.iter().filter(|e| e.node().on == On::Both) {
        if e.kind() == Kind::Function {
            function = e.name();
            let list = e.children().filter(|c| c.kind() == Kind::Parameter).enumerate();
            let pointers = list.filter(|(_, p)| p.ty().new.is_address());
            parameters = pointers.filter_map(|(i, p)| Some((p.node().decl.new?.0, i))).collect::<BTreeMap<_, _>>();
        }
        let Some(callee) = e.callee() else { continue };
        for (j, argument) in e.arguments().enumerate() {
            let from = argument.bare().node().decl.new.and_then(|d| parameters.get(&d.0));
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
    for call in tree.iter().filter(|e| e.kind() == Kind::Call && e.node().on == On::Both) {
        let name = call.callee().map_or("", |c| &c.new.name);
        let Some(&(_, at)) = TAKE_LIST.iter().find(|(f, _)| *f == name) else { continue };
        let Some(format) = call.arguments().nth(at).and_then(|a| a.bare().node().decl.new) else { continue };
        let function = call.enclosing();
        let mut parameters = function.children().filter(|c| c.kind() == Kind::Parameter);
        if let Some(i) = parameters.position(|p| p.node().decl.new == Some(format)) {
            found.insert(function.name().to_owned(), i);
        }
    }
    found
}

/// The declarations of 4-byte integers in which a pointer is kept: what was lost is lost where it is read again.
fn pointer_holders(tree: &Tree) -> BTreeSet<Key> {
    let narrow = |e: Expr| {
        let to = if e.kind() == Kind::Cast { e.ty() } else { e.converted() };
        to.new.integer().is_some_and(|(size, _)| size < tree.sides.new.pointer_size)
    };
    let from_pointer = |e: Expr| match e.kind() {
        Kind::Cast => e.bare().converted().new.is_address() || e.bare().ty().new.is_address(),
        _ => e.ty().new.is_address() && e.converted().new.integer().is_some(),
    };
    let found = tree.iter().filter(|e| e.ty().new.size.is_some() && from_pointer(*e) && narrow(*e));
    found.filter_map(destination).map(|place| key(tree, place)).collect()
}
