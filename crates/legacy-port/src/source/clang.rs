//! The one door to libclang: a unit and a target in, plain data out.
//!
//! libclang is loaded at run time (17 or newer, for operators). Loading is per thread in `clang-sys`, so [`Clang`] hands
//! the one loaded library to each thread that parses.
#![allow(unsafe_code)] // libclang's interface is C; every call is in this file
#![allow(non_upper_case_globals, clippy::wildcard_imports)] // the names are libclang's, and there are hundreds

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

use clang_sys::*;
use rustc_hash::FxHashMap;

use super::tree::{
    Decl, DeclId, DeclKind, Diagnostic, Field, Kind, Op, Place, Record, RecordId, Shape, Side, SourceFile, Type, TypeId,
};
use crate::project::Unit;
use crate::target::Target;
use crate::{Error, Result};

/// Oldest major version of libclang with operators in its C interface.
const OLDEST: u32 = 17;

/// A loaded libclang, for any number of threads.
#[derive(Clone, Debug)]
pub struct Clang {
    library: Arc<SharedLibrary>,
    resources: Option<PathBuf>,
    /// Version as libclang tells it.
    pub version: String,
}

/// One unit as one target sees it. Nodes are in preorder, `end` and `parent` index into `nodes`.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Files that places refer to.
    pub files: Vec<SourceFile>,
    /// Nodes in preorder.
    pub nodes: Vec<OneNode>,
    /// Types, records, declarations.
    pub side: Side,
    /// Errors of the parse.
    pub errors: Vec<Diagnostic>,
    /// Every file that was read, as it was named.
    pub read: Vec<PathBuf>,
}

/// A node under one target; the fields are those of [`super::tree::Node`].
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct OneNode {
    pub kind: Kind,
    pub op: Op,
    pub place: Place,
    pub spelled: Option<Place>,
    pub end: u32,
    pub ty: TypeId,
    pub conv: TypeId,
    pub decl: Option<DeclId>,
    pub value: Option<i128>,
    pub text: Option<u32>,
}

impl Clang {
    /// Finds and loads libclang; `LIBCLANG_PATH` names a folder to look in first.
    ///
    /// # Errors
    /// When there is none, or one that is too old.
    pub fn load() -> Result<Self> {
        const HINT: &str = "on Debian install `libclang1-19` and `libclang-common-19-dev`, or set LIBCLANG_PATH to the \
                            folder of a libclang 17 or newer";
        if !is_loaded() {
            load().map_err(|e| Error::Libclang(format!("libclang is not there: {}; {HINT}", e.trim())))?;
        }
        let library = get_library().ok_or_else(|| Error::Libclang(format!("libclang is not there; {HINT}")))?;
        // SAFETY: libclang is loaded in this thread.
        let version = text(unsafe { clang_getClangVersion() });
        let major = version.split(|c: char| !c.is_ascii_digit()).find(|s| !s.is_empty()).and_then(|s| s.parse().ok());
        if major.is_none_or(|m: u32| m < OLDEST) {
            let path = library.path().display();
            return Err(Error::Libclang(format!("`{path}` is `{version}`, {OLDEST} or newer is needed; {HINT}")));
        }
        // A library loaded by way of a link in another folder does not find its own headers by itself.
        let resources = library
            .path()
            .canonicalize()
            .ok()
            .and_then(|p| Some(p.parent()?.join("clang").join(major?.to_string())))
            .filter(|p| p.join("include/stddef.h").is_file());
        Ok(Self { library, resources, version })
    }

