//! Strings in read-only data that name a file or a library.

use super::bytes::Result;
use super::elf::{self, Image};
use super::object::Section;

/// Longer ones are no names.
const LONGEST: usize = 4096;

/// Sections that are not the program's own data.
const OTHERS: [&str; 7] = [".interp", ".dynstr", ".eh_frame", ".eh_frame_hdr", ".gcc_except_table", ".hash", ".rela"];

pub(super) fn read(image: &Image, sections: &[Section]) -> Result<Vec<String>> {
    let mut out = Vec::new();
    // Sections that lie over each other are not read again and again.
    let mut room = image.bytes.len();
    for s in sections.iter().filter(|s| is_data(s)) {
        let Some(rest) = room.checked_sub(s.size) else { break };
        room = rest;
        let bytes = image.bytes.read(&format!("the section `{}`", s.name), s.offset, s.size);
        let bytes = bytes.map_err(|e| format!("damaged ELF file: {e}"))?;
        out.extend(bytes.split(|&b| b == 0).filter(|s| is_name(s)).map(|s| String::from_utf8_lossy(s).into_owned()));
    }
    out.sort();
    out.dedup();
    Ok(out)
}

fn is_data(s: &Section) -> bool {
    s.kind == elf::SHT_PROGBITS
        && s.allocated
        && !s.access.write
        && !s.access.execute
        && !OTHERS.contains(&s.name.as_str())
}

/// Whether something could be a path or the name of a library, by itself or within a message.
fn is_name(s: &[u8]) -> bool {
    (5..=LONGEST).contains(&s.len())
        && (memchr::memchr(b'/', s).is_some() || memchr::memmem::find(s, b".so").is_some())
        && s.iter().all(|b| (b' '..=b'~').contains(b) || *b >= 0x80 || matches!(b, b'\n' | b'\t'))
}
