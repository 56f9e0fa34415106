//! `legacy-port.toml` or `compile_commands.json` -> [`Project`]: units, flags (said once, for the compiler and for
//! libclang), programs, the pair of targets.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::ffi;
use crate::settings;
use crate::target::{Pair, Target};
use crate::{Error, Result};

/// One C file and the flags it is compiled with, targets apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The source file, absolute.
    pub source: PathBuf,
    /// The folder that relative paths in `flags` start from.
    pub directory: PathBuf,
    /// What both the compiler and libclang are given.
    pub flags: Vec<String>,
}

impl Unit {
    /// Whether it is C++, by its name as compilers take it.
    #[must_use]
    pub fn is_cpp(&self) -> bool {
        self.source.extension().is_some_and(|e| CPP.iter().any(|cpp| e == *cpp))
    }
}

/// What the names of C++ files end with.
const CPP: [&str; 5] = ["C", "cc", "cpp", "cxx", "c++"];

/// A flag of all units or of some, where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFlag {
    /// The flag.
    pub flag: String,
    /// The project file or compile database.
    pub file: PathBuf,
    /// Bytes of the file.
    pub span: std::ops::Range<usize>,
}

/// A program to link.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// File name of the program.
    pub name: String,
    /// Its own unit, the one with `main`.
    pub main: PathBuf,
}

/// A command of the project with its environment; `{bin}`, `{work}` and `{out}` stand for folders.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Program and arguments.
    pub run: Vec<String>,
    /// Variables set for it.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// The project's own tests of its programs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenarios {
    /// The command: `{bin}` is where the programs are, `{work}` where output and files are left.
    pub run: Vec<String>,
    /// Folder with the expected output of each scenario, `<scenario>.txt`.
    pub expected: PathBuf,
}

/// A C project: what is built of what, and for which two targets.
#[derive(Clone, Debug)]
pub struct Project {
    /// Name, for folders and reports.
    pub name: String,
    /// The folder of the project file, absolute: findings are told relative to it.
    pub root: PathBuf,
    /// The units, sorted by file.
    pub units: Vec<Unit>,
    /// Programs; none when the project is a compile database.
    pub programs: Vec<Program>,
    /// Libraries for the linker, without `-l`.
    pub libs: Vec<String>,
    /// Objects and archives without source.
    pub objects: Vec<PathBuf>,
    /// Old and new target.
    pub targets: Pair<Target>,
    /// The patch series, where there is one.
    pub series: Option<PathBuf>,
    /// The project's own tests, where there are some.
    pub scenarios: Option<Scenarios>,
    /// How the old program makes the data that the new one has to read.
    pub data: Option<Run>,
    /// Which checks look, and what fails.
    pub audit: settings::Choice,
    /// Headers that other languages take over, and records that must not move.
    pub ffi: Option<ffi::Choice>,
    /// What was read but not understood, one line each.
    pub warnings: Vec<String>,
    /// The flags that choose a processor, an ABI or folders of libraries, each once.
    pub written_flags: Vec<WrittenFlag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    #[serde(default)]
    sources: Vec<PathBuf>,
    #[serde(default)]
    include: Vec<PathBuf>,
    #[serde(default)]
    defines: Vec<String>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    libs: Vec<String>,
    #[serde(default)]
    objects: Vec<PathBuf>,
    series: Option<PathBuf>,
    old: Option<FileTarget>,
    new: Option<FileTarget>,
    #[serde(default)]
    program: Vec<Program>,
    scenarios: Option<Scenarios>,
    data: Option<Run>,
    #[serde(default)]
    audit: settings::Table,
    ffi: Option<ffi::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTarget {
    triple: String,
    #[serde(default)]
    flags: Vec<String>,
}

#[derive(Deserialize)]
struct Command {
    directory: PathBuf,
    file: PathBuf,
    arguments: Option<Vec<String>>,
    #[serde(rename = "command")]
    line: Option<String>,
}

impl Project {
    /// Reads a project from a folder (its `legacy-port.toml`, else its `compile_commands.json`), or from either file.
    pub fn load(path: &Path) -> Result<Self> {
        let path = fs::canonicalize(path).map_err(Error::io("cannot open", path))?;
        let file = if path.is_dir() {
            let mut candidates = std::iter::once(&"legacy-port.toml").chain(DATABASES).map(|f| path.join(f));
            candidates.find(|f| f.is_file()).ok_or_else(|| Error::Project {
                path: path.clone(),
                line: None,
                message: "has neither `legacy-port.toml` nor `compile_commands.json`; `legacy-port init` writes the \
                          former, from a Makefile too"
                    .into(),
            })?
        } else {
            path
        };
        let text = fs::read_to_string(&file).map_err(Error::io("cannot read", &file))?;
        if file.extension().is_some_and(|e| e == "json") {
            from_database(&file, &text)
        } else {
            from_toml(&file, &text)
        }
    }

