//! A look at one layer of a base image: each file with what the gate and the plan ask of it. The tar file is somebody
//! else's: it is read once, piece by piece, and nothing in it decides how much memory that takes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tar::{Archive, EntryType, PaxExtensions};

use crate::compress::reader;
use crate::elf::kind;
use crate::layer::hex;
use crate::secret;

/// A change of what is looked at is a new number.
const FORMAT: u32 = 1;
/// Entries of a layer.
const MOST: usize = 1 << 19;
/// Bytes of all names of a layer.
const MOST_NAMES: usize = 64 << 20;
/// Bytes of a name (`PATH_MAX` of Linux).
const LONGEST_NAME: usize = 4096;
/// Bytes of a header of pax or GNU.
const LARGEST_HEADER: u64 = 1 << 20;
/// Bytes of a layer when it is unpacked.
const LARGEST: u64 = 64 << 30;
/// Bytes of a file whose text is kept.
const LARGEST_TEXT: u64 = 64 << 10;
/// Files whose text is kept: ours continue them.
const TEXTS: [&str; 2] = ["etc/passwd", "etc/group"];

/// What a layer has, and what it takes away from those below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Look {
    pub(super) format: u32,
    /// Digest of the tar file.
    pub(super) diff_id: String,
    pub(super) items: BTreeMap<String, Item>,
    /// Paths that are gone ("whiteouts", OCI image specification, layer).
    pub(super) removed: BTreeSet<String>,
    /// Folders whose former content is gone ("opaque whiteouts").
    pub(super) emptied: BTreeSet<String>,
}

/// A file, folder or link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    pub(crate) mode: u32,
    pub(crate) owner: u64,
    pub(crate) group: u64,
    /// Whether it has capabilities of its own (`security.capability`).
    #[serde(default)]
    pub(crate) capable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Folder,
    File {
        size: u64,
        sha256: String,
        /// Class and machine of an ELF file.
        elf: Option<(u8, u16)>,
        /// What looks like a secret in it.
        secret: Option<String>,
        text: Option<String>,
    },
    /// A symbolic link, and where to.
    Link(String),
    /// A hard link to a file of a layer below.
    Same(String),
    /// A device or a pipe.
    Other,
}

impl Look {
    /// What is kept of an earlier look; damaged or old files are as good as none.
    pub(super) fn kept(file: &Path) -> Option<Self> {
        serde_json::from_slice::<Self>(&std::fs::read(file).ok()?).ok().filter(|l| l.format == FORMAT)
    }
}

/// Looks at a layer of a media type.
pub(super) fn look(media_type: &str, from: impl Read) -> io::Result<Look> {
    let plain = Summed { from: reader(media_type, from)?, sum: Sha256::new(), left: LARGEST };
    let mut archive = Archive::new(plain);
    let mut found = Look { format: FORMAT, ..Look::default() };
    let (mut next, mut names, mut count) = (Next::default(), 0, 0);
    // Raw: what comes before an entry is read here, where it is bounded.
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        count += 1;
        if count > MOST {
            return Err(bad(format!("has more than {MOST} entries")));
        }
        let kind = entry.header().entry_type();
        match kind {
            EntryType::GNULongName => next.name = Some(long(&mut entry)?),
            EntryType::GNULongLink => next.link = Some(long(&mut entry)?),
            EntryType::XHeader => next.pax(&header(&mut entry)?)?,
            EntryType::XGlobalHeader => drop(header(&mut entry)?),
            _ => {
                let before = std::mem::take(&mut next);
                names += one(&mut entry, before, &mut found)?;
                if names > MOST_NAMES {
                    return Err(bad(format!("has names of more than {MOST_NAMES} bytes in all")));
                }
            }
        }
    }
    let mut rest = archive.into_inner();
    let mut piece = vec![0; 1 << 16];
    loop {
        match rest.read(&mut piece)? {
            0 => break,
            n if piece[..n].iter().any(|b| *b != 0) => return Err(bad("goes on after its end".into())),
            _ => {}
        }
    }
    found.diff_id = format!("sha256:{}", hex(&rest.sum.finalize()));
    Ok(found)
}

/// What a header says of the entry after it.
#[derive(Default)]
struct Next {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    owner: Option<u64>,
    group: Option<u64>,
    capable: bool,
}

impl Next {
    fn pax(&mut self, bytes: &[u8]) -> io::Result<()> {
        for field in PaxExtensions::new(bytes) {
            let field = field?;
            let key = field.key().map_err(|_| bad("has a pax header that is none".into()))?;
            let number = || {
                let number = field.value().ok().and_then(|v| v.parse().ok());
                number.ok_or_else(|| bad(format!("has a pax header whose `{key}` is no number")))
            };
            match key {
                "path" => self.name = Some(field.value_bytes().to_vec()),
                "linkpath" => self.link = Some(field.value_bytes().to_vec()),
                "size" => self.size = Some(number()?),
                "uid" => self.owner = Some(number()?),
                "gid" => self.group = Some(number()?),
                "SCHILY.xattr.security.capability" | "LIBARCHIVE.xattr.security.capability" => self.capable = true,
                sparse if sparse.starts_with("GNU.sparse.") => return Err(bad("has a sparse file".into())),
                _ => {}
            }
        }
        Ok(())
    }
}

