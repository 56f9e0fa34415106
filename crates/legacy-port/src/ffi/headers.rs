//! The headers that a project names, as both targets see them.

use std::path::PathBuf;
use std::thread;

use super::Choice;
use super::bindings::{Bindings, Wanted};
use crate::project::{Project, Unit};
use crate::source::clang::Clang;
use crate::source::tree::Tree;
use crate::target::{DataModel, Pair, Target};
use crate::{Error, Result, audit, compile};

/// The stack of a thread that parses: libclang and bindgen go as deep as the source does.
const STACK: usize = 256 << 20;

/// The headers of a project with what is needed to read them.
#[derive(Debug)]
pub struct Headers<'a> {
    /// The project.
    pub project: &'a Project,
    /// What it says of them.
    pub choice: &'a Choice,
    clang: Clang,
    /// The last header, with the flags of the project.
    unit: Unit,
    includes: Pair<Vec<PathBuf>>,
}

impl<'a> Headers<'a> {
    /// The headers that `[ffi]` names.
    ///
    /// # Errors
    /// When it names none, or libclang is missing.
    pub fn of(project: &'a Project) -> Result<Self> {
        let choice = project.ffi.as_ref().ok_or_else(|| Error::Ffi {
            path: project.root.join("legacy-port.toml"),
            message: "names no headers; say which in it: `[ffi]` with `headers = [\"include/api.h\"]`".into(),
        })?;
        let source = choice.headers.last().cloned().unwrap_or_default();
        // A compile database may give each unit flags of its own: those of a neighbour are the likeliest.
        let beside = project.units.iter().find(|u| u.source.parent() == source.parent());
        let unit = beside.or(project.units.first());
        let flags = unit.map(|u| u.flags.clone()).unwrap_or_default();
        let directory = unit.map_or_else(|| project.root.clone(), |u| u.directory.clone());
        let includes = project.targets.as_ref().map(compile::system_includes);
        Ok(Self { project, choice, clang: Clang::load()?, unit: Unit { source, directory, flags }, includes })
    }

    /// The folders that the project searches for its own headers, in order.
    #[must_use]
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut flags = self.unit.flags.iter();
        let mut folders = Vec::new();
        while let Some(flag) = flags.next() {
            let dir = match flag.strip_prefix("-I") {
                Some("") => flags.next().map(String::as_str),
                dir => dir,
            };
            folders.extend(dir.map(|d| self.unit.directory.join(d)));
        }
        folders
    }

    /// What Rust takes them for, under both targets.
    ///
    /// # Errors
    /// As [`Bindings::read`].
    pub fn bindings(&self, wanted: Wanted) -> Result<Pair<Bindings>> {
        let targets = self.project.targets.as_ref();
        thread::scope(|scope| {
            let read = |target: &'a Target, includes| {
                let run = move || {
                    let arguments = self.clang.arguments(&self.unit, target, includes);
                    let model = target.model().unwrap_or(DataModel::Lp64);
                    Bindings::read(&self.choice.headers, &arguments, model, wanted)
                };
                thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run)
            };
            let Pair { old, new } = self.includes.as_ref();
            let both = [read(targets.old, old.as_slice()), read(targets.new, new.as_slice())];
            let mut ended = both.into_iter().map(|thread| {
                let failed = || Error::Libclang("a thread to read headers in has failed".into());
                thread.map_err(|_| failed())?.join().map_err(|_| failed())?
            });
            let (Some(old), Some(new)) = (ended.next(), ended.next()) else {
                return Err(Error::Libclang("no thread to read headers in".into()));
            };
            Ok(Pair { old: old?, new: new? })
        })
    }

    /// Their dual tree: where everything stands, and what bindgen does not tell.
    ///
    /// # Errors
    /// When libclang gives no tree, or they do not parse.
    pub fn tree(&self) -> Result<Tree> {
        let mut unit = self.unit.clone();
        let before = self.choice.headers.iter().take(self.choice.headers.len() - 1);
        unit.flags.extend(before.flat_map(|h| ["-include".to_owned(), h.display().to_string()]));
        let targets = self.project.targets.as_ref();
        let tree = audit::parse(&self.clang, &unit, targets, self.includes.as_ref().map(Vec::as_slice))?;
        let errors = targets.zip(tree.errors.as_ref());
        for (target, errors) in [errors.old, errors.new] {
            if let Some(e) = errors.first() {
                let message = format!("does not parse for `{}`: {}: {}", target.triple, e.place, e.text);
                return Err(Error::Ffi { path: unit.source, message });
            }
        }
        Ok(tree)
    }
}