    /// The same project with its sources at another place, such as the folder of an applied patch series.
    pub fn at(&self, root: &Path) -> Result<Self> {
        Self::load(&root.join("legacy-port.toml"))
    }

    /// The units that a program is linked from: its own and all that are no program's own.
    pub fn units_of<'a>(&'a self, program: &'a Program) -> impl Iterator<Item = &'a Unit> {
        let own = self.root.join(&program.main);
        let mains: Vec<PathBuf> = self.programs.iter().map(|p| self.root.join(&p.main)).collect();
        self.units.iter().filter(move |u| u.source == own || !mains.contains(&u.source))
    }

    /// A path as it is told to people: relative to the project where it lies in it.
    #[must_use]
    pub fn shown<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

fn from_toml(path: &Path, text: &str) -> Result<Project> {
    let at_byte = |start: Option<usize>, message: String| Error::Project {
        path: path.to_owned(),
        line: start.map(|s| text[..s.min(text.len())].matches('\n').count() + 1),
        message,
    };
    let file: File = toml::from_str(text).map_err(|e| at_byte(e.span().map(|s| s.start), e.message().to_owned()))?;
    let audit = file.audit.choice().map_err(|(at, message)| at_byte(Some(at.start), message))?;
    let at_key = |key: &str, message: String| Error::Project {
        path: path.to_owned(),
        line: text.lines().position(|l| l.trim_start().starts_with(key)).map(|n| n + 1),
        message,
    };
    let root = path.parent().unwrap_or(Path::new("/")).to_owned();
    let ffi = file.ffi.as_ref().map(|t| t.choice(&root)).transpose();
    let ffi = ffi.map_err(|(at, message)| at_byte(Some(at.start), message))?;
    let target = |t: &Option<FileTarget>, default: Target| {
        t.as_ref().map_or(default, |t| Target { triple: t.triple.clone(), flags: t.flags.clone() })
    };
    let targets = Pair { old: target(&file.old, Target::i386()), new: target(&file.new, Target::x86_64()) };
    for (key, t) in [("[old]", &targets.old), ("[new]", &targets.new)] {
        if t.model().is_none() {
            return Err(at_key(
                key,
                format!(
                    "triple `{}`: unknown processor; expected one such as \
                `i686-unknown-linux-gnu` or `x86_64-unknown-linux-gnu`",
                    t.triple
                ),
            ));
        }
    }
    let name = file.name.clone().or_else(|| root.file_name().and_then(OsStr::to_str).map(str::to_owned));
    let name = name.unwrap_or_else(|| "program".into());
    if let Some(database) = database_of(&file.audit, &root, file.sources.is_empty()) {
        if let Some(key) = said_beside_a_database(&file) {
            return Err(at_key(key, format!("`{key}` and a compile database: one of the two says what is built")));
        }
        let text = fs::read_to_string(&database).map_err(|e| {
            let at = file.audit.compile_commands.as_ref().map(|s| s.span().start);
            at_byte(at, format!("`compile-commands`: cannot read `{}`: {e}", database.display()))
        })?;
        return Ok(Project { name, root, targets, audit, ffi, ..from_database(&database, &text)? });
    }
    let mut sources = Vec::new();
    for source in &file.sources {
        let full = root.join(source);
        if full.is_dir() {
            for entry in fs::read_dir(&full).map_err(Error::io("cannot read", &full))? {
                let entry = entry.map_err(Error::io("cannot read", &full))?.path();
                if entry.extension().is_some_and(|e| e == "c") {
                    sources.push(entry);
                }
            }
        } else if full.is_file() {
            sources.push(full);
        } else {
            return Err(at_key("sources", format!("`{}` is neither a file nor a folder", source.display())));
        }
    }
    sources.sort();
    sources.dedup();
    if sources.is_empty() {
        let help = "no C file; name files and folders in `sources`, or in `[audit]` a `compile-commands` database";
        return Err(at_key("sources", help.into()));
    }
    for program in &file.program {
        if !sources.contains(&root.join(&program.main)) {
            return Err(at_key("main", format!("`{}` is not among `sources`", program.main.display())));
        }
    }
    let written_flags = written(path, text, file.flags.iter());
    let mut flags = file.flags;
    for dir in &file.include {
        if !root.join(dir).is_dir() {
            return Err(at_key("include", format!("`{}` is not a folder", dir.display())));
        }
        flags.push(format!("-I{}", root.join(dir).display()));
    }
    flags.extend(file.defines.iter().map(|d| format!("-D{d}")));
    Ok(Project {
        name,
        units: sources.into_iter().map(|s| Unit { source: s, directory: root.clone(), flags: flags.clone() }).collect(),
        programs: file.program,
        libs: file.libs,
        objects: file.objects.iter().map(|o| root.join(o)).collect(),
        targets,
        series: file.series.map(|s| root.join(s)),
        scenarios: file.scenarios,
        data: file.data,
        audit,
        ffi,
        warnings: Vec::new(),
        written_flags,
        root,
    })
}

/// Where compile databases lie, below a project.
pub const DATABASES: &[&str] = &[
    "compile_commands.json",
    "build/compile_commands.json",
    "builddir/compile_commands.json",
    "_build/compile_commands.json",
    "out/compile_commands.json",
];

/// The compile database that a project file names, or the one beside it where it names no sources either.
fn database_of(audit: &settings::Table, root: &Path, no_sources: bool) -> Option<PathBuf> {
    let named = audit.compile_commands.as_ref().map(|s| root.join(s.as_ref()));
    let beside = || DATABASES.iter().map(|f| root.join(f)).find(|f| f.is_file());
    named.or_else(|| no_sources.then(beside).flatten())
}

/// The first key that has no meaning where a compile database says what is built.
fn said_beside_a_database(file: &File) -> Option<&'static str> {
    let keys = [
        ("sources", !file.sources.is_empty()),
        ("include", !file.include.is_empty()),
        ("defines", !file.defines.is_empty()),
        ("flags", !file.flags.is_empty()),
        ("libs", !file.libs.is_empty()),
        ("objects", !file.objects.is_empty()),
        ("series", file.series.is_some()),
        ("[[program]]", !file.program.is_empty()),
        ("[scenarios]", file.scenarios.is_some()),
        ("[data]", file.data.is_some()),
    ];
    keys.into_iter().find(|(_, said)| *said).map(|(key, _)| key)
}

/// Options that take their value as the next argument.
const WITH_VALUE: &[&str] = &["-I", "-D", "-U", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-x"];

fn from_database(path: &Path, text: &str) -> Result<Project> {
    let bad = |line, message| Error::Project { path: path.to_owned(), line, message };
    let commands: Vec<Command> =
        serde_json::from_str(text).map_err(|e| bad(Some(e.line()), format!("not a compile database: {e}")))?;
    let beside = path.parent().unwrap_or(Path::new("/")).to_owned();
    let mut units = Vec::new();
    let mut warnings = Vec::new();
    let mut written_flags = Vec::new();
    for c in commands {
        let directory = beside.join(&c.directory);
        let source = directory.join(&c.file);
        let source =
            fs::canonicalize(&source).map_err(Error::io("named in the compile database, cannot open", source))?;
        if source.extension().is_none_or(|e| e != "c" && CPP.iter().all(|cpp| e != *cpp)) {
            warnings.push(format!("`{}`: left out, neither C nor C++", source.display()));
            continue;
        }
        let args = match (c.arguments, c.line) {
            (Some(a), _) => a,
            (None, Some(line)) => shlex::split(&line)
                .ok_or_else(|| bad(None, format!("`command` of `{}`: unbalanced quotes", c.file.display())))?,
            (None, None) => {
                return Err(bad(None, format!("`{}`: neither `arguments` nor `command`", c.file.display())));
            }
        };
        for found in written(path, text, args.iter()) {
            if !written_flags.contains(&found) {
                written_flags.push(found);
            }
        }
        let flags = understood(&args, &c.file, &mut warnings);
        units.push(Unit { source, directory, flags });
    }
    units.sort_by(|a, b| (&a.source, &a.flags).cmp(&(&b.source, &b.flags)));
    units.dedup();
    if units.is_empty() {
        return Err(bad(None, "no C file in it".into()));
    }
    warnings.sort();
    warnings.dedup();
    let root = home(beside, &units);
    let name = root.file_name().and_then(OsStr::to_str).unwrap_or("program").to_owned();
    Ok(Project {
        name,
        units,
        programs: Vec::new(),
        libs: Vec::new(),
        objects: Vec::new(),
        targets: Pair { old: Target::i386(), new: Target::x86_64() },
        series: None,
        scenarios: None,
        data: None,
        audit: settings::Choice::default(),
        ffi: None,
        warnings,
        written_flags,
        root,
    })
}

/// Where flags that choose a processor, an ABI or folders of libraries are written first.
fn written<'f>(path: &Path, text: &str, flags: impl Iterator<Item = &'f String>) -> Vec<WrittenFlag> {
    let chooses = |f: &&String| ["-m", "-L", "-Wl,"].iter().any(|p| f.starts_with(p));
    let part = |c: char| c.is_ascii_alphanumeric() || "-_=./+,".contains(c);
    let place = |flag: &String| {
        let whole =
            |(at, _): &(usize, &str)| !text[..*at].ends_with(part) && !text[at + flag.len()..].starts_with(part);
        let start = text.match_indices(flag.as_str()).find(whole)?.0;
        Some(WrittenFlag { flag: flag.clone(), file: path.to_owned(), span: start..start + flag.len() })
    };
    flags.filter(chooses).filter_map(place).collect()
}

/// The folder that findings are told relative to: that of the database, unless all sources lie elsewhere, as with
/// `build/compile_commands.json`.
fn home(beside: PathBuf, units: &[Unit]) -> PathBuf {
    if units.iter().any(|u| u.source.starts_with(&beside)) {
        return beside;
    }
    let common = |dir: &Path| units.iter().all(|u| u.source.starts_with(dir));
    let above = beside.ancestors().find(|d| common(d)).map(Path::to_owned);
    above.filter(|d| d.parent().is_some()).unwrap_or(beside)
}

/// The flags of one command that both the compiler and libclang are to have; every other one is named in a warning,
/// but for those that only say where input and output are.
pub(crate) fn understood(args: &[String], file: &Path, warnings: &mut Vec<String>) -> Vec<String> {
    let mut flags = Vec::new();
    let mut args = args.iter().skip(1);
    while let Some(arg) = args.next() {
        let a = arg.as_str();
        if WITH_VALUE.contains(&a) {
            if let Some(value) = args.next() {
                flags.extend([arg.clone(), value.clone()]);
            }
        } else if matches!(a, "-o" | "-MF" | "-MT" | "-MQ") {
            args.next();
        } else if matches!(a, "-c" | "-MD" | "-MMD" | "-M" | "-MM" | "-MP" | "-pipe") || Path::new(a).ends_with(file) {
            // said by us, or of no meaning here
        } else if ["-D", "-U", "-I", "-O", "-g", "-std=", "-W", "-f", "-isystem", "-include", "-pthread", "-ansi"]
            .iter()
            .any(|p| a.starts_with(p))
            || matches!(a, "-w" | "-pedantic" | "-trigraphs" | "-nostdinc")
        {
            flags.push(arg.clone());
        } else if matches!(a, "-m32" | "-m64" | "-mx32") || a.starts_with("-march=") || a.starts_with("-mtune=") {
            warnings.push(format!("`{a}` left out: the target says it"));
        } else if a.starts_with('-') {
            warnings.push(format!("`{a}` is not understood and was left out"));
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(name: &str, text: &str) -> Result<Project> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.c"), "int a;\n").unwrap();
        let file = dir.path().join(name);
        fs::write(&file, text).unwrap();
        Project::load(&file)
    }

    #[test]
    fn toml_error_names_line_and_key() {
        let e = load("legacy-port.toml", "sources = [\"a.c\"]\nincludes = [\"x\"]\n").unwrap_err().to_string();
        assert!(e.contains("line 2") && e.contains("includes"), "{e}");
        let e = load("legacy-port.toml", "name = \"x\"\nsources = [\"b.c\"]\n").unwrap_err().to_string();
        assert!(e.contains("line 2") && e.contains("b.c"), "{e}");
    }

    #[test]
    fn database_keeps_what_matters_and_names_the_rest() {
        let p = load(
            "compile_commands.json",
            r#"[{"directory": ".", "file": "a.c",
                 "command": "cc -m32 -DX='a b' -I inc -O2 -mregparm=3 -MF x.d -o a.o -c a.c"}]"#,
        )
        .unwrap();
        assert_eq!(p.units[0].flags, ["-DX=a b", "-I", "inc", "-O2"]);
        assert_eq!(
            p.warnings,
            ["`-m32` left out: the target says it", "`-mregparm=3` is not understood and was left out"]
        );
    }

