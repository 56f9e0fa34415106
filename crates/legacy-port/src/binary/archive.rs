//! Archives of objects, as `ar` makes them: ar(5), with GNU's and BSD's ways to write long names.
//!
//! Own code, since goblin takes an archive as a whole: here 60 bytes a member are read, and thin archives are told.

use super::bytes::{Bytes, Result};

pub(super) const MAGIC: &[u8] = b"!<arch>\n";
pub(super) const THIN: &[u8] = b"!<thin>\n";
const HEADER: u64 = 60;
/// Bytes of the header of a 64-bit ELF file.
const ELF_HEADER: u64 = 64;

/// Whether bytes begin an archive.
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(MAGIC) || head.starts_with(THIN)
}

/// A member, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    offset: u64,
    len: u64,
    /// Its first bytes, read with its header: enough to know what it is.
    head: Vec<u8>,
}

impl Member {
    pub(super) fn bytes<'s>(&'s self, archive: &Bytes<'s>) -> Bytes<'s> {
        archive.part_with(self.offset, self.len, &self.head)
    }
}

/// The members of an archive but its index and its names; `None` where it is not one.
pub(super) fn members(bytes: &Bytes) -> Result<Option<Vec<Member>>> {
    let magic = bytes.up_to("the header", 0, MAGIC.len() as u64)?;
    if &*magic == THIN {
        return Err("a thin archive, which names its members and does not hold them; look at these".into());
    }
    if &*magic != MAGIC {
        return Ok(None);
    }
    let (mut at, mut names, mut out) = (MAGIC.len() as u64, Vec::new(), Vec::new());
    while at < bytes.len() {
        let damaged = |what: &str| format!("damaged archive: the member at {at:#x} {what}");
        let read = bytes.up_to("a header", at, HEADER + ELF_HEADER)?;
        let Some((header, head)) = read.split_at_checked(60) else { return Err(damaged("has no whole header")) };
        if &header[58..] != b"`\n" {
            return Err(damaged("does not begin with a header"));
        }
        let len = number(&header[48..58]).ok_or_else(|| damaged("does not say its size"))?;
        let (mut offset, end) = (at + HEADER, at.saturating_add(HEADER).saturating_add(len));
        if end > bytes.len() {
            return Err(damaged(&format!("has {len} bytes, the file ends at {:#x}", bytes.len())));
        }
        let name = header[..16].trim_ascii_end();
        let mut shown = String::from_utf8_lossy(name.strip_suffix(b"/").unwrap_or(name)).into_owned();
        if name == b"//" {
            names = bytes.read("the names of the members", offset, len)?.into_owned();
        } else if let Some(long) = name.strip_prefix(b"#1/") {
            let long =
                number(long).filter(|&n| n <= len).ok_or_else(|| damaged("does not say the size of its name"))?;
            let written = bytes.read("a member's name", offset, long.min(4096))?;
            shown = String::from_utf8_lossy(written.split(|&b| b == 0).next().unwrap_or_default()).into_owned();
            offset += long;
        } else if let Some(place) = name.strip_prefix(b"/").and_then(number) {
            let place = usize::try_from(place).ok().and_then(|p| names.get(p..));
            let place = place.ok_or_else(|| damaged("has a name outside of the table of names"))?;
            let written = place.split(|&b| b == b'\n').next().unwrap_or_default();
            let written = written.strip_suffix(b"/").unwrap_or(written);
            shown = String::from_utf8_lossy(&written[..written.len().min(4096)]).into_owned();
        }
        if !matches!(name, b"/" | b"//" | b"/SYM64/") && !shown.starts_with("__.SYMDEF") {
            let own = usize::try_from(end - offset).unwrap_or(usize::MAX).min(head.len());
            let head = if offset == at + HEADER { head[..own].to_vec() } else { Vec::new() };
            out.push(Member { name: shown, offset, len: end - offset, head });
        }
        at = end + end % 2;
    }
    Ok(Some(out))
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits.trim_ascii()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, content: &str) -> String {
        let pad = if content.len() % 2 == 1 { "\n" } else { "" };
        format!("{name:16}{:12}{:6}{:6}{:8}{:<10}`\n{content}{pad}", 0, 0, 0, 644, content.len())
    }

    fn names(archive: &str) -> Result<Option<Vec<(String, u64)>>> {
        let all = members(&Bytes::memory(archive.as_bytes()))?;
        Ok(all.map(|all| all.into_iter().map(|m| (m.name, m.len)).collect()))
    }

    #[test]
    fn names_of_all_kinds() {
        let archive = ["!<arch>\n".into(), member("/", "index"), member("//", "a_name_of_more_than_16.o/\n")];
        let members = [member("short.o/", "abc"), member("/0", "abcd"), member("#1/12", "bsd_name.o\0\0xyz")];
        let found = names(&(archive.concat() + &members.concat())).unwrap().unwrap();
        let want = [("short.o", 3), ("a_name_of_more_than_16.o", 4), ("bsd_name.o", 3)];
        assert_eq!(found, want.map(|(n, l)| (n.to_owned(), l)));
        assert_eq!(names("no archive").unwrap(), None);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let long = member("a.o/", "abc").replace("3         `", "9999999999`");
        for (archive, want) in [
            ("!<thin>\n".to_owned(), "thin"),
            (format!("!<arch>\n{}", &member("a.o/", "abc")[..50]), "no whole header"),
            (format!("!<arch>\n{long}"), "9999999999 bytes"),
            (format!("!<arch>\n{}", member("/7", "abc")), "outside of the table"),
            (format!("!<arch>\n{}", member("#1/9", "abc")), "size of its name"),
        ] {
            let said = names(&archive).unwrap_err();
            assert!(said.contains(want), "{said}");
        }
    }
}
