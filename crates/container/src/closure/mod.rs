//! Which files the loader needs to start programs, and which they open by themselves at run time.

mod opened;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::elf::{self, Elf, machine_name};
use crate::loader::{Asker, Found, How, Loader};
use crate::{Error, Result};

/// A program to start from.
#[derive(Clone, Debug)]
pub struct Start {
    /// The file on this machine.
    pub host: PathBuf,
    /// Its path in the image.
    pub image: PathBuf,
    /// Libraries that it opens at run time, as `image.toml` says.
    pub opens: Vec<String>,
    /// Libraries that it names and does not need, as `image.toml` says.
    pub skips: Vec<String>,
}

/// Why an object is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is a program.
    Program,
    /// `PT_INTERP` of a program.
    Interpreter,
    /// `DT_NEEDED`, and how it was found.
    Needed(How),
    /// Opened at run time: who says so.
    Opened(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("program"),
            Self::Interpreter => f.write_str("interpreter"),
            Self::Needed(how) => write!(f, "needed, {how}"),
            Self::Opened(why) => write!(f, "opened at run time: {why}"),
        }
    }
}

/// An ELF file of the image.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its path in the image.
    pub image: PathBuf,
    /// The file on this machine.
    pub host: PathBuf,
    /// Who needs it: a path in the image.
    pub by: Option<PathBuf>,
    /// Why it is there.
    pub why: Why,
    /// What it says of itself.
    pub elf: Arc<Elf>,
}

/// Everything that programs load.
#[derive(Clone, Debug, Default)]
pub struct Closure {
    /// Programs first, each followed by what it loads, as the loader meets it.
    pub objects: Vec<Object>,
    /// Libraries in folders that the loader of the image finds only through its cache: name -> path.
    pub cached: BTreeMap<String, PathBuf>,
    /// What may be opened at run time and is not here, with the line to add.
    pub warnings: Vec<String>,
}

/// One program's objects, with who asked for each.
struct Run<'a> {
    start: &'a Start,
    objects: Vec<(Object, Option<usize>)>,
    /// Names under which something is loaded.
    loaded: BTreeMap<String, usize>,
    /// Those of which the needs have not been looked at yet.
    todo: VecDeque<usize>,
    system: Vec<String>,
}

/// What `starts` load.
///
/// # Errors
/// When a program is not a 64-bit ELF file, or a library is not on this machine.
pub(crate) fn closure(starts: &[Start], loader: &mut Loader) -> Result<Closure> {
    let mut all = Closure::default();
    for start in starts {
        let mut run = begin(start, loader)?;
        load(&mut run, loader)?;
        opened::run_time(&mut run, loader, &mut all.warnings)?;
        for (object, _) in run.objects {
            if matches!(&object.why, Why::Needed(How::Conf)) {
                let name = object.image.file_name().unwrap_or_default().to_string_lossy().into_owned();
                all.cached.insert(name, object.image.clone());
            }
            match all.objects.iter().find(|o| o.image == object.image) {
                Some(other) if other.host != object.host => {
                    let message = format!(
                        "would be `{}` in the image, and so would `{}`; give one of them another place",
                        object.image.display(),
                        other.host.display()
                    );
                    return Err(Error::Elf { path: object.host, message });
                }
                Some(_) => {}
                None => all.objects.push(object),
            }
        }
    }
    Ok(all)
}

fn begin<'a>(start: &'a Start, loader: &mut Loader) -> Result<Run<'a>> {
    let elf = loader.elf(&start.host)?;
    let fail = |message: String| Error::Elf { path: start.host.clone(), message };
    if elf.bits != 64 {
        let name = machine_name(elf.machine);
        return Err(fail(format!("is a 32-bit program ({name}); build it for the new target first")));
    }
    let mut run = Run {
        start,
        objects: Vec::new(),
        loaded: BTreeMap::new(),
        todo: VecDeque::new(),
        system: defaults(elf.machine),
    };
    let object = Object {
        image: start.image.clone(),
        host: start.host.clone(),
        by: None,
        why: Why::Program,
        elf: Arc::clone(&elf),
    };
    run.objects.push((object, None));
    run.todo.push_back(0);
    if let Some(path) = &elf.interpreter {
        // The kernel wants it at exactly this path.
        let image = PathBuf::from(path);
        let own = loader.own.get(&image).cloned();
        let host = own.or_else(|| Some(image.clone()).filter(|i| loader.machine_too && i.exists()));
        let Some(host) = host else {
            let (place, help) = place(loader.machine_too);
            return Err(fail(format!("wants the interpreter `{path}`, which is not {place}; {help}")));
        };
        let interpreter = loader.elf(&host)?;
        if path.contains("ld-musl") {
            run.system = ["/lib", "/usr/local/lib", "/usr/lib"].map(str::to_owned).into();
        } else if !interpreter.system.is_empty() {
            run.system.clone_from(&interpreter.system);
        }
        run.add(Found { image, host, how: How::Path }, Why::Interpreter, 0, path, loader)?;
    }
    Ok(run)
}

