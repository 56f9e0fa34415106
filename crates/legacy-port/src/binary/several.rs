//! Archives and folders: what of two builds belongs together is audited as a pair, the rest by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::checks::Entry;
use super::gather::{Collection, Member};
use super::matching::{self, Matched, Named};
use super::object::{Beside, Object};
use super::{audit, open};
use crate::audit::Audit;
use crate::compile::Progress;
use crate::finding::{Finding, Spot};
use crate::target::Pair;
use crate::{Error, Result, finding};

/// How an audit of several objects is done.
#[derive(Clone, Copy)]
pub struct How<'a> {
    /// The checks that are asked.
    pub selected: &'a [Entry],
    /// The folder that files are told from.
    pub root: &'a Path,
    /// Whether nothing is told of a file, which is not read then.
    pub excluded: &'a (dyn Fn(&Path) -> bool + Sync),
    /// Told how many files, or pairs of them, are done.
    pub progress: Progress<'a>,
}

/// How many names stand in one sentence.
const NAMED: usize = 12;

/// Audits all that there is: files that are alone by themselves, of two builds the old one first. What cannot be read is
/// said; of a file that was named it is an error.
///
/// # Errors
/// When a file and a folder are to be compared, a file is damaged, or there is nothing to audit.
pub fn audit(first: &Collection, second: Option<&Collection>, how: How) -> Result<Audit> {
    let mut out = Audit::default();
    let shown = |path: &Path| path.strip_prefix(how.root).unwrap_or(path).display().to_string();
    let files = |all: &Collection| -> Vec<Member> {
        let told = |f: &&Member| !(how.excluded)(f.path.strip_prefix(how.root).unwrap_or(&f.path));
        all.files.iter().filter(told).cloned().collect()
    };
    for (path, why) in [Some(first), second].into_iter().flatten().flat_map(|c| &c.troubles) {
        out.said.push(format!("`{}` is left out: {why}", shown(path)));
    }
    let (old, new) = (files(first), second.map(files).unwrap_or_default());
    let tasks: Vec<Task> = match second {
        None => old.iter().map(Task::Alone).collect(),
        Some(second) => {
            let found = together(first, second, &old, &new)?;
            out.said.extend(sentences(&found, &old, &new, &shown, second.folder));
            let pairs = found.pairs.iter().map(|&(o, n)| Task::Both(&old[o], &new[n]));
            let gone = found.only.old.iter().map(|&o| Task::Gone(&old[o]));
            pairs.chain(gone).chain(found.only.new.iter().map(|&n| Task::New(&new[n]))).collect()
        }
    };
    let done = AtomicUsize::new(0);
    let parts: Vec<Result<Audit>> = tasks
        .par_iter()
        .map(|task| {
            let part = task.audit(how);
            (how.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, tasks.len());
            part
        })
        .collect();
    for part in parts {
        let part = match part {
            Ok(part) => part,
            Err(e) if first.folder => {
                out.said.push(format!("left out: {e}"));
                continue;
            }
            Err(e) => return Err(e),
        };
        out.objects += part.objects;
        out.findings.extend(part.findings);
        out.files.extend(part.files);
        out.said.extend(part.said);
    }
    if out.objects == 0 && first.files.len() == old.len() && out.findings.is_empty() {
        let message =
            if first.folder { "no ELF file and no archive of them" } else { "an archive without an ELF member" };
        return Err(Error::Elf { path: first.root.clone(), message: format!("{message}: there is nothing to audit") });
    }
    out.findings = finding::sorted(out.findings);
    let whole = |c: &Collection| c.root.strip_prefix(how.root).unwrap_or(&c.root).to_owned();
    out.files.extend([Some(first), second].into_iter().flatten().map(whole));
    if second.is_some() {
        let old = old.iter().map(|f| f.path.strip_prefix(how.root).unwrap_or(&f.path).to_owned());
        out.compared = old.chain([whole(first)]).collect();
    }
    out.files.sort();
    out.files.dedup();
    Ok(out)
}

