//! What goes into which layer, and why. Nothing is copied here: a plan is printed or made into an image.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::Base;
use crate::closure::{self, Closure, Start, Why};
use crate::config::{self, Config, Settings};
use crate::elf;
use crate::facts::Facts;
use crate::ldcache;
use crate::loader::{Loader, conf_folders, head};
use crate::needs::{self, LeftOut, What};
use crate::package::Packages;
use crate::system::system;
use crate::{Error, Result};

/// What an entry holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A folder.
    Folder,
    /// The bytes of a file on this machine.
    File(PathBuf),
    /// Bytes of our own.
    Bytes(Vec<u8>),
}

/// One file or folder of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it holds.
    pub content: Content,
    /// Permissions.
    pub mode: u32,
    /// Owner and group.
    pub owner: u32,
    /// Why it is there.
    pub why: String,
    /// Who needs it: a path of the image without the leading slash.
    pub by: Option<PathBuf>,
    /// Name and version of the package that it came from.
    pub package: Option<(String, String)>,
}

/// The entries of a layer by path, without the leading slash.
pub type Entries = BTreeMap<PathBuf, Entry>;

/// The names of our layers.
pub(crate) const LAYERS: [&str; 3] = ["libraries", "data", "program"];

/// The layers, each with its entries, and how the image runs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// From the one that changes least to the one that changes most.
    pub layers: Vec<(&'static str, Entries)>,
    /// From `image.toml`, with the environment that what was added needs.
    pub settings: Settings,
    /// The machine of all programs, as ELF's `e_machine` names it.
    pub machine: u16,
    /// Paths of the programs, without the leading slash.
    pub programs: Vec<PathBuf>,
    /// Those of them that were ported.
    pub ported: BTreeSet<PathBuf>,
    /// Libraries that the cache of the image names.
    pub cached: BTreeMap<String, PathBuf>,
    /// What looks like a secret and is none: path in the image or name in the environment.
    pub allowed: BTreeSet<String>,
    /// Why the image goes out although evidence is lacking; kept in it.
    pub forced: Option<String>,
    /// What the image begins with.
    pub base: Option<Arc<Base>>,
    /// What was found out about the files.
    pub facts: Arc<Facts>,
    /// What does not go in, and why.
    pub left_out: Vec<LeftOut>,
    /// What may be missing, with the line to add.
    pub warnings: Vec<String>,
}

/// Where things are on this machine.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// What paths of `image.toml` are relative to.
    pub root: &'a Path,
    /// What `{name}` stands for in them.
    pub folders: &'a BTreeMap<&'a str, PathBuf>,
}

impl Plan {
    /// Plans the image: programs with their closure, what glibc needs besides, files, what scanners look for.
    ///
    /// # Errors
    /// When a file is missing, a program is not 64 bit, or a library cannot be found.
    pub fn new(config: &Config, machine: &Machine) -> Result<Self> {
        Self::with(config, machine, &Arc::default())
    }

    /// The same with what was found out about files before.
    ///
    /// # Errors
    /// As for [`Plan::new`].
    pub fn with(config: &Config, machine: &Machine, facts: &Arc<Facts>) -> Result<Self> {
        Self::over(config, machine, facts, None)
    }

