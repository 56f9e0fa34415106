//! What is measured: programs, and the peers' commands for them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use legacy_port::project::{Project, Unit};

use super::measure::{self, Took};

/// A program.
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) path: PathBuf,
    project: Project,
}

/// What ours is compared with.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Peer {
    /// Parses each unit, once per target.
    Clang,
    ClangTidy,
    Cppcheck,
}

/// The release of `libsqlite3-sys`, and with it of `SQLite`, that is measured on.
const SQLITE: &str = "0.40.0";

/// Seconds after which a peer is ended.
const PATIENCE: f64 = 300.0;

impl Subject {
    pub(super) fn load(name: &str, path: &Path) -> Result<Self> {
        Ok(Self { name: name.to_owned(), path: path.to_owned(), project: Project::load(path)? })
    }

    pub(super) fn units(&self) -> usize {
        self.project.units.len()
    }

    /// Its name and size, in words.
    pub(super) fn title(&self) -> String {
        format!("{}, {} units", self.name, self.units())
    }

    /// Runs a peer over all units, as many at once as there are processors.
    pub(super) fn peer(&self, program: &Path, peer: Peer) -> Result<Took> {
        let targets = [&self.project.targets.old, &self.project.targets.new];
        let commands = self.project.units.iter().flat_map(|unit| match peer {
            Peer::Clang => targets.iter().map(|t| clang(program, unit, &t.triple)).collect(),
            Peer::ClangTidy => vec![clang_tidy(program, unit, &targets[1].triple)],
            Peer::Cppcheck => vec![cppcheck(program, unit)],
        });
        measure::time_all(commands.collect(), PATIENCE)
    }
}

/// What compilers of the time took is parsed to its end, as the audit does.
const AS_OLD: [&str; 6] = [
    "-ferror-limit=0",
    "-Wno-error=implicit-function-declaration",
    "-Wno-error=implicit-int",
    "-Wno-error=int-conversion",
    "-Wno-error=incompatible-function-pointer-types",
    "-Wno-error=return-mismatch",
];

fn clang(program: &Path, unit: &Unit, triple: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["-fsyntax-only", "-w"]).arg(format!("--target={triple}")).args(AS_OLD);
    command.args(&unit.flags).arg(&unit.source).current_dir(&unit.directory);
    command
}

/// A command that is ended when it takes too long.
fn patient(program: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.arg(format!("{PATIENCE}")).arg(program);
    command
}

fn clang_tidy(program: &Path, unit: &Unit, triple: &str) -> Command {
    let mut command = patient(program);
    command.args(["--quiet", "--checks=-*,bugprone-*,cert-*,misc-*,cppcoreguidelines-narrowing-conversions"]);
    command.arg(&unit.source).arg("--").arg(format!("--target={triple}")).arg("-w").args(AS_OLD).args(&unit.flags);
    command.current_dir(&unit.directory);
    command
}

fn cppcheck(program: &Path, unit: &Unit) -> Command {
    let mut command = patient(program);
    command.args(["--quiet", "--platform=unix64", "--enable=warning,portability", "--language=c"]);
    // It knows these and no other flags.
    let mut flags = unit.flags.iter();
    while let Some(flag) = flags.next() {
        if matches!(flag.as_str(), "-I" | "-D" | "-U") {
            command.arg(flag).args(flags.next());
        } else if ["-I", "-D", "-U"].iter().any(|p| flag.starts_with(p)) {
            command.arg(flag);
        }
    }
    command.arg(&unit.source).current_dir(&unit.directory);
    command
}

/// A program by its name, or with the newest version that has one at the end of its name.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    let versions = (14..40).rev().map(|v| format!("{name}-{v}"));
    // That of libclang's own version first: another may be faster or slower by itself.
    let own = legacy_port::source::clang::Clang::load().ok().and_then(|c| {
        let major = c.version.split(|c: char| !c.is_ascii_digit()).find(|s| !s.is_empty())?.to_owned();
        Some(format!("{name}-{major}"))
    });
    let mut names = own.into_iter().chain(versions).chain([name.to_owned()]);
    names.find_map(|name| folders.iter().map(|dir| dir.join(&name)).find(|path| path.is_file()))
}

/// `SQLite`'s amalgamation, as cargo fetches it for whoever builds with it.
pub(super) fn sqlite(dir: &Path) -> Result<Subject> {
    let out = dir.join("sqlite");
    if !out.join("compile_commands.json").is_file() {
        fetch_sqlite(dir, &out).context("cannot get SQLite to measure on")?;
    }
    Subject::load("SQLite", &out)
}

fn fetch_sqlite(dir: &Path, out: &Path) -> Result<()> {
    let fetch = dir.join("fetch");
    std::fs::create_dir_all(&fetch)?;
    std::fs::create_dir_all(out)?;
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n\
         [dependencies]\nlibsqlite3-sys = {{ version = \"={SQLITE}\", features = [\"bundled\"] }}\n"
    );
    std::fs::write(fetch.join("Cargo.toml"), manifest)?;
    std::fs::write(fetch.join("lib.rs"), "")?;
    let output =
        Command::new(env!("CARGO")).args(["metadata", "--format-version", "1"]).current_dir(&fetch).output()?;
    if !output.status.success() {
        bail!("`cargo metadata` in `{}`: {}", fetch.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("no packages in what cargo says")?;
    let package =
        packages.iter().find(|p| p["name"] == "libsqlite3-sys").context("cargo did not fetch libsqlite3-sys")?;
    let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
    let source = manifest.parent().unwrap_or(Path::new("")).join("sqlite3");
    for name in ["sqlite3.c", "sqlite3.h"] {
        std::fs::copy(source.join(name), out.join(name)).with_context(|| format!("no `{name}` in the package"))?;
    }
    let database =
        serde_json::json!([{"directory": ".", "file": "sqlite3.c", "arguments": ["cc", "-O2", "-c", "sqlite3.c"]}]);
    std::fs::write(out.join("compile_commands.json"), database.to_string())?;
    Ok(())
}
