//! Audits after the first: the cache, what changed since a commit, and waiting for changes.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use legacy_port::audit::Audit;
use legacy_port::baseline::Baseline;
use legacy_port::cache::Cache;
use legacy_port::project::{DATABASES, Project};
use legacy_port::settings::Settings;
use legacy_port::units::Options;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Bar;

/// Where results are kept from one audit to the next.
#[derive(clap::Args)]
pub(super) struct Kept {
    /// Folder for results that later audits take over [default: legacy-port/cache in the target folder]
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<PathBuf>,
    /// Parse everything, and keep nothing
    #[arg(long, conflicts_with = "cache_dir")]
    no_cache: bool,
}

impl Kept {
    /// Audits a project as it is now, with what is kept, and a bar where somebody watches.
    pub(super) fn audit(
        &self,
        project: &Project,
        settings: &Settings,
        baseline: &Baseline,
        target_dir: &Path,
    ) -> Result<Audit> {
        let (bar, cache) = (Bar::new("parsing"), self.cache(target_dir));
        let progress = |done, of| bar.step(done, of);
        let options = Options { cache: cache.as_ref(), progress: Some(&progress), changed: None };
        Ok(settings.audit(project, baseline, options)?.audit)
    }

    pub(super) fn cache(&self, target_dir: &Path) -> Option<Cache> {
        let dir = || self.cache_dir.clone().unwrap_or_else(|| target_dir.join("legacy-port").join("cache"));
        (!self.no_cache).then(|| Cache::new(dir()))
    }
}

#[derive(clap::Args)]
pub(super) struct Again {
    #[command(flatten)]
    pub(super) kept: Kept,
    /// Report only on units of which a file differs from this commit of git, or is new
    #[arg(long, value_name = "REV", conflicts_with = "through")]
    changed_since: Option<String>,
    /// Audit again when a file that was read changes, until Ctrl-C
    #[arg(long)]
    pub(super) watch: bool,
}

impl Again {
    /// The files that changed, where only those count. A change of the project's own file is a change of all units.
    pub(super) fn changed(&self, project: &Project) -> Result<Option<BTreeSet<PathBuf>>> {
        let Some(rev) = &self.changed_since else { return Ok(None) };
        let changed = changed_since(&project.root, rev)?;
        Ok(Some(changed).filter(|changed| !own_files(project).iter().any(|file| changed.contains(file))))
    }
}

/// The files that say what the project is.
pub(super) fn own_files(project: &Project) -> Vec<PathBuf> {
    let file = std::iter::once("legacy-port.toml").chain(DATABASES.iter().copied());
    file.map(|name| project.root.join(name)).collect()
}

/// The files of a work tree that differ from a commit, also those that git does not know yet.
fn changed_since(root: &Path, rev: &str) -> Result<BTreeSet<PathBuf>> {
    let git = |dir: &Path, args: &[&str]| -> Result<Vec<u8>> {
        let output = Command::new("git").arg("-C").arg(dir).args(args).output();
        let output = output.context("`--changed-since` asks git; cannot run `git`")?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("`--changed-since {rev}`: {}", said.lines().next().unwrap_or("git gives no reason").trim());
        }
        Ok(output.stdout)
    };
    git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{rev}^{{commit}}")])
        .with_context(|| format!("`{rev}` names no commit of the work tree at `{}`", root.display()))?;
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    let top = PathBuf::from(os(top.trim_ascii_end()));
    let differ = git(&top, &["diff", "--name-only", "--no-renames", "-z", "--end-of-options", rev, "--"])?;
    let new = git(&top, &["ls-files", "--others", "--exclude-standard", "-z"])?;
    let names = [differ, new].concat();
    let files = names.split(|b| *b == 0).filter(|name| !name.is_empty()).map(|name| top.join(os(name)));
    Ok(files.map(|file| file.canonicalize().unwrap_or(file)).collect())
}

fn os(bytes: &[u8]) -> &OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(bytes)
}

/// Waits for changes of the files that an audit read.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    folders: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
}

/// An editor writes a file in several steps; they are one change.
const QUIET: Duration = Duration::from_millis(100);

impl Watch {
    pub(super) fn new() -> Result<Self> {
        let (send, events) = mpsc::channel();
        let watcher = notify::recommended_watcher(send).context("cannot watch files")?;
        Ok(Self { watcher, events, folders: BTreeSet::new(), files: BTreeSet::new() })
    }

    /// Blocks until one of these files changes, or one appears or goes beside them; tells which. Everything that changed
    /// since `begin` counts, when the files were about to be read.
    pub(super) fn wait(&mut self, read: &BTreeSet<PathBuf>, begin: SystemTime) -> Result<PathBuf> {
        // After a failed audit those of the one before are watched on.
        if !read.is_empty() {
            self.files = read.iter().filter_map(|f| f.canonicalize().ok()).collect();
        }
        let mut missed = None;
        for file in &self.files {
            let Some(dir) = file.parent() else { continue };
            if !self.folders.contains(dir) {
                let what = || format!("cannot watch `{}`", dir.display());
                self.watcher.watch(dir, RecursiveMode::NonRecursive).with_context(what)?;
                self.folders.insert(dir.to_owned());
                let late = |f: &&PathBuf| f.metadata().and_then(|m| m.modified()).is_ok_and(|t| t > begin);
                missed = missed.or_else(|| self.files.iter().filter(|f| f.parent() == Some(dir)).find(late).cloned());
            }
        }
        if let Some(file) = missed {
            return Ok(file);
        }
        anstream::eprintln!("watching {} files, Ctrl-C ends", self.files.len());
        loop {
            let event = self.events.recv().context("the watch of files has ended")?;
            if let Some(file) = event.ok().and_then(|e| self.concerns(&e)) {
                while self.events.recv_timeout(QUIET).is_ok() {}
                return Ok(file);
            }
        }
    }

    /// The file of an event that may change what an audit says.
    fn concerns(&self, event: &Event) -> Option<PathBuf> {
        let appears = matches!(event.kind, EventKind::Create(_) | EventKind::Remove(_))
            || matches!(event.kind, EventKind::Modify(notify::event::ModifyKind::Name(_)));
        let source = |p: &&PathBuf| p.extension().is_some_and(|e| self.files.iter().any(|f| f.extension() == Some(e)));
        match event.kind {
            // To read is no change; the audit itself does.
            EventKind::Access(_) => None,
            _ => event.paths.iter().find(|p| self.files.contains(*p) || (appears && source(p))).cloned(),
        }
    }
}
