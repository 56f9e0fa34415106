//! The cursors below one declaration, collected in one visit: to begin one for each node costs more than all else.

use std::ffi::c_void;

use clang_sys::*;

use super::kinds::kind_of;
use super::len32;
use crate::source::tree::Kind;

/// A cursor among those below a declaration.
#[derive(Clone, Copy)]
pub(super) struct Below {
    pub(super) cursor: CXCursor,
    /// Index behind the last cursor below it.
    pub(super) end: u32,
    /// Index of its last part; its own where it has none.
    pub(super) last: u32,
}

/// The cursors in preorder, the declaration itself first.
#[derive(Default)]
pub(super) struct Subtree {
    pub(super) list: Vec<Below>,
    /// Indexes in `list` of the cursors that the latest one is below.
    open: Vec<u32>,
}

impl Subtree {
    /// Forgets what it has and collects a declaration and everything below it.
    ///
    /// # Safety
    /// libclang is loaded in this thread, and the cursor's unit lives.
    pub(super) unsafe fn collect(&mut self, declaration: CXCursor) {
        self.list.clear();
        self.open.clear();
        self.begin(declaration);
        // SAFETY: as promised by the caller; the visit ends before `self` does.
        unsafe { clang_visitChildren(declaration, collect_all, std::ptr::from_mut(self).cast::<c_void>()) };
        while !self.open.is_empty() {
            self.close();
        }
    }

    fn begin(&mut self, cursor: CXCursor) {
        let at = len32(self.list.len());
        self.open.push(at);
        self.list.push(Below { cursor, end: 0, last: at });
    }

    fn add(&mut self, cursor: CXCursor, parent: CXCursor) {
        // The first one, the declaration itself, is below none of the list.
        while let Some(&top) = self.open.last().filter(|&&top| top > 0) {
            let above = self.list[top as usize].cursor;
            if above.kind == parent.kind && above.data == parent.data {
                break;
            }
            self.close();
        }
        self.begin(cursor);
    }

    fn close(&mut self) {
        let end = len32(self.list.len());
        let Some(at) = self.open.pop() else { return };
        self.list[at as usize].end = end;
        if let Some(&up) = self.open.last() {
            self.list[up as usize].last = at;
        }
    }
}

extern "C" fn collect_all(cursor: CXCursor, parent: CXCursor, data: CXClientData) -> CXChildVisitResult {
    // A record defined in a declaration stands before it as well, by itself.
    if is_tagged(cursor.kind) && declares(kind_of(parent.kind)) {
        return CXChildVisit_Continue;
    }
    // SAFETY: `data` is the subtree that `Subtree::collect` passes, which outlives the visit.
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
