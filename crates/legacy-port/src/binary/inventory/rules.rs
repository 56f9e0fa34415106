//! An inventory as findings: what of it stands in the way, and what only has to go.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{Content, Entry, Inventory, by_name, origin};
use crate::audit::Audit;
use crate::binary::matching::{self, Named};
use crate::binary::system;
use crate::check::{FixPromise, Level};
use crate::finding::{self, Finding, Spot};
use crate::rule::{Of, Rule};

const WITH: &str = "file_with_twin";
const WITHOUT: &str = "file_without_twin";
const NEEDS: &str = "needs_32_bit_library";
const SCRIPT: &str = "script_for_32_bit_program";

/// What an inventory finds, sorted by name.
pub const RULES: [Rule; 4] = [
    Rule {
        name: WITH,
        summary: "a 32-bit file whose 64-bit twin is there",
        why: "The system, image or folder has the same thing for 64 bits: a library of the same name, a file at the same path but for \
              folders such as `lib32` and `lib64`, an archive whose members are there for both. Nothing but 32-bit programs needs \
              this file, and with the last of them it goes, with its package where it came from one. Until then it has to be kept \
              up to date like any other. Told for every ELF file and archive of 32 bits that has a twin, each inode once.",
        level: Level::Look,
        fix: FixPromise::ByHand("what still uses it goes first"),
        bad: "",
        good: "",
        of: Of::Inventory,
    },
    Rule {
        name: WITHOUT,
        summary: "a 32-bit file of which there is no 64-bit twin",
        why: "Nothing here takes its place on a system without 32-bit programs: what uses it stops. It has to be built or bought for 64 \
              bits, replaced, or kept together with a loader and a C library of 32 bits. A twin is a library of the same name for the \
              64-bit processor that belongs to this one (in the folders, or on this system), or a file at the same path but for \
              folders such as `lib32` and `lib64`. A program that is called otherwise under 64 bits is told too.",
        level: Level::May,
        fix: FixPromise::ByHand("it must be built or bought for 64 bits"),
        bad: "",
        good: "",
        of: Of::Inventory,
    },
    Rule {
        name: NEEDS,
        summary: "a 64-bit file that needs a library which is here for 32 bits alone",
        why: "The loader stops a program when a needed library (`DT_NEEDED`) is not there for its own class: one of 32 bits in the same \
              folder does not count. Most often a 64-bit program was installed over a 32-bit one without its libraries. Libraries that \
              are there in neither class are silent: they may be on the machine that the folder is for.",
        level: Level::Breaks,
        fix: FixPromise::ByHand("the library must be built or bought for 64 bits"),
        bad: "",
        good: "",
        of: Of::Inventory,
    },
    Rule {
        name: SCRIPT,
        summary: "a script whose interpreter is a 32-bit program",
        why: "The kernel starts what the first line of a script names, `/usr/bin/env` what it is given. When the 32-bit program there goes, \
              the script does not start any more; when a 64-bit one takes its place, what the script does may change with it: the width \
              of numbers, modules that are built for one class, caches and databases that it wrote.",
        level: Level::May,
        fix: FixPromise::ByHand("a 64-bit interpreter must take the place, with the modules that the script loads"),
        bad: "",
        good: "",
        of: Of::Inventory,
    },
];

/// The inventory as an audit's findings; files are told from `root`, those below one of the `folders` that were looked at.
#[must_use]
pub fn audit(i: &Inventory, folders: &[PathBuf], selected: &[Rule], root: &Path) -> Audit {
    let twins = twins(i);
    let mut findings: Vec<Finding> = i.of_32_bits().map(|e| of_32_bits(i, e, twins.get(e.path.as_path()))).collect();
    for (path, name) in &i.broken {
        let message = format!("a 64-bit file that needs `{name}`, which is here for 32 bits alone");
        findings.push(told(
            NEEDS,
            path,
            name,
            message,
            "install the package that has it for 64 bits, or build it anew",
        ));
    }
    for (path, program) in &i.scripts {
        let program = program.display().to_string();
        let message = format!("a script that the 32-bit program `{program}` runs");
        findings.push(told(
            SCRIPT,
            path,
            &program,
            message,
            "see that a 64-bit program is there by that path, and runs it",
        ));
    }
    findings.retain(|f| selected.iter().any(|r| r.name == f.check));
    let shown = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
    for f in &mut findings {
        f.spot.file = shown(&f.spot.file);
        f.notes.iter_mut().for_each(|(spot, _)| spot.file = shown(&spot.file));
    }
    let mut files: Vec<PathBuf> =
        i.entries.iter().map(|e| e.path.as_path()).chain(folders.iter().map(PathBuf::as_path)).map(shown).collect();
    files.sort();
    let said = i.troubles.iter().map(|(path, why)| format!("`{}` is left out: {why}", shown(path).display())).collect();
    Audit { findings: finding::sorted(findings), objects: i.entries.len(), files, said, ..Audit::default() }
}

