//! A Makefile's compile commands, from a dry run of `make`.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::shell::{self, Simple};
use crate::project::{self, Unit};
use crate::{Error, Result};

/// What a dry run tells.
#[derive(Debug, Default)]
pub(super) struct Understood {
    /// The units, sorted by file; flags are those that matter.
    pub(super) units: Vec<Unit>,
    /// What was not understood or left out, one line each.
    pub(super) notes: Vec<String>,
}

/// Runs `make` in a folder without letting it build, and reads what it would do.
///
/// # Errors
/// When there is no `make`.
pub(super) fn dry_run(dir: &Path, args: &[String]) -> Result<Understood> {
    let mut command = Command::new("make");
    // A make around us must not hand its own options on.
    command.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env("LC_ALL", "C").current_dir(dir);
    command.args(["--dry-run", "--always-make", "--keep-going", "--print-directory"]).args(args);
    let output = command.stdin(std::process::Stdio::null()).output();
    let output = output.map_err(Error::io("a Makefile is here, and cannot run", "make"))?;
    let mut understood = read(&String::from_utf8_lossy(&output.stdout), dir);
    let said = String::from_utf8_lossy(&output.stderr);
    let complaints: BTreeSet<&str> = said.lines().filter(|l| l.contains("***")).collect();
    if let Some(first) = complaints.first() {
        understood.notes.push(format!(
            "`make` does not get through (`{first}`{}), and what is behind that is not known; `legacy-port init -- -f FILE \
             TARGET` asks another Makefile",
            if complaints.len() > 1 { format!(" and {} more", complaints.len() - 1) } else { String::new() }
        ));
    }
    Ok(understood)
}

/// What stands before a compiler and only starts it.
const STARTERS: &[&str] =
    &["ccache", "distcc", "env", "exec", "libtool", "nice", "sh", "bash", "time", "then", "else", "do"];

/// Options whose next word is no source file.
const TAKES_WORD: &[&str] =
    &["-o", "-MF", "-MT", "-MQ", "-include", "-imacros", "-I", "-D", "-U", "-isystem", "-iquote"];

/// Reads what `make` printed, beginning in `dir`.
pub(super) fn read(printed: &str, dir: &Path) -> Understood {
    let mut folders = vec![dir.to_owned()];
    let mut out = Understood::default();
    let mut other = Other::default();
    let (mut warnings, mut missing) = (Vec::new(), BTreeSet::new());
    for line in printed.replace("\\\n", " ").lines() {
        if let Some(folder) = directory(line, "Entering directory ") {
            folders.push(folder);
            continue;
        }
        if directory(line, "Leaving directory ").is_some() {
            folders.pop();
            continue;
        }
        let mut here = folders.last().map_or(dir, PathBuf::as_path).to_owned();
        for command in shell::commands(line) {
            if let [cd, to] = command.words.as_slice()
                && cd == "cd"
            {
                here = plain(&here.join(to));
                continue;
            }
            let Some(args) = compiler(&command) else {
                let named = command.words.iter().filter(|w| super::sources::is_c(Path::new(w))).count();
                let head = command.words.iter().find(|w| !STARTERS.contains(&w.as_str()));
                if let Some(head) = head.filter(|h| named > 0 && !PASSING.contains(&name(h))) {
                    other.notes.insert(format!("`{}` is no compiler known here; it is given C files", name(head)));
                }
                continue;
            };
            if args.iter().any(|a| matches!(a.as_str(), "-M" | "-MM")) {
                continue;
            }
            if command.runs {
                let what = "a compile command has a part that only running it tells (`...` or $(...)); it was left out";
                other.notes.insert(what.into());
            }
            for source in sources(args, &mut other) {
                let full = plain(&here.join(&source));
                if full.is_file() {
                    let flags = project::understood(args, Path::new(&source), &mut warnings);
                    out.units.push(Unit { source: full, directory: here.clone(), flags });
                } else {
                    missing.insert(format!("`{source}` is not there; if it is generated, run `make` and this again"));
                }
            }
        }
    }
    out.units.sort_by(|a, b| (&a.source, &a.flags).cmp(&(&b.source, &b.flags)));
    out.units.dedup();
    out.notes.extend(warnings.into_iter().collect::<BTreeSet<_>>());
    out.notes.extend(other.notes);
    out.notes.extend(named(&other.assembler, "assembler: the audit does not read it, it has to be ported by hand"));
    out.notes.extend(named(&other.cplusplus, "C++: left out"));
    out.notes.extend(missing);
    out
}

/// What is compiled besides C, and what is not understood.
#[derive(Default)]
struct Other {
    notes: BTreeSet<String>,
    assembler: BTreeSet<String>,
    cplusplus: BTreeSet<String>,
}