    /// The library's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.library.path()
    }

    /// Tells libclang by the environment what its interface has no functions for. A program does this first of all:
    ///
    /// - it parses on the thread that asks and not on one of its own, whose stack of 8 MiB some generated code outgrows;
    /// - `LIBCLANG_PATH`, unless it is set, is the newest where Debian and its kin have it: the search through all folders
    ///   of libraries takes longer than to load it.
    ///
    /// # Safety
    /// No other thread may run yet: it could read the environment at the same time.
    pub unsafe fn prepare() {
        let newest = || {
            (OLDEST..OLDEST + 20).rev().find_map(|major| {
                let dir = Path::new("/usr/lib").join(format!("llvm-{major}")).join("lib");
                let names =
                    [format!("libclang-{major}.so.{major}"), format!("libclang-{major}.so.1"), "libclang.so.1".into()];
                names.iter().map(|name| dir.join(name)).find(|path| path.is_file())
            })
        };
        let library = if std::env::var_os("LIBCLANG_PATH").is_none() { newest() } else { None };
        // SAFETY: as promised by the caller.
        unsafe {
            std::env::set_var("LIBCLANG_NOTHREADS", "1");
            if let Some(path) = library {
                std::env::set_var("LIBCLANG_PATH", path);
            }
        }
    }

    /// What libclang is given to parse a unit as `target` compiles it.
    #[must_use]
    pub fn arguments(&self, unit: &Unit, target: &Target, includes: &[PathBuf]) -> Vec<String> {
        let mut args = vec![
            (if unit.is_cpp() { "-xc++" } else { "-xc" }).to_owned(),
            format!("--target={}", target.triple),
            "-w".into(),
            "-ferror-limit=0".into(),
            // What compilers of the time took is looked at, not refused.
            "-Wno-error=implicit-function-declaration".into(),
            "-Wno-error=implicit-int".into(),
            "-Wno-error=int-conversion".into(),
            "-Wno-error=incompatible-function-pointer-types".into(),
            "-Wno-error=return-mismatch".into(),
            format!("-working-directory={}", unit.directory.display()),
        ];
        if let Some(dir) = &self.resources {
            args.push(format!("-resource-dir={}", dir.display()));
        }
        args.extend(unit.flags.iter().chain(&target.flags).cloned());
        // Where C++ has its library libclang finds by itself.
        if !includes.is_empty() && !unit.is_cpp() {
            args.push("-nostdlibinc".into());
            args.extend(includes.iter().flat_map(|d| ["-isystem".to_owned(), d.display().to_string()]));
        }
        args
    }

    /// Parses a unit as `target` compiles it; `includes` are the system's header folders of that target.
    ///
    /// Errors in the source are in the result, which then has the unit as far as it parses.
    ///
    /// # Errors
    /// When libclang gives no tree at all.
    pub fn parse(&self, unit: &Unit, target: &Target, includes: &[PathBuf]) -> Result<Parsed> {
        if !is_loaded() {
            set_library(Some(Arc::clone(&self.library)));
        }
        let fail = |what: &str| Error::Libclang(format!("`{}` for `{}`: {what}", unit.source.display(), target.triple));
        let args = self.arguments(unit, target, includes);
        let c = |s: &[u8]| CString::new(s).map_err(|_| fail("a NUL byte in a file name or flag"));
        let args = args.iter().map(|a| c(a.as_bytes())).collect::<Result<Vec<_>>>()?;
        let pointers: Vec<*const c_char> = args.iter().map(|a| a.as_ptr()).collect();
        let source = c(unit.source.as_os_str().as_encoded_bytes())?;
        let count = c_int::try_from(pointers.len()).map_err(|_| fail("too many flags"))?;
        // SAFETY: all strings live until after the call; index and unit are disposed of by `Handle`, the unit first,
        // and nothing of them leaves this function.
        unsafe {
            let mut handle = Handle { index: clang_createIndex(0, 0), unit: ptr::null_mut() };
            let code = clang_parseTranslationUnit2(
                handle.index,
                source.as_ptr(),
                pointers.as_ptr(),
                count,
                ptr::null_mut(),
                0,
                CXTranslationUnit_KeepGoing,
                &raw mut handle.unit,
            );
            if code != CXError_Success || handle.unit.is_null() {
                return Err(fail(&format!("libclang gave no tree (code {code})")));
            }
            let mut walk = Walk::new(handle.unit);
            walk.root();
            let mut read: Vec<PathBuf> = Vec::new();
            clang_getInclusions(handle.unit, note_file, (&raw mut read).cast::<c_void>());
            walk.out.read = read.into_iter().map(|file| unit.directory.join(file)).collect();
            Ok(walk.out)
        }
    }
}

/// Disposes of what libclang made, also when the walk panics.
struct Handle {
    index: CXIndex,
    unit: CXTranslationUnit,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: both were made by libclang and are disposed of once.
        unsafe {
            if !self.unit.is_null() {
                clang_disposeTranslationUnit(self.unit);
            }
            clang_disposeIndex(self.index);
        }
    }
}

/// Takes over a string of libclang.
fn text(s: CXString) -> String {
    // SAFETY: `s` was just returned by libclang and is disposed of once.
    unsafe {
        let p = clang_getCString(s);
        let out = if p.is_null() { String::new() } else { CStr::from_ptr(p).to_string_lossy().into_owned() };
        clang_disposeString(s);
        out
    }
}

/// How many locations are remembered; more would not fit in the nearest cache of the processor.
const LOCATED: usize = 512;

/// A location of libclang, and where it is.
#[derive(Clone, Copy, Default)]
struct Located {
    key: (usize, c_uint),
    file: usize,
    offset: u32,
    written_file: usize,
    written: u32,
}

/// The walk over one parsed unit. Every method is called while the unit lives.
struct Walk {
    unit: CXTranslationUnit,
    out: Parsed,
    files: FxHashMap<usize, u32>,
    types: FxHashMap<(usize, c_int), TypeId>,
    records: FxHashMap<usize, RecordId>,
    decls: FxHashMap<usize, DeclId>,
    /// Where the latest locations are: a node begins or ends where its parent does as often as not.
    located: Box<[Located]>,
    /// Child lists that are not in use; a new one for each node would be half a million allocations.
    spare: Vec<Vec<CXCursor>>,
    spare_subtree: Vec<(CXCursor, u32)>,
}

/// The cursors below one declaration in preorder, each with the index behind the last one below it.
#[derive(Default)]
struct Subtree {
    list: Vec<(CXCursor, u32)>,
    /// Indexes in `list` of the cursors that the latest one is below.
    open: Vec<u32>,
}