/// What is looked at in one go.
enum Task<'a> {
    Alone(&'a Member),
    Both(&'a Member, &'a Member),
    Gone(&'a Member),
    New(&'a Member),
}

/// What of two builds belongs together. Two files that were named do, whatever they are called.
fn together(first: &Collection, second: &Collection, old: &[Member], new: &[Member]) -> Result<Matched> {
    if first.kind() != second.kind() {
        return Err(Error::Elf {
            path: second.root.clone(),
            message: format!(
                "{}, and `{}` is {}: name two files, two archives or two folders",
                second.kind(),
                first.root.display(),
                first.kind()
            ),
        });
    }
    if let (false, [_], [_]) = (first.folder, old, new) {
        return Ok(Matched { pairs: vec![(0, 0)], only: Pair::default() });
    }
    Ok(matching::matched(&named(old), &named(new)))
}

fn named(files: &[Member]) -> Vec<Named<'_>> {
    files.iter().map(Member::named).collect()
}

/// What is to be said of which files were compared.
fn sentences(
    found: &Matched,
    old: &[Member],
    new: &[Member],
    shown: &dyn Fn(&Path) -> String,
    folders: bool,
) -> Vec<String> {
    let mut out = Vec::new();
    if !folders {
        return out;
    }
    let (pairs, gone, come) = (found.pairs.len(), found.only.old.len(), found.only.new.len());
    out.push(format!("{pairs} files are in both builds, {gone} in the old one alone, {come} in the new one alone"));
    let renamed = found.pairs.iter().filter(|&&(o, n)| old[o].named().place != new[n].named().place);
    let renamed: Vec<String> =
        renamed.map(|&(o, n)| format!("`{}` with `{}`", shown(&old[o].path), shown(&new[n].path))).collect();
    if !renamed.is_empty() {
        out.push(format!("compared under different names: {}", list(&renamed)));
    }
    let come: Vec<String> = found.only.new.iter().map(|&n| format!("`{}`", shown(&new[n].path))).collect();
    if !come.is_empty() {
        out.push(format!("the new build alone has {}", list(&come)));
    }
    out
}

fn list(all: &[String]) -> String {
    let more = if all.len() > NAMED { format!(" and {} further", all.len() - NAMED) } else { String::new() };
    all[..all.len().min(NAMED)].join(", ") + &more
}

impl Task<'_> {
    fn audit(&self, how: How) -> Result<Audit> {
        let mut out = Audit::default();
        let members = |file: &Member, out: &mut Audit| members(file, how, out);
        match self {
            Self::Alone(file) if file.archive => {
                members(file, &mut out)?.iter().for_each(|o| alone(o, how, &mut out));
            }
            Self::New(file) if file.archive => {
                members(file, &mut out)?.iter().for_each(|o| one(None, Some(o), how, &mut out));
            }
            Self::Both(old, new) if old.archive => {
                let (old, new) = (members(old, &mut out)?, members(new, &mut out)?);
                archives(old, &new, how, &mut out);
            }
            Self::Gone(file) if file.archive => {
                let beside = Beside { alone: true, ..Beside::default() };
                one(Some(&Object { path: file.path.clone(), beside, ..Object::default() }), None, how, &mut out);
            }
            Self::Alone(file) => alone(&open::object(&file.path)?, how, &mut out),
            Self::New(file) => one(None, Some(&open::object(&file.path)?), how, &mut out),
            Self::Both(old, new) => {
                one(Some(&open::object(&old.path)?), Some(&open::object(&new.path)?), how, &mut out);
            }
            Self::Gone(file) => {
                let beside = Beside { alone: true, ..Beside::default() };
                one(Some(&Object { beside, ..open::object(&file.path)? }), None, how, &mut out);
            }
        }
        if let Self::Alone(file) | Self::New(file) | Self::Both(_, file) = self
            && file.archive
        {
            once(&mut out, &file.path, how);
        }
        Ok(out)
    }
}

/// An object by itself is the old build where it is a 32-bit one.
fn alone(object: &Object, how: How, out: &mut Audit) {
    if object.file.bits == 32 { one(Some(object), None, how, out) } else { one(None, Some(object), how, out) }
}

fn one(old: Option<&Object>, new: Option<&Object>, how: How, out: &mut Audit) {
    let part = audit::audit(Pair { old, new }, how.selected, how.root);
    out.objects += part.objects;
    out.findings.extend(part.findings);
    out.files.extend(part.files);
}

