//! The recipes of `ci/corpus.toml`: how a program is parsed, as a compile database in its folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use legacy_port::project::Project;
use serde::Deserialize;

/// What the file says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Corpus {
    /// Labelled programs.
    #[serde(default)]
    program: Vec<Recipe>,
    /// Clean code in crates.
    #[serde(default)]
    pub(crate) clean: Vec<Recipe>,
    /// Large programs in crates.
    #[serde(default)]
    pub(crate) large: Vec<Recipe>,
    /// Groups of stand-in headers: name -> text.
    #[serde(default)]
    headers: BTreeMap<String, BTreeMap<PathBuf, String>>,
}

/// How a program is parsed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    /// `owner/name` of a labelled program.
    #[serde(default)]
    repo: String,
    /// Name of a package of cargo that brings the code.
    #[serde(default)]
    pub(crate) package: String,
    /// Its version, exactly.
    #[serde(default)]
    pub(crate) version: String,
    units: Vec<String>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    defines: Vec<String>,
    #[serde(default)]
    include: Vec<PathBuf>,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    system: Vec<PathBuf>,
    needs: Option<String>,
}

impl Corpus {
    /// Reads the recipes.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        toml::from_str(&text).with_context(|| format!("`{}`", path.display()))
    }

    /// The recipe of a repository.
    pub(crate) fn recipe(&self, repo: &str) -> Option<&Recipe> {
        self.program.iter().find(|p| p.repo == repo)
    }

    /// Writes the compile database of a program into its folder, and loads it. Stand-in headers go to `beside`.
    pub(crate) fn project(&self, recipe: &Recipe, root: &Path, beside: &Path) -> Result<Project> {
        let root = fs::canonicalize(root).with_context(|| format!("cannot open `{}`", root.display()))?;
        let mut flags = recipe.flags.clone();
        flags.extend(recipe.defines.iter().map(|d| format!("-D{d}")));
        flags.extend(recipe.include.iter().map(|i| format!("-I{}", root.join(i).display())));
        for group in &recipe.headers {
            let Some(headers) = self.headers.get(group) else {
                bail!("no group of headers `{group}` among the recipes");
            };
            let dir = std::path::absolute(beside)?.join("headers").join(group);
            fs::create_dir_all(&dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
            for (name, text) in headers {
                let path = dir.join(name);
                fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
            }
            flags.push(format!("-I{}", dir.display()));
        }
        for dir in &recipe.system {
            if !dir.is_dir() {
                let needs = recipe.needs.as_deref().unwrap_or("the package that has it");
                bail!("no folder `{}`: install `{needs}`", dir.display());
            }
            flags.push(format!("-I{}", dir.display()));
        }
        let units = units(&root, &recipe.units)?;
        if units.is_empty() {
            bail!("no file in `{}` is as `{}` says", root.display(), recipe.units.join("`, `"));
        }
        let command = |unit: &PathBuf| {
            let arguments: Vec<String> = std::iter::once("cc".to_owned())
                .chain(flags.iter().cloned())
                .chain(["-c".into(), unit.display().to_string()])
                .collect();
            serde_json::json!({"directory": root, "file": unit, "arguments": arguments})
        };
        let database: Vec<_> = units.iter().map(command).collect();
        let path = root.join("compile_commands.json");
        fs::write(&path, format!("{:#}\n", serde_json::Value::from(database)))
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(Project::load(&path)?)
    }
}

/// The files that one of the patterns means, relative and sorted.
fn units(root: &Path, patterns: &[String]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for pattern in patterns {
        let mut folders = vec![PathBuf::new()];
        for part in pattern.split('/') {
            let mut next = Vec::new();
            for folder in folders {
                if !part.contains('*') {
                    next.push(folder.join(part));
                    continue;
                }
                let Ok(entries) = fs::read_dir(root.join(&folder)) else { continue };
                for entry in entries {
                    let name = entry?.file_name();
                    if is_like(part, &name.to_string_lossy()) {
                        next.push(folder.join(name));
                    }
                }
            }
            folders = next;
        }
        found.extend(folders.into_iter().filter(|f| root.join(f).is_file()));
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Whether a name is as a pattern says, in which `*` stands for anything.
fn is_like(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name
            .strip_prefix(head)
            .is_some_and(|tail| (0..=tail.len()).any(|i| tail.get(i..).is_some_and(|t| is_like(rest, t)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stop_at_slashes() {
        assert!(is_like("*.c", "a.c") && is_like("a*b*", "axxbyy") && is_like("a.c", "a.c"));
        assert!(!is_like("*.c", "a.h") && !is_like("a*b", "axx"));
        let dir = tempfile::tempdir().unwrap();
        for file in ["a.c", "s/b.c", "s/t/c.c", "s/b.h"] {
            fs::create_dir_all(dir.path().join(file).parent().unwrap()).unwrap();
            fs::write(dir.path().join(file), "").unwrap();
        }
        let found = |p: &str| units(dir.path(), &[p.to_owned()]).unwrap();
        assert_eq!(found("s/*.c"), [Path::new("s/b.c")]);
        assert_eq!(found("*/*/*.c"), [Path::new("s/t/c.c")]);
        assert_eq!(found("nosuch/*.c"), [] as [&Path; 0]);
    }

    #[test]
    fn the_recipes_can_be_read() {
        let corpus = Corpus::read(&crate::root().join("ci/corpus.toml")).unwrap();
        assert!(corpus.program.len() >= 5 && corpus.clean.len() >= 4);
        for group in corpus.program.iter().flat_map(|p| &p.headers) {
            assert!(corpus.headers.contains_key(group), "{group}");
        }
    }
}