impl Subtree {
    fn add(&mut self, cursor: CXCursor, parent: CXCursor) {
        // The first one, the declaration itself, is below none of the list.
        while let Some(&top) = self.open.last().filter(|&&top| top > 0) {
            let above = self.list[top as usize].0;
            if above.kind == parent.kind && above.data == parent.data {
                break;
            }
            self.close(top);
        }
        self.open.push(len32(self.list.len()));
        self.list.push((cursor, 0));
    }

    fn close(&mut self, at: u32) {
        self.list[at as usize].1 = len32(self.list.len());
        self.open.pop();
    }
}

/// One visit for a whole declaration: to begin one for each node costs more than all else.
extern "C" fn collect_all(cursor: CXCursor, parent: CXCursor, data: CXClientData) -> CXChildVisitResult {
    // A record defined in a declaration stands before it as well, by itself.
    if is_tagged(cursor.kind) && declares(kind_of(parent.kind)) {
        return CXChildVisit_Continue;
    }
    // SAFETY: `data` is the subtree that `Walk::subtree` passes, which outlives the visit.
    unsafe { (*data.cast::<Subtree>()).add(cursor, parent) };
    if cursor.kind == CXCursor_TypeRef { CXChildVisit_Continue } else { CXChildVisit_Recurse }
}

/// Whether records, unions and enumerations may be defined within such a node.
fn declares(kind: Kind) -> bool {
    matches!(kind, Kind::Typedef | Kind::Variable | Kind::Field | Kind::Function | Kind::Parameter)
}

fn is_tagged(kind: CXCursorKind) -> bool {
    matches!(kind, CXCursor_StructDecl | CXCursor_UnionDecl | CXCursor_EnumDecl)
}

extern "C" fn note_file(file: CXFile, _: *mut CXSourceLocation, _: c_uint, data: CXClientData) {
    // SAFETY: `data` is the list that `Clang::parse` passes, which outlives the call; `file` is one of a living unit.
    unsafe { (*data.cast::<Vec<PathBuf>>()).push(text(clang_getFileName(file)).into()) };
}

extern "C" fn collect(cursor: CXCursor, _: CXCursor, data: CXClientData) -> CXChildVisitResult {
    // SAFETY: `data` is the vector that `Walk::children` passes, which outlives the visit.
    unsafe { (*data.cast::<Vec<CXCursor>>()).push(cursor) };
    CXChildVisit_Continue
}

extern "C" fn included(file: CXFile, _: *mut CXSourceLocation, _: c_uint, data: CXClientData) {
    // SAFETY: `data` is the vector that `Walk::inclusions` passes, which outlives the visit.
    unsafe { (*data.cast::<Vec<CXFile>>()).push(file) };
}

impl Walk {
    fn new(unit: CXTranslationUnit) -> Self {
        let mut out = Parsed::default();
        out.side.types.push(Type::default());
        Self {
            unit,
            out,
            files: FxHashMap::default(),
            types: FxHashMap::default(),
            records: FxHashMap::default(),
            decls: FxHashMap::default(),
            located: vec![Located::default(); LOCATED].into(),
            spare: Vec::new(),
            spare_subtree: Vec::new(),
        }
    }

    unsafe fn children(&mut self, cursor: CXCursor) -> Vec<CXCursor> {
        let mut list = self.spare.pop().unwrap_or_default();
        unsafe { clang_visitChildren(cursor, collect, (&raw mut list).cast::<c_void>()) };
        list
    }

    fn give_back(&mut self, mut list: Vec<CXCursor>) {
        list.clear();
        self.spare.push(list);
    }

    /// A declaration and everything below it.
    unsafe fn subtree(&mut self, cursor: CXCursor) -> Vec<(CXCursor, u32)> {
        let mut tree = Subtree { list: std::mem::take(&mut self.spare_subtree), open: vec![0] };
        tree.list.clear();
        tree.list.push((cursor, 0));
        unsafe { clang_visitChildren(cursor, collect_all, (&raw mut tree).cast::<c_void>()) };
        while let Some(&top) = tree.open.last() {
            tree.close(top);
        }
        tree.list
    }

    unsafe fn root(&mut self) {
        unsafe {
            self.errors();
            self.inclusions();
            let info = clang_getTranslationUnitTargetInfo(self.unit);
            self.out.side.pointer_size = u64::try_from(clang_TargetInfo_getPointerWidth(info)).unwrap_or(0) / 8;
            clang_TargetInfo_dispose(info);
            let cursor = clang_getTranslationUnitCursor(self.unit);
            self.out.nodes.push(OneNode {
                kind: Kind::Unit,
                op: Op::None,
                place: Place::default(),
                spelled: None,
                end: 0,
                ty: TypeId(0),
                conv: TypeId(0),
                decl: None,
                value: None,
                text: None,
            });
            let list = self.children(cursor);
            for &child in &list {
                if clang_Location_isInSystemHeader(clang_getCursorLocation(child)) == 0 {
                    let subtree = self.subtree(child);
                    self.visit(&subtree, 0, None);
                    self.spare_subtree = subtree;
                }
            }
            self.give_back(list);
            self.out.nodes[0].end = len32(self.out.nodes.len());
        }
    }