/// Checks that find flags of the build: what all members of an archive have in common is told of the archive.
const BY_ARCHIVE: &[&str] = &["no_control_flow_protection"];

/// Tells once of an archive, and of how many members, what [`BY_ARCHIVE`] found in its members.
fn once(out: &mut Audit, archive: &Path, how: How) {
    let shown = archive.strip_prefix(how.root).unwrap_or(archive);
    for check in BY_ARCHIVE {
        let (found, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut out.findings).into_iter().partition(|f| f.check == *check);
        out.findings = rest;
        // One alone too: what a baseline accepts must not move when another member comes.
        let Some(first) = found.first() else { continue };
        let many = if found.len() == 1 { "1 member".to_owned() } else { format!("{} members", found.len()) };
        let spot = Spot::built(shown, &first.spot.text);
        let mut by_message: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for f in &found {
            let file = f.spot.file.to_string_lossy();
            let member = file.strip_prefix(&*shown.to_string_lossy()).unwrap_or(&file);
            by_message.entry(&f.message).or_default().push(format!("`{}`", member.trim_matches(['(', ')'])));
        }
        let message = match by_message.keys().next() {
            Some(message) if by_message.len() == 1 => format!("in {many} {message}"),
            _ => format!("in {many} the GNU property for control flow is not whole"),
        };
        let notes = by_message.iter().map(|(message, members)| (spot.clone(), format!("{message}: {}", list(members))));
        let all = Finding { message, notes: notes.collect(), spot, ..first.clone() };
        out.findings.push(all);
    }
}

/// The ELF members of an archive, each with a name of its own.
fn members(file: &Member, how: How, out: &mut Audit) -> Result<Vec<Object>> {
    let (mut all, troubles) = open::members(&file.path, file.below.as_deref())?;
    let shown = file.path.strip_prefix(how.root).unwrap_or(&file.path);
    out.files.push(shown.to_owned());
    let archive = shown.display().to_string();
    if all.is_empty() && !troubles.is_empty() {
        return Err(Error::Elf { path: file.path.clone(), message: troubles.join("; ") });
    }
    out.said.extend(troubles.iter().map(|why| format!("`{archive}`: {why}")));
    if all.is_empty() {
        out.said.push(format!("`{archive}` has no ELF member"));
    }
    let (mut taken, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for object in &mut all {
        let Some(name) = object.member.clone() else { continue };
        let mut own = name.clone();
        for nth in 2.. {
            if taken.insert(own.clone()) {
                break;
            }
            own = format!("{name}:{nth}");
            twice.insert(format!("`{name}`"));
        }
        object.member = Some(own);
    }
    if !twice.is_empty() {
        let twice = list(&twice.into_iter().collect::<Vec<_>>());
        out.said
            .push(format!("`{archive}` has more than one member of the name {twice}; the second is told with `:2`"));
    }
    Ok(all)
}

/// Two archives, member by member.
fn archives(old: Vec<Object>, new: &[Object], how: How, out: &mut Audit) {
    // Within one link hidden symbols are seen too.
    let exports = new.iter().flat_map(|o| &o.symbols).filter(|s| s.defined).map(|s| s.name.clone());
    let exports: Arc<BTreeSet<String>> = Arc::new(exports.collect());
    let by_name: BTreeMap<&Option<String>, &Object> = new.iter().map(|o| (&o.member, o)).collect();
    let mut met = BTreeSet::new();
    for mut object in old {
        let twin = by_name.get(&object.member).copied();
        object.beside = Beside { alone: twin.is_none(), exports: exports.clone() };
        one(Some(&object), twin, how, out);
        met.insert(object.member);
    }
    let come: Vec<&Object> = new.iter().filter(|o| !met.contains(&o.member)).collect();
    if let Some(first) = come.first() {
        let archive = first.path.strip_prefix(how.root).unwrap_or(&first.path).display();
        let names: Vec<String> = come.iter().filter_map(|o| Some(format!("`{}`", o.member.as_ref()?))).collect();
        out.said.push(format!("`{archive}` has members that the old archive has not: {}", list(&names)));
    }
    for object in come {
        one(None, Some(object), how, out);
    }
}