    /// The same over a base image: that of image.toml, which [`Base::of`] fetches.
    ///
    /// # Errors
    /// As for [`Plan::new`], and when the base is not the one that image.toml names, or leaves no place for a file.
    pub fn over(config: &Config, machine: &Machine, facts: &Arc<Facts>, base: Option<&Arc<Base>>) -> Result<Self> {
        if let Some(wanted) = config.image.base().filter(|w| base.is_none_or(|b| b.reference != *w)) {
            let message = "it is named in image.toml and was not fetched".into();
            return Err(Error::Base { reference: wanted.to_string(), message });
        }
        let locate = |from: &str| {
            config::resolve(from, machine.root, machine.folders)
                .map_err(|message| Error::Elf { path: from.into(), message })
        };
        let mut data = Entries::new();
        for source in &config.file {
            let owner = if source.owned { config.image.user } else { 0 };
            let mode = source.mode_bits().unwrap_or(0o644);
            let to = relative(Path::new(&source.to));
            add(&locate(&source.from)?, &to, &Entry { owner, ..file(PathBuf::new(), mode, "image.toml") }, &mut data)?;
        }
        let mut loader = Loader::new(conf_folders(Path::new("/etc/ld.so.conf"))?, facts);
        let mut settings = config.image.clone();
        let (base_env, base_labels) = base.map(|b| (b.env(), b.labels())).unwrap_or_default();
        settings.env = base_env.into_iter().chain(settings.env).collect();
        settings.labels = base_labels.into_iter().chain(settings.labels).collect();
        let search = settings.env.get("LD_LIBRARY_PATH").into_iter().flat_map(|p| p.split(':'));
        loader.environment = search.filter(|f| !f.is_empty()).map(str::to_owned).collect();
        loader.own = files_of(&data).map(|(to, from)| (Path::new("/").join(to), from.to_owned())).collect();
        let mut starts = Vec::new();
        for p in &config.program {
            let from = locate(&p.from)?;
            // `$ORIGIN` is where a program really is, as the kernel tells the loader.
            let host = fs::canonicalize(&from).map_err(Error::io("cannot open", &from))?;
            starts.push(Start { host, image: (&p.to).into(), opens: p.opens.clone(), skips: p.skips.clone() });
        }
        let programs: Vec<PathBuf> = starts.iter().map(|s| relative(&s.image)).collect();
        let ported = config.program.iter().filter(|p| p.ported).map(|p| relative(Path::new(&p.to))).collect();
        // A library among the files needs others as a program does.
        for (to, from) in files_of(&data) {
            if head(from).as_deref().is_some_and(elf::is_elf)
                && loader.elf(from).is_ok_and(|e| e.dynamic && e.bits == 64)
            {
                let image = Path::new("/").join(to);
                starts.push(Start { host: from.to_owned(), image, opens: Vec::new(), skips: Vec::new() });
            }
        }
        let found = closure::closure(&starts, &mut loader)?;
        let machine_code = found.objects.first().map_or(elf::X86_64, |o| o.elf.machine);

        let mut system = system(config.image.user, base.map(Arc::as_ref));
        let mut program = Entries::new();
        place(&found, &programs, &data, &mut system, &mut program);
        if !found.cached.is_empty() {
            let bytes = ldcache::cache(&found.cached, machine_code);
            let entry = own(bytes, "libraries outside of the folders that the loader searches by itself");
            system.insert(relative(ldcache::path()), entry);
        }
        let needs = needs::needs(Path::new("/"), &found, config);
        settings.env.extend(needs.env.into_iter().filter(|(name, _)| !config.image.env.contains_key(name)));
        for extra in needs.extras {
            let by = extra.by.as_deref().map(relative);
            match extra.what {
                What::Text(text) => {
                    system.insert(extra.to, Entry { by, ..own(text.into_bytes(), &extra.why) });
                }
                What::Copy(from) => {
                    let like = Entry { by, ..file(PathBuf::new(), 0o644, &extra.why) };
                    add(&from, &extra.to, &like, &mut system)?;
                }
            }
        }
        // Modules of iconv bring libraries of their own.
        modules(&mut system, &mut loader)?;
        let mut plan = Self {
            layers: LAYERS.into_iter().zip([system, data, program]).collect(),
            settings,
            machine: machine_code,
            programs,
            ported,
            cached: found.cached,
            allowed: config.allow.iter().map(|a| a.secret.clone()).collect(),
            forced: None,
            base: base.map(Arc::clone),
            facts: Arc::clone(facts),
            left_out: needs.left_out,
            warnings: found.warnings.into_iter().chain(needs.warnings).collect(),
        };
        plan.packages(config)?;
        for (_, entries) in &mut plan.layers {
            add_parents(entries);
        }
        plan.over_base()?;
        Ok(plan)
    }

    /// The file that the image has at a path, without the leading slash: of layers the last one counts.
    #[must_use]
    pub fn entry(&self, path: &Path) -> Option<&Entry> {
        self.layers.iter().rev().find_map(|(_, entries)| entries.get(path))
    }