    /// Every file of the program that is read is in the table, also one without nodes: headers of macros alone.
    unsafe fn inclusions(&mut self) {
        unsafe {
            let mut list: Vec<CXFile> = Vec::new();
            clang_getInclusions(self.unit, included, (&raw mut list).cast::<c_void>());
            for file in list {
                let start = clang_getLocationForOffset(self.unit, file, 0);
                if clang_Location_isInSystemHeader(start) == 0 {
                    self.file(file as usize, |_| start);
                }
            }
        }
    }

    unsafe fn errors(&mut self) {
        unsafe {
            for i in 0..clang_getNumDiagnostics(self.unit) {
                let d = clang_getDiagnostic(self.unit, i);
                if clang_getDiagnosticSeverity(d) >= CXDiagnostic_Error {
                    let (mut file, mut line, mut column, mut offset) = (ptr::null_mut(), 0, 0, 0);
                    let location = clang_getDiagnosticLocation(d);
                    clang_getExpansionLocation(
                        location,
                        &raw mut file,
                        &raw mut line,
                        &raw mut column,
                        &raw mut offset,
                    );
                    let id = (!file.is_null()).then(|| self.file(file as usize, |_| location));
                    let name = if file.is_null() { String::new() } else { text(clang_getFileName(file)) };
                    self.out.errors.push(Diagnostic {
                        place: format!("{name}:{line}:{column}"),
                        at: id.map(|file| Place { file, start: offset, end: offset }),
                        text: text(clang_getDiagnosticSpelling(d)),
                    });
                }
                clang_disposeDiagnostic(d);
            }
        }
    }

    /// Adds a node and everything below it. `conv` is the type that implicit conversions around it make of it.
    unsafe fn visit(&mut self, subtree: &[(CXCursor, u32)], at: u32, conv: Option<TypeId>) {
        let cursor = subtree[at as usize].0;
        if cursor.kind != CXCursor_TypeRef {
            unsafe { self.visit_at(subtree, at, clang_getCursorExtent(cursor), conv) };
        }
    }

    unsafe fn visit_at(&mut self, subtree: &[(CXCursor, u32)], at: u32, extent: CXSourceRange, conv: Option<TypeId>) {
        unsafe {
            let (cursor, end) = subtree[at as usize];
            if cursor.kind == CXCursor_UnexposedExpr
                && let Some(&(only, only_end)) = subtree.get(at as usize + 1)
                && only_end == end
                && only.kind != CXCursor_TypeRef
            {
                let inner = clang_getCursorExtent(only);
                if clang_equalRanges(extent, inner) != 0 {
                    // An implicit conversion: the outermost one of a chain says what becomes of the operand.
                    let ty = conv.unwrap_or_else(|| self.type_of(clang_getCursorType(cursor)));
                    self.visit_at(subtree, at + 1, inner, Some(ty));
                    return;
                }
            }
            let (place, spelled) = self.place(extent);
            let ty = self.type_of(clang_getCursorType(cursor));
            let id = self.out.nodes.len();
            let mut kind = kind_of(cursor.kind);
            if kind == Kind::Variable && clang_Cursor_getStorageClass(cursor) == CX_SC_Extern {
                kind = Kind::Extern;
            }
            let op = match kind {
                Kind::Binary | Kind::CompoundAssign => binary(clang_getCursorBinaryOperatorKind(cursor)),
                Kind::Unary => unary(clang_getCursorUnaryOperatorKind(cursor)),
                _ => Op::None,
            };
            let decl = match kind {
                Kind::Name | Kind::Member | Kind::Call => self.decl(clang_getCursorReferenced(cursor)),
                Kind::Function | Kind::Parameter | Kind::Variable | Kind::Extern | Kind::Field | Kind::EnumConstant => {
                    self.decl(cursor)
                }
                _ => None,
            };
            let value = match kind {
                Kind::Integer | Kind::Character | Kind::SizeOf => evaluate(cursor),
                // `offsetof` and the like: an expression of its own kind whose operand is no child of the same extent.
                Kind::Other if cursor.kind == CXCursor_UnexposedExpr && self.is_integer(ty) => evaluate(cursor),
                Kind::Name => enumerator(clang_getCursorReferenced(cursor)),
                Kind::EnumConstant => enumerator(cursor),
                _ => None,
            };
            let literal = match kind {
                Kind::Text => Some(unquoted(&text(clang_getCursorSpelling(cursor)))),
                Kind::Variable | Kind::Extern | Kind::Parameter | Kind::Field if spelled.is_some() => {
                    self.written(clang_getRangeStart(extent), None)
                }
                // Of a built-in type nothing else tells which: `sizeof(char *)`, `sizeof(long)`.
                Kind::SizeOf if end == at + 1 => {
                    self.written(clang_getRangeStart(extent), Some(clang_getRangeEnd(extent)))
                }
                _ => None,
            };
            let literal = literal.map(|t| {
                self.out.side.texts.push(t);
                len32(self.out.side.texts.len() - 1)
            });
            if kind == Kind::Record {
                self.type_of(clang_getCursorType(cursor));
            }
            let conv = conv.unwrap_or(ty);
            self.out.nodes.push(OneNode { kind, op, place, spelled, end: 0, ty, conv, decl, value, text: literal });
            let mut next = at + 1;
            while next < end {
                let (child, behind) = subtree[next as usize];
                if kind == Kind::SizeOf && child.kind == CXCursor_TypeRef {
                    self.type_name(child);
                } else {
                    self.visit(subtree, next, None);
                }
                next = behind;
            }
            self.out.nodes[id].end = len32(self.out.nodes.len());
            if self.out.nodes[id].value.is_none() {
                self.out.nodes[id].value = super::range::fold(&self.out, id);
            }
        }
    }

