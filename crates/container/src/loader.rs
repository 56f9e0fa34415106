//! Where the GNU loader looks for a library, ld.so(8): `DT_RPATH` of who needs it and of who needs that, `DT_RUNPATH`,
//! `ld.so.conf` by way of the cache, the system's folders. What the image has of its own comes before this machine's.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::elf::{self, Elf};
use crate::facts::Facts;
use crate::{Error, Result};

/// By which rule a library was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The name has a slash.
    Path,
    /// `LD_LIBRARY_PATH` in the image's environment.
    Environment(String),
    /// `DT_RPATH`, as it is written in the file.
    Rpath(String),
    /// `DT_RUNPATH`, as it is written in the file.
    Runpath(String),
    /// A folder of `ld.so.conf`; in the image through a cache of our own.
    Conf,
    /// A folder that the loader searches in the end.
    System,
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => f.write_str("by its path"),
            Self::Environment(p) => write!(f, "LD_LIBRARY_PATH {p}"),
            Self::Rpath(p) => write!(f, "RPATH {p}"),
            Self::Runpath(p) => write!(f, "RUNPATH {p}"),
            Self::Conf => f.write_str("ld.so.conf"),
            Self::System => f.write_str("system folder"),
        }
    }
}

/// A place where a library is.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its path in the image.
    pub(crate) image: PathBuf,
    /// The file on this machine.
    pub(crate) host: PathBuf,
    pub(crate) how: How,
}

/// Who asks for a library: path in the image, path here, and the file.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) image: PathBuf,
    pub(crate) host: PathBuf,
    pub(crate) elf: Arc<Elf>,
}

/// The places, for one image.
pub(crate) struct Loader {
    /// Files that the image has anyhow: path there -> file here.
    pub(crate) own: BTreeMap<PathBuf, PathBuf>,
    /// Whether this machine's files count too; the gate looks at the image alone.
    pub(crate) machine_too: bool,
    /// Folders of `ld.so.conf`.
    conf: Vec<PathBuf>,
    /// Libraries that a cache in the image names.
    pub(crate) cached: BTreeMap<String, PathBuf>,
    /// `LD_LIBRARY_PATH` of the image.
    pub(crate) environment: Vec<String>,
    read: HashMap<PathBuf, Arc<Elf>>,
    facts: Arc<Facts>,
}

impl Loader {
    pub(crate) fn new(conf: Vec<PathBuf>, facts: &Arc<Facts>) -> Self {
        Self {
            facts: Arc::clone(facts),
            own: BTreeMap::new(),
            machine_too: true,
            conf,
            cached: BTreeMap::new(),
            environment: Vec::new(),
            read: HashMap::new(),
        }
    }

    /// Reads an ELF file, each once.
    pub(crate) fn elf(&mut self, host: &Path) -> Result<Arc<Elf>> {
        if let Some(elf) = self.read.get(host) {
            return Ok(Arc::clone(elf));
        }
        let elf = Arc::new(self.facts.elf(host)?);
        self.read.insert(host.to_owned(), Arc::clone(&elf));
        Ok(elf)
    }

