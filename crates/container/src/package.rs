//! Debian's packages: which one a file came from, and what an image must have for scanners to see it. dpkg(1), deb-control(5).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use crate::facts::{self, Facts};
use crate::{Error, Result};

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its architecture.
    pub architecture: String,
    /// Its paragraph of the status file.
    pub stanza: String,
    /// Name of its files below `info`: with the architecture where several may be installed.
    info: String,
}

/// The packages of some files.
#[derive(Clone, Debug, Default)]
pub struct Packages {
    database: PathBuf,
    /// Those of the files, by the name of what is below `info`.
    installed: BTreeMap<String, Package>,
    of: HashMap<PathBuf, String>,
}

impl Packages {
    /// Looks up files in a database such as `/var/lib/dpkg`; all are without a package where there is none.
    ///
    /// # Errors
    /// When a database that is there cannot be read.
    pub fn find(database: &Path, files: &[PathBuf], facts: &Facts) -> Result<Self> {
        let info = database.join("info");
        let mut found = Self { database: database.to_owned(), ..Self::default() };
        if !info.is_dir() {
            return Ok(found);
        }
        // dpkg writes its status anew with every change.
        let state = facts::state(&database.join("status")).unwrap_or_default();
        let known = |f: &PathBuf| facts.owner(f, &state).map(|owner| (f.clone(), owner));
        let known: Vec<(PathBuf, String)> = files.iter().filter_map(known).collect();
        if known.len() == files.len() && !state.is_empty() {
            found.of = known.into_iter().filter(|(_, owner)| !owner.is_empty()).collect();
        } else {
            found.look(&info, files)?;
            for file in files.iter().filter(|_| !state.is_empty()) {
                facts.set_owner(file, &state, found.of.get(file).cloned().unwrap_or_default());
            }
        }
        let owners: BTreeSet<String> = found.of.values().cloned().collect();
        let status = database.join("status");
        let text = fs::read(&status).map_err(Error::io("cannot read", &status))?;
        for stanza in String::from_utf8_lossy(&text).split("\n\n") {
            let Some(package) = parse(stanza) else { continue };
            let with = format!("{}:{}", package.name, package.architecture);
            for key in [with, package.name.clone()] {
                if owners.contains(&key) {
                    found.installed.entry(key.clone()).or_insert(Package { info: key, ..package.clone() });
                }
            }
        }
        Ok(found)
    }

    /// Looks into the list of every package.
    fn look(&mut self, info: &Path, files: &[PathBuf]) -> Result<()> {
        // What the database says -> the file as we know it.
        let mut wanted: HashMap<Vec<u8>, PathBuf> = HashMap::new();
        for file in files.iter().filter(|f| f.is_file()) {
            for name in names(file) {
                wanted.entry(name.into_os_string().into_encoded_bytes()).or_insert_with(|| file.clone());
            }
        }
        for item in fs::read_dir(info).map_err(Error::io("cannot read", info))? {
            let path = item.map_err(Error::io("cannot read", info))?.path();
            if path.extension().is_none_or(|e| e != "list") {
                continue;
            }
            let owner = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = fs::read(&path).map_err(Error::io("cannot read", &path))?;
            for file in text.split(|b| *b == b'\n').filter_map(|line| wanted.get(line)) {
                self.of.insert(file.clone(), owner.clone());
            }
        }
        Ok(())
    }

    /// The package of a file.
    #[must_use]
    pub fn of(&self, file: &Path) -> Option<&Package> {
        self.installed.get(self.of.get(file)?)
    }

    /// Everything below `var/lib/dpkg/status.d` for an image with these files: the packages' paragraphs and their sums, path
    /// -> text. Distroless images have the same, and scanners look for it.
    ///
    /// # Errors
    /// When the sums of a package cannot be read.
    pub fn status(&self, files: &[PathBuf]) -> Result<BTreeMap<PathBuf, String>> {
        let mut texts = BTreeMap::new();
        let folder = Path::new("var/lib/dpkg/status.d");
        for (key, package) in &self.installed {
            let theirs: Vec<&PathBuf> = files.iter().filter(|f| self.of.get(*f) == Some(key)).collect();
            if theirs.is_empty() {
                continue;
            }
            texts.insert(folder.join(&package.name), format!("{}\n", package.stanza.trim_end()));
            let sums = self.database.join("info").join(format!("{}.md5sums", package.info));
            if !sums.is_file() {
                continue;
            }
            let text = fs::read_to_string(&sums).map_err(Error::io("cannot read", &sums))?;
            let known: BTreeSet<PathBuf> = theirs.iter().flat_map(|f| names(f)).collect();
            let kept = text.lines().filter(|l| {
                let name = l.split_once("  ").map(|(_, n)| Path::new("/").join(n));
                name.is_some_and(|n| known.contains(&n))
            });
            let text: String = kept.flat_map(|l| [l, "\n"]).collect();
            texts.insert(folder.join(format!("{}.md5sums", package.name)), text);
        }
        Ok(texts)
    }
}

/// The names that a database may have for a file: as it is, without links, with and without `/usr` (it is one folder with
/// `/` on most systems, and packages name either).
fn names(file: &Path) -> Vec<PathBuf> {
    let mut names = vec![file.to_owned()];
    names.extend(fs::canonicalize(file).ok());
    for name in names.clone() {
        match name.strip_prefix("/usr") {
            Ok(rest) => names.push(Path::new("/").join(rest)),
            Err(_) => names.extend(name.strip_prefix("/").ok().map(|rest| Path::new("/usr").join(rest))),
        }
    }
    names
}

fn parse(stanza: &str) -> Option<Package> {
    let field = |name: &str| {
        let value = stanza.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))?;
        Some(value.trim().to_owned())
    };
    let installed = field("Status")?.ends_with(" installed");
    let name = field("Package").filter(|_| installed)?;
    // It becomes a name of a file.
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) && !name.starts_with('.');
    plain.then_some(Package {
        name,
        version: field("Version")?,
        architecture: field("Architecture")?,
        stanza: stanza.to_owned(),
        info: String::new(),
    })
}
