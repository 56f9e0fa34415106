//! `image.toml`: what a person wants in the image.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::base::Reference;
use crate::compress::Compression;
use crate::ecr::findings::Severity;
use crate::needs::NAMES;
use crate::{Error, Result};

/// The file, read and checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Settings of the image.
    pub image: Settings,
    /// ELF programs; their libraries come with them.
    pub program: Vec<Program>,
    /// Further files, or folders with all that is in them.
    #[serde(default)]
    pub file: Vec<Source>,
    /// What glibc looks for at run time, where what the programs call does not tell it.
    #[serde(default)]
    pub system: System,
    /// Settings of a repository of Amazon ECR.
    #[serde(default)]
    pub repository: Wanted,
    /// What becomes of the findings of Amazon ECR's scan.
    #[serde(default)]
    pub scan: Scan,
    /// What looks like a secret and is none.
    #[serde(default)]
    pub allow: Vec<Allow>,
}

/// What becomes of the findings of Amazon ECR's scan.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Scan {
    /// The least severity with which a push fails; findings are only told without it.
    pub fail_on: Option<Severity>,
    /// Seconds that a scan may take; 0 for not waiting at all.
    pub wait: u64,
}

impl Default for Scan {
    fn default() -> Self {
        Self { fail_on: None, wait: 600 }
    }
}

/// How a repository of Amazon ECR is wanted: made so where it is absent, compared where it is there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Wanted {
    /// Whether a tag may be given to another image.
    pub mutable: bool,
    /// Whether images are scanned when they are pushed.
    pub scan: bool,
    /// Key of AWS KMS; ECR's own encryption without one.
    pub kms_key: Option<String>,
    /// Tags of the repository.
    pub tags: BTreeMap<String, String>,
    /// Lifecycle policy, as JSON.
    pub lifecycle: Option<String>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { mutable: false, scan: true, kms_key: None, tags: BTreeMap::new(), lifecycle: None }
    }
}

/// What glibc looks for at run time. Most is found out by what the programs call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct System {
    /// Time zones besides that of `TZ`; `all` for all of them.
    #[serde(default)]
    pub zones: Vec<String>,
    /// Locales besides `C.utf8` and those of `LANG` and `LC_ALL`.
    #[serde(default)]
    pub locales: Vec<String>,
    /// Character sets for iconv besides those that the programs name.
    #[serde(default)]
    pub charsets: Vec<String>,
    /// What goes in although nothing calls for it: `services`, `certificates`, ...
    #[serde(default)]
    pub add: Vec<String>,
    /// What is left out although something calls for it.
    #[serde(default)]
    pub skip: Vec<String>,
}

/// How the image runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name of the repository.
    pub name: String,
    /// Program and arguments.
    pub entrypoint: Vec<String>,
    /// Image that this one begins with, such as `gcr.io/distroless/base@sha256:...`; none unless said. A tag is taken for what
    /// it names at the time of the build.
    #[serde(default)]
    pub base: Option<String>,
    /// `linux/amd64` or `linux/arm64`; that of the programs where it is not said.
    #[serde(default)]
    pub platform: Option<String>,
    /// How layers are compressed: `gzip`, `zstd`, or either with a level as in `gzip:9`.
    #[serde(default)]
    pub compression: Option<String>,
    /// Numeric user that it runs as.
    #[serde(default = "nonroot")]
    pub user: u32,
    /// TCP ports that it listens on.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// Folders that are written to; a runtime gives each its own storage, begun with what the image has there.
    #[serde(default)]
    pub volumes: Vec<String>,
    /// Path that answers 200 over HTTP at the first port when the program is well.
    #[serde(default)]
    pub health: Option<String>,
    /// Environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// 65532, "nonroot" of most minimal images.
fn nonroot() -> u32 {
    65532
}

/// Read by all, written by the owner.
fn readable() -> String {
    "0644".into()
}

/// Something to copy. `{...}` in `from` stands for a folder that the caller names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// File or folder on this machine, relative to the caller's root.
    pub from: String,
    /// Absolute path in the image.
    pub to: String,
    /// Whether the image's user owns it; root otherwise.
    #[serde(default)]
    pub owned: bool,
    /// Permissions of the file, or of the files in the folder, as `chmod` takes them.
    #[serde(default = "readable")]
    pub mode: String,
}

impl Settings {
    /// How layers are compressed.
    #[must_use]
    pub fn compression(&self) -> Compression {
        self.compression.as_deref().and_then(|c| c.parse().ok()).unwrap_or_default()
    }

    /// The base image, where there is one.
    #[must_use]
    pub fn base(&self) -> Option<Reference> {
        self.base.as_deref().and_then(|b| b.parse().ok())
    }
}

