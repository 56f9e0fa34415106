//! What programs open at run time: by glibc itself, as a note says, as `image.toml` says; and what only looks like it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Run, Why, load, missing};
use crate::elf;
use crate::loader::Loader;
use crate::{Error, Result};

/// What is opened at run time: by glibc itself, as a note says, as `image.toml` says; and what only looks like it.
pub(super) fn run_time(run: &mut Run, loader: &mut Loader, warnings: &mut Vec<String>) -> Result<()> {
    if let Some(&libc) = run.loaded.get("libc.so.6") {
        let old = !run.objects[libc].0.elf.versions.contains("GLIBC_2.34");
        let names: &[(&str, &str)] = &[
            ("libgcc_s.so.1", "glibc, for pthread_exit, pthread_cancel and unwinding"),
            ("libnss_files.so.2", "glibc before 2.34, for names in files"),
            ("libnss_dns.so.2", "glibc before 2.34, for names of hosts"),
        ];
        for (name, why) in &names[..if old { 3 } else { 1 }] {
            open(run, name, libc, why, loader)?;
        }
    }
    let start = run.start;
    for name in &start.opens {
        if !open(run, name, 0, "image.toml says so", loader)? {
            let folders = run.find(name, 0, loader).err().unwrap_or_default();
            let message = format!("`opens` in image.toml: {}", missing(name, &folders, loader.machine_too));
            return Err(Error::Elf { path: start.host.clone(), message });
        }
    }
    let mut at = 0;
    let mut told: BTreeSet<String> = BTreeSet::new();
    // The list grows while it is walked: what is opened may open more.
    while at < run.objects.len() {
        let elf = Arc::clone(&run.objects[at].0.elf);
        for note in &elf.dlopen {
            noted(run, at, note, loader, warnings)?;
        }
        for name in elf.names.iter().filter(|n| !start.skips.contains(n)) {
            if run.loaded.contains_key(name) || elf.dlopen.iter().any(|d| d.soname.contains(name)) {
                continue;
            }
            let who = &run.objects[at].0.image;
            if let Ok(found) = run.find(name, at, loader)
                && told.insert(name.clone())
            {
                warnings.push(format!(
                    "`{}` calls dlopen and names `{name}` (here `{}`); if it opens it, add `opens = [\"{name}\"]` to the \
                     [[program]] `{}`, else `skips = [\"{name}\"]`",
                    who.display(),
                    found.host.display(),
                    start.image.display()
                ));
            }
        }
        at += 1;
    }
    Ok(())
}

fn noted(run: &mut Run, by: usize, note: &elf::Dlopen, loader: &mut Loader, warnings: &mut Vec<String>) -> Result<()> {
    let skips = &run.start.skips;
    if note.soname.iter().any(|n| run.loaded.contains_key(n) || skips.contains(n)) {
        return Ok(());
    }
    let why = format!("its note: {} {}", note.priority, note.feature);
    if note.priority != "suggested" {
        for name in &note.soname {
            if open(run, name, by, why.trim(), loader)? {
                return Ok(());
            }
        }
    }
    let names = note.soname.join("`, `");
    let who = run.objects[by].0.image.display().to_string();
    if note.priority == "required" {
        let message = format!("its note requires one of `{names}`, and none is on this machine; install it");
        return Err(Error::Elf { path: PathBuf::from(who), message });
    }
    let first = note.soname.first().map_or("", String::as_str);
    warnings.push(format!(
        "`{who}` can open `{names}` ({}, {}), left out; to have it add `opens = [\"{first}\"]` to the [[program]] `{}`, else \
         `skips = [\"{first}\"]`",
        note.priority,
        note.feature,
        run.start.image.display()
    ));
    Ok(())
}

/// Loads a library by name and what it needs; false where it is not to be found.
fn open(run: &mut Run, name: &str, by: usize, why: &str, loader: &mut Loader) -> Result<bool> {
    if run.loaded.contains_key(name) {
        return Ok(true);
    }
    let Ok(found) = run.find(name, by, loader) else { return Ok(false) };
    run.add(found, Why::Opened(why.to_owned()), by, name, loader)?;
    load(run, loader)?;
    Ok(true)
}
