//! Both builds: commands from the `cc` crate, objects and programs below `<target dir>/legacy-port/<program>/<triple>/`,
//! in parallel, only what changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::binary::elf;
use crate::project::{Project, Unit};
use crate::target::Target;
use crate::{Error, Result};

/// What a build has left.
#[derive(Debug)]
pub struct Built {
    /// The folder with programs, and `objects/` in it.
    pub dir: PathBuf,
    /// The programs, in the order of the project.
    pub programs: Vec<PathBuf>,
    /// How many units were compiled; the others were up to date.
    pub compiled: usize,
    /// What the compiler said of each unit, by file.
    pub diagnostics: Vec<(PathBuf, String)>,
}

impl Built {
    /// How many warnings the compiler gave.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.diagnostics.iter().map(|(_, text)| text.matches(" warning: ").count()).sum()
    }
}

/// Told after each unit: how many are done, of how many.
pub type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// The compiler command for a target, without a unit: program and flags as `cc` finds them, then the target's own.
///
/// # Errors
/// When `cc` finds no compiler.
pub fn compiler(target: &Target) -> Result<Command> {
    find(cc::Build::new().debug(true), target)
}

/// The compiler of a target as `cc` finds it, with what was asked of `cc` before.
fn find(build: &mut cc::Build, target: &Target) -> Result<Command> {
    let tool = build
        .target(&target.triple)
        .host(HOST)
        .opt_level(2)
        .cargo_metadata(false)
        .warnings(false)
        .try_get_compiler()
        .map_err(|e| Error::Toolchain { triple: target.triple.clone(), message: format!("{e}; install `gcc`") })?;
    let mut command = Command::new(tool.path());
    // `-w` comes with `warnings(false)`, whose only other choice is `-Wall`: the user's flags are to decide.
    command.args(tool.args().iter().filter(|a| *a != "-w")).args(&target.flags);
    Ok(command)
}

/// The machine we run on; `cc` asks for it to tell a cross build.
const HOST: &str = if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-gnu" } else { "x86_64-unknown-linux-gnu" };

/// Builds the project for one target.
///
/// # Errors
/// The first unit, in order of files, that does not compile, or the program that does not link.
pub fn build(project: &Project, target: &Target, target_dir: &Path, progress: Progress) -> Result<Built> {
    let dir = target_dir.join("legacy-port").join(&project.name).join(&target.triple);
    let objects = dir.join("objects");
    fs::create_dir_all(&objects).map_err(Error::io("cannot create", &objects))?;
    // The compiler runs in the folder of the unit.
    let dir = fs::canonicalize(&dir).map_err(Error::io("cannot open", &dir))?;
    let objects = dir.join("objects");
    check_toolchain(target, &dir)?;
    for object in &project.objects {
        elf::expect_class(object, target)?;
    }
    let done = Mutex::new(0);
    let results: Vec<Result<Compiled>> = project
        .units
        .par_iter()
        .map(|unit| {
            let result = compile(project, unit, target, &objects);
            let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            *done += 1;
            progress(*done, project.units.len());
            result
        })
        .collect();
    let mut built = Built { dir: dir.clone(), programs: Vec::new(), compiled: 0, diagnostics: Vec::new() };
    for (unit, result) in project.units.iter().zip(results) {
        let one = result?;
        built.compiled += usize::from(one.fresh);
        if !one.diagnostics.is_empty() {
            built.diagnostics.push((unit.source.clone(), one.diagnostics));
        }
    }
    for program in &project.programs {
        let out = dir.join(&program.name);
        let inputs: Vec<PathBuf> =
            project.units_of(program).map(|u| object_of(project, u, &objects)).chain(project.objects.clone()).collect();
        link(project, target, &inputs, &out)?;
        elf::expect_class(&out, target)?;
        built.programs.push(out);
    }
    Ok(built)
}

struct Compiled {
    fresh: bool,
    diagnostics: String,
}

/// Where a unit's object goes: named after the file, with a digest of place and flags, since two units may have one name
/// and one file may be built twice.
fn object_of(project: &Project, unit: &Unit, objects: &Path) -> PathBuf {
    let stem = unit.source.file_stem().unwrap_or_default().to_string_lossy();
    let mut hash = Sha256::new();
    hash.update(project.shown(&unit.source).as_os_str().as_encoded_bytes());
    for flag in &unit.flags {
        hash.update(flag.replace(&*project.root.to_string_lossy(), ""));
    }
    let digest = hash.finalize();
    objects.join(format!("{stem}-{:02x}{:02x}{:02x}{:02x}.o", digest[0], digest[1], digest[2], digest[3]))
}

fn compile(project: &Project, unit: &Unit, target: &Target, objects: &Path) -> Result<Compiled> {
    let object = object_of(project, unit, objects);
    let (deps, log, key) = (object.with_extension("d"), object.with_extension("log"), object.with_extension("key"));
    let mut command = compiler(target)?;
    // The same sources give the same objects wherever they lie: debug information names no folder of this machine.
    command.arg(format!("-ffile-prefix-map={}=.", project.root.display()));
    command.args(&unit.flags).arg("-MMD").arg("-MF").arg(&deps).arg("-c").arg("-o").arg(&object).arg(&unit.source);
    command.current_dir(&unit.directory).env("LC_ALL", "C");
    let line = words(&command);
    if fs::read_to_string(&key).is_ok_and(|k| k == line) && up_to_date(&object, &deps, &unit.directory) {
        return Ok(Compiled { fresh: false, diagnostics: fs::read_to_string(&log).unwrap_or_default() });
    }
    // An interrupted compiler must not leave an object that looks finished.
    let _ = fs::remove_file(&key);
    let output = command.output().map_err(Error::io("cannot run", command.get_program()))?;
    let diagnostics = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        let what = project.shown(&unit.source).display().to_string();
        return Err(Error::Build { what, triple: target.triple.clone(), output: diagnostics });
    }
    fs::write(&log, &diagnostics).map_err(Error::io("cannot write", &log))?;
    fs::write(&key, &line).map_err(Error::io("cannot write", &key))?;
    Ok(Compiled { fresh: true, diagnostics })
}

