//! Where nodes are: libclang's locations as files and offsets.
//!
//! A location of libclang is a number. Within one file these go up by one with each byte, which is verified for each file;
//! then a location in it is told by subtraction, and libclang asked for those in macros alone.

use std::ffi::c_uint;
use std::path::{Path, PathBuf};
use std::ptr;

use clang_sys::*;

use super::walk::Walk;
use super::{len32, text};
use crate::source::tree::{Place, SourceFile};

/// How many locations are remembered; more would not fit in the nearest cache of the processor.
pub(super) const LOCATED: usize = 512;

/// A location of libclang, and where it is.
#[derive(Clone, Copy, Default)]
pub(super) struct Located {
    key: (usize, c_uint),
    file: usize,
    offset: u32,
    written_file: usize,
    written: u32,
}

/// The locations in one file: each is `base` and its offset.
#[derive(Clone, Copy)]
pub(super) struct Span {
    base: u32,
    size: u32,
    file: usize,
    /// Index in the table of files.
    id: u32,
    bytes: *const u8,
}

impl Span {
    fn has(&self, location: u32) -> bool {
        location >= self.base && location - self.base <= self.size
    }
}

impl Walk {
    /// The file that a location is in, not in a macro; `None` also where that is not known.
    pub(super) fn span(&mut self, location: u32) -> Option<Span> {
        if let Some(span) = self.spans.get(self.latest_span).filter(|s| s.has(location)) {
            return Some(*span);
        }
        self.latest_span = self.spans.iter().position(|s| s.has(location))?;
        self.spans.get(self.latest_span).copied()
    }

    /// What is written from a location on, where that is in a file and not in a macro.
    pub(super) fn bytes_from(&mut self, location: u32) -> Option<&[u8]> {
        let span = self.span(location)?;
        // SAFETY: the file's content lives as long as the unit, and has `size` bytes.
        let bytes = unsafe { std::slice::from_raw_parts(span.bytes, span.size as usize) };
        bytes.get((location - span.base) as usize..)
    }

    /// Notes the locations of a file, if libclang agrees that all of them are as [`Span`] says.
    unsafe fn learn(&mut self, file: CXFile, location: u32, offset: u32) {
        let mut size = 0;
        let bytes = unsafe { (self.calls.clang_getFileContents)(self.unit, file, &raw mut size) };
        let Some(base) = location.checked_sub(offset).filter(|_| !bytes.is_null()) else { return };
        let Ok(size) = u32::try_from(size) else { return };
        // A file that is included again has other locations, of which libclang tells nothing.
        if !self.tried.insert(base) {
            return;
        }
        let at = |offset| unsafe { (self.calls.clang_getLocationForOffset)(self.unit, file, offset) };
        let first = at(0);
        if base.checked_add(size).is_some_and(|end| at(size).int_data == end) && first.int_data == base {
            let id = self.file(file as usize, |_| first);
            self.spans.push(Span { base, size, file: file as usize, id, bytes: bytes.cast() });
        }
    }

    /// Place of use and, where it differs, place of writing.
    pub(super) unsafe fn place(&mut self, extent: CXSourceRange) -> (Place, Option<Place>) {
        let (from, to) = (extent.begin_int_data, extent.end_int_data);
        if let Some(span) = self.span(from).filter(|s| s.has(to)) {
            let (start, end) = (from - span.base, to - span.base);
            return (Place { file: span.id, start, end: end.max(start) }, None);
        }
        let (start, end) =
            unsafe { ((self.calls.clang_getRangeStart)(extent), (self.calls.clang_getRangeEnd)(extent)) };
        let (from, to) = unsafe { (self.locate(start), self.locate(end)) };
        let end_in = |file, begin, file_of_end, end: u32| if file_of_end == file { end.max(begin) } else { begin };
        let file = self.file(from.file, |_| start);
        let place = Place { file, start: from.offset, end: end_in(from.file, from.offset, to.file, to.offset) };
        if from.written_file == 0 || (from.written_file == from.file && from.written == from.offset) {
            return (place, None);
        }
        let calls = self.calls;
        // SAFETY: the file is one of this unit, and the unit lives.
        let at = |unit| unsafe { (calls.clang_getLocationForOffset)(unit, from.written_file as CXFile, from.written) };
        let file = self.file(from.written_file, at);
        let end = end_in(from.written_file, from.written, to.written_file, to.written);
        (place, Some(Place { file, start: from.written, end }))
    }

