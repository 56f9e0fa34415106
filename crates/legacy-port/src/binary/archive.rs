//! Archives of objects, as `ar` makes them: ar(5), with GNU's and BSD's ways to write long names.
//!
//! Own code, since goblin takes an archive as a whole: here 60 bytes a member are read, and thin archives are followed.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::bytes::{Bytes, Result};
use super::thin::{self, Place, Visit};

pub(super) const MAGIC: &[u8] = b"!<arch>\n";
pub(super) const THIN: &[u8] = b"!<thin>\n";
const HEADER: usize = 60;
/// The longest name.
const LONGEST: usize = 4096;
/// Bytes of the header of a 64-bit ELF file.
const ELF_HEADER: usize = 64;
/// Bytes that tell what a member is.
const NEAR: usize = HEADER + ELF_HEADER;

/// Whether bytes begin an archive.
pub(super) fn begins(head: &[u8]) -> bool {
    head.starts_with(MAGIC) || head.starts_with(THIN)
}

/// A member, and where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: String,
    /// Where its header begins.
    pub(super) header: u64,
    pub(super) lies: Lies,
}

/// Where the bytes of a member lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lies {
    /// In the archive.
    Here {
        offset: u64,
        len: u64,
        /// Its first bytes, read with its header: enough to know what it is.
        head: Vec<u8>,
    },
    /// In a file, as a thin archive has it; in an archive there, where its header begins.
    Beside { path: PathBuf, at: Option<u64> },
}

impl Member {
    /// Those that lie in the archive.
    pub(super) fn bytes<'s>(&'s self, archive: &Bytes<'s>) -> Bytes<'s> {
        match &self.lies {
            Lies::Here { offset, len, head } => archive.part_with(*offset, *len, head),
            Lies::Beside { .. } => archive.part(0, 0),
        }
    }
}

/// Visits each member of an archive; `None` where it is not one. What is damaged is an error; of a thin archive, whose
/// members are other files, it is told and the rest is visited.
pub(super) fn each(bytes: &Bytes, place: Option<Place>, visit: Visit) -> Result<Option<Vec<String>>> {
    let Some(all) = members(bytes)? else { return Ok(None) };
    if is_thin(bytes)? {
        let place = place.ok_or("a thin archive, which names its members and does not hold them; look at these")?;
        return thin::follow(&all, place, visit).map(Some);
    }
    for member in &all {
        visit(&member.name, &member.bytes(bytes)).map_err(|e| format!("member `{}`: {e}", member.name))?;
    }
    Ok(Some(Vec::new()))
}

fn is_thin(bytes: &Bytes) -> Result<bool> {
    Ok(&*bytes.up_to("the header", 0, THIN.len() as u64)? == THIN)
}

/// The members of an archive but its index and its names; `None` where it is not one.
pub(super) fn members(bytes: &Bytes) -> Result<Option<Vec<Member>>> {
    let magic = bytes.up_to("the header", 0, MAGIC.len() as u64)?;
    if !begins(&magic) {
        return Ok(None);
    }
    let thin = &*magic == THIN;
    let (mut at, mut names, mut out) = (MAGIC.len() as u64, Vec::new(), Vec::new());
    while at < bytes.len() {
        let damaged = |what: &str| format!("damaged archive: the member at {at:#x} {what}");
        let read = bytes.up_to("a header", at, NEAR as u64)?;
        let Some((header, head)) = read.split_at_checked(HEADER) else { return Err(damaged("has no whole header")) };
        if &header[58..] != b"`\n" {
            return Err(damaged("does not begin with a header"));
        }
        let len = number(&header[48..58]).ok_or_else(|| damaged("does not say its size"))?;
        let name = header[..16].trim_ascii_end();
        let index = matches!(name, b"/" | b"//" | b"/SYM64/");
        // A thin archive says the size of the file that the member is.
        let inside = if thin && !index { 0 } else { len };
        let (mut offset, end) = (at + HEADER as u64, at.saturating_add(HEADER as u64).saturating_add(inside));
        if end > bytes.len() {
            return Err(damaged(&format!("has {len} bytes, the file ends at {:#x}", bytes.len())));
        }
        let mut shown = name.strip_suffix(b"/").unwrap_or(name).to_vec();
        let mut within = None;
        if name == b"//" {
            names = bytes.read("the names of the members", offset, len)?.into_owned();
        } else if let Some(long) = name.strip_prefix(b"#1/").filter(|_| !thin) {
            let long =
                number(long).filter(|&n| n <= len).ok_or_else(|| damaged("does not say the size of its name"))?;
            let written = bytes.read("a member's name", offset, long.min(LONGEST as u64))?;
            shown = written.split(|&b| b == 0).next().unwrap_or_default().to_vec();
            offset += long;
        } else if let Some((place, inner)) = name.strip_prefix(b"/").and_then(long_name) {
            let place = usize::try_from(place).ok().and_then(|p| names.get(p..));
            let place = place.ok_or_else(|| damaged("has a name outside of the table of names"))?;
            let written = place.split(|&b| b == b'\n').next().unwrap_or_default();
            let written = written.strip_suffix(b"/").unwrap_or(written);
            shown = written[..written.len().min(LONGEST)].to_vec();
            within = inner;
        }
        if !index && !shown.starts_with(b"__.SYMDEF") {
            let lies = if thin {
                Lies::Beside { path: PathBuf::from(OsStr::from_bytes(&shown)), at: within }
            } else {
                let own = usize::try_from(end - offset).unwrap_or(usize::MAX).min(head.len());
                let head = if offset == at + HEADER as u64 { head[..own].to_vec() } else { Vec::new() };
                Lies::Here { offset, len: end - offset, head }
            };
            out.push(Member { name: String::from_utf8_lossy(&shown).into_owned(), header: at, lies });
        }
        at = end + end % 2;
    }
    Ok(Some(out))
}

/// Where a long name lies in the table of names; in a thin archive also where its header does in an archive of that name.
fn long_name(text: &[u8]) -> Option<(u64, Option<u64>)> {
    match text.split(|&b| b == b':').collect::<Vec<_>>()[..] {
        [place] => Some((number(place)?, None)),
        [place, within] => Some((number(place)?, Some(number(within)?))),
        _ => None,
    }
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
        let len = |m: &Member| if let Lies::Here { len, .. } = m.lies { len } else { 0 };
        Ok(all.map(|all| all.into_iter().map(|m| (m.name.clone(), len(&m))).collect()))
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
    fn thin_archives_have_names_alone() {
        let header = |name: &str| member(name, &"x".repeat(400))[..60].to_owned();
        let archive = ["!<thin>\n".into(), member("//", "../deep/a.o/\nin.a/\n"), header("/0"), header("/13:68")];
        let archive = archive.concat();
        let bytes = Bytes::memory(archive.as_bytes());
        let found = members(&bytes).unwrap().unwrap();
        let beside = |path: &str, at| Lies::Beside { path: path.into(), at };
        assert_eq!(found.iter().map(|m| m.header).collect::<Vec<_>>(), [88, 148]);
        assert_eq!((&found[0].lies, &found[1].lies), (&beside("../deep/a.o", None), &beside("in.a", Some(68))));
        let said = each(&bytes, None, &mut |_, _| Ok(())).unwrap_err();
        assert!(said.contains("thin"), "{said}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let long = member("a.o/", "abc").replace("3         `", "9999999999`");
        for (archive, want) in [
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
