//! Other tools on the same units: their commands, and what they say in the common form of C compilers.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use legacy_port::project::{Project, Unit};

use super::Said;

/// One tool with one set of options.
pub(crate) struct Peer {
    /// As the table calls it.
    pub(crate) name: &'static str,
    /// Names of the program: the first that runs is taken.
    programs: &'static [&'static str],
    /// Where it comes from.
    pub(crate) package: &'static str,
    /// Options of the run as the new target sees the unit.
    pub(crate) options: &'static str,
    /// Options of a second run, as the old target sees it, if there is one: what both say is taken away.
    pub(crate) less: Option<&'static str>,
    /// Whether the flags of the unit come last, behind `--`.
    behind: bool,
    /// Whether it is given the unit's `-std`.
    standard: bool,
}

macro_rules! gcc {
    ($target:literal) => {
        concat!(
            "-fsyntax-only ",
            $target,
            " -Wall -Wextra -Wconversion -Wsign-conversion -Wfloat-conversion -Wint-conversion -Wpointer-to-int-cast \
             -Wint-to-pointer-cast -Wincompatible-pointer-types -Wcast-align=strict -Wcast-function-type \
             -Wbad-function-cast -Wformat=2 -Wformat-signedness -Wimplicit -Wstrict-prototypes -Wmissing-prototypes \
             -Wold-style-definition -Wpointer-arith -Wsizeof-pointer-memaccess -Wshift-overflow=2 -Woverflow -Wpacked \
             -Wpadded -Wdouble-promotion"
        )
    };
}

macro_rules! clang {
    ($target:literal) => {
        concat!("-fsyntax-only --target=", $target, " -Weverything -fno-caret-diagnostics -ferror-limit=0")
    };
}

const CLANG: &[&str] = &["clang", "clang-21", "clang-20", "clang-19", "clang-18", "clang-17"];
const TIDY: &[&str] =
    &["clang-tidy", "clang-tidy-21", "clang-tidy-20", "clang-tidy-19", "clang-tidy-18", "clang-tidy-17"];

/// The tools, in the order of the table.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "gcc -m64, related flags",
        programs: &["gcc"],
        package: "gcc",
        options: gcc!("-m64"),
        less: None,
        behind: false,
        standard: true,
    },
    Peer {
        name: "the same, -m64 minus -m32",
        programs: &["gcc"],
        package: "gcc gcc-multilib",
        options: gcc!("-m64"),
        less: Some(gcc!("-m32")),
        behind: false,
        standard: true,
    },
    Peer {
        name: "clang -Weverything",
        programs: CLANG,
        package: "clang-19",
        options: clang!("x86_64-linux-gnu"),
        less: None,
        behind: false,
        standard: true,
    },
    Peer {
        name: "the same, x86_64 minus i386",
        programs: CLANG,
        package: "clang-19 gcc-multilib",
        options: clang!("x86_64-linux-gnu"),
        less: Some(clang!("i686-linux-gnu")),
        behind: false,
        standard: true,
    },
    Peer {
        name: "clang-tidy",
        programs: TIDY,
        package: "clang-tidy-19",
        options: "--quiet --header-filter=.* --checks=-*,bugprone-*,cert-*,misc-*,-misc-include-cleaner",
        less: None,
        behind: true,
        standard: true,
    },
    Peer {
        name: "sparse -m64",
        programs: &["sparse"],
        package: "sparse",
        options: "-m64",
        less: None,
        behind: false,
        standard: true,
    },
    Peer {
        name: "cppcheck --platform=unix64",
        programs: &["cppcheck"],
        package: "cppcheck",
        options: "--quiet --platform=unix64 --enable=warning,portability --max-configs=1 \
                  --template={file}:{line}:{column}:_{severity}:_{message}_[{id}]",
        less: None,
        behind: false,
        standard: false,
    },
];

