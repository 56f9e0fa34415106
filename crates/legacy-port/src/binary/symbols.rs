//! Symbols between an object and others, with their versions.

use std::collections::HashMap;

use super::bytes::{Result, Strings};
use super::elf::{self, Image, RawSymbol};
use super::object::{Glibc, Section, Segment, Symbol, SymbolKind};
use super::read::{self, Dynamic};

/// What was found.
pub(super) struct Found {
    pub(super) symbols: Vec<Symbol>,
    /// Where functions lie: section index where that is known, address, size, name.
    pub(super) functions: Vec<Function>,
    pub(super) glibc: Option<Glibc>,
}

/// A function as the symbol table knows it.
pub(super) struct Function {
    pub(super) section: usize,
    pub(super) address: u64,
    pub(super) size: u64,
    pub(super) name: String,
}

pub(super) fn read(image: &Image, segments: &[Segment], sections: &[Section], dynamic: &Dynamic) -> Result<Found> {
    let damaged = |e| format!("damaged ELF file: {e}");
    let table = sections.iter().find(|s| s.kind == elf::SHT_SYMTAB);
    let of_linker = match table {
        Some(table) => of_section(image, sections, table).map_err(damaged)?,
        None => Vec::new(),
    };
    let (of_loader, versions) = of_loader(image, segments, sections, dynamic).map_err(damaged)?;
    let mut functions = Vec::new();
    for (raw, name) in
        of_linker.iter().map(|(raw, name)| (raw, name)).chain(of_loader.iter().map(|(raw, s)| (raw, &s.name)))
    {
        if raw.kind == SymbolKind::Function && raw.defined && raw.size > 0 {
            let Function { section, address, size, .. } = raw.into();
            functions.push(Function { section, address, size, name: name.clone() });
        }
    }
    let symbols = if of_loader.is_empty() {
        // A symbol without a name is a section's.
        let seen = of_linker.into_iter().filter(|(raw, name)| !raw.local && !name.is_empty());
        seen.map(|(raw, name)| symbol(&raw, name, None, true)).collect()
    } else {
        of_loader.into_iter().map(|(_, s)| s).collect()
    };
    let glibc = versions.iter().filter_map(|v| Glibc::of(v)).max();
    Ok(Found { symbols, functions, glibc })
}

impl From<&RawSymbol> for Function {
    fn from(raw: &RawSymbol) -> Self {
        Self { section: raw.section, address: raw.address, size: raw.size, name: String::new() }
    }
}

fn symbol(raw: &RawSymbol, name: String, version: Option<String>, default: bool) -> Symbol {
    let RawSymbol { kind, size, address, defined, weak, visible, .. } = *raw;
    Symbol { name, kind, size, address, defined, weak, visible, version, default }
}

fn of_section(image: &Image, sections: &[Section], table: &Section) -> Result<Vec<(RawSymbol, String)>> {
    let raw = image.symbols(table.offset, table.size / image.symbol_size())?;
    let mut names = match sections.get(table.link as usize) {
        Some(s) => Strings::whole(image.bytes, s.offset, s.size)?,
        None => return Err("the symbol table has no string table".into()),
    };
    raw.into_iter().skip(1).map(|s| Ok((names.get(s.name)?, s))).map(|r: Result<_>| r.map(|(n, s)| (s, n))).collect()
}

type Versioned = (Vec<(RawSymbol, Symbol)>, Vec<String>);

