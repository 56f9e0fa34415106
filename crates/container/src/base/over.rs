//! A plan over a base: which platform, what is stored, what is worth a word.

use std::borrow::Cow;

use super::Fate;
use crate::config::{self, Config};
use crate::explain::architecture;
use crate::loader::head;
use crate::plan::{Entries, Machine, Plan};
use crate::{Error, Result, elf};

impl Plan {
    /// What is worth a word of the base, and of what ours hides of it.
    pub(crate) fn over_base(&mut self) -> Result<()> {
        const SHOWN: usize = 6;
        let Some(base) = &self.base else { return Ok(()) };
        if base.reference.digest.is_none() {
            let name = base.reference.name();
            let word = "which names another image tomorrow, and this one would have another digest";
            self.warnings.push(format!("the base `{name}` is a tag, {word}: write `{name}@{}`", base.wanted));
        }
        let mut hidden = Vec::new();
        // Tables of users and groups are continued, not replaced.
        let others = self.layers.iter().flat_map(|(_, entries)| entries).filter(|(path, _)| base.text(path).is_none());
        for (path, entry) in others {
            if let Fate::At(to, true) = base.fate(path, entry, &self.facts)? {
                hidden.push(format!("/{}", to.display()));
            }
        }
        hidden.dedup();
        if !hidden.is_empty() {
            let more = hidden.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let shown = hidden.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("`, `");
            self.warnings.push(format!("files of the base that ours replace: `{shown}`{more}"));
        }
        Ok(())
    }

    /// The layers as they are stored: without what the base has as it is, each file where it really goes.
    ///
    /// # Errors
    /// When a file cannot be read, or the base leaves no place for it.
    pub(crate) fn stored(&self) -> Result<Cow<'_, [(&'static str, Entries)]>> {
        let Some(base) = &self.base else { return Ok(Cow::Borrowed(&self.layers)) };
        let of = |(name, entries): &(&'static str, Entries)| Ok((*name, base.without(entries, &self.facts)?));
        Ok(Cow::Owned(self.layers.iter().map(of).collect::<Result<Vec<_>>>()?))
    }
}

/// The platform of the image: as image.toml says it, or that of its first program.
///
/// # Errors
/// When that program cannot be read or is none for Linux on a 64-bit machine that we know.
pub(super) fn platform(config: &Config, machine: &Machine) -> Result<String> {
    if let Some(platform) = &config.image.platform {
        return Ok(platform.clone());
    }
    let from = config.program.first().map_or("", |p| p.from.as_str());
    let from = config::resolve(from, machine.root, machine.folders)
        .map_err(|message| Error::Elf { path: from.into(), message })?;
    let begin = head(&from).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound));
    let (_, code) = elf::kind(&begin.map_err(Error::io("cannot read", &from))?)
        .ok_or_else(|| Error::Elf { path: from, message: "is not an ELF program".into() })?;
    Ok(format!("linux/{}", architecture(code)))
}
