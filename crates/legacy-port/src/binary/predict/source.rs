//! What debug information does not tell and the source beside it does: which declarations `#if` chose by the width of the
//! target, and lengths that are worked out from sizes.
//!
//! Lines are looked at, nothing is preprocessed: what is found here makes a prediction uncertain, never another one.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

/// Larger files are no source.
const MOST: u64 = 64 << 20;
/// Macros within macros are followed that far.
const DEEP: usize = 16;
/// Lines of a record behind its last member in which its end is looked for.
const TAIL: usize = 40;

/// Files that a file includes, those that these include among them.
const INCLUDED: usize = 4000;

/// Source files by their paths, each read once.
#[derive(Default)]
pub(crate) struct Sources {
    /// Where paths begin that are not absolute; `None`: no source is read.
    from: Option<PathBuf>,
    files: Mutex<FxHashMap<PathBuf, Option<Arc<Source>>>>,
    /// A file and what it includes.
    reach: Mutex<FxHashMap<PathBuf, Reach>>,
}

/// Files in the order in which they are included.
pub(crate) type Reach = Arc<Vec<Arc<Source>>>;

impl Sources {
    pub(crate) fn new(from: Option<PathBuf>) -> Self {
        Self { from, ..Self::default() }
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

/// Whether the length of an array that is a member is worked out from sizes, and by which word; `None` where the line does
/// not tell the length.
pub(super) fn length(reach: &[Arc<Source>], member: &str, line: u32) -> Option<Option<String>> {
    let bound = reach.first()?.bound(member, line)?;
    let mut seen = FxHashSet::default();
    Some(words(bound).find(|w| of_sizes(reach, w, 0, &mut seen)).map(str::to_owned))
}

fn of_sizes<'s>(reach: &'s [Arc<Source>], word: &'s str, depth: usize, seen: &mut FxHashSet<&'s str>) -> bool {
    if word == "sizeof" || of_a_pointer(word) {
        return true;
    }
    if depth > DEEP || !seen.insert(word) {
        return false;
    }
    let mut bodies = reach.iter().filter_map(|s| s.macros.get(word));
    bodies.any(|body| body.iter().any(|w| of_sizes(reach, w, depth + 1, seen)))
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
struct Chain {
    /// Lines of `#if` and `#endif`, from 1.
    begin: usize,
    end: usize,
    /// The branch that asks for the width of the target: its line, and the directive.
    asks: Option<(usize, String)>,
}

#[derive(Debug)]
struct Lines {
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
    fn get(&self, number: usize) -> &str {
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
    lines: Lines,
    /// Those that ask for the width of the target, by their first line.
    chains: Vec<Chain>,
    /// Name and line of typedefs that fit on a line.
    typedefs: Vec<(String, usize)>,
    /// Bodies of macros.
    macros: FxHashMap<String, Vec<String>>,
    /// Names of files that are included in quotes.
    includes: Vec<String>,
}

impl Source {
    fn new(text: String) -> Self {
        let lines = Lines::new(text);
        let (mut chains, mut typedefs, mut includes) = (Vec::new(), Vec::new(), Vec::new());
        let mut macros: FxHashMap<String, Vec<String>> = FxHashMap::default();
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
            let directive = directive.trim_start();
            let word = words(directive).next().unwrap_or_default();
            match word {
                "if" | "ifdef" | "ifndef" => {
                    open.push(Chain { begin: number, end: number, asks: asks(directive, number) });
                }
                "elif" => {
                    if let Some(chain) = open.last_mut() {
                        chain.asks = chain.asks.take().or_else(|| asks(directive, number));
                    }
                }
                "endif" => {
                    if let Some(chain) = open.pop().filter(|c| c.asks.is_some()) {
                        chains.push(Chain { end: number, ..chain });
                    }
                }
                "include" => includes.extend(directive.split('"').nth(1).map(str::to_owned)),
                "define" => {
                    let mut all = words(directive.split("/*").next().unwrap_or_default()).skip(1).map(str::to_owned);
                    if let Some(name) = all.next() {
                        let body: Vec<String> = all.collect();
                        macros.entry(name).or_default().extend(body);
                    }
                }
                _ => {}
            }
        }
        chains.sort_by_key(|c| c.begin);
        Self { lines, chains, typedefs, macros, includes }
    }

    /// Whether a typedef has another declaration in another branch of an `#if` that asks for the width of the target.
    pub(crate) fn typedef(&self, name: &str, line: u32) -> Option<String> {
        let line = line as usize;
        let around = self.chains.iter().take_while(|c| c.begin < line).filter(|c| c.end > line);
        let twice = |c: &&Chain| {
            let mut others = self.typedefs.iter().filter(|(n, at)| n == name && *at != line);
            others.any(|(_, at)| (c.begin..c.end).contains(at))
        };
        let chain = around.filter(twice).last()?;
        Some(format!("`{name}` is chosen by {}", shown(chain)))
    }

    /// An `#if` that asks for the width of the target among the members of a record, which are declared in these lines.
    pub(crate) fn members(&self, first: u32, last: u32) -> Option<String> {
        let (first, last) = (first as usize, last as usize);
        let end = (last..last + TAIL).find(|n| self.lines.get(*n).contains('}')).unwrap_or(last);
        let chain = self.chains.iter().find(|c| c.begin > first && c.begin < end)?;
        Some(format!("members are chosen by {}", shown(chain)))
    }

    /// What stands in the brackets behind a member and further on.
    fn bound(&self, member: &str, line: u32) -> Option<&str> {
        let text = self.lines.get(line as usize);
        let alone = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let (at, _) = text.match_indices(member).find(|(i, _)| {
            alone(text[..*i].chars().next_back()) && text[i + member.len()..].trim_start().starts_with('[')
        })?;
        text[at + member.len()..].split([';', ',']).next()
    }
}

fn shown(chain: &Chain) -> String {
    let (line, text) = chain.asks.as_ref().map_or((chain.begin, "#if"), |(line, text)| (*line, text));
    format!("`{text}` in line {line}")
}

/// The directive, if it asks for the width of the target.
fn asks(directive: &str, line: usize) -> Option<(usize, String)> {
    words(directive).any(of_the_target).then(|| {
        let text: String = directive.split("/*").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        (line, format!("#{}", text.chars().take(120).collect::<String>()))
    })
}

/// Whether a word of a condition tells the width of a target, or the processor.
fn of_the_target(word: &str) -> bool {
    const PROCESSORS: [&str; 5] = ["i386", "i686", "x86", "amd64", "aarch64"];
    let lower = word.to_ascii_lowercase();
    let number = lower.starts_with(|c: char| c.is_ascii_digit());
    let wide = !number && !lower.contains("win32") && (lower.contains("32") || lower.contains("64"));
    wide || of_a_pointer(word) || PROCESSORS.iter().any(|p| lower.contains(p))
}

/// Whether a word tells the width of pointers or `long`.
fn of_a_pointer(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["ptr", "pointer", "sizeof", "long_max", "long_bit", "size_max", "word", "lp64"].iter().any(|p| word.contains(p))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty())
}

/// Whether a typedef of a number seems to be as wide as the target by its name, where there is no source to ask.
pub(super) fn named_after_the_target(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let width = ["8", "16", "32", "64"].iter().any(|n| name.contains(n));
    let fixed = width || name.contains("dword") || name.contains("halfword");
    !fixed && ["ptr", "pointer", "word", "native"].iter().any(|p| name.contains(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
#if defined(HAVE_STDINT_H)
  typedef uintptr_t uptr;
#elif PTRSIZE==4 /* old */
  typedef u32 uptr;
#else
  typedef u64 uptr;
#endif
#ifdef _MSC_VER
typedef __int64 wide;
#else
typedef long long wide;
#endif
#define ROOM (512/sizeof(void*))
#define NAMES \\
  16
struct s {
  char *name[NAMES];
  int n, of[ROOM], more[4];
#ifdef LP64
  int pad;
#endif
};
";

    #[test]
    fn lines_tell_what_depends_on_the_target() {
        let source = Source::new(TEXT.into());
        assert_eq!(source.typedef("uptr", 4).unwrap(), "`uptr` is chosen by `#elif PTRSIZE==4` in line 3");
        assert_eq!(source.typedef("wide", 11), None);
        assert_eq!(source.members(16, 18).unwrap(), "members are chosen by `#ifdef LP64` in line 19");
        assert_eq!(source.members(1, 2), None);
        let reach = [Arc::new(source), Arc::new(Source::new("#define NAMES sizeof(long) /* 8 */\n".into()))];
        assert_eq!(length(&reach, "name", 17), Some(Some("NAMES".into())));
        assert_eq!(length(&reach[..1], "name", 17), Some(None));
        assert_eq!(length(&reach, "of", 18), Some(Some("ROOM".into())));
        assert_eq!((length(&reach, "more", 18), length(&reach, "n", 18)), (Some(None), None));
    }

    #[test]
    fn odd_lines_are_survived() {
        for text in ["", "#", "#if\n#if 64\n#else", "#endif\n#elif\n#define", "typedef ;\n\\\n\\"] {
            let source = Source::new(text.into());
            for line in [0, 1, 2, 3, 9, u32::MAX] {
                assert_eq!(source.typedef("a", line), None);
                assert_eq!(source.bound("a", line), None);
                let _ = source.members(line, line);
            }
        }
    }

    #[test]
    fn names_tell_of_the_target() {
        assert!(named_after_the_target("uptr") && named_after_the_target("machine_word"));
        assert!(!named_after_the_target("uint32") && !named_after_the_target("DWORD") && !named_after_the_target("Pgno"));
    }
}