impl Peer {
    /// The program and the line that it says of its version; `None` where it is not installed.
    pub(crate) fn installed(&self) -> Option<(&'static str, String)> {
        self.programs.iter().find_map(|program| {
            let output = Command::new(program).arg("--version").output().ok().filter(|o| o.status.success())?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let line = text.lines().map(str::trim).find(|l| l.bytes().any(|b| b.is_ascii_digit()))?;
            Some((*program, line.to_owned()))
        })
    }

    /// What it says of the units, each thing once, and how long it took.
    pub(crate) fn look(&self, program: &str, project: &Project, units: &[&Unit]) -> Result<(Vec<Said>, Duration)> {
        let begin = Instant::now();
        let all = |options: &str| -> Result<BTreeSet<Said>> {
            let mut said = BTreeSet::new();
            for unit in units {
                said.extend(self.one(program, options, project, unit)?);
            }
            Ok(said)
        };
        let mut said = all(self.options)?;
        if let Some(less) = self.less {
            let place = |s: &Said| (s.file.clone(), s.line, s.rule.clone());
            let old: BTreeSet<_> = all(less)?.iter().map(place).collect();
            said.retain(|s| !old.contains(&place(s)));
        }
        Ok((said.into_iter().collect(), begin.elapsed()))
    }

    fn one(&self, program: &str, options: &str, project: &Project, unit: &Unit) -> Result<Vec<Said>> {
        let flags = unit.flags.iter().filter(|f| self.standard || !f.starts_with("-std"));
        let mut command = Command::new(program);
        // The one option with blanks in it is a template, where `_` stands for them.
        let word = |o: &str| if o.contains("{file}") { o.replace('_', " ") } else { o.to_owned() };
        command.args(options.split_whitespace().map(word));
        if self.behind {
            command.arg(&unit.source).arg("--").args(flags);
        } else {
            command.args(flags).arg(&unit.source);
        }
        command.current_dir(&unit.directory).env("LC_ALL", "C");
        let output = command.output().with_context(|| format!("cannot run `{program}`"))?;
        // Compilers and sparse complain on standard error, clang-tidy prints; an exit status says only that they did.
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(text.lines().filter_map(|line| parse(line, &project.root)).collect())
    }
}

/// `file:line:column: warning: message [-Wrule]`; files relative to the program where they are in it.
fn parse(line: &str, root: &Path) -> Option<Said> {
    let (place, rest) = line.split_once(": ")?;
    let (level, message) = rest.split_once(": ")?;
    if !matches!(level, "error" | "fatal error" | "warning" | "portability" | "style" | "performance") {
        return None;
    }
    let mut parts = place.rsplitn(3, ':');
    let (column, number, file) = (parts.next()?, parts.next()?, parts.next()?);
    column.parse::<usize>().ok()?;
    let bracket = message.rsplit_once(" [").and_then(|(head, rule)| Some((head, rule.strip_suffix(']')?)));
    let (message, rule) = bracket.unwrap_or((message, level));
    let file = Path::new(file);
    Some(Said {
        file: file.strip_prefix(root).unwrap_or(file).to_owned(),
        line: number.parse().ok()?,
        rule: rule.to_owned(),
        level: level.to_owned(),
        message: message.to_owned(),
        loud: true,
        related: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnostics_of_compilers_are_read() {
        let root = Path::new("/p");
        let s = parse("/p/src/a.c:12:7: warning: cast from pointer: bad [-Wpointer-to-int-cast]", root).unwrap();
        assert_eq!((s.file.to_str(), s.line, s.rule.as_str()), (Some("src/a.c"), 12, "-Wpointer-to-int-cast"));
        assert_eq!(s.message, "cast from pointer: bad");
        let s = parse("b.c:3:1: error: no [such] thing", root).unwrap();
        assert_eq!((s.rule.as_str(), s.message.as_str()), ("error", "no [such] thing"));
        for other in ["/p/a.c:1:2: note: here", "In file included from a.c:1:", "3 warnings generated.", "/p/a.c: x: y"]
        {
            assert_eq!(parse(other, root), None, "{other}");
        }
    }
}