    /// The type that `sizeof` names, as a node of its own.
    unsafe fn type_name(&mut self, cursor: CXCursor) {
        unsafe {
            let (place, spelled) = self.place(clang_getCursorExtent(cursor));
            let ty = self.type_of(clang_getCursorType(cursor));
            let end = len32(self.out.nodes.len() + 1);
            let (kind, op) = (Kind::TypeName, Op::None);
            let node = OneNode { kind, op, place, spelled, end, ty, conv: ty, decl: None, value: None, text: None };
            self.out.nodes.push(node);
        }
    }

    fn is_integer(&self, ty: TypeId) -> bool {
        matches!(self.out.side.types[ty.0 as usize].shape, Shape::Integer { .. })
    }

    /// Place of use and, where it differs, place of writing.
    unsafe fn place(&mut self, extent: CXSourceRange) -> (Place, Option<Place>) {
        let (start, end) = unsafe { (clang_getRangeStart(extent), clang_getRangeEnd(extent)) };
        let (from, to) = unsafe { (self.locate(start), self.locate(end)) };
        let end_in = |file, begin, file_of_end, end: u32| if file_of_end == file { end.max(begin) } else { begin };
        let file = self.file(from.file, |_| start);
        let place = Place { file, start: from.offset, end: end_in(from.file, from.offset, to.file, to.offset) };
        if from.written_file == 0 || (from.written_file == from.file && from.written == from.offset) {
            return (place, None);
        }
        // SAFETY: the file is one of this unit, and the unit lives.
        let at = |unit| unsafe { clang_getLocationForOffset(unit, from.written_file as CXFile, from.written) };
        let file = self.file(from.written_file, at);
        let end = end_in(from.written_file, from.written, to.written_file, to.written);
        (place, Some(Place { file, start: from.written, end }))
    }

    /// What is written from a location on, to the end of the line or to `end`; no more than a hundred bytes.
    unsafe fn written(&self, at: CXSourceLocation, end: Option<CXSourceLocation>) -> Option<String> {
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

    /// File and offset of use and of writing. Asking libclang twice for each end of each node is a third of the walk.
    unsafe fn locate(&mut self, location: CXSourceLocation) -> Located {
        // What is in there is libclang's own affair; equal bits are one location all the same.
        let key = (location.ptr_data[0] as usize, location.int_data);
        let slot = key.1 as usize % LOCATED;
        if self.located[slot].key == key {
            return self.located[slot];
        }
        let (mut file, mut offset): (CXFile, c_uint) = (ptr::null_mut(), 0);
        let (mut written_file, mut written): (CXFile, c_uint) = (ptr::null_mut(), 0);
        let none = ptr::null_mut();
        unsafe {
            clang_getExpansionLocation(location, &raw mut file, none, none, &raw mut offset);
            clang_getSpellingLocation(location, &raw mut written_file, none, none, &raw mut written);
        }
        let found = Located { key, file: file as usize, offset, written_file: written_file as usize, written };
        self.located[slot] = found;
        found
    }

    /// The number of a file; `within` makes a location in it, which tells whether it is the system's.
    fn file(&mut self, file: usize, within: impl FnOnce(CXTranslationUnit) -> CXSourceLocation) -> u32 {
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

    unsafe fn type_of(&mut self, t: CXType) -> TypeId {
        if t.kind == CXType_Invalid {
            return TypeId(0);
        }
        let key = (t.data[0] as usize, t.kind);
        if let Some(&id) = self.types.get(&key) {
            return id;
        }
        let id = TypeId(len32(self.out.side.types.len()));
        // First the place, then what it is: a type may be part of itself.
        self.out.side.types.push(Type::default());
        self.types.insert(key, id);
        unsafe {
            let canonical = clang_getCanonicalType(t);
            let shape = self.shape(t, canonical);
            // Asked for the size of a placeholder such as the type of `__builtin_va_start`, or of `v.size` in a template,
            // libclang 19 crashes.
            let placeholder = matches!(canonical.kind, CXType_Unexposed | CXType_Overload | CXType_Dependent);
            let sized = shape != Shape::Other || !placeholder;
            let size = sized.then(|| u64::try_from(clang_Type_getSizeOf(t)).ok()).flatten();
            let align = sized.then(|| u64::try_from(clang_Type_getAlignOf(t)).ok()).flatten();
            let name = named(text(clang_getTypeSpelling(t)));
            let declared = self.typedef(t);
            self.out.side.types[id.0 as usize] = Type { name, shape, size, align, declared };
        }
        id
    }

    /// Where the name of a type is declared, if that is a `typedef` of the program's own.
    unsafe fn typedef(&mut self, t: CXType) -> Option<Place> {
        unsafe {
            let cursor = clang_getTypeDeclaration(t);
            if cursor.kind != CXCursor_TypedefDecl
                || clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)) != 0
            {
                return None;
            }
            Some(self.place(clang_getCursorExtent(cursor)).0)
        }
    }

