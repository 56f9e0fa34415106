//! What the bytes of an ELF file say beside its tables, and which of them must be read.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use super::is_elf;

/// `lib[A-Za-z0-9_+.-]+\.so(\.[0-9]+)*`, as whole strings that end with a zero byte.
pub(super) fn library_names(bytes: &[u8]) -> BTreeSet<String> {
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"_+.-".contains(b);
    let mut found = BTreeSet::new();
    for at in memchr::memmem::find_iter(bytes, b".so") {
        let begin = bytes[..at].iter().rposition(|b| !part(b)).map_or(0, |p| p + 1);
        let end = bytes[at..].iter().position(|b| !part(b)).map_or(bytes.len(), |p| at + p);
        let Ok(name) = std::str::from_utf8(&bytes[begin..end]) else { continue };
        let number =
            name[at - begin + 3..].split('.').skip(1).all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        let after = name.as_bytes().get(at - begin + 3).is_none_or(|b| *b == b'.');
        if name.len() < 128
            && begin < at
            && name.starts_with("lib")
            && at - begin > 3
            && after
            && number
            && bytes.get(end) == Some(&0)
        {
            found.insert(name.to_owned());
        }
    }
    found
}

/// glibc keeps the folders that it searches in the end as a row of strings, each with a slash at both ends.
pub(super) fn system_folders(bytes: &[u8]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in bytes.split(|b| *b == 0) {
        let plain = (5..64).contains(&text.len())
            && text[0] == b'/'
            && text.ends_with(b"/")
            && text.iter().all(|b| b.is_ascii_alphanumeric() || b"/_-.".contains(b));
        if let Some(text) = std::str::from_utf8(text).ok().filter(|t| plain && t.contains("lib")) {
            let folder = text.trim_end_matches('/').to_owned();
            if !found.contains(&folder) {
                found.push(folder);
            }
        }
    }
    found
}

/// Files up to this size are read as a whole.
pub(super) const SMALL: u64 = 16 << 20;

/// A large file of which only the parts are read that say something of it: the others are zero, and memory that is zero and
/// never touched takes no room. `None` where the whole must be read.
pub(super) fn sparse(file: &mut File, size: u64) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 64];
    if size <= SMALL || file.read_exact(&mut head).is_err() || !is_elf(&head) || head[4] != 2 || head[5] != 1 {
        return Ok(None);
    }
    let Ok(length) = usize::try_from(size) else { return Ok(None) };
    let mut bytes = vec![0; length];
    let mut load = |bytes: &mut Vec<u8>, from: u64, count: u64| -> io::Result<()> {
        let from = from.min(size);
        let to = from.saturating_add(count).min(size);
        let (Ok(a), Ok(b)) = (usize::try_from(from), usize::try_from(to)) else { return Ok(()) };
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut bytes[a..b])
    };
    let number = |bytes: &[u8], at: u64, count: usize| {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let part = at.checked_add(count).and_then(|end| bytes.get(at..end)).unwrap_or(&[]);
        part.iter().rev().fold(0_u64, |n, b| n << 8 | u64::from(*b))
    };
    load(&mut bytes, 0, 64)?;
    let (programs, sections) = (number(&bytes, 32, 8), number(&bytes, 40, 8));
    let (program_count, section_count) = (number(&bytes, 56, 2), number(&bytes, 60, 2));
    load(&mut bytes, programs, program_count * 56)?;
    load(&mut bytes, sections, section_count * 64)?;
    let mut dynamic = false;
    for i in 0..program_count {
        let at = programs.saturating_add(i * 56);
        let kind = number(&bytes, at, 4);
        // PT_DYNAMIC, PT_INTERP, PT_NOTE
        if matches!(kind, 2..=4) {
            dynamic |= kind == 2;
            let (from, count) = (number(&bytes, at.saturating_add(8), 8), number(&bytes, at.saturating_add(32), 8));
            load(&mut bytes, from, count)?;
        }
    }
    for i in 0..section_count {
        let at = sections.saturating_add(i * 64);
        let (kind, flags) = (number(&bytes, at.saturating_add(4), 4), number(&bytes, at.saturating_add(8), 8));
        // Tables of the loader; names of sections; notes; the linker's symbols only where there are no others.
        let wanted = match kind {
            2 => !dynamic,
            3 => !dynamic || flags & 2 != 0 || i == number(&bytes, 62, 2),
            // What is to be relocated tells how many symbols there are, where the hash table does not.
            4 | 9 => flags & 2 != 0,
            5..=7 | 11 | 0x6fff_fff6 | 0x6fff_fffd..=0x6fff_ffff => true,
            _ => false,
        };
        if wanted {
            let (from, count) = (number(&bytes, at.saturating_add(24), 8), number(&bytes, at.saturating_add(32), 8));
            load(&mut bytes, from, count)?;
        }
    }
    Ok(Some(bytes))
}

/// [`library_names`] of a file that is read in pieces.
pub(super) fn names_in(file: &mut File) -> io::Result<BTreeSet<String>> {
    const PIECE: u64 = 1 << 20;
    const LONGEST: usize = 256;
    let (mut piece, mut found) = (Vec::new(), BTreeSet::new());
    loop {
        let read = file.by_ref().take(PIECE).read_to_end(&mut piece)?;
        found.extend(library_names(&piece));
        if read == 0 {
            return Ok(found);
        }
        // What the next piece continues, from the beginning of a string on.
        let keep = piece.len().saturating_sub(LONGEST);
        let begin = piece[keep..].iter().position(|b| *b == 0).map_or(keep, |p| keep + p);
        piece.drain(..begin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_libraries_in_text() {
        let text = b"\0libssl.so.3\0/x/libz.so\0lib%s.so\0libfoo.source\0xlibbar.so.1\0lib.so\0libc++.so.1.0\0libq.so.a\0tail libp.so";
        let found: Vec<String> = library_names(text).into_iter().collect();
        assert_eq!(found, ["libc++.so.1.0", "libssl.so.3", "libz.so"]);
    }
}