    /// What is written from a location on, to the end of the line or to `end`; no more than a hundred bytes.
    pub(super) unsafe fn written(&self, at: CXSourceLocation, end: Option<CXSourceLocation>) -> Option<String> {
        unsafe {
            let offset = |location: CXSourceLocation| {
                let (mut file, mut offset): (CXFile, c_uint) = (ptr::null_mut(), 0);
                clang_getSpellingLocation(location, &raw mut file, ptr::null_mut(), ptr::null_mut(), &raw mut offset);
                (file, offset as usize)
            };
            let (file, start) = offset(at);
            let mut size = 0;
            let content = clang_getFileContents(self.unit, file, &raw mut size);
            if file.is_null() || content.is_null() {
                return None;
            }
            let end = end.map(offset).filter(|(f, _)| *f == file).map_or(size, |(_, end)| end.min(size));
            let text = std::slice::from_raw_parts(content.cast::<u8>(), size).get(start..end)?;
            let line = text.split(|b| *b == b'\n').next()?;
            Some(String::from_utf8_lossy(&line[..line.len().min(100)]).into_owned())
        }
    }

    /// What is written in a range, or, where it begins in a macro, from there to the end of the macro; no more than a few
    /// thousand bytes.
    pub(super) unsafe fn source(&mut self, extent: CXSourceRange) -> Option<String> {
        unsafe {
            let (start, end) = ((self.calls.clang_getRangeStart)(extent), (self.calls.clang_getRangeEnd)(extent));
            let (from, to) = (self.locate(start), self.locate(end));
            let mut size = 0;
            if from.written_file == 0 {
                return None;
            }
            let content = (self.calls.clang_getFileContents)(self.unit, from.written_file as CXFile, &raw mut size);
            if content.is_null() {
                return None;
            }
            let text = std::slice::from_raw_parts(content.cast::<u8>(), size).get(from.written as usize..)?;
            // The end of what a macro writes is told as that of its use.
            let in_macro = (from.file, from.offset) != (from.written_file, from.written);
            let end = if in_macro {
                (0..text.len()).find(|&i| text[i] == b'\n' && !text[..i].trim_ascii_end().ends_with(b"\\"))
            } else {
                to.offset.checked_sub(from.offset).map(|n| n as usize)
            };
            let text = &text[..end.unwrap_or(0).min(text.len()).min(4096)];
            Some(String::from_utf8_lossy(text).into_owned())
        }
    }

    /// File and offset of use and of writing.
    unsafe fn locate(&mut self, location: CXSourceLocation) -> Located {
        // What is in there is libclang's own affair; equal bits are one location all the same.
        let key = (location.ptr_data[0] as usize, location.int_data);
        if let Some(span) = self.span(key.1) {
            let offset = key.1 - span.base;
            return Located { key, file: span.file, offset, written_file: span.file, written: offset };
        }
        let slot = key.1 as usize % LOCATED;
        if self.located[slot].key == key {
            return self.located[slot];
        }
        let (mut file, mut offset): (CXFile, c_uint) = (ptr::null_mut(), 0);
        let (mut written_file, mut written): (CXFile, c_uint) = (ptr::null_mut(), 0);
        let none = ptr::null_mut();
        unsafe {
            (self.calls.clang_getExpansionLocation)(location, &raw mut file, none, none, &raw mut offset);
            (self.calls.clang_getSpellingLocation)(location, &raw mut written_file, none, none, &raw mut written);
            if !file.is_null() && (file, offset) == (written_file, written) {
                self.learn(file, key.1, offset);
            }
        }
        let found = Located { key, file: file as usize, offset, written_file: written_file as usize, written };
        self.located[slot] = found;
        found
    }

    /// The number of a file; `within` makes a location in it, which tells whether it is the system's.
    pub(super) fn file(&mut self, file: usize, within: impl FnOnce(CXTranslationUnit) -> CXSourceLocation) -> u32 {
        if let Some(&id) = self.files.get(&file) {
            return id;
        }
        let (path, system) = if file == 0 {
            (PathBuf::new(), true)
        } else {
            // SAFETY: `file` came from a location of this unit, and the unit lives.
            unsafe {
                let system = clang_Location_isInSystemHeader(within(self.unit)) != 0;
                (text(clang_getFileName(file as CXFile)).into(), system)
            }
        };
        // Two names of one file (`src/../a.h`) must be one file, or the targets would not agree on places.
        let path = Path::canonicalize(&path).unwrap_or(path);
        let id = self.out.files.iter().position(|f| f.path == path).unwrap_or_else(|| {
            self.out.files.push(SourceFile { path, system });
            self.out.files.len() - 1
        });
        let id = len32(id);
        self.files.insert(file, id);
        id
    }
}
