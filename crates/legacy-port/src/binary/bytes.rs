//! Bytes of a file that are read where they are asked for, and no others: an object of 500 MiB is mostly debug information.

use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt;

/// What is wrong with a file, in words that follow its name.
pub(super) type Result<T> = std::result::Result<T, String>;

/// More is not read at once, whatever a file says of its tables: nothing that was ever linked has tables of this size.
const MOST: u64 = 1 << 30;

/// How much of a file is read in one go when it is opened: the header, the program headers and the interpreter.
pub(super) const HEAD: usize = 4096;

/// A file, a part of one (a member of an archive), or memory.
#[derive(Debug)]
pub(super) struct Bytes<'a> {
    of: Of<'a>,
    base: u64,
    len: u64,
}

#[derive(Clone, Copy, Debug)]
enum Of<'a> {
    /// The file, what was read of it already, and where that lies.
    File(&'a File, &'a [u8], u64),
    Memory(&'a [u8]),
}

impl<'a> Bytes<'a> {
    /// A file of which the first bytes were read.
    pub(super) fn file(file: &'a File, len: u64, head: &'a [u8]) -> Self {
        Self { of: Of::File(file, head, 0), base: 0, len }
    }

    pub(super) fn memory(bytes: &'a [u8]) -> Self {
        Self { of: Of::Memory(bytes), base: 0, len: bytes.len() as u64 }
    }

    /// A stretch of them, cut where they end.
    pub(super) fn part(&self, offset: u64, len: u64) -> Self {
        let offset = offset.min(self.len);
        Self { of: self.of, base: self.base + offset, len: len.min(self.len - offset) }
    }

    /// A stretch of which the first bytes were read.
    pub(super) fn part_with<'s>(&self, offset: u64, len: u64, head: &'s [u8]) -> Bytes<'s>
    where
        'a: 's,
    {
        let part = self.part(offset, len);
        let of = match part.of {
            Of::File(file, ..) => Of::File(file, head, part.base),
            Of::Memory(bytes) => Of::Memory(bytes),
        };
        Bytes { of, base: part.base, len: part.len }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Exactly these bytes; `what` they are is told where they are not there.
    pub(super) fn read(&self, what: &str, offset: u64, len: u64) -> Result<Cow<'a, [u8]>> {
        let end = offset.checked_add(len).filter(|&end| end <= self.len);
        let Some(end) = end else {
            return Err(format!("{what} has {len} bytes at {offset:#x}, the file ends at {:#x}", self.len));
        };
        if len > MOST {
            return Err(format!("{what} has {len} bytes, more than is read"));
        }
        let (from, to) = (self.base + offset, self.base + end);
        let within = |held: &'a [u8], at: u64| {
            let place = |byte: u64| usize::try_from(byte.checked_sub(at)?).ok();
            held.get(place(from)?..place(to)?)
        };
        let held = match self.of {
            Of::Memory(held) => within(held, 0),
            Of::File(_, held, at) => within(held, at),
        };
        match (held, self.of) {
            (Some(held), _) => Ok(Cow::Borrowed(held)),
            (None, Of::Memory(_)) => Err(format!("{what} is not there")),
            (None, Of::File(file, ..)) => {
                let mut out = vec![0; usize::try_from(len).map_err(|_| format!("{what} has {len} bytes"))?];
                file.read_exact_at(&mut out, from).map_err(|e| format!("{what}: {e}"))?;
                Ok(Cow::Owned(out))
            }
        }
    }

    /// As many of these bytes as there are.
    pub(super) fn up_to(&self, what: &str, offset: u64, len: u64) -> Result<Cow<'a, [u8]>> {
        self.read(what, offset.min(self.len), len.min(self.len.saturating_sub(offset)))
    }
}

/// A string table, of which a window is held. What all its names come to is limited: many may begin in one long one.
#[derive(Debug)]
pub(super) struct Strings<'b, 'a> {
    bytes: &'b Bytes<'a>,
    start: u64,
    len: u64,
    window: (u64, Cow<'a, [u8]>),
    room: u64,
}

/// The longest name: C++ has some of more than 4 KiB.
const LONGEST: u64 = 1 << 16;

impl<'b, 'a> Strings<'b, 'a> {
    /// One of which a few names are asked.
    pub(super) fn new(bytes: &'b Bytes<'a>, start: u64, len: u64) -> Self {
        let len = len.min(bytes.len().saturating_sub(start));
        Self { bytes, start, len, window: (0, Cow::Borrowed(&[])), room: (8 * len).max(1 << 20) }
    }

    /// One of which many names are asked: it is read as a whole.
    pub(super) fn whole(bytes: &'b Bytes<'a>, start: u64, len: u64) -> Result<Self> {
        let mut all = Self::new(bytes, start, len);
        all.window.1 = bytes.read("the string table", all.start.min(bytes.len()), all.len)?;
        Ok(all)
    }

    /// The name at an offset into the table.
    pub(super) fn get(&mut self, offset: u64) -> Result<String> {
        if offset >= self.len {
            return Err(format!("a name at {offset:#x} of the string table, which has {:#x} bytes", self.len));
        }
        let mut ahead = 512;
        loop {
            let (from, held) = &self.window;
            let at = offset.checked_sub(*from).and_then(|at| held.get(usize::try_from(at).ok()?..)).unwrap_or_default();
            let at = &at[..at.len().min(usize::try_from(LONGEST).unwrap_or(usize::MAX))];
            if let Some(end) = memchr::memchr(0, at) {
                self.room =
                    self.room.checked_sub(end as u64 + 1).ok_or("names of the string table overlap too often")?;
                return Ok(String::from_utf8_lossy(&at[..end]).into_owned());
            }
            if at.len() as u64 >= LONGEST || offset + at.len() as u64 >= self.len {
                return Err(format!("a name at {offset:#x} of the string table has no end"));
            }
            ahead *= 8;
            let len = ahead.min(self.len - offset).min(LONGEST);
            self.window = (offset, self.bytes.read("the string table", self.start + offset, len)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_there_is_read() {
        let bytes = Bytes::memory(b"0123456789");
        assert_eq!(&*bytes.read("it", 8, 2).unwrap(), b"89");
        assert!(bytes.read("it", 8, 3).unwrap_err().contains("ends at 0xa"));
        assert!(bytes.read("it", u64::MAX, 2).is_err() && bytes.part(4, 2).read("it", 1, 2).is_err());
        assert_eq!(&*bytes.part(4, 99).read("it", 1, 2).unwrap(), b"56");
        assert_eq!(&*bytes.up_to("it", 7, 99).unwrap(), b"789");
        assert_eq!(&*bytes.up_to("it", 70, 99).unwrap(), b"");
    }

    #[test]
    fn names_are_found_in_windows_and_are_limited() {
        let mut table = vec![0];
        table.extend([b'a'; 5000]);
        table.extend(b"\0end");
        let bytes = Bytes::memory(&table);
        let mut strings = Strings::new(&bytes, 0, 5005);
        assert_eq!(strings.get(0).unwrap(), "");
        assert_eq!(strings.get(1).unwrap().len(), 5000);
        assert_eq!(strings.get(4990).unwrap().len(), 11);
        assert!(strings.get(5002).unwrap_err().contains("no end") && strings.get(9000).is_err());
        let many = (0..10_000).map_while(|_| strings.get(1).ok()).count();
        assert!(many < 1000, "{many}");
    }
}