    unsafe fn shape(&mut self, t: CXType, canonical: CXType) -> Shape {
        unsafe {
            match canonical.kind {
                CXType_Void => Shape::Void,
                CXType_Bool => Shape::Bool,
                CXType_Char_U | CXType_UChar | CXType_Char16 | CXType_Char32 | CXType_UShort | CXType_UInt
                | CXType_ULong | CXType_ULongLong | CXType_UInt128 => Shape::Integer { signed: false },
                CXType_Char_S | CXType_SChar | CXType_WChar | CXType_Short | CXType_Int | CXType_Long
                | CXType_LongLong | CXType_Int128 => Shape::Integer { signed: true },
                CXType_Enum => {
                    let declared = clang_getEnumDeclIntegerType(clang_getTypeDeclaration(canonical));
                    let signed = clang_getCanonicalType(declared).kind;
                    Shape::Integer { signed: !matches!(signed, CXType_UInt | CXType_ULong | CXType_ULongLong) }
                }
                CXType_Float | CXType_Double | CXType_LongDouble | CXType_Float128 | CXType_Half => Shape::Floating,
                CXType_Pointer => {
                    let mut to = clang_getPointeeType(t);
                    if to.kind == CXType_Invalid {
                        to = clang_getPointeeType(canonical);
                    }
                    Shape::Pointer(self.type_of(to))
                }
                CXType_ConstantArray | CXType_IncompleteArray | CXType_VariableArray => {
                    let mut of = clang_getArrayElementType(t);
                    if of.kind == CXType_Invalid {
                        of = clang_getArrayElementType(canonical);
                    }
                    let len = u64::try_from(clang_getArraySize(canonical)).ok();
                    Shape::Array { element: self.type_of(of), len }
                }
                CXType_Record => Shape::Record(self.record(canonical)),
                CXType_FunctionProto | CXType_FunctionNoProto => {
                    let count = c_uint::try_from(clang_getNumArgTypes(canonical)).unwrap_or(0);
                    let params = (0..count).map(|i| self.type_of(clang_getArgType(canonical, i))).collect();
                    Shape::Function {
                        result: self.type_of(clang_getResultType(canonical)),
                        params,
                        // Of one without a prototype libclang says that it takes any arguments, which is not the same.
                        variadic: canonical.kind == CXType_FunctionProto
                            && clang_isFunctionTypeVariadic(canonical) != 0,
                        prototype: canonical.kind == CXType_FunctionProto,
                    }
                }
                _ => Shape::Other,
            }
        }
    }

    unsafe fn record(&mut self, canonical: CXType) -> RecordId {
        unsafe {
            let mut cursor = clang_getTypeDeclaration(canonical);
            let definition = clang_getCursorDefinition(cursor);
            if clang_Cursor_isNull(definition) == 0 {
                cursor = definition;
            }
            let key = cursor.data[0] as usize;
            if let Some(&id) = self.records.get(&key) {
                return id;
            }
            let id = RecordId(len32(self.out.side.records.len()));
            self.out.side.records.push(Record::default());
            self.records.insert(key, id);
            let place = self.place(clang_getCursorExtent(cursor)).0;
            let mut fields = Vec::new();
            let list = self.children(cursor);
            for &f in &list {
                if clang_Cursor_isAnonymousRecordDecl(f) != 0 {
                    fields.extend(self.unnamed(canonical, f));
                }
                if f.kind != CXCursor_FieldDecl {
                    continue;
                }
                fields.push(Field {
                    name: text(clang_getCursorSpelling(f)),
                    ty: self.type_of(clang_getCursorType(f)),
                    offset: u64::try_from(clang_Cursor_getOffsetOfField(f)).ok(),
                    bits: u64::try_from(clang_getFieldDeclBitWidth(f)).ok(),
                    place: self.place(clang_getCursorExtent(f)).0,
                });
            }
            self.give_back(list);
            self.out.side.records[id.0 as usize] = Record {
                name: named(text(clang_getTypeSpelling(canonical))),
                is_union: cursor.kind == CXCursor_UnionDecl,
                place: (clang_Cursor_isNull(definition) == 0).then_some(place),
                size: u64::try_from(clang_Type_getSizeOf(canonical)).ok(),
                align: u64::try_from(clang_Type_getAlignOf(canonical)).ok(),
                fields,
            };
            id
        }
    }