impl Source {
    /// The permissions as a number.
    #[must_use]
    pub fn mode_bits(&self) -> Option<u32> {
        u32::from_str_radix(&self.mode, 8).ok().filter(|m| *m <= 0o7777)
    }
}

/// A program to copy.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// File on this machine, relative to the caller's root.
    pub from: String,
    /// Absolute path in the image.
    pub to: String,
    /// Libraries that it opens at run time by dlopen.
    #[serde(default)]
    pub opens: Vec<String>,
    /// Libraries that it names and does not need.
    #[serde(default)]
    pub skips: Vec<String>,
    /// Whether it was ported, so that the gate asks for the evidence of that.
    #[serde(default = "yes")]
    pub ported: bool,
}

fn yes() -> bool {
    true
}

/// Something that looks like a secret and is none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// Its path in the image, or the name of a variable of the environment.
    pub secret: String,
    /// Why it is none.
    pub reason: String,
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// With line and key, when something is not as expected.
    pub fn load(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
        let bad = |line, message| Error::Config { path: path.to_owned(), line, message };
        let line_of = |byte: usize| text[..byte.min(text.len())].matches('\n').count() + 1;
        let config: Self =
            toml::from_str(&text).map_err(|e| bad(e.span().map(|s| line_of(s.start)), e.message().to_owned()))?;
        let at = |value: &str| text.find(value).map(line_of);
        let places = config.program.iter().map(|p| &p.to).chain(config.file.iter().map(|f| &f.to));
        let mut seen = BTreeSet::new();
        for to in places {
            if !to.starts_with('/') || to == "/" || to.split('/').any(|p| p == "..") {
                return Err(bad(at(to), format!("`to = \"{to}\"`: expected an absolute path")));
            }
            if !seen.insert(to) {
                return Err(bad(at(to), format!("`to = \"{to}\"` is there twice")));
            }
        }
        if let Some(text) = &config.repository.lifecycle
            && (!(100..=30_720).contains(&text.len()) || serde_json::from_str::<serde_json::Value>(text).is_err())
        {
            let message = "`lifecycle` in [repository]: expected a policy as JSON, of 100 to 30,720 letters";
            return Err(bad(at("lifecycle"), message.into()));
        }
        if let Some(Err(message)) = config.image.compression.as_deref().map(str::parse::<Compression>) {
            return Err(bad(at("compression"), format!("`compression` is {message}")));
        }
        if let Some(text) = &config.image.base
            && let Err(message) = text.parse::<Reference>()
        {
            return Err(bad(at(text), format!("`base = \"{text}\"`: {message}")));
        }
        if let Some(allow) = config.allow.iter().find(|a| a.reason.trim().is_empty()) {
            return Err(bad(at(&allow.secret), format!("[[allow]] of `{}` needs a `reason`", allow.secret)));
        }
        for file in &config.file {
            if file.mode_bits().is_none() {
                let message = format!("`mode = \"{}\"`: expected permissions such as `0755`", file.mode);
                return Err(bad(at(&file.mode), message));
            }
        }
        for name in config.system.add.iter().chain(&config.system.skip) {
            if !NAMES.contains(&name.as_str()) {
                let names = NAMES.join("`, `");
                return Err(bad(at(name), format!("`{name}` in [system]: expected one of `{names}`")));
            }
        }
        if config.scan.fail_on.is_some() && config.scan.wait == 0 {
            let message = "`fail-on` in [scan] needs a scan that is waited for: `wait = 600`, in seconds";
            return Err(bad(at("fail-on"), message.into()));
        }
        if config.program.is_empty() || config.image.entrypoint.is_empty() {
            return Err(bad(None, "needs a [[program]] and an `entrypoint`".into()));
        }
        if config.image.user == 0 {
            return Err(bad(at("user"), "`user = 0`: the program must not run as root".into()));
        }
        Ok(config)
    }
}

/// A `from` with the caller's folders put in, relative to `root`.
///
/// # Errors
/// When a `{name}` is none of the caller's.
pub fn resolve(from: &str, root: &Path, folders: &BTreeMap<&str, PathBuf>) -> std::result::Result<PathBuf, String> {
    let Some((name, rest)) = from.strip_prefix('{').and_then(|f| f.split_once('}')) else {
        return Ok(root.join(from));
    };
    let names = || folders.keys().map(|k| format!("{{{k}}}")).collect::<Vec<_>>().join(", ");
    let folder =
        folders.get(name).ok_or_else(|| format!("`{{{name}}}` is not known here; expected one of {}", names()))?;
    Ok(folder.join(rest.trim_start_matches('/')))
}
