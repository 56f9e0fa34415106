//! Character sets of glibc's iconv: which module converts which, gconv(5) and `gconv-modules`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a folder of modules says of itself.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    pub(crate) folder: PathBuf,
    /// Another name -> the name.
    aliases: BTreeMap<String, String>,
    /// A name -> lines of its modules and their files.
    converts: BTreeMap<String, BTreeSet<(String, String)>>,
}

impl Modules {
    /// Reads `gconv-modules` and `gconv-modules.d`; what is not there has no modules.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut found = Self { folder: folder.to_owned(), ..Self::default() };
        let pattern = folder.join("gconv-modules.d/*.conf");
        let more = glob::glob(&pattern.to_string_lossy()).into_iter().flatten().flatten();
        for file in std::iter::once(folder.join("gconv-modules")).chain(more) {
            for line in fs::read_to_string(file).unwrap_or_default().lines() {
                found.line(line);
            }
        }
        found
    }

    fn line(&mut self, line: &str) {
        let line = line.split('#').next().unwrap_or("");
        let words: Vec<&str> = line.split_whitespace().collect();
        let name = |word: &str| word.trim_end_matches('/').to_uppercase();
        match words[..] {
            ["alias", other, this] => {
                self.aliases.insert(name(other), name(this));
            }
            ["module", from, to, file, ..] => {
                let file = format!("{}.so", file.trim_end_matches(".so"));
                for set in [name(from), name(to)].into_iter().filter(|n| n != "INTERNAL") {
                    let entry = (words.join("\t"), file.clone());
                    self.converts.entry(set).or_default().insert(entry);
                }
            }
            _ => {}
        }
    }

    /// The name that has modules, for this or another name; `None` for what libc converts by itself and what nobody knows.
    pub(crate) fn resolve(&self, name: &str) -> Option<&str> {
        let name = name.split("//").next().unwrap_or("").to_uppercase();
        let name = self.aliases.get(&name).unwrap_or(&name);
        self.converts.get_key_value(name).map(|(k, _)| k.as_str())
    }

    /// Names of character sets among the strings of a file. Names of less than four letters are also words.
    pub(crate) fn named_in(&self, bytes: &[u8]) -> BTreeSet<String> {
        let texts = bytes.split(|b| *b == 0).filter(|t| (4..40).contains(&t.len()));
        let names = texts.filter_map(|t| std::str::from_utf8(t).ok());
        names.filter_map(|n| self.resolve(n)).map(str::to_owned).collect()
    }

    /// The files of some character sets, and a `gconv-modules` that knows no others.
    pub(crate) fn select(&self, sets: &BTreeSet<String>) -> (BTreeSet<String>, String) {
        let (mut files, mut lines) = (BTreeSet::new(), BTreeSet::new());
        for set in sets {
            for (line, file) in self.converts.get(set).into_iter().flatten() {
                files.insert(file.clone());
                lines.insert(line.clone());
            }
            let aliases = self.aliases.iter().filter(|(_, to)| *to == set);
            lines.extend(aliases.map(|(from, to)| format!("alias\t{from}//\t{to}//")));
        }
        (files, lines.into_iter().flat_map(|l| [l, "\n".into()]).collect())
    }
}