/// A line for some files, the first ones by name.
fn named(files: &BTreeSet<String>, what: &str) -> Option<String> {
    let some = files.iter().take(3).map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", ");
    let more = if files.len() > 3 { format!(" and {} more", files.len() - 3) } else { String::new() };
    (!files.is_empty()).then(|| format!("{some}{more}: {what}"))
}

/// Programs that get C files and compile nothing.
const PASSING: &[&str] =
    &["echo", "printf", "rm", "cp", "mv", "sed", "grep", "cat", "install", "ln", "test", "[", "touch", "makedepend"];

/// The folder of a line such as ``make[1]: Entering directory '/src'``.
fn directory(line: &str, what: &str) -> Option<PathBuf> {
    let (head, rest) = line.split_once(what)?;
    let ours = head.ends_with(": ") && head.contains("make");
    ours.then(|| PathBuf::from(rest.trim_start_matches(['`', '\'']).trim_end_matches('\'')))
}

/// The words from the compiler on, where the command is one.
fn compiler(command: &Simple) -> Option<&[String]> {
    let assigns = |w: &str| w.split_once('=').is_some_and(|(n, _)| n.chars().all(|c| c.is_alphanumeric() || c == '_'));
    let starts = |w: &str| STARTERS.contains(&name(w)) || assigns(w) || w.starts_with("--");
    let at = command.words.iter().position(|w| !starts(w))?;
    let words = &command.words[at..];
    let name = name(&words[0]);
    // `i386-linux-gcc-4.8` is a gcc.
    let known =
        name.split('-').any(|part| matches!(part, "cc" | "gcc" | "clang" | "egcs" | "tcc" | "icc" | "c89" | "c99"));
    known.then_some(words)
}

fn name(word: &str) -> &str {
    Path::new(word).file_name().and_then(OsStr::to_str).unwrap_or(word)
}

/// The C files of a compile command; what else it compiles is told.
fn sources(args: &[String], other: &mut Other) -> Vec<String> {
    let mut found = Vec::new();
    let mut args = args.iter().skip(1);
    while let Some(arg) = args.next() {
        if TAKES_WORD.contains(&arg.as_str()) {
            args.next();
            continue;
        }
        match Path::new(arg).extension().and_then(OsStr::to_str) {
            _ if arg.starts_with('-') => {}
            Some("c") => found.push(arg.clone()),
            Some("s" | "S" | "asm") => {
                other.assembler.insert(arg.clone());
            }
            Some("C" | "cc" | "cpp" | "cxx") => {
                other.cplusplus.insert(arg.clone());
            }
            _ => {}
        }
    }
    found
}

/// A path without `.` and `..`, as far as its names tell.
pub(super) fn plain(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_folders_and_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir_all(root.join("lib/sub")).unwrap();
        for file in ["a.c", "b.c", "lib/l.c", "lib/sub/s.c"] {
            std::fs::write(root.join(file), "").unwrap();
        }
        let printed = format!(
            "make: Entering directory '{0}'\nmkdir -p out\ngcc -m32 -DX=\\\"y\\\" -Iinclude \\\n -c -o out/a.o a.c\n\
             make[1]: Entering directory '{0}/lib'\nif true; then ccache i486-linux-gcc-2.95 -c l.c; fi\n\
             cd sub && CC=x /usr/bin/cc -I../inc -c s.c -o s.o\nmake[1]: Leaving directory '{0}/lib'\n\
             cc -M a.c > .depend\necho cc -c nosuch.c\ngcc -o prog out/a.o b.c -lm\ngcc -c x.S\ncc -c gen.c\nbcc -c a.c\n",
            root.display()
        );
        let understood = read(&printed, root);
        let units: Vec<(String, String, String)> = understood
            .units
            .iter()
            .map(|u| {
                let below = |p: &Path| p.strip_prefix(root).unwrap().display().to_string();
                (below(&u.source), below(&u.directory), u.flags.join(" "))
            })
            .collect();
        let want = [
            ("a.c", "", "-DX=\"y\" -Iinclude"),
            ("b.c", "", ""),
            ("lib/l.c", "lib", ""),
            ("lib/sub/s.c", "lib/sub", "-I../inc"),
        ];
        assert_eq!(units, want.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
        let notes = understood.notes.join("\n");
        for part in ["`-m32` left out", "`bcc` is no compiler", "`x.S`: assembler", "`gen.c` is not there"] {
            assert!(notes.contains(part), "{part}:\n{notes}");
        }
        assert!(!notes.contains("nosuch"), "an echo compiles nothing:\n{notes}");
    }
}
