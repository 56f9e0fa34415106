//! What a program really opens: it is run under the loader's own eye, `LD_DEBUG=files` of ld.so(8).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::plan::Plan;
use crate::{Error, Result};

/// Libraries that were opened by dlopen while a command ran, itself or a process of it: name as it was asked for, and who
/// asked. The command's own output goes where ours goes.
///
/// # Errors
/// When the command cannot be run.
pub fn opened(command: &[String]) -> Result<BTreeSet<(String, String)>> {
    let Some((program, arguments)) = command.split_first() else { return Ok(BTreeSet::new()) };
    let dir = tempfile::tempdir().map_err(Error::io("cannot write in", std::env::temp_dir()))?;
    let status = Command::new(program)
        .args(arguments)
        .env("LD_DEBUG", "files")
        // One file for each process, with its number at the end.
        .env("LD_DEBUG_OUTPUT", dir.path().join("ld"))
        .stdin(Stdio::null())
        .status();
    status.map_err(Error::io("cannot run", program))?;
    let mut found = BTreeSet::new();
    for item in fs::read_dir(dir.path()).map_err(Error::io("cannot read", dir.path()))? {
        let path = item.map_err(Error::io("cannot read", dir.path()))?.path();
        let text = fs::read(&path).map_err(Error::io("cannot read", &path))?;
        found.extend(String::from_utf8_lossy(&text).lines().filter_map(line));
    }
    Ok(found)
}

/// `1234: file=libz.so.1 [0];  dynamically loaded by ./main [0]`
fn line(line: &str) -> Option<(String, String)> {
    let (name, rest) = line.split_once("file=")?.1.split_once(" [")?;
    let by = rest.split_once("dynamically loaded by ")?.1;
    Some((name.to_owned(), by.rsplit_once(" [").map_or(by, |(by, _)| by).to_owned()))
}

/// What was opened and is not in an image, in words, with the line to add.
#[must_use]
pub fn missing(plan: &Plan, opened: &BTreeSet<(String, String)>) -> Vec<String> {
    let below = || plan.base.iter().flat_map(|base| base.files().map(|(path, _)| path));
    let paths = || plan.layers.iter().flat_map(|(_, entries)| entries.keys()).chain(below());
    let has = |name: &str| {
        let file = Path::new(name).file_name();
        paths().any(|p| p.file_name() == file)
    };
    let absent = opened.iter().filter(|(name, _)| !has(name));
    absent
        .map(|(name, by)| {
            if name.contains("/gconv/") {
                let set = Path::new(name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
                format!("`{by}` opened the module `{name}`; add the character set to `charsets` in [system], such as `{set}`")
            } else {
                format!("`{by}` opened `{name}`; add `opens = [\"{name}\"]` to its [[program]]")
            }
        })
        .collect()
}
