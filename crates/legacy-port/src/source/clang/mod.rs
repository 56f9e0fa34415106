//! The one door to libclang: a unit and a target in, plain data out.
//!
//! libclang is loaded at run time (17 or newer, for operators). Loading is per thread in `clang-sys`, so [`Clang`] hands
//! the one loaded library to each thread that parses.
#![allow(unsafe_code)] // libclang's interface is C; every call is in this folder
#![allow(non_snake_case, non_upper_case_globals, clippy::wildcard_imports)] // the names are libclang's, and there are hundreds

mod calls;
mod extents;
mod kinds;
mod places;
mod subtree;
mod types;
mod walk;

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

use clang_sys::*;

use self::calls::Calls;
use self::walk::Walk;
use super::tree::{Diagnostic, Kind, NONE, Op, Place, Side, SourceFile, TypeId, index};
use crate::project::Unit;
use crate::target::Target;
use crate::{Error, Result};

/// Oldest major version of libclang with operators in its C interface.
const OLDEST: u32 = 17;

/// A loaded libclang, for any number of threads.
#[derive(Clone, Debug)]
pub struct Clang {
    library: Arc<SharedLibrary>,
    calls: Calls,
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
    /// Places of writing that nodes have.
    pub spelled: Vec<Place>,
    /// Values that nodes have.
    pub values: Vec<i128>,
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
    /// Index in [`Parsed::spelled`], or [`NONE`].
    pub spelled: u32,
    pub end: u32,
    pub ty: TypeId,
    pub conv: TypeId,
    /// A declaration's number, or [`NONE`].
    pub decl: u32,
    /// Index in [`Parsed::values`], or [`NONE`].
    pub value: u32,
    /// Index of a text, or [`NONE`].
    pub text: u32,
}

impl Parsed {
    /// The value of a node, where it is a constant.
    #[must_use]
    pub fn value(&self, node: &OneNode) -> Option<i128> {
        self.values.get(index(node.value)? as usize).copied()
    }

    /// Where the first token of a node is written, where that is elsewhere.
    #[must_use]
    pub fn spelled(&self, node: &OneNode) -> Option<Place> {
        self.spelled.get(index(node.spelled)? as usize).copied()
    }
}

/// Notes something that few nodes have, and gives its index.
fn kept<T>(list: &mut Vec<T>, value: Option<T>) -> u32 {
    value.map_or(NONE, |value| {
        list.push(value);
        len32(list.len() - 1)
    })
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
        let path = library.path().display();
        let calls = Calls::of(&library)
            .map_err(|name| Error::Libclang(format!("`{path}` has no function `{name}`; {HINT}")))?;
        // A library loaded by way of a link in another folder does not find its own headers by itself.
        let resources = library
            .path()
            .canonicalize()
            .ok()
            .and_then(|p| Some(p.parent()?.join("clang").join(major?.to_string())))
            .filter(|p| p.join("include/stddef.h").is_file());
        Ok(Self { library, calls, resources, version })
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
            let mut walk = Walk::new(handle.unit, self.calls);
            walk.root(unit.is_cpp());
            target.short().clone_into(&mut walk.out.side.processor);
            walk.out.side.x87 = target.is_x87(&unit.flags);
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

/// A length as an index of ours; a unit with four thousand million nodes does not fit in memory before this matters.
fn len32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

extern "C" fn note_file(file: CXFile, _: *mut CXSourceLocation, _: c_uint, data: CXClientData) {
    // SAFETY: `data` is the list that `Clang::parse` passes, which outlives the call; `file` is one of a living unit.
    unsafe { (*data.cast::<Vec<PathBuf>>()).push(text(clang_getFileName(file)).into()) };
}