fn told(check: &'static str, path: &Path, what: &str, message: String, help: &str) -> Finding {
    let level = RULES.iter().find(|r| r.name == check).map_or(Level::Look, |r| r.level);
    Finding {
        check,
        level,
        spot: Spot::built(path, what),
        function: String::new(),
        message,
        help: help.to_owned(),
        notes: Vec::new(),
        layout: None,
        edit: None,
        accepted: None,
    }
}

fn of_32_bits(i: &Inventory, e: &Entry, twin: Option<&PathBuf>) -> Finding {
    let what = e.content.kind();
    let from = match i.packages.get(&e.path) {
        Some(package) => format!("of the package `{package}`"),
        None => format!("in `{}`", origin(i, &e.path)),
    };
    let mut f = if let Some(twin) = twin {
        let message = format!("a 32-bit file {from} ({what}); its 64-bit twin is `{}`", twin.display());
        told(WITH, &e.path, &what, message, "take it out when nothing of 32 bits needs it any more")
    } else {
        let message = format!("a 32-bit file {from} ({what}), and nothing here of that name for 64 bits");
        told(WITHOUT, &e.path, &what, message, "build it for 64 bits, replace it, or see that nothing uses it")
    };
    let Content::Elf(file) = &e.content else { return f };
    let name = e.path.file_name().unwrap_or_default().to_string_lossy();
    let own = file.soname.as_deref().unwrap_or(&name);
    let mut note = |text: String| f.notes.push((Spot::built(&e.path, ""), text));
    for l in i.libraries.iter().filter(|l| l.found.bits64.is_none() && l.by.binary_search(&e.path).is_ok()) {
        note(format!("it needs `{}`, of which there is no 64-bit file", l.name));
    }
    if let Some(l) = i.libraries.iter().find(|l| l.name == own) {
        note(format!("32-bit files here that need it: {}", l.by.len()));
    }
    f
}

/// An entry of one class, and where it would be whatever its class.
struct Placed<'a> {
    entry: &'a Entry,
    place: PathBuf,
    soname: Option<&'a str>,
    bits: u8,
    /// The 64-bit processor that programs for its own one go to.
    twin: &'a str,
}

impl<'a> Placed<'a> {
    fn of(entry: &'a Entry, bits: u8) -> Option<Self> {
        let machine = entry.content.machine(bits)?;
        // Those of other processors are no twins.
        let twin = if bits == 32 { system::twin(machine) } else { machine };
        let place = Path::new(&format!("for {twin}")).join(entry.path.strip_prefix("/").unwrap_or(&entry.path));
        let soname = if let Content::Elf(file) = &entry.content { file.soname.as_deref() } else { None };
        Some(Self { entry, place, soname, bits, twin })
    }

    fn named(&self) -> Named<'_> {
        let archive = matches!(self.entry.content, Content::Archive(_));
        Named { place: &self.place, soname: self.soname, bits: self.bits, archive }
    }
}

/// The 64-bit file that takes the place of each 32-bit one.
fn twins(i: &Inventory) -> HashMap<&Path, PathBuf> {
    let placed = |bits| -> Vec<Placed> { i.entries.iter().filter_map(|e| Placed::of(e, bits)).collect() };
    let (old, new) = (placed(32), placed(64));
    let old_names: Vec<Named> = old.iter().map(Placed::named).collect();
    let new_names: Vec<Named> = new.iter().map(Placed::named).collect();
    let by_name = by_name(i, 64);
    let mut out: HashMap<&Path, PathBuf> = HashMap::new();
    for (found, old) in matching::nearest(&old_names, &new_names).into_iter().zip(&old) {
        let path = &old.entry.path;
        let twin = match (found.map(|n| &new[n].entry.path), old.soname) {
            // An archive that holds both classes is its own twin only where it holds each member for both.
            (Some(twin), _) if twin == path => old.entry.content.whole_for_both().then(|| twin.clone()),
            (Some(twin), _) => Some(twin.clone()),
            // The loader has another name for each class.
            (None, Some(name)) if name.starts_with("ld-linux") => {
                let loader = |p: &&Placed| p.soname.is_some_and(|s| s.starts_with("ld-linux"));
                new.iter().filter(loader).find(|p| p.twin == old.twin).map(|p| p.entry.path.clone())
            }
            (None, Some(name)) => {
                let here = by_name.get(&(name.into(), old.twin)).map(|p| (*p).to_owned());
                here.or_else(|| system::find(name, old.twin, &[]).bits64)
            }
            (None, None) => None,
        };
        out.extend(twin.map(|twin| (path.as_path(), twin)));
    }
    out
}
