//! What goes into which layer, and why. Nothing is copied here: a plan is printed or made into an image.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::closure::closure;
use crate::config::{self, Config, Settings, Source};
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
}

/// The layers, each with its entries by path (without the leading slash), and how the image runs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// From the one that changes least to the one that changes most.
    pub layers: Vec<(&'static str, BTreeMap<PathBuf, Entry>)>,
    /// From `image.toml`.
    pub settings: Settings,
}

impl Plan {
    /// Plans the image: programs with their closure, what every glibc program needs, files.
    ///
    /// # Errors
    /// When a file is missing, a program is not 64 bit, or a library cannot be found.
    pub fn new(config: &Config, root: &Path, folders: &BTreeMap<&str, PathBuf>) -> Result<Self> {
        let mut libraries = base(config.image.user);
        let mut programs = BTreeMap::new();
        let mut files = BTreeMap::new();
        let locate = |s: &Source| {
            config::resolve(&s.from, root, folders)
                .map_err(|message| Error::Elf { path: s.from.clone().into(), message })
        };
        for program in &config.program {
            let from = locate(program)?;
            for (path, needed) in closure(&from)? {
                let why = format!("needed by {}", needed.by);
                libraries.insert(relative(&path), file(needed.file, 0o755, 0, why));
            }
            programs.insert(relative(Path::new(&program.to)), file(from, 0o755, 0, "program".into()));
        }
        for source in &config.file {
            let owner = if source.owned { config.image.user } else { 0 };
            add(&locate(source)?, &relative(Path::new(&source.to)), owner, &mut files)?;
        }
        let mut layers = vec![("libraries", libraries), ("data", files), ("program", programs)];
        for (_, entries) in &mut layers {
            add_parents(entries);
        }
        Ok(Self { layers, settings: config.image.clone() })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, entries) in &self.layers {
            writeln!(f, "layer {name}")?;
            for (path, e) in entries.iter().filter(|(_, e)| e.content != Content::Folder) {
                writeln!(f, "  /{:44} {:>9}  {}", path.display(), size(&e.content), e.why)?;
            }
        }
        Ok(())
    }
}

fn size(content: &Content) -> u64 {
    match content {
        Content::Folder => 0,
        Content::File(path) => fs::metadata(path).map_or(0, |m| m.len()),
        Content::Bytes(b) => b.len() as u64,
    }
}

fn relative(path: &Path) -> PathBuf {
    path.strip_prefix("/").unwrap_or(path).to_owned()
}

fn file(path: PathBuf, mode: u32, owner: u32, why: String) -> Entry {
    Entry { content: Content::File(path), mode, owner, why }
}

fn folder(mode: u32, owner: u32, why: &str) -> Entry {
    Entry { content: Content::Folder, mode, owner, why: why.into() }
}

/// What a glibc program expects of any system: users, name services, a place for temporary files.
fn base(user: u32) -> BTreeMap<PathBuf, Entry> {
    let text = |s: String, why: &str| Entry {
        content: Content::Bytes(s.into_bytes()),
        mode: 0o644,
        owner: 0,
        why: why.into(),
    };
    let passwd = format!(
        "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n\
         nonroot:x:{user}:{user}:nonroot:/home/nonroot:/sbin/nologin\n"
    );
    let group = format!("root:x:0:\nnobody:x:65534:\nnonroot:x:{user}:\n");
    BTreeMap::from([
        ("etc/passwd".into(), text(passwd, "getpwnam and the like")),
        ("etc/group".into(), text(group, "getgrnam and the like")),
        (
            "etc/nsswitch.conf".into(),
            text("passwd: files\ngroup: files\nhosts: files dns\n".into(), "name services of glibc"),
        ),
        ("tmp".into(), folder(0o1777, 0, "temporary files")),
        ("home/nonroot".into(), folder(0o700, user, "home of the user")),
    ])
}

/// A file, or a folder with all that is in it.
fn add(from: &Path, to: &Path, owner: u32, entries: &mut BTreeMap<PathBuf, Entry>) -> Result<()> {
    if from.is_dir() {
        entries.insert(to.to_owned(), folder(0o755, owner, "named in image.toml"));
        for item in fs::read_dir(from).map_err(Error::io("cannot read", from))? {
            let item = item.map_err(Error::io("cannot read", from))?;
            add(&item.path(), &to.join(item.file_name()), owner, entries)?;
        }
        return Ok(());
    }
    if !from.is_file() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::io("named in image.toml, cannot open", from)(missing));
    }
    entries.insert(to.to_owned(), file(from.to_owned(), 0o644, owner, "named in image.toml".into()));
    Ok(())
}

fn add_parents(entries: &mut BTreeMap<PathBuf, Entry>) {
    let parents: Vec<PathBuf> = entries.keys().flat_map(|p| p.ancestors().skip(1)).map(Path::to_owned).collect();
    for parent in parents.into_iter().filter(|p| !p.as_os_str().is_empty()) {
        entries.entry(parent).or_insert_with(|| folder(0o755, 0, "folder"));
    }
}
