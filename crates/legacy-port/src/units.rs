//! What each unit contributes, from the cache or from two parses, in parallel over units.
//!
//! Memory: a unit's trees go as soon as its part is there, and no thread begins a unit before it has ended the one before,
//! so that the largest units times the threads are what is in memory at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::audit::{self, Part};
use crate::cache::inputs::{self, Folders, Inputs, State};
use crate::cache::system::System;
use crate::cache::{Cache, Key, KeyOf};
use crate::checks::Entry;
use crate::compile::Progress;
use crate::project::{Project, Unit};
use crate::source::merge::merge;
use crate::target::Target;
use crate::{Error, Result};

/// How an audit is run.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Where results are kept from one run to the next; without it each unit is parsed.
    pub cache: Option<&'a Cache>,
    /// Told after each unit.
    pub progress: Option<Progress<'a>>,
    /// Files that changed: units that read none of them contribute what they know, and are not reported on.
    pub changed: Option<&'a BTreeSet<PathBuf>>,
}

/// One unit's part, with the files it comes from.
pub(crate) struct Done {
    pub(crate) part: Part,
    pub(crate) read: Vec<PathBuf>,
    pub(crate) cached: bool,
}

/// What the cache has of a unit.
#[derive(Serialize, Deserialize)]
struct Stored {
    read: Vec<(PathBuf, State)>,
    part: Part,
}

/// The stack of a thread that parses: libclang, the merge and some checks go as deep as the source does. What is not used
/// takes no memory.
const STACK: usize = 1 << 30;

/// What the headers that libclang finds depend on besides flags.
const ENVIRONMENT: &[&str] = &["CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "SDKROOT"];

/// Looks at every unit; the parts are in the order of the units.
pub(crate) fn all(project: &Project, selected: &[Entry], options: Options) -> Result<Vec<Done>> {
    let run = Run {
        project,
        selected,
        cache: options.cache,
        system: System::find(project.targets.as_ref(), options.cache)?,
        inputs: Inputs::of(&project.root, options.cache),
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .build()
        .map_err(|e| Error::Libclang(format!("cannot start threads to parse in: {e}")))?;
    let units = &project.units;
    // The largest first: begun last it would be waited for by all others.
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(std::fs::metadata(&units[i].source).map_or(0, |m| m.len())));
    let parts = Mutex::new((0..units.len()).map(|_| None).collect::<Vec<Option<Result<Done>>>>());
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    pool.broadcast(|worker| {
        while let Some(&i) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            // The two parses go side by side only where there are threads without a unit of their own to help.
            let left = units.len().saturating_sub(next.load(Ordering::Relaxed));
            let part = run.unit(&units[i], left < worker.num_threads());
            if let Ok(mut parts) = parts.lock() {
                parts[i] = Some(part);
            }
            if let Some(progress) = options.progress {
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, units.len());
            }
        }
    });
    if let Some(cache) = options.cache {
        run.inputs.keep(&project.root, cache);
        cache.trim();
    }
    let parts = parts.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    parts.into_iter().flatten().collect()
}

/// What all units of a run share.
struct Run<'a> {
    project: &'a Project,
    selected: &'a [Entry],
    cache: Option<&'a Cache>,
    system: System,
    inputs: Inputs,
}

impl Run<'_> {
    fn unit(&self, unit: &Unit, side_by_side: bool) -> Result<Done> {
        let targets = self.project.targets.as_ref();
        let includes = self.system.includes.as_ref().map(Vec::as_slice);
        let cache = self.cache.map(|cache| {
            let folders = Folders::new(unit, [(targets.old, includes.old), (targets.new, includes.new)]);
            (cache, self.key(unit), folders)
        });
        // Before anything is read: what is written from here on may have been read before or after.
        let begin = SystemTime::now();
        if let Some((cache, key, folders)) = cache.as_ref().filter(|(cache, key, _)| cache.has(key)) {
            // The source itself is most of what is read; a thread without work does that meanwhile.
            let (stored, _) = rayon::join(|| cache.get::<Stored>(key), || self.inputs.state(&unit.source, folders));
            if let Some(stored) = stored
                && stored.read.iter().all(|(file, state)| self.inputs.state(file, folders) == Some(*state))
            {
                let read = stored.read.into_iter().map(|(file, _)| file).collect();
                return Ok(Done { part: stored.part, read, cached: true });
            }
        }
        let (parsed, read) = audit::parse_both(self.system.clang()?, unit, targets, includes, side_by_side)?;
        // To merge is the work of one thread; one without work digests what was read meanwhile.
        let digest = || {
            if let Some((_, _, folders)) = &cache {
                for file in &read {
                    let _ = self.inputs.state(file, folders);
                }
            }
        };
        let (tree, ()) = rayon::join(|| merge(parsed.old, parsed.new), digest);
        let part = audit::look_at(self.project, unit, &tree, self.selected);
        if let Some((cache, key, folders)) = cache {
            let known = |file: &PathBuf| {
                inputs::unchanged_since(file, begin).then(|| self.inputs.state(file, &folders)).flatten()
            };
            let states: Option<Vec<_>> = read.iter().map(|file| Some((file.clone(), known(file)?))).collect();
            if let Some(states) = states {
                let stored = Stored { read: states, part };
                rayon::join(|| cache.put(&key, &stored), || drop(tree));
                return Ok(Done { part: stored.part, read, cached: false });
            }
        }
        Ok(Done { part, read, cached: false })
    }

    /// What the unit's part depends on apart from files.
    fn key(&self, unit: &Unit) -> Key {
        let targets = self.project.targets.as_ref().zip(self.system.includes.as_ref());
        let of = |key: KeyOf, (target, includes): (&Target, &Vec<PathBuf>)| {
            key.with(&target.triple).with_all(target.flags.iter()).with_all(includes.iter())
        };
        let key = KeyOf::new("unit")
            .with(&self.system.version)
            .with(&self.project.root)
            .with(&unit.source)
            .with(&unit.directory)
            .with_all(unit.flags.iter())
            .with_all(self.selected.iter().map(|e| e.name));
        of(of(key, targets.old), targets.new).with_environment(ENVIRONMENT).done()
    }
}

/// Whether one of these files is among those that changed, whatever names it has.
pub(crate) fn reads_one_of(read: &[PathBuf], changed: &BTreeSet<PathBuf>) -> bool {
    let by_its_own = |path: &Path| std::fs::canonicalize(path).is_ok_and(|own| changed.contains(&own));
    read.iter().any(|path| changed.contains(path) || by_its_own(path))
}