/// A command as the words that it consists of. Not its `Debug` form, which has the environment and whatever secret is in
/// there.
fn words(command: &Command) -> String {
    let args = std::iter::once(command.get_program()).chain(command.get_args());
    args.map(|a| a.to_string_lossy().into_owned() + "\n").collect()
}

/// Whether the object is younger than everything that the compiler read for it.
fn up_to_date(object: &Path, deps: &Path, directory: &Path) -> bool {
    let modified = |p: &Path| fs::metadata(p).and_then(|m| m.modified()).ok();
    let (Some(made), Ok(text)) = (modified(object), fs::read_to_string(deps)) else { return false };
    let Some((_, inputs)) = text.split_once(": ") else { return false };
    inputs
        .replace("\\\n", " ")
        .replace("\\ ", "\0")
        .split_whitespace()
        .all(|d| modified(&directory.join(d.replace('\0', " "))).is_some_and(|m| m <= made))
}

fn link(project: &Project, target: &Target, inputs: &[PathBuf], out: &Path) -> Result<()> {
    let modified = |p: &Path| fs::metadata(p).and_then(|m| m.modified()).ok();
    let mut command = compiler(target)?;
    command.arg("-o").arg(out).args(inputs).args(project.libs.iter().map(|l| format!("-l{l}"))).env("LC_ALL", "C");
    let key = out.with_extension("key");
    let line = words(&command);
    let fresh = |made| inputs.iter().all(|i| modified(i).is_some_and(|m| m <= made));
    if fs::read_to_string(&key).is_ok_and(|k| k == line) && modified(out).is_some_and(fresh) {
        return Ok(());
    }
    let _ = fs::remove_file(&key);
    let output = command.output().map_err(Error::io("cannot run", command.get_program()))?;
    if !output.status.success() {
        return Err(Error::Build {
            what: out.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            triple: target.triple.clone(),
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    fs::write(&key, &line).map_err(Error::io("cannot write", &key))
}

/// Tries compiler, headers and C library of the target on the smallest program, so that what is missing is said in one
/// line and not by every unit.
fn check_toolchain(target: &Target, dir: &Path) -> Result<()> {
    let (source, out) = (dir.join("toolchain.c"), dir.join("toolchain.ok"));
    if out.is_file() {
        return Ok(());
    }
    fs::write(&source, "#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n")
        .map_err(Error::io("cannot write", &source))?;
    let mut command = compiler(target)?;
    command.arg("-o").arg(&out).arg(&source).env("LC_ALL", "C");
    let output = command.output().map_err(|e| Error::Toolchain {
        triple: target.triple.clone(),
        message: format!("`{}` does not run: {e}; install `gcc`", command.get_program().display()),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().find(|l| l.contains("error") || l.contains("cannot find")).unwrap_or("no reason given");
    let package = if target.short() == "i386" { "gcc-multilib" } else { "gcc and libc6-dev" };
    Err(Error::Toolchain {
        triple: target.triple.clone(),
        message: format!("the smallest program does not build ({}); on Debian install `{package}`", first.trim()),
    })
}

/// The folders that the compiler of a target searches for `#include <...>`, without its own (libclang has its own), in
/// order. Empty where the compiler does not say: then libclang's defaults have to do.
#[must_use]
pub fn system_includes(target: &Target) -> Vec<PathBuf> {
    toolchain(target).includes
}

/// The compiler of a target, and where it looks for headers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Toolchain {
    /// The compiler's own file; empty where none was found.
    pub(crate) compiler: PathBuf,
    /// The folders that it searches, in order.
    pub(crate) includes: Vec<PathBuf>,
    /// Folders that it would search if they were there.
    pub(crate) absent: Vec<PathBuf>,
}

/// Asks the compiler of a target.
pub(crate) fn toolchain(target: &Target) -> Toolchain {
    // Folders do not depend on debug information, whose flags `cc` would try out by a compilation.
    let Ok(mut command) = find(&mut cc::Build::new(), target) else { return Toolchain::default() };
    let name = PathBuf::from(command.get_program());
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|dir| dir.join(&name)).find(|path| path.is_file());
    let compiler = if name.components().count() > 1 { name } else { found.unwrap_or_default() };
    let Ok(output) = command.args(["-E", "-v", "-x", "c", "/dev/null"]).env("LC_ALL", "C").output() else {
        return Toolchain { compiler, ..Toolchain::default() };
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let includes = said
        .lines()
        .skip_while(|l| !l.starts_with("#include <...>"))
        .skip(1)
        .take_while(|l| l.starts_with(' '))
        .map(|l| PathBuf::from(l.trim()))
        .filter(|p| !p.join("stddef.h").exists() && p.is_dir())
        .collect();
    let absent = said.lines().filter_map(|l| l.strip_prefix("ignoring nonexistent directory \""));
    let absent = absent.map(|l| PathBuf::from(l.trim_end_matches('"'))).collect();
    Toolchain { compiler, includes, absent }
}