    /// The member that a record without a name is in `outer`. libclang shows its definition and not the member, so its
    /// place follows from that of a member that it has itself.
    unsafe fn unnamed(&mut self, outer: CXType, definition: CXCursor) -> Option<Field> {
        unsafe {
            let ty = clang_getCursorType(definition);
            let name = self.first_name(definition)?;
            let offsets = [clang_Type_getOffsetOf(outer, name.as_ptr()), clang_Type_getOffsetOf(ty, name.as_ptr())];
            let [outside, inside] = offsets.map(|o| u64::try_from(o).ok());
            Some(Field {
                name: String::new(),
                ty: self.type_of(ty),
                offset: outside?.checked_sub(inside?),
                bits: None,
                place: self.place(clang_getCursorExtent(definition)).0,
            })
        }
    }

    /// The name of the first member of a record that has one, also within records without a name.
    unsafe fn first_name(&mut self, record: CXCursor) -> Option<CString> {
        unsafe {
            let list = self.children(record);
            let name = list.iter().find_map(|&c| match c.kind {
                CXCursor_FieldDecl => Some(text(clang_getCursorSpelling(c))).filter(|n| !n.is_empty()),
                _ if clang_Cursor_isAnonymousRecordDecl(c) != 0 => self.first_name(c)?.into_string().ok(),
                _ => None,
            });
            self.give_back(list);
            CString::new(name?).ok()
        }
    }

    unsafe fn decl(&mut self, cursor: CXCursor) -> Option<DeclId> {
        unsafe {
            if clang_Cursor_isNull(cursor) != 0 {
                return None;
            }
            let cursor = clang_getCanonicalCursor(cursor);
            let key = cursor.data[0] as usize;
            if let Some(&id) = self.decls.get(&key) {
                return Some(id);
            }
            let kind = match cursor.kind {
                CXCursor_FunctionDecl | CXCursor_FunctionTemplate | CXCursor_CXXMethod => DeclKind::Function,
                CXCursor_ParmDecl => DeclKind::Parameter,
                CXCursor_VarDecl => DeclKind::Variable,
                CXCursor_FieldDecl => DeclKind::Field,
                CXCursor_EnumConstantDecl => DeclKind::EnumConstant,
                _ => DeclKind::Other,
            };
            let place = self.place(clang_getCursorExtent(cursor)).0;
            let decl = Decl {
                name: text(clang_getCursorSpelling(cursor)),
                kind,
                ty: self.type_of(clang_getCursorType(cursor)),
                external: clang_getCursorLinkage(cursor) == CXLinkage_External,
                place: (!self.out.files[place.file as usize].path.as_os_str().is_empty()).then_some(place),
            };
            let id = DeclId(len32(self.out.side.decls.len()));
            self.out.side.decls.push(decl);
            self.decls.insert(key, id);
            Some(id)
        }
    }
}

/// `struct (unnamed at /home/me/a.c:3:9)` is another name on another machine, and under another libclang: where it stands
/// is left out, and how the library puts it.
fn named(mut name: String) -> String {
    let mut from = 0;
    while let Some(open) =
        ["(unnamed", "(anonymous"].iter().filter_map(|w| name[from..].find(w)).min().map(|i| from + i)
    {
        let close = name[open..].find(')').map_or(name.len(), |i| open + i + 1);
        name.replace_range(open..close, "(unnamed)");
        from = open + 1;
    }
    name
}