    /// Finds a library. `chain` is who asks, then who needs that, and so on to the program; `system` are the folders that
    /// the interpreter searches by itself. In the error stand the folders that were looked into.
    pub(crate) fn find(
        &self,
        name: &str,
        chain: &[Asker],
        system: &[String],
    ) -> std::result::Result<Found, Vec<PathBuf>> {
        let Some(asker) = chain.first() else { return Err(Vec::new()) };
        let machine = asker.elf.machine;
        if name.contains('/') {
            let (image, host) = expand(name, asker);
            let found = self.at(&image, &host, machine);
            return found.map(|host| Found { image, host, how: How::Path }).ok_or_else(|| vec![PathBuf::from(name)]);
        }
        let mut folders: Vec<(PathBuf, PathBuf, How)> = Vec::new();
        let mut add = |list: &[String], of: &Asker, how: fn(String) -> How| {
            folders.extend(list.iter().filter(|f| !f.is_empty()).map(|folder| {
                let (image, host) = expand(folder, of);
                (image, host, how(folder.clone()))
            }));
        };
        if asker.elf.runpath.is_empty() {
            for one in chain {
                add(&one.elf.rpath, one, How::Rpath);
            }
        }
        add(&self.environment, chain.last().unwrap_or(asker), How::Environment);
        add(&asker.elf.runpath, asker, How::Runpath);
        let system: Vec<PathBuf> =
            if asker.elf.no_default { Vec::new() } else { system.iter().map(PathBuf::from).collect() };
        // A folder of the system is searched without a cache too.
        let conf = self.conf.iter().filter(|c| self.machine_too && !asker.elf.no_default && !is_in(c, &system));
        let conf: Vec<_> = conf.map(|f| (f.clone(), f.clone(), How::Conf)).collect();
        let cached = self.cached.get(name).filter(|_| !asker.elf.no_default).and_then(|p| p.parent());
        folders.extend(cached.map(|f| (f.to_owned(), f.to_owned(), How::Conf)));
        folders.extend(conf);
        folders.extend(system.into_iter().map(|f| (f.clone(), f, How::System)));
        for (image, host, how) in &folders {
            let image = image.join(name);
            if let Some(host) = self.at(&image, &host.join(name), machine) {
                return Ok(Found { image, host, how: how.clone() });
            }
        }
        Err(folders.into_iter().map(|f| f.0).collect())
    }

    /// A file of 64 bits for the machine, at a path of the image or else of this machine.
    fn at(&self, image: &Path, host: &Path, machine: u16) -> Option<PathBuf> {
        let own = self.own.get(image).cloned();
        let found = own.or_else(|| Some(host.to_owned()).filter(|_| self.machine_too))?;
        (head(&found).as_deref().and_then(elf::kind) == Some((64, machine))).then_some(found)
    }
}

/// The first bytes of a file.
pub(crate) fn head(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(64);
    fs::File::open(path).ok()?.take(64).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Whether a folder is one of others, by name or, as `/lib` is `/usr/lib`, in fact.
fn is_in(folder: &Path, others: &[PathBuf]) -> bool {
    let real = fs::canonicalize(folder).ok();
    others.iter().any(|o| o == folder || (real.is_some() && fs::canonicalize(o).ok() == real))
}

/// A folder as the image and this machine have it, with `$ORIGIN`, `$LIB` and `$PLATFORM` put in.
fn expand(text: &str, asker: &Asker) -> (PathBuf, PathBuf) {
    let arm = asker.elf.machine == elf::AARCH64;
    let (lib, platform) = if arm { ("lib/aarch64-linux-gnu", "aarch64") } else { ("lib/x86_64-linux-gnu", "x86_64") };
    let put = |file: &Path| {
        let origin = file.parent().unwrap_or(Path::new("/")).to_string_lossy();
        let mut text = text.to_owned();
        for (name, value) in [("ORIGIN", &*origin), ("LIB", lib), ("PLATFORM", platform)] {
            text = text.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
        }
        plain(Path::new(&text))
    };
    (put(&asker.image), put(&asker.host))
}

/// A path without `.` and `..`, by its text alone.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// The folders of a `ld.so.conf`, in order, with what it includes; empty where there is none.
///
/// # Errors
/// When a file that is there cannot be read.
pub fn conf_folders(file: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    read_conf(file, &mut found, 0)?;
    Ok(found)
}

fn read_conf(file: &Path, found: &mut Vec<PathBuf>, depth: usize) -> Result<()> {
    // ldconfig(8) follows includes of includes; one that includes itself ends somewhere.
    if depth > 8 || !file.exists() {
        return Ok(());
    }
    let text = fs::read_to_string(file).map_err(Error::io("cannot read", file))?;
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or("").trim();
        if let Some(pattern) = line.strip_prefix("include ").or_else(|| line.strip_prefix("include\t")) {
            let pattern = file.parent().unwrap_or(Path::new("/")).join(pattern.trim());
            for path in glob::glob(&pattern.to_string_lossy()).into_iter().flatten().flatten() {
                read_conf(&path, found, depth + 1)?;
            }
        } else if line.starts_with('/') {
            let folder = PathBuf::from(line.trim_end_matches('/'));
            if !found.contains(&folder) {
                found.push(folder);
            }
        }
    }
    Ok(())
}