    /// Names the package of each file, and adds what scanners look for.
    fn packages(&mut self, config: &Config) -> Result<()> {
        if config.system.skip.iter().any(|s| s == "packages") {
            self.left_out.push(LeftOut { what: "packages", why: "image.toml skips it".into() });
            return Ok(());
        }
        let layers = self.layers.iter().map(|(_, entries)| entries);
        let mut files: Vec<PathBuf> = layers.flat_map(files_of).map(|(_, from)| from.to_owned()).collect();
        let release = PathBuf::from("/etc/os-release");
        if release.is_file() {
            files.push(release.clone());
        }
        files.sort();
        files.dedup();
        let packages = Packages::find(Path::new("/var/lib/dpkg"), &files, &self.facts)?;
        for (_, entries) in &mut self.layers {
            for entry in entries.values_mut() {
                if let Content::File(from) = &entry.content {
                    entry.package = packages.of(from).map(|p| (p.name.clone(), p.version.clone()));
                }
            }
        }
        let Some((_, system)) = self.layers.first_mut() else { return Ok(()) };
        let status = packages.status(&files)?;
        if status.is_empty() {
            let why = "no package of dpkg has any of the files; scanners will not see versions".into();
            self.left_out.push(LeftOut { what: "packages", why });
        }
        let why = "scanners look for it";
        // That of the base tells more of what scanners will find.
        let told = self.base.as_ref().is_some_and(|b| b.has("etc/os-release"));
        if release.is_file() && !status.is_empty() && !told {
            system.entry("etc/os-release".into()).or_insert_with(|| file(release, 0o644, why));
        }
        for (path, text) in status {
            system.insert(path, own(text.into_bytes(), why));
        }
        Ok(())
    }
}

/// Puts objects into the layers. Those that `image.toml` copies are there already.
fn place(found: &Closure, programs: &[PathBuf], data: &Entries, system: &mut Entries, program: &mut Entries) {
    for object in &found.objects {
        let to = relative(&object.image);
        let by = object.by.as_deref().map(relative);
        let entry = Entry { by, ..file(object.host.clone(), 0o755, &object.why.to_string()) };
        if object.why == Why::Program && programs.contains(&to) {
            program.insert(to, entry);
        } else if !data.contains_key(&to) {
            system.insert(to, entry);
        }
    }
}

fn modules(system: &mut Entries, loader: &mut Loader) -> Result<()> {
    let there: Vec<(PathBuf, PathBuf)> = files_of(system)
        .filter(|(to, _)| to.components().any(|c| c.as_os_str() == "gconv"))
        .map(|(a, b)| (a.clone(), b.to_owned()))
        .collect();
    for (to, from) in there {
        for object in closure::of_library(&Path::new("/").join(to), &from, loader)?.objects {
            let by = object.by.as_deref().map(relative);
            let entry = Entry { by, ..file(object.host.clone(), 0o755, &object.why.to_string()) };
            system.entry(relative(&object.image)).or_insert(entry);
        }
    }
    Ok(())
}

/// Files of this machine among entries: path in the image, path here.
pub(crate) fn files_of(entries: &Entries) -> impl Iterator<Item = (&PathBuf, &Path)> {
    entries.iter().filter_map(|(to, entry)| match &entry.content {
        Content::File(from) => Some((to, from.as_path())),
        _ => None,
    })
}

pub(crate) fn relative(path: &Path) -> PathBuf {
    path.strip_prefix("/").unwrap_or(path).to_owned()
}

fn file(path: PathBuf, mode: u32, why: &str) -> Entry {
    Entry { content: Content::File(path), mode, owner: 0, why: why.into(), by: None, package: None }
}

pub(crate) fn own(bytes: Vec<u8>, why: &str) -> Entry {
    Entry { content: Content::Bytes(bytes), ..file(PathBuf::new(), 0o644, why) }
}

pub(crate) fn folder(mode: u32, owner: u32, why: &str) -> Entry {
    Entry { content: Content::Folder, owner, ..file(PathBuf::new(), mode, why) }
}

/// A file, or a folder with all that is in it; owner, permissions and reason are those of `like`.
fn add(from: &Path, to: &Path, like: &Entry, entries: &mut Entries) -> Result<()> {
    if from.is_dir() {
        let made = Entry { by: like.by.clone(), ..folder(0o755, like.owner, &like.why) };
        entries.insert(to.to_owned(), made);
        let within = Entry { by: Some(to.to_owned()), ..like.clone() };
        for item in fs::read_dir(from).map_err(Error::io("cannot read", from))? {
            let item = item.map_err(Error::io("cannot read", from))?;
            add(&item.path(), &to.join(item.file_name()), &within, entries)?;
        }
        return Ok(());
    }
    if !from.is_file() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::io("named in image.toml, cannot open", from)(missing));
    }
    entries.insert(to.to_owned(), Entry { content: Content::File(from.to_owned()), ..like.clone() });
    Ok(())
}

fn add_parents(entries: &mut Entries) {
    let parents: BTreeSet<PathBuf> = entries.keys().flat_map(|p| p.ancestors().skip(1)).map(Path::to_owned).collect();
    for parent in parents.into_iter().filter(|p| !p.as_os_str().is_empty()) {
        entries.entry(parent).or_insert_with(|| folder(0o755, 0, "folder"));
    }
}