    #[test]
    fn database_errors_have_a_line() {
        let e = load("compile_commands.json", "[\n{\"directory\": 3}]").unwrap_err().to_string();
        assert!(e.contains("line 2"), "{e}");
    }

    #[test]
    fn flags_are_known_by_where_they_are_written() {
        let places = |p: &Project, text: &str| -> Vec<(String, usize)> {
            assert!(p.written_flags.iter().all(|f| text[f.span.clone()] == f.flag));
            p.written_flags.iter().map(|f| (f.flag.clone(), f.span.start)).collect()
        };
        let toml = "sources = [\"a.c\"]\nflags = [\"-O2\", \"-mrtd\"]\n[old]\ntriple = \"i686-unknown-linux-gnu\"\n\
                    flags = [\"-march=i686\"]\n";
        assert_eq!(places(&load("legacy-port.toml", toml).unwrap(), toml), [("-mrtd".to_owned(), 35)]);
        let json = r#"[{"directory": ".", "file": "a.c", "command": "cc -DX=-m32 -m32 -L/lib32 -c a.c"},
                       {"directory": ".", "file": "a.c", "arguments": ["cc", "-m32", "-c", "a.c"]}]"#;
        let found = places(&load("compile_commands.json", json).unwrap(), json);
        assert_eq!(found, [("-m32".to_owned(), 59), ("-L/lib32".to_owned(), 64)]);
    }
}