/// Folders that glibc searches without being told, with Debian's multiarch ones first.
fn defaults(machine: u16) -> Vec<String> {
    let arch = if machine == elf::AARCH64 { "aarch64-linux-gnu" } else { "x86_64-linux-gnu" };
    [
        format!("/lib/{arch}"),
        format!("/usr/lib/{arch}"),
        "/lib64".into(),
        "/usr/lib64".into(),
        "/lib".into(),
        "/usr/lib".into(),
    ]
    .into()
}

impl Run<'_> {
    fn add(&mut self, found: Found, why: Why, by: usize, name: &str, loader: &mut Loader) -> Result<usize> {
        let elf = loader.elf(&found.host)?;
        let index = self.objects.len();
        for known in [Some(name), elf.soname.as_deref(), found.image.file_name().and_then(|n| n.to_str())] {
            self.loaded.entry(known.unwrap_or(name).to_owned()).or_insert(index);
        }
        let by_path = self.objects.get(by).map(|(o, _)| o.image.clone());
        self.objects.push((Object { image: found.image, host: found.host, by: by_path, why, elf }, Some(by)));
        self.todo.push_back(index);
        Ok(index)
    }

    /// Who asks, who needs that, and so on to the program.
    fn chain(&self, index: usize) -> Vec<Asker> {
        let mut chain = Vec::new();
        let mut at = Some(index);
        while let Some((object, by)) = at.and_then(|i| self.objects.get(i)) {
            chain.push(Asker { image: object.image.clone(), host: object.host.clone(), elf: Arc::clone(&object.elf) });
            at = *by;
        }
        chain
    }

    fn find(&self, name: &str, by: usize, loader: &Loader) -> std::result::Result<Found, Vec<PathBuf>> {
        loader.find(name, &self.chain(by), &self.system)
    }
}

/// Breadth first, as the loader does it: a name that is loaded is not searched again.
fn load(run: &mut Run, loader: &mut Loader) -> Result<()> {
    while let Some(by) = run.todo.pop_front() {
        let elf = Arc::clone(&run.objects[by].0.elf);
        for name in &elf.needed {
            if run.loaded.contains_key(name) {
                continue;
            }
            match run.find(name, by, loader) {
                Ok(found) => {
                    let why = Why::Needed(found.how.clone());
                    run.add(found, why, by, name, loader)?;
                }
                Err(folders) => {
                    let path = run.objects[by].0.host.clone();
                    return Err(Error::Elf { path, message: missing(name, &folders, loader.machine_too) });
                }
            }
        }
    }
    Ok(())
}

/// Where something is not, and what to do.
fn place(machine: bool) -> (&'static str, &'static str) {
    if machine {
        ("on this machine", "install the package that has it")
    } else {
        ("in the image", "add it by `[[file]]`")
    }
}

fn missing(name: &str, folders: &[PathBuf], machine: bool) -> String {
    let folders: Vec<String> = folders.iter().map(|f| f.display().to_string()).collect();
    let (place, help) = place(machine);
    format!("needs `{name}`, which is not {place} (looked in {}); {help}", folders.join(", "))
}

/// What an ELF file of the image needs that is no program and that no program loads: a plugin, say.
///
/// # Errors
/// As for [`closure`].
pub(crate) fn of_library(image: &Path, host: &Path, loader: &mut Loader) -> Result<Closure> {
    let start = Start { host: host.to_owned(), image: image.to_owned(), opens: Vec::new(), skips: Vec::new() };
    closure(std::slice::from_ref(&start), loader)
}
