//! `cargo xtask bench --inventory`: every file below a folder looked at, beside scanelf and file.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use legacy_port::binary::inventory;

use super::Row;
use super::measure::{median, peak_memory, seconds, time};

/// At most this part of what the quicker of the others takes.
const TO_PEERS: f64 = 0.2;

/// What an inventory tells of a file, as scanelf calls it: processor, class, type, interpreter, soname, needed libraries.
const COLUMNS: &str = "%a %M %o %i %S %n %F";

/// Measures a folder: its title, and the rows. The first round only warms the system's cache up.
pub(super) fn measure(folder: &Path, rounds: u32) -> Result<(String, Vec<Row>)> {
    for (name, package) in [("scanelf", "pax-utils"), ("file", "file")] {
        if super::subject::find(name).is_none() {
            bail!("no `{name}` to compare with; on Debian install `{package}`");
        }
    }
    let folder = folder.canonicalize().with_context(|| format!("cannot open `{}`", folder.display()))?;
    let tool = super::build()?;
    let files = inventory::take(std::slice::from_ref(&folder), &|_| ()).files;
    let ours = || {
        let mut command = Command::new(&tool);
        command.arg("inventory").arg(&folder).args(["--format", "json"]);
        command
    };
    let (mut own, mut plain, mut archives) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let once = (time(&mut ours())?, time(&mut scanelf(&folder, "-RmyB"))?, time(&mut scanelf(&folder, "-RmyAB"))?);
        if round > 0 {
            own.push(once.0);
            plain.push(once.1);
            archives.push(once.2);
        }
    }
    // Once: it takes so much longer that the machine's moods do not count.
    let file = seconds(time(&mut by_file(&folder))?);
    let (own, plain, archives) = (median(own), median(plain), median(archives));
    let row =
        |what: &str, to: f64, limit| Row { what: what.into(), value: own / to, unit: "x", limit, of: Some((own, to)) };
    let mut rows = vec![
        row("to scanelf -R, archives and scripts too", plain, Some(TO_PEERS)),
        row("to scanelf -R -A, both with archives", archives, None),
        row("to file", file, Some(TO_PEERS)),
    ];
    match peak_memory(&ours()) {
        Some(mib) => rows.push(Row { what: "peak memory".into(), value: mib, unit: "MiB", limit: None, of: None }),
        None => anstream::eprintln!("no `/usr/bin/time` to measure memory with; on Debian install `time`"),
    }
    Ok((format!("{}, {files} files", folder.display()), rows))
}

/// As an inventory walks: within one file system here, and without following links.
fn scanelf(folder: &PathBuf, options: &str) -> Command {
    let mut command = Command::new("scanelf");
    command.arg(options).args(["-F", COLUMNS]).arg(folder);
    command
}

fn by_file(folder: &PathBuf) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "find \"$1\" -xdev -type f -print0 | xargs -0 -r file -N", "sh"]).arg(folder);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_run_over_a_small_folder() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::copy("/bin/true", dir.path().join("a")).unwrap();
        let out = |mut command: Command| String::from_utf8(command.output().unwrap().stdout).unwrap();
        let folder = dir.path().to_owned();
        if super::super::subject::find("scanelf").is_some() {
            let told = out(scanelf(&folder, "-RmyB"));
            assert!(told.contains("ELFCLASS64") && told.contains("libc.so.6"), "{told}");
        }
        if super::super::subject::find("file").is_some() {
            assert!(out(by_file(&folder)).contains("ELF 64-bit"));
        }
    }
}