/// What a literal says, as far as formats ask: quotes off, `\"` and `\\` undone; other escapes stay as written.
fn unquoted(literal: &str) -> String {
    let inner = literal.trim_start_matches(|c| c != '"').trim_start_matches('"');
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    inner.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// A length as an index of ours; a unit with four thousand million nodes does not fit in memory before this matters.
fn len32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

unsafe fn evaluate(cursor: CXCursor) -> Option<i128> {
    unsafe {
        let result = clang_Cursor_Evaluate(cursor);
        if result.is_null() {
            return None;
        }
        let value = (clang_EvalResult_getKind(result) == CXEval_Int).then(|| {
            if clang_EvalResult_isUnsignedInt(result) != 0 {
                i128::from(clang_EvalResult_getAsUnsigned(result))
            } else {
                i128::from(clang_EvalResult_getAsLongLong(result))
            }
        });
        clang_EvalResult_dispose(result);
        value
    }
}

unsafe fn enumerator(cursor: CXCursor) -> Option<i128> {
    unsafe { (cursor.kind == CXCursor_EnumConstantDecl).then(|| i128::from(clang_getEnumConstantDeclValue(cursor))) }
}

fn kind_of(kind: CXCursorKind) -> Kind {
    match kind {
        CXCursor_FunctionDecl
        | CXCursor_FunctionTemplate
        | CXCursor_CXXMethod
        | CXCursor_Constructor
        | CXCursor_Destructor
        | CXCursor_ConversionFunction => Kind::Function,
        CXCursor_ParmDecl => Kind::Parameter,
        CXCursor_VarDecl => Kind::Variable,
        CXCursor_FieldDecl => Kind::Field,
        CXCursor_StructDecl | CXCursor_UnionDecl | CXCursor_ClassDecl => Kind::Record,
        CXCursor_EnumDecl => Kind::Enum,
        CXCursor_EnumConstantDecl => Kind::EnumConstant,
        CXCursor_TypedefDecl => Kind::Typedef,
        CXCursor_CompoundStmt => Kind::Compound,
        CXCursor_ReturnStmt => Kind::Return,
        CXCursor_BreakStmt | CXCursor_ContinueStmt | CXCursor_GotoStmt | CXCursor_IndirectGotoStmt => Kind::Jump,
        CXCursor_IfStmt => Kind::If,
        CXCursor_ForStmt | CXCursor_WhileStmt | CXCursor_DoStmt | CXCursor_CXXForRangeStmt => Kind::Loop,
        CXCursor_SwitchStmt => Kind::Switch,
        CXCursor_CaseStmt => Kind::Case,
        CXCursor_DeclStmt => Kind::DeclStatement,
        CXCursor_AsmStmt => Kind::Assembler,
        CXCursor_InitListExpr => Kind::InitList,
        CXCursor_CompoundLiteralExpr => Kind::CompoundLiteral,
        CXCursor_ParenExpr => Kind::Paren,
        CXCursor_CStyleCastExpr
        | CXCursor_CXXStaticCastExpr
        | CXCursor_CXXReinterpretCastExpr
        | CXCursor_CXXFunctionalCastExpr => Kind::Cast,
        CXCursor_UnaryOperator => Kind::Unary,
        CXCursor_BinaryOperator => Kind::Binary,
        CXCursor_CompoundAssignOperator => Kind::CompoundAssign,
        CXCursor_ConditionalOperator => Kind::Conditional,
        CXCursor_CallExpr => Kind::Call,
        CXCursor_MemberRefExpr => Kind::Member,
        CXCursor_DeclRefExpr => Kind::Name,
        CXCursor_ArraySubscriptExpr => Kind::Subscript,
        CXCursor_IntegerLiteral => Kind::Integer,
        CXCursor_CharacterLiteral => Kind::Character,
        CXCursor_FloatingLiteral => Kind::Floating,
        CXCursor_StringLiteral => Kind::Text,
        CXCursor_UnaryExpr => Kind::SizeOf,
        _ => Kind::Other,
    }
}

fn binary(op: CXBinaryOperatorKind) -> Op {
    match op {
        CXBinaryOperator_Mul | CXBinaryOperator_MulAssign => Op::Mul,
        CXBinaryOperator_Div | CXBinaryOperator_DivAssign => Op::Div,
        CXBinaryOperator_Rem | CXBinaryOperator_RemAssign => Op::Rem,
        CXBinaryOperator_Add | CXBinaryOperator_AddAssign => Op::Add,
        CXBinaryOperator_Sub | CXBinaryOperator_SubAssign => Op::Sub,
        CXBinaryOperator_Shl | CXBinaryOperator_ShlAssign => Op::Shl,
        CXBinaryOperator_Shr | CXBinaryOperator_ShrAssign => Op::Shr,
        CXBinaryOperator_LT => Op::Less,
        CXBinaryOperator_GT => Op::Greater,
        CXBinaryOperator_LE => Op::LessEqual,
        CXBinaryOperator_GE => Op::GreaterEqual,
        CXBinaryOperator_EQ => Op::Equal,
        CXBinaryOperator_NE => Op::NotEqual,
        CXBinaryOperator_And | CXBinaryOperator_AndAssign => Op::BitAnd,
        CXBinaryOperator_Xor | CXBinaryOperator_XorAssign => Op::BitXor,
        CXBinaryOperator_Or | CXBinaryOperator_OrAssign => Op::BitOr,
        CXBinaryOperator_LAnd => Op::And,
        CXBinaryOperator_LOr => Op::Or,
        CXBinaryOperator_Assign => Op::Assign,
        CXBinaryOperator_Comma => Op::Comma,
        _ => Op::None,
    }
}

fn unary(op: CXUnaryOperatorKind) -> Op {
    match op {
        CXUnaryOperator_PostInc | CXUnaryOperator_PreInc => Op::Increment,
        CXUnaryOperator_PostDec | CXUnaryOperator_PreDec => Op::Decrement,
        CXUnaryOperator_AddrOf => Op::AddressOf,
        CXUnaryOperator_Deref => Op::Deref,
        CXUnaryOperator_Plus => Op::Plus,
        CXUnaryOperator_Minus => Op::Minus,
        CXUnaryOperator_Not => Op::BitNot,
        CXUnaryOperator_LNot => Op::Not,
        _ => Op::None,
    }
}
