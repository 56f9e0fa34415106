//! C code that crates bundle: the packages of `ci/corpus.toml`, fetched by cargo.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::corpus::Recipe;

/// The folders of the packages, fetched by cargo for a package of nothing but these dependencies.
pub(crate) fn fetched(clean: &[Recipe], out: &Path) -> Result<Vec<PathBuf>> {
    let folder = |c: &Recipe| -> Option<PathBuf> {
        // Versions of packages that bundle a library may have that library's version behind a `+`.
        let name = format!("{}-{}", c.package, c.version);
        let mut found: Vec<PathBuf> = fs::read_dir(out.join("sources"))
            .ok()?
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| {
                let tail = p.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_prefix(&name));
                tail.is_some_and(|t| t.is_empty() || t.starts_with('+'))
            })
            .collect();
        found.sort();
        found.pop()
    };
    if let Some(folders) = clean.iter().map(folder).collect() {
        return Ok(folders);
    }
    let package = out.join("package");
    let mut manifest = String::from(
        "[package]\nname = \"clean\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\npath = \"lib.rs\"\n\n[workspace]\n\n\
         [dependencies]\n",
    );
    for c in clean {
        let _ = writeln!(manifest, "{} = \"={}\"", c.package, c.version);
    }
    fs::create_dir_all(&package).with_context(|| format!("cannot create `{}`", package.display()))?;
    for (name, text) in [("Cargo.toml", manifest.as_str()), ("lib.rs", "")] {
        fs::write(package.join(name), text).with_context(|| format!("cannot write in `{}`", package.display()))?;
    }
    let output = Command::new(env!("CARGO"))
        .args(["vendor", "--quiet", "--versioned-dirs"])
        .arg(std::path::absolute(out.join("sources"))?)
        .current_dir(&package)
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("`cargo vendor` in `{}`:\n{}", package.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    let missing = |c: &Recipe| format!("`{}` {} is not among what cargo fetched", c.package, c.version);
    clean.iter().map(|c| folder(c).with_context(|| missing(c))).collect()
}
