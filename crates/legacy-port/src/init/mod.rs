//! A project file for a project that has none: from its compile database, its Makefile or its sources.
//!
//! [`plan`] looks and decides, [`Plan::write`] writes.

mod make;
mod shell;
mod sources;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::json;

use crate::compile;
use crate::project::{DATABASES, Unit};
use crate::target::Target;
use crate::{Error, Result};

/// Name of the project file.
pub const FILE: &str = "legacy-port.toml";

/// Name of the compile database written where units differ in their flags.
pub const COMMANDS: &str = "legacy-port-commands.json";

/// What is to be written, and why.
#[derive(Debug)]
pub struct Plan {
    /// What the project was understood from, in a line.
    pub from: String,
    /// Names below the project's folder, and texts.
    pub files: Vec<(&'static str, String)>,
    /// What was not understood or left out, one line each.
    pub notes: Vec<String>,
}

/// Looks at the project in `dir`: a compile database, else Makefiles (which `make`, with `make_args`, is asked about
/// without building), else the C files.
///
/// # Errors
/// When there is none of these, or `make` cannot run.
pub fn plan(dir: &Path, make_args: &[String]) -> Result<Plan> {
    let dir = fs::canonicalize(dir).map_err(Error::io("cannot open", dir))?;
    let database = DATABASES.iter().find(|f| dir.join(f).is_file()).filter(|_| make_args.is_empty());
    if let Some(database) = database {
        let text = head(&dir, database) + &audit_table(Some(database));
        return Ok(Plan { from: format!("`{database}`"), files: vec![(FILE, text)], notes: Vec::new() });
    }
    let mut notes = Vec::new();
    let folders = if make_args.is_empty() { makefiles(&dir) } else { vec![dir.clone()] };
    let mut units = Vec::new();
    for folder in &folders {
        let understood = make::dry_run(folder, make_args)?;
        units.extend(understood.units);
        // One Makefile speaks for itself, of several each says where it lies.
        let place = if folders.len() == 1 { String::new() } else { format!("{}: ", shown(&dir, folder)) };
        notes.extend(understood.notes.into_iter().map(|n| place.clone() + &n));
    }
    if !units.is_empty() {
        let what = if folders.len() == 1 { "the Makefile".to_owned() } else { format!("{} Makefiles", folders.len()) };
        let from = format!("{what}: a dry run of `make` compiles {} C files", units.len());
        units.sort_by(|a, b| (&a.source, &a.flags).cmp(&(&b.source, &b.flags)));
        return Ok(Plan { from, files: of_units(&dir, &units, &what), notes });
    }
    let builders = [
        ("configure", "./configure"),
        ("configure.ac", "autoreconf -i && ./configure"),
        ("configure.in", "autoreconf -i && ./configure"),
        ("CMakeLists.txt", "cmake -B build -DCMAKE_EXPORT_COMPILE_COMMANDS=ON"),
        ("meson.build", "meson setup build"),
    ];
    if let Some((file, command)) = builders.iter().find(|(file, _)| dir.join(file).is_file()) {
        notes.push(format!(
            "`{file}` is here: after `{command}` there is a Makefile or compile database, and `legacy-port init --force` \
             knows the flags; the C files that are here were taken instead"
        ));
    } else if !folders.is_empty() {
        notes.push(
            "`make` compiles no C file by itself: give it a target or a file, as in `legacy-port init -- -f \
                    Makefile.linux all`; the C files that are here were taken instead"
                .into(),
        );
    }
    let found = sources::find(&dir, &compile::system_includes(&Target::x86_64()))?;
    if found.sources.is_empty() {
        return Err(Error::Project {
            path: dir,
            line: None,
            message: "neither a compile database nor a Makefile that compiles C, and no C file".into(),
        });
    }
    notes.extend(found.notes);
    let from = format!("{} C files in the folder, and the headers that they include", found.sources.len());
    let include: Vec<String> = found.include.iter().map(|p| shown(&dir, p)).collect();
    let text = head(&dir, "the C files") + &keys(&dir, &found.sources, &include, &[], &[]) + &audit_table(None);
    Ok(Plan { from, files: vec![(FILE, text)], notes })
}

impl Plan {
    /// Writes the files.
    ///
    /// # Errors
    /// Without `force`, when one of them is there already: nothing is written then.
    pub fn write(&self, dir: &Path, force: bool) -> Result<()> {
        if !force {
            self.files.iter().try_for_each(|(name, _)| not_there(&dir.join(name)))?;
        }
        for (name, text) in &self.files {
            let path = dir.join(name);
            fs::write(&path, text).map_err(Error::io("cannot write", &path))?;
        }
        Ok(())
    }
}

/// Nothing that is there is written over unasked.
///
/// # Errors
/// That it is there.
pub fn not_there(path: &Path) -> Result<()> {
    let message = "is there already; `--force` writes it anew".to_owned();
    if path.exists() { Err(Error::Project { path: path.to_owned(), line: None, message }) } else { Ok(()) }
}

/// The folders with a Makefile: the project's own, or the topmost below it.
fn makefiles(dir: &Path) -> Vec<PathBuf> {
    let has = |d: &Path| ["GNUmakefile", "makefile", "Makefile"].iter().any(|f| d.join(f).is_file());
    let mut level = vec![dir.to_owned()];
    for _ in 0..3 {
        let (found, other): (Vec<_>, Vec<_>) = level.into_iter().partition(|d| has(d));
        if !found.is_empty() {
            return found;
        }
        level = other.iter().flat_map(|d| sources::folders(d)).collect();
    }
    Vec::new()
}

/// The files for units: one if all have the same flags, else with a compile database.
fn of_units(dir: &Path, units: &[Unit], from: &str) -> Vec<(&'static str, String)> {
    let flags: BTreeSet<Option<Flags>> = units.iter().map(|u| Flags::of(dir, u)).collect();
    let once = units.windows(2).all(|w| w[0].source != w[1].source) && units.iter().all(|u| u.source.starts_with(dir));
    if let (true, [Some(f)]) = (once, flags.iter().collect::<Vec<_>>().as_slice()) {
        let sources: Vec<PathBuf> = units.iter().map(|u| u.source.clone()).collect();
        let text = head(dir, from) + &keys(dir, &sources, &f.include, &f.defines, &f.other) + &audit_table(None);
        return vec![(FILE, text)];
    }
    let entries: Vec<String> = units
        .iter()
        .map(|u| {
            let file = relative(&u.directory, &u.source);
            let mut arguments = vec!["cc".to_owned()];
            arguments.extend(u.flags.iter().cloned());
            arguments.extend(["-c".to_owned(), file.display().to_string()]);
            json!({"directory": shown(dir, &u.directory), "file": file, "arguments": arguments}).to_string()
        })
        .collect();
    vec![(FILE, head(dir, from) + &audit_table(Some(COMMANDS))), (COMMANDS, format!("[\n{}\n]\n", entries.join(",\n")))]
}

/// Flags of a unit in words that hold for the whole project.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Flags {
    include: Vec<String>,
    defines: Vec<String>,
    other: Vec<String>,
}

