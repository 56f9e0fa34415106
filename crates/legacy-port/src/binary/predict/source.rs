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
    let mut judge = Judge { reach, wide: of_a_pointer, far: true, seen: FxHashSet::default() };
    Some(judge.first(bound, 0).map(str::to_owned))
}

/// Whether a typedef has another declaration in another branch of an `#if` that asks for the target.
pub(super) fn typedef(reach: &[Arc<Source>], name: &str, line: u32) -> Option<String> {
    let (source, line) = (reach.first()?, line as usize);
    let twice = |c: &&Chain| {
        let mut others = source.typedefs.iter().filter(|(n, at)| n == name && *at != line);
        others.any(|(_, at)| (c.begin..c.end).contains(at))
    };
    let chain = source.around(line).filter(twice).last()?;
    let mut judge = Judge { reach, wide: of_the_target, far: true, seen: FxHashSet::default() };
    Some(format!("`{name}` is chosen by {}", judge.asks(chain, 0)?))
}

/// An `#if` that asks for the target among the members of a record, which are declared in these lines.
pub(super) fn members(reach: &[Arc<Source>], first: u32, last: u32) -> Option<String> {
    let (source, first, last) = (reach.first()?, first as usize, last as usize);
    let end = (last..last + TAIL).find(|n| source.lines.get(*n).contains('}')).unwrap_or(last);
    let mut judge = Judge { reach, wide: of_the_target, far: false, seen: FxHashSet::default() };
    let mut inside = source.chains.iter().filter(|c| c.begin > first && c.begin < end);
    Some(format!("members are chosen by {}", inside.find_map(|c| judge.asks(c, 0))?))
}

/// Tells which words depend on the target: by their names, or as macros by what they stand for.
struct Judge<'s> {
    reach: &'s [Arc<Source>],
    /// Whether a name does that is no macro here.
    wide: fn(&str) -> bool,
    /// Whether macros count in the `#if` around the definition of a macro: by many steps everything depends on everything.
    far: bool,
    seen: FxHashSet<&'s str>,
}

impl<'s> Judge<'s> {
    /// The first word that does.
    fn first(&mut self, text: &'s str, depth: usize) -> Option<&'s str> {
        let mut all = words(text).peekable();
        while let Some(word) = all.next() {
            if word == "sizeof" {
                if all.next_if(|of| is_fixed(of)).is_none() {
                    return Some(word);
                }
            } else if self.depends(word, depth) {
                return Some(word);
            }
        }
        None
    }

    fn depends(&mut self, word: &'s str, depth: usize) -> bool {
        if depth > DEEP || !self.seen.insert(word) {
            return false;
        }
        let mut defined = false;
        for source in self.reach {
            for (line, body) in source.macros.get(word).into_iter().flatten() {
                defined |= !body.is_empty();
                if self.first(body, depth + 1).is_some()
                    || source.around(*line).any(|c| c.guards != word && self.chooses(c, depth + 1))
                {
                    return true;
                }
            }
        }
        !defined && (self.wide)(word)
    }

    /// Whether a chain chooses by the target what a macro stands for.
    fn chooses(&mut self, chain: &'s Chain, depth: usize) -> bool {
        if self.far {
            return self.asks(chain, depth).is_some();
        }
        chain.branches.iter().any(|(_, text)| words(text).any(self.wide))
    }

    /// The branch of a chain that asks for the target.
    fn asks(&mut self, chain: &'s Chain, depth: usize) -> Option<String> {
        let (line, text) = chain.branches.iter().find(|(_, text)| self.first(text, depth).is_some())?;
        let shown: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect();
        Some(format!("`#{shown}` in line {line}"))
    }
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
    /// Lines and directives of branches with a condition.
    branches: Vec<(usize, String)>,
    /// The name that is defined so that the file is taken once.
    guards: String,
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
    /// By their first line.
    chains: Vec<Chain>,
    /// Name and line of typedefs that fit on a line.
    typedefs: Vec<(String, usize)>,
    /// Lines and bodies of macros.
    macros: FxHashMap<String, Vec<(usize, String)>>,
    /// Names of files that are included in quotes.
    includes: Vec<String>,
}

impl Source {
    fn new(text: String) -> Self {
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
    fn around(&self, line: usize) -> impl Iterator<Item = &Chain> {
        self.chains.iter().take_while(move |c| c.begin < line).filter(move |c| c.end > line)
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
    ["size_max", "long_max", "long_bit"].contains(&word.as_str())
        || ["ptr", "pointer", "sizeof", "word", "lp64"].iter().any(|p| word.contains(p))
}

/// Whether a type has one size on all targets, as its name tells.
fn is_fixed(word: &str) -> bool {
    let number = ["8", "16", "32", "64"].iter().any(|n| word.contains(n));
    number || ["char", "short", "int", "unsigned", "float", "double", "BYTE"].contains(&word)
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
#ifdef __x86_64__
#  define W 8
#else
#  define W 4
#endif
#if W == 8
typedef u64 word;
#else
typedef u32 word;
#endif
#define IS32INT ((UINT_MAX >> 30) >= 3)
#if IS32INT
typedef unsigned int number;
#else
typedef unsigned long number;
#endif
";

    #[test]
    fn lines_tell_what_depends_on_the_target() {
        let reach = [Arc::new(Source::new(TEXT.into()))];
        assert_eq!(typedef(&reach, "uptr", 4).unwrap(), "`uptr` is chosen by `#elif PTRSIZE==4` in line 3");
        assert_eq!(typedef(&reach, "wide", 11), None);
        assert_eq!(typedef(&reach, "word", 31).unwrap(), "`word` is chosen by `#if W == 8` in line 28");
        assert_eq!(typedef(&reach, "number", 35), None);
        assert_eq!(members(&reach, 16, 18).unwrap(), "members are chosen by `#ifdef LP64` in line 19");
        assert_eq!(members(&reach, 25, 26), None);
        let both = [Arc::clone(&reach[0]), Arc::new(Source::new("#define NAMES sizeof(long) /* 8 */\n".into()))];
        assert_eq!(length(&both, "name", 17), Some(Some("NAMES".into())));
        assert_eq!(length(&reach, "name", 17), Some(None));
        assert_eq!(length(&reach, "of", 18), Some(Some("ROOM".into())));
        assert_eq!((length(&reach, "more", 18), length(&reach, "n", 18)), (Some(None), None));
    }

    #[test]
    fn odd_lines_are_survived() {
        for text in ["", "#", "#if\n#if 64\n#else", "#endif\n#elif\n#define", "typedef ;\n\\\n\\"] {
            let reach = [Arc::new(Source::new(text.into()))];
            for line in [0, 1, 2, 3, 9, u32::MAX] {
                assert_eq!((typedef(&reach, "a", line), length(&reach, "a", line)), (None, None));
                let _ = members(&reach, line, line);
            }
        }
    }

    #[test]
    fn names_tell_of_the_target() {
        assert!(named_after_the_target("uptr") && named_after_the_target("machine_word"));
        assert!(
            !named_after_the_target("uint32") && !named_after_the_target("DWORD") && !named_after_the_target("Pgno")
        );
    }
}