fn bad(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn header(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.take(LARGEST_HEADER + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_HEADER {
        return Err(bad(format!("has a header of more than {LARGEST_HEADER} bytes")));
    }
    Ok(bytes)
}

fn long(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = header(entry)?;
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    Ok(bytes)
}

/// A path without `/` and `.` around its parts.
fn clean(bytes: &[u8]) -> io::Result<String> {
    let shown = || String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).escape_debug().to_string();
    let text = std::str::from_utf8(bytes).map_err(|_| bad(format!("has `{}`, which is not UTF-8", shown())))?;
    if text.len() > LONGEST_NAME || text.contains('\0') {
        return Err(bad(format!("has a name that is none: `{}`", shown())));
    }
    let parts: Vec<&str> = text.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    if parts.contains(&"..") {
        return Err(bad(format!("has `{}`, which leads out of it", shown())));
    }
    Ok(parts.join("/"))
}

/// Takes one entry; the bytes of its name.
fn one<R: Read>(entry: &mut tar::Entry<'_, R>, before: Next, found: &mut Look) -> io::Result<usize> {
    let header = entry.header();
    let path = clean(&before.name.unwrap_or_else(|| header.path_bytes().into_owned()))?;
    let link = before.link.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned)).unwrap_or_default();
    let size = header.entry_size()?;
    // Readers differ in which of the two they believe.
    if before.size.is_some_and(|s| s != size) {
        return Err(bad(format!("has two sizes for `{path}`")));
    }
    let (mode, kind) = (header.mode()? & 0o7777, header.entry_type());
    let owner = before.owner.map_or_else(|| header.uid(), Ok)?;
    let group = before.group.map_or_else(|| header.gid(), Ok)?;
    let length = path.len() + link.len();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    if let Some(gone) = name.strip_prefix(".wh.") {
        match gone {
            ".wh..opq" => {
                found.emptied.insert(folder.to_owned());
            }
            // Notes of aufs to itself.
            _ if gone.starts_with(".wh.") => {}
            "" | "." | ".." => return Err(bad(format!("takes `{path}` away, which is no file"))),
            _ => {
                found.removed.insert(clean(format!("{folder}/{gone}").as_bytes())?);
            }
        }
        return Ok(length);
    }
    let mut item = Item { kind: Kind::Other, mode, owner, group, capable: before.capable };
    match kind {
        EntryType::Directory => item.kind = Kind::Folder,
        EntryType::Regular | EntryType::Continuous => item.kind = file(entry, size, &path)?,
        EntryType::Symlink => {
            let to = String::from_utf8(link).ok().filter(|l| l.len() <= LONGEST_NAME);
            item.kind = Kind::Link(to.ok_or_else(|| bad(format!("has `{path}`, a link to a name that is none")))?);
        }
        EntryType::Link => {
            let to = clean(&link)?;
            // The permissions of the entry are given to what it links to.
            let given = mode & 0o6000;
            item = match found.items.get(&to) {
                Some(known) => {
                    Item { mode: known.mode | given, capable: known.capable || item.capable, ..known.clone() }
                }
                None => Item { kind: Kind::Same(to), ..item },
            };
        }
        EntryType::Char | EntryType::Block | EntryType::Fifo => {}
        EntryType::GNUSparse => return Err(bad(format!("has `{path}`, a sparse file"))),
        other => return Err(bad(format!("has `{path}`, an entry of the unknown type {}", other.as_byte()))),
    }
    if !path.is_empty() {
        found.items.insert(path, item);
    }
    Ok(length)
}

fn file(from: &mut impl Read, size: u64, path: &str) -> io::Result<Kind> {
    let mut all = Summed { from, sum: Sha256::new(), left: LARGEST };
    if TEXTS.contains(&path) && size <= LARGEST_TEXT {
        let mut bytes = Vec::new();
        all.read_to_end(&mut bytes)?;
        let secret = secret::in_bytes(&bytes).map(str::to_owned);
        let sha256 = hex(&all.sum.finalize());
        return Ok(Kind::File { size, sha256, elf: None, secret, text: String::from_utf8(bytes).ok() });
    }
    let mut head = Vec::new();
    (&mut all).take(64).read_to_end(&mut head)?;
    let elf = kind(&head);
    let secret = secret::in_all(&mut head.as_slice().chain(&mut all))?.map(str::to_owned);
    io::copy(&mut all, &mut io::sink())?;
    Ok(Kind::File { size, sha256: hex(&all.sum.finalize()), elf, secret, text: None })
}

/// What is read is summed and counted.
struct Summed<R> {
    from: R,
    sum: Sha256,
    left: u64,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(out)?;
        self.sum.update(&out[..read]);
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| bad(format!("has more than {LARGEST} bytes")))?;
        Ok(read)
    }
}
