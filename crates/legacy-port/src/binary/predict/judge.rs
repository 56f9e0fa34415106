//! Which words of a source depend on the target, and what is declared by them.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::source::{Chain, Source, words};

/// Macros within macros are followed that far.
const DEEP: usize = 16;
/// Lines of a record behind its last member in which its end is looked for.
const TAIL: usize = 40;

/// What the source tells of the length of an array.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// Worked out from sizes, by this word.
    OfSizes(String),
    /// A number.
    Fixed,
    /// It does not stand in the line of the member.
    Unseen,
}

/// Whether the length of an array that is a member is worked out from sizes.
pub(super) fn length(reach: &[Arc<Source>], member: &str, line: u32) -> Length {
    let Some(bound) = reach.first().and_then(|s| s.bound(member, line)) else { return Length::Unseen };
    let mut judge = Judge { reach, wide: of_a_pointer, far: true, seen: FxHashSet::default() };
    judge.first(bound, 0).map_or(Length::Fixed, |word| Length::OfSizes(word.to_owned()))
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

/// Whether an `#if` around a line, in which a macro is defined, asks for the target.
pub(super) fn asks_around<'s>(reach: &'s [Arc<Source>], source: &'s Source, line: usize, name: &str) -> bool {
    let mut judge = Judge { reach, wide: of_the_target, far: true, seen: FxHashSet::default() };
    source.around(line).any(|c| c.guards != name && judge.asks(c, 0).is_some())
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
        let mut rest = text;
        while let Some(begin) = rest.find(|c: char| c.is_alphanumeric() || c == '_') {
            let word = words(&rest[begin..]).next()?;
            rest = &rest[begin + word.len()..];
            if word == "sizeof" {
                let Some(behind) = behind_fixed(rest) else { return Some(word) };
                rest = behind;
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
    const LIMITS: [&str; 9] = [
        "long_bit",
        "long_max",
        "long_min",
        "long_width",
        "size_max",
        "size_width",
        "ssize_max",
        "ulong_max",
        "ulong_width",
    ];
    let word = word.to_ascii_lowercase();
    LIMITS.contains(&word.trim_matches('_'))
        || ["ptr", "pointer", "sizeof", "word", "lp64"].iter().any(|p| word.contains(p))
}

/// What follows on a `sizeof` of a type that has one size on all targets, as its name tells; `None` where it may have several:
/// a pointer, `long`, `long double`, or what is not known.
fn behind_fixed(text: &str) -> Option<&str> {
    const FIXED: [&str; 10] =
        ["char", "short", "int", "unsigned", "signed", "float", "double", "BYTE", "const", "volatile"];
    let (of, behind) = text.trim_start().strip_prefix('(')?.split_once(')')?;
    if !of.chars().all(|c| c.is_alphanumeric() || c == '_' || c.is_whitespace()) {
        return None;
    }
    let (long, others): (Vec<&str>, Vec<&str>) = words(of).partition(|w| *w == "long");
    let fixed = |w: &&str| FIXED.contains(w) || ["8", "16", "32", "64"].iter().any(|n| w.contains(n));
    let known = long.len() == 2 || long.is_empty() && !others.is_empty();
    (known && others.iter().all(fixed)).then_some(behind)
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
        assert_eq!(length(&both, "name", 17), Length::OfSizes("NAMES".into()));
        assert_eq!(length(&reach, "name", 17), Length::Fixed);
        assert_eq!(length(&reach, "of", 18), Length::OfSizes("ROOM".into()));
        assert_eq!((length(&reach, "more", 18), length(&reach, "n", 18)), (Length::Fixed, Length::Unseen));
    }

    #[test]
    fn a_size_is_fixed_by_the_whole_name_of_the_type() {
        for fixed in ["(int)", " ( unsigned char ) * 4", "(u32)", "(unsigned long long int)", "(const double)"] {
            assert!(behind_fixed(fixed).is_some(), "{fixed}");
        }
        for other in ["(unsigned long)", "(long int)", "(int *)", "(char*)", "(long double)", "(WORD)", " x8", "", "("]
        {
            assert!(behind_fixed(other).is_none(), "{other}");
        }
        let of = |bound: &str| {
            let reach = [Arc::new(Source::new(format!("char a[{bound}];\n")))];
            length(&reach, "a", 1)
        };
        assert_eq!(of("sizeof(int) * 4"), Length::Fixed);
        for bound in ["sizeof(unsigned long)", "4 * sizeof(int *)", "sizeof(int) + sizeof(char *)"] {
            assert_eq!(of(bound), Length::OfSizes("sizeof".into()), "{bound}");
        }
    }

    #[test]
    fn odd_lines_are_survived() {
        for text in ["", "#", "#if\n#if 64\n#else", "#endif\n#elif\n#define", "typedef ;\n\\\n\\"] {
            let reach = [Arc::new(Source::new(text.into()))];
            for line in [0, 1, 2, 3, 9, u32::MAX] {
                assert_eq!((typedef(&reach, "a", line), length(&reach, "a", line)), (None, Length::Unseen));
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
