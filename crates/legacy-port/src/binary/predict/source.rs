//! What debug information does not tell and the source beside it does: which declarations `#if` chose by the width of the
//! target, and lengths that are worked out from sizes.
//!
//! Lines are looked at, nothing is preprocessed: what is found here makes a prediction uncertain. Another one it makes of
//! lengths alone, where the debug information has the length for the old target that these lines give (`sizes`).

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::Asked;
use super::asked::Outline;
use crate::binary::dwarf::shape::Shape;
use crate::target::Pair;

/// Larger files are no source.
const MOST: u64 = 64 << 20;
/// Files that a file includes, those that these include among them.
const INCLUDED: usize = 4000;

/// Source files by their paths, each read once.
#[derive(Default)]
pub(crate) struct Sources {
    /// Where paths begin that are not absolute; `None`: no source is read.
    from: Option<PathBuf>,
    /// What a parse of it says.
    asked: Option<Arc<Asked>>,
    files: Mutex<FxHashMap<PathBuf, Option<Arc<Source>>>>,
    /// A file and what it includes.
    reach: Mutex<FxHashMap<PathBuf, Reach>>,
}

/// Files in the order in which they are included.
pub(crate) type Reach = Arc<Vec<Arc<Source>>>;

impl Sources {
    pub(crate) fn new(from: Option<PathBuf>, asked: Option<Arc<Asked>>) -> Self {
        Self { from, asked, ..Self::default() }
    }

    /// What a typedef is under the new target, by name, file, line, and its bytes under the old one.
    pub(super) fn typedef(&self, name: &str, path: &str, line: u32, bytes: u64) -> Option<Shape> {
        self.asked.as_ref()?.typedef(name, &self.from.as_ref()?.join(path), line, bytes)
    }

    /// Where members lie in a record under both targets, by name, file and line.
    pub(super) fn record(&self, name: &str, path: &str, line: u32) -> Option<&Pair<Outline>> {
        self.asked.as_ref()?.record(name, &self.from.as_ref()?.join(path), line)
    }

    /// The file of this path, and those that it includes by quotes from its own folder; `None` where it is not there any
    /// more.
    pub(crate) fn get(&self, path: &str) -> Option<Reach> {
        let path = self.from.as_ref()?.join(path);
        if let Some(known) = held(&self.reach).get(&path) {
            return Some(Arc::clone(known));
        }
        let mut all = vec![self.file(&path)?];
        let mut seen: FxHashSet<PathBuf> = FxHashSet::default();
        let mut at = 0;
        let mut folders = vec![path.parent()?.to_owned()];
        while let (Some(source), Some(folder)) = (all.get(at).cloned(), folders.get(at).cloned()) {
            at += 1;
            for name in &source.includes {
                let inner = folder.join(name);
                if seen.len() < INCLUDED
                    && seen.insert(inner.clone())
                    && let Some(file) = self.file(&inner)
                {
                    all.push(file);
                    folders.push(inner.parent().unwrap_or(&folder).to_owned());
                }
            }
        }
        let all = Arc::new(all);
        held(&self.reach).insert(path, Arc::clone(&all));
        Some(all)
    }