/// Symbols of the dynamic table, as the loader finds it, and the versions that are needed of other files.
fn of_loader(image: &Image, segments: &[Segment], sections: &[Section], dynamic: &Dynamic) -> Result<Versioned> {
    let Some(address) = dynamic.get(elf::DT_SYMTAB) else { return Ok((Vec::new(), Vec::new())) };
    let Some((offset, room)) = read::in_file(segments, address) else {
        return Err(format!("the dynamic symbol table is at {address:#x}, where nothing of the file is loaded"));
    };
    let section = sections.iter().find(|s| s.kind == elf::SHT_DYNSYM && s.address == address);
    let count = match section {
        Some(s) => s.size / image.symbol_size(),
        None => counted(image, segments, dynamic)?,
    };
    let raw = image.symbols(offset, count.min(room / image.symbol_size()))?;
    let (start, len) = read::string_table(segments, dynamic);
    let mut names = Strings::whole(image.bytes, start, len)?;
    // At most so much of a version table is read: one name is a few dozen bytes.
    let table = |tag, most: u64| -> Result<Vec<u8>> {
        let Some((offset, room)) = dynamic.get(tag).and_then(|a| read::in_file(segments, a)) else {
            return Ok(Vec::new());
        };
        Ok(image.bytes.up_to("the version table", offset, room.min(most))?.into_owned())
    };
    let need = table(elf::DT_VERNEED, 1 << 20)?;
    let def = table(elf::DT_VERDEF, 1 << 20)?;
    let of_symbols = table(elf::DT_VERSYM, 2 * raw.len() as u64)?;
    let (mut versions, mut needed) = (HashMap::new(), Vec::new());
    for (index, name) in image.needed_versions(&need, dynamic.get(elf::DT_VERNEEDNUM).unwrap_or(0)) {
        let name = names.get(name)?;
        needed.push(name.clone());
        versions.insert(index & 0x7fff, name);
    }
    for (index, name) in image.defined_versions(&def, dynamic.get(elf::DT_VERDEFNUM).unwrap_or(0)) {
        versions.insert(index & 0x7fff, names.get(name)?);
    }
    let mut out = Vec::new();
    for (at, raw) in raw.into_iter().enumerate().skip(1) {
        let name = names.get(raw.name)?;
        if raw.local || name.is_empty() {
            continue;
        }
        // VER_NDX_LOCAL and VER_NDX_GLOBAL name no version; the highest bit hides it from the linker.
        let index = image.half(&of_symbols, 2 * at).unwrap_or(1);
        let version = if index & 0x7fff < 2 { None } else { versions.get(&(index & 0x7fff)).cloned() };
        let symbol = symbol(&raw, name, version, index & 0x8000 == 0);
        out.push((raw, symbol));
    }
    Ok((out, needed))
}

/// How many dynamic symbols there are, from a hash table: for files without sections.
fn counted(image: &Image, segments: &[Segment], dynamic: &Dynamic) -> Result<u64> {
    let place = |tag| dynamic.get(tag).and_then(|address| read::in_file(segments, address));
    if let Some((offset, room)) = place(elf::DT_HASH) {
        // nbucket, nchain: one chain entry a symbol
        let head = image.bytes.up_to("the hash table", offset, room.min(8))?;
        return Ok(image.word(&head, 4).unwrap_or(0).into());
    }
    let Some((offset, room)) = place(elf::DT_GNU_HASH) else { return Ok(0) };
    // nbuckets, symoffset, bloom_size, bloom_shift; bloom words; buckets; chains, whose last entries have the bit 0 set
    let table = image.bytes.up_to("the hash table", offset, room.min(64 << 20))?;
    let word = |at: usize| image.word(&table, at);
    let (Some(buckets), Some(first), Some(bloom)) = (word(0), word(4), word(8)) else { return Ok(0) };
    let start = 16 + bloom as usize * if image.is_64() { 8 } else { 4 };
    let last = (0..buckets as usize).map_while(|b| word(start + 4 * b)).max().unwrap_or(0);
    let Some(chain) = last.checked_sub(first) else { return Ok(first.into()) };
    let chains = start + 4 * buckets as usize;
    let end = (chain as usize..table.len()).take_while(|&c| word(chains + 4 * c).is_some_and(|w| w & 1 == 0)).count();
    Ok(u64::from(last) + end as u64 + 1)
}
