//! What is asked of the machine before the first unit: the compilers' folders of headers, and libclang.
//!
//! To ask takes a dozen processes and a search for libclang, more than an audit from the cache. So the answer is remembered
//! with the state of all that it came from: the compilers, libclang, and the folders in which others could appear.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{Cache, Key, KeyOf};
use crate::compile::{self, Toolchain};
use crate::source::clang::Clang;
use crate::target::{Pair, Target};
use crate::{Error, Result};

/// Size and time of change; `None` where there is nothing.
type Stamp = Option<(u64, SystemTime)>;

/// What the compilers and libclang are, and what the compilers search.
#[derive(Debug)]
pub(crate) struct System {
    /// Folders of system headers for each target.
    pub(crate) includes: Pair<Vec<PathBuf>>,
    /// What libclang says of itself.
    pub(crate) version: String,
    clang: OnceLock<std::result::Result<Clang, String>>,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    stamps: Vec<(PathBuf, Stamp)>,
    version: String,
    old: Vec<PathBuf>,
    new: Vec<PathBuf>,
}

/// What the answers depend on in the environment, by how the names of the variables begin.
const ENVIRONMENT: &[&str] = &[
    "AR",
    "CC",
    "CFLAGS",
    "COMPILER_PATH",
    "CPATH",
    "CROSS_COMPILE",
    "C_INCLUDE_PATH",
    "GCC_",
    "HOST_",
    "LD_LIBRARY_PATH",
    "LIBCLANG_PATH",
    "LIBRARY_PATH",
    "LLVM_CONFIG_PATH",
    "PATH",
    "SYSROOT",
    "TARGET_",
];

impl System {
    /// Asks, or takes what was answered before.
    ///
    /// # Errors
    /// When there is no libclang, or one that is too old.
    pub(crate) fn find(targets: Pair<&Target>, cache: Option<&Cache>) -> Result<Self> {
        let key = key(targets);
        if let Some(known) = cache.and_then(|c| c.get::<Remembered>(&key))
            && known.stamps.iter().all(|(path, then)| stamp(path) == *then)
        {
            let includes = Pair { old: known.old, new: known.new };
            return Ok(Self { includes, version: known.version, clang: OnceLock::new() });
        }
        // Each takes about as long as the other.
        let (clang, chains) = std::thread::scope(|scope| {
            let old = scope.spawn(|| compile::toolchain(targets.old));
            let new = scope.spawn(|| compile::toolchain(targets.new));
            let clang = Clang::load();
            let joined = Pair { old, new }.map(|thread| thread.join().unwrap_or_default());
            (clang, joined)
        });
        let clang = clang?;
        if let Some(cache) = cache {
            let stamps = depends_on(&clang, chains.as_ref()).into_iter().map(|path| (path.clone(), stamp(&path)));
            let (old, new) = (chains.old.includes.clone(), chains.new.includes.clone());
            let known = Remembered { stamps: stamps.collect(), version: clang.version.clone(), old, new };
            cache.put(&key, &known);
        }
        let version = clang.version.clone();
        Ok(Self { includes: chains.map(|c| c.includes), version, clang: Ok(clang).into() })
    }

    /// libclang, loaded when it is first needed.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub(crate) fn clang(&self) -> Result<&Clang> {
        let clang = self.clang.get_or_init(|| Clang::load().map_err(|e| e.to_string()));
        clang.as_ref().map_err(|e| Error::Libclang(e.clone()))
    }
}

fn key(targets: Pair<&Target>) -> Key {
    let of = |key: KeyOf, t: &Target| key.with(&t.triple).with_all(t.flags.iter());
    of(of(KeyOf::new("system"), targets.old), targets.new).with_environment(ENVIRONMENT).done()
}

/// All paths whose change may change the answers.
fn depends_on(clang: &Clang, chains: Pair<&Toolchain>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    paths.extend(["/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"].map(PathBuf::from));
    paths.push(clang.path().to_owned());
    paths.extend(clang.path().parent().map(Path::to_owned));
    for chain in [chains.old, chains.new] {
        paths.push(chain.compiler.clone());
        paths.extend(chain.absent.iter().cloned());
        // Headers come and go within; that they are folders is what matters.
        paths.extend(chain.includes.iter().filter_map(|dir| Some(dir.parent()?.to_owned())));
    }
    paths.sort();
    paths.dedup();
    paths
}

fn stamp(path: &Path) -> Stamp {
    let meta = fs::metadata(path).ok()?;
    Some((meta.len(), meta.modified().ok()?))
}
