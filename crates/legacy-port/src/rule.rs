//! What is said of a check, of whatever kind: for reports, explanations, and to know names.

use crate::binary::checks as built;
use crate::binary::inventory::rules;
use crate::binary::layouts::checks as layouts;
use crate::check::{FixPromise, Level};
use crate::checks;
use crate::ffi::checks as headers;

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Units, as both targets compile them: `legacy-port audit`.
    Source,
    /// Objects and programs: `legacy-port elf`.
    Built,
    /// Records of two builds, by their debug information: `legacy-port layouts`.
    Layouts,
    /// Headers, as bindgen takes them over for both targets: `legacy-port ffi`.
    Headers,
    /// All that folders hold: `legacy-port inventory`.
    Inventory,
}

impl Of {
    /// All kinds, as they are listed.
    pub const ALL: [Self; 5] = [Self::Source, Self::Built, Self::Layouts, Self::Headers, Self::Inventory];

    /// What stands above a list of such checks.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Source => "Of source (`legacy-port audit`):",
            Self::Built => "Of what was built (`legacy-port elf`):",
            Self::Layouts => "Of layouts (`legacy-port layouts`):",
            Self::Headers => "Of headers (`legacy-port ffi`):",
            Self::Inventory => "Of folders and machines (`legacy-port inventory --format sarif`):",
        }
    }
}

/// A check as a person reads of it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name: of the file, the folder, the rule in every report.
    pub name: &'static str,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// Why that matters, and what is left silent.
    pub why: &'static str,
    /// The level of its findings.
    pub level: Level,
    /// What it promises of its edits.
    pub fix: FixPromise,
    /// C code with what it finds; empty where there is none to show.
    pub bad: &'static str,
    /// C code that looks alike and is right.
    pub good: &'static str,
    /// What it looks at.
    pub of: Of,
}

impl Rule {
    /// What the C code shows, in a sentence: how what is found is marked in it.
    #[must_use]
    pub fn marked(&self) -> String {
        if self.of == Of::Built {
            "The first line says how it is built, lines with `~` what is found in it.".into()
        } else {
            format!("What is found is marked `/*~ {} */`.", self.name)
        }
    }
}

/// A check of some kind with its name and its cases, which are documentation and test at once.
#[derive(Debug)]
pub struct Entry<C: 'static> {
    /// The name: of the file, the folder, the rule in every report.
    pub name: &'static str,
    /// The check.
    pub check: &'static C,
    /// C code with what it finds: marked `/*~ name */`; of what is built its first line says how.
    pub bad: &'static str,
    /// C code, or a way to build it, that looks alike and is right.
    pub good: &'static str,
}

impl<C> Clone for Entry<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Entry<C> {}

/// The entries of checks by their names: their files are beside, their cases in folders of these names below
/// `tests/<folder>`.
macro_rules! entries {
    ($folder:literal, $ending:literal: $($name:ident,)*) => {
        &[$($crate::rule::Entry {
            name: stringify!($name),
            check: &$name::CHECK,
            bad: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/tests/", $folder, "/", stringify!($name), "/bad", $ending
            )),
            good: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/tests/", $folder, "/", stringify!($name), "/good", $ending
            )),
        }),*]
    };
}
pub(crate) use entries;

/// The kinds of checks differ in what they look at, not in what is said of them.
macro_rules! said_of {
    ($($kind:ident::Entry => $of:expr,)*) => {
        $(impl From<&$kind::Entry> for Rule {
            fn from(e: &$kind::Entry) -> Self {
                let (name, check, bad, good) = (e.name, e.check, e.bad, e.good);
                let (summary, why, level, fix) = (check.summary, check.why, check.level, check.fix);
                Self { name, summary, why, level, fix, bad, good, of: $of }
            }
        })*
    };
}

said_of! {
    checks::Entry => Of::Source,
    built::Entry => Of::Built,
    layouts::Entry => Of::Layouts,
    headers::Entry => Of::Headers,
}

/// All of them, those of source first, each kind sorted by name.
pub fn all() -> impl Iterator<Item = Rule> {
    let built = built::ALL.iter().map(Rule::from).chain(layouts::ALL.iter().map(Rule::from));
    let sources = checks::ALL.iter().map(Rule::from);
    sources.chain(built).chain(headers::ALL.iter().map(Rule::from)).chain(rules::RULES)
}

/// One by its name.
#[must_use]
pub fn find(name: &str) -> Option<Rule> {
    all().find(|r| r.name == name)
}

/// The name of a check; by an alias, since serde takes a reference for something that is borrowed from what it reads.
pub type Name = &'static str;

/// Reads the name of a check: that of this program's own check of this name.
pub(crate) fn name<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Name, D::Error> {
    let name: String = serde::Deserialize::deserialize(from)?;
    find(&name).map(|r| r.name).ok_or_else(|| serde::de::Error::custom("no such check"))
}