impl Flags {
    /// `None` where a flag holds in the unit's own folder alone.
    fn of(dir: &Path, unit: &Unit) -> Option<Self> {
        let mut out = Self { include: Vec::new(), defines: Vec::new(), other: Vec::new() };
        let mut flags = unit.flags.iter();
        while let Some(flag) = flags.next() {
            let value = |name: &str| flag.strip_prefix(name).map(str::to_owned);
            if let Some(folder) = value("-I") {
                let folder = if folder.is_empty() { flags.next()?.clone() } else { folder };
                let full = make::plain(&unit.directory.join(folder));
                // Makefiles name folders that were only there on one machine.
                if full.is_dir() {
                    out.include.push(shown(dir, &full));
                }
            } else if let Some(define) = value("-D") {
                out.defines.push(if define.is_empty() { flags.next()?.clone() } else { define });
            } else if flag.starts_with("-i") && unit.directory != dir {
                return None;
            } else {
                out.other.push(flag.clone());
            }
        }
        Some(out)
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(items: &[String]) -> String {
    let one = items.iter().map(|i| quoted(i)).collect::<Vec<_>>().join(", ");
    if one.len() < 100 {
        return format!("[{one}]");
    }
    items.iter().fold("[\n".to_owned(), |text, i| text + "    " + &quoted(i) + ",\n") + "]"
}

fn head(dir: &Path, from: &str) -> String {
    let name = dir.file_name().and_then(OsStr::to_str).unwrap_or("program");
    format!(
        "# What `legacy-port` needs to know of {name}; written by `legacy-port init` from {from}.\nname = {}\n",
        quoted(name)
    )
}

/// What is compiled, and how.
fn keys(dir: &Path, sources: &[PathBuf], include: &[String], defines: &[String], flags: &[String]) -> String {
    let mut text = format!("sources = {}\n", list(&folded(dir, sources)));
    for (key, values) in [("include", include), ("defines", defines), ("flags", flags)] {
        if !values.is_empty() {
            let _ = writeln!(text, "{key} = {}", list(values));
        }
    }
    text
}

/// Sources by folder, where all C files of a folder are among them.
fn folded(dir: &Path, sources: &[PathBuf]) -> Vec<String> {
    let all: BTreeSet<&PathBuf> = sources.iter().collect();
    let mut out = BTreeSet::new();
    for source in sources {
        let folder = source.parent().unwrap_or(dir);
        let whole = sources::files(folder).iter().filter(|f| sources::is_c(f)).all(|f| all.contains(f));
        out.insert(shown(dir, if whole { folder } else { source }));
    }
    out.into_iter().collect()
}

fn audit_table(database: Option<&str>) -> String {
    let mut text = String::from("\n[audit]\n");
    if let Some(database) = database {
        let _ = writeln!(text, "compile-commands = {}", quoted(database));
    }
    text + "# fail-on = \"may\"                     # what fails: breaks, may, look or never\n\
            # levels = { record_layout = \"off\" }  # `legacy-port checks` lists them\n\
            # exclude = [\"third-party\"]           # files and folders of which nothing is told\n"
}

/// A path as the project file names it.
fn shown(dir: &Path, path: &Path) -> String {
    let text = relative(dir, path).display().to_string();
    if text.is_empty() { ".".into() } else { text }
}

/// A path seen from a folder, both absolute and plain.
#[must_use]
pub fn relative(from: &Path, path: &Path) -> PathBuf {
    let common = from.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    // Nothing but the root in common: on this machine that path is as good as any.
    if common < 2 {
        return path.to_owned();
    }
    let up = from.components().skip(common).map(|_| Path::new("..").as_os_str());
    up.chain(path.components().skip(common).map(Component::as_os_str)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_seen_from_a_folder() {
        let see = |from: &str, path: &str| relative(Path::new(from), Path::new(path)).display().to_string();
        assert_eq!(see("/p/a", "/p/a/b.c"), "b.c");
        assert_eq!(see("/p/a/x", "/p/b/c.h"), "../../b/c.h");
        assert_eq!(see("/p/a", "/q/c.h"), "/q/c.h");
        assert_eq!(shown(Path::new("/p/a"), Path::new("/p/a")), ".");
    }
}