    fn file(&self, path: &Path) -> Option<Arc<Source>> {
        if let Some(known) = held(&self.files).get(path) {
            return known.clone();
        }
        let source = contents(path).map(|text| Arc::new(Source::new(text)));
        held(&self.files).insert(path.to_owned(), source.clone());
        source
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A path out of debug information can be anything: only files are read.
fn contents(path: &Path) -> Option<String> {
    let regular = std::fs::metadata(path).ok()?;
    // Files of /proc say that they are empty, and some of them never end.
    if !regular.is_file() || regular.len() == 0 || regular.len() > MOST {
        return None;
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path).ok()?.take(MOST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// An `#if` with all its branches.
#[derive(Debug)]
pub(super) struct Chain {
    /// Lines of `#if` and `#endif`, from 1.
    pub(super) begin: usize,
    pub(super) end: usize,
    /// Lines and directives of branches with a condition.
    pub(super) branches: Vec<(usize, String)>,
    /// The name that is defined so that the file is taken once.
    pub(super) guards: String,
}

#[derive(Debug)]
pub(super) struct Lines {
    text: String,
    begins: Vec<usize>,
}

impl Lines {
    fn new(text: String) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| i + 1);
        let begins = std::iter::once(0).chain(ends).collect();
        Self { text, begins }
    }

    /// A line, from 1, with those that it goes on in.
    pub(super) fn get(&self, number: usize) -> &str {
        let Some(&begin) = number.checked_sub(1).and_then(|i| self.begins.get(i)) else { return "" };
        let mut last = number;
        let end = |n: usize| self.begins.get(n).copied().unwrap_or(self.text.len());
        while last < number + 20 && self.text[begin..end(last)].trim_end_matches(['\n', '\r']).ends_with('\\') {
            last += 1;
        }
        &self.text[begin..end(last)]
    }
}

/// What lines of a file say.
#[derive(Debug)]
pub(crate) struct Source {
    pub(super) lines: Lines,
    /// By their first line.
    pub(super) chains: Vec<Chain>,
    /// Name and line of typedefs that fit on a line.
    pub(super) typedefs: Vec<(String, usize)>,
    /// Lines and bodies of macros.
    pub(super) macros: FxHashMap<String, Vec<(usize, String)>>,
    /// Names of files that are included in quotes.
    includes: Vec<String>,
}

impl Source {
    pub(super) fn new(text: String) -> Self {
        let lines = Lines::new(text);
        let (mut chains, mut typedefs, mut includes) = (Vec::new(), Vec::new(), Vec::new());
        let mut macros: FxHashMap<String, Vec<(usize, String)>> = FxHashMap::default();
        let mut open: Vec<Chain> = Vec::new();
        for number in 1..=lines.begins.len() {
            let line = lines.get(number).trim_start();
            if let Some(typedef) = line.strip_prefix("typedef ") {
                let head = typedef.split(';').next().unwrap_or_default();
                if let Some(name) = words(head).last() {
                    typedefs.push((name.to_owned(), number));
                }
            }
            let Some(directive) = line.strip_prefix('#') else { continue };
            let directive = directive.trim_start().split("/*").next().unwrap_or_default();
            let mut all = words(directive);
            match all.next().unwrap_or_default() {
                word @ ("if" | "ifdef" | "ifndef") => {
                    let guards =
                        if word == "ifndef" { all.next().unwrap_or_default().to_owned() } else { String::new() };
                    open.push(Chain {
                        begin: number,
                        end: number,
                        branches: vec![(number, directive.to_owned())],
                        guards,
                    });
                }
                "elif" => {
                    if let Some(chain) = open.last_mut() {
                        chain.branches.push((number, directive.to_owned()));
                    }
                }
                "endif" => chains.extend(open.pop().map(|c| Chain { end: number, ..c })),
                "include" => includes.extend(directive.split('"').nth(1).map(str::to_owned)),
                "define" => {
                    if let Some(name) = all.next() {
                        let body = directive.split_once(name).map_or("", |d| d.1).trim().to_owned();
                        macros.entry(name.to_owned()).or_default().push((number, body));
                    }
                }
                _ => {}
            }
        }
        chains.sort_by_key(|c| c.begin);
        Self { lines, chains, typedefs, macros, includes }
    }

    /// The chains around a line, the outermost first.
    pub(super) fn around(&self, line: usize) -> impl Iterator<Item = &Chain> {
        self.chains.iter().take_while(move |c| c.begin < line).filter(move |c| c.end > line)
    }

    /// What stands in the brackets behind a member and further on.
    pub(super) fn bound(&self, member: &str, line: u32) -> Option<&str> {
        let text = self.lines.get(line as usize);
        let alone = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let (at, _) = text.match_indices(member).find(|(i, _)| {
            alone(text[..*i].chars().next_back()) && text[i + member.len()..].trim_start().starts_with('[')
        })?;
        text[at + member.len()..].split([';', ',']).next()
    }
}

pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty())
}
