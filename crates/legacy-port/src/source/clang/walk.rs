//! The walk over one parsed unit: cursors in, nodes out.

use std::ffi::{c_int, c_uint, c_void};
use std::ptr;

use clang_sys::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::calls::Calls;
use super::extents::Extent;
use super::kinds::{binary, kind_of, unary};
use super::places::{LOCATED, Located, Span};
use super::subtree::{Below, Subtree};
use super::{OneNode, Parsed, kept, len32, text};
use crate::source::range;
use crate::source::tree::{DeclId, Diagnostic, Kind, NONE, Op, Place, RecordId, Type, TypeId};

/// The walk over one parsed unit. Every method is called while the unit lives.
pub(super) struct Walk {
    pub(super) unit: CXTranslationUnit,
    pub(super) calls: Calls,
    pub(super) out: Parsed,
    pub(super) files: FxHashMap<usize, u32>,
    pub(super) types: FxHashMap<(usize, c_int), TypeId>,
    pub(super) records: FxHashMap<usize, RecordId>,
    /// Each by all cursors that name it.
    pub(super) decls: FxHashMap<usize, DeclId>,
    /// Where the latest locations are: a node begins or ends where its parent does as often as not.
    pub(super) located: Box<[Located]>,
    pub(super) spans: Vec<Span>,
    pub(super) latest_span: usize,
    /// First locations of files that were looked at for [`Span`]s.
    pub(super) tried: FxHashSet<u32>,
    /// Whether extents follow from others: in C without errors.
    pub(super) follows: bool,
    /// Child lists that are not in use; a new one for each node would be half a million allocations.
    spare: Vec<Vec<CXCursor>>,
    /// Nodes that the latest one is in, each with the index behind its last cursor.
    open: Vec<(u32, u32)>,
}

extern "C" fn collect(cursor: CXCursor, _: CXCursor, data: CXClientData) -> CXChildVisitResult {
    // SAFETY: `data` is the vector that `Walk::children` passes, which outlives the visit.
    unsafe { (*data.cast::<Vec<CXCursor>>()).push(cursor) };
    CXChildVisit_Continue
}

extern "C" fn included(file: CXFile, from: *mut CXSourceLocation, depth: c_uint, data: CXClientData) {
    // SAFETY: `data` is the vector that `Walk::inclusions` passes, which outlives the visit; where there is a depth, there
    // is a first location, that of the inclusion itself.
    unsafe {
        // What a system header includes is the system's too. To be told so of each file takes libclang long.
        if depth == 0 || clang_Location_isInSystemHeader(*from) == 0 {
            (*data.cast::<Vec<CXFile>>()).push(file);
        }
    }
}

impl Walk {
    pub(super) fn new(unit: CXTranslationUnit, calls: Calls) -> Self {
        let mut out = Parsed::default();
        out.side.types.push(Type::default());
        Self {
            unit,
            calls,
            out,
            files: FxHashMap::default(),
            types: FxHashMap::default(),
            records: FxHashMap::default(),
            decls: FxHashMap::default(),
            located: vec![Located::default(); LOCATED].into(),
            spans: Vec::new(),
            latest_span: 0,
            tried: FxHashSet::default(),
            follows: false,
            spare: Vec::new(),
            open: Vec::new(),
        }
    }

    pub(super) unsafe fn children(&mut self, cursor: CXCursor) -> Vec<CXCursor> {
        let mut list = self.spare.pop().unwrap_or_default();
        unsafe { clang_visitChildren(cursor, collect, (&raw mut list).cast::<c_void>()) };
        list
    }

    pub(super) fn give_back(&mut self, mut list: Vec<CXCursor>) {
        list.clear();
        self.spare.push(list);
    }

    /// The whole unit.
    pub(super) unsafe fn root(&mut self, is_cpp: bool) {
        unsafe {
            self.errors();
            self.follows = !is_cpp && self.out.errors.is_empty();
            self.inclusions();
            let info = clang_getTranslationUnitTargetInfo(self.unit);
            self.out.side.pointer_size = u64::try_from(clang_TargetInfo_getPointerWidth(info)).unwrap_or(0) / 8;
            clang_TargetInfo_dispose(info);
            let cursor = clang_getTranslationUnitCursor(self.unit);
            self.out.nodes.push(OneNode {
                kind: Kind::Unit,
                op: Op::None,
                place: Place::default(),
                spelled: NONE,
                end: 0,
                ty: TypeId(0),
                conv: TypeId(0),
                decl: NONE,
                value: NONE,
                text: NONE,
            });
            let list = self.children(cursor);
            let (mut subtree, mut extents) = (Subtree::default(), Vec::new());
            for &child in &list {
                if clang_Location_isInSystemHeader(clang_getCursorLocation(child)) == 0 {
                    subtree.collect(child);
                    self.extents(&subtree.list, &mut extents);
                    self.nodes(&subtree.list, &extents);
                }
            }
            self.give_back(list);
            self.out.nodes[0].end = len32(self.out.nodes.len());
        }
    }

    /// Every file of the program that is read is in the table, also one without nodes: headers of macros alone.
    pub(super) unsafe fn inclusions(&mut self) {
        unsafe {
            let mut list: Vec<CXFile> = Vec::new();
            clang_getInclusions(self.unit, included, (&raw mut list).cast::<c_void>());
            for file in list {
                if self.files.contains_key(&(file as usize)) {
                    continue;
                }
                let start = clang_getLocationForOffset(self.unit, file, 0);
                if clang_Location_isInSystemHeader(start) == 0 {
                    self.file(file as usize, |_| start);
                }
            }
        }
    }

    pub(super) unsafe fn errors(&mut self) {
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

    /// Adds the nodes of a declaration and of everything below it.
    unsafe fn nodes(&mut self, list: &[Below], extents: &[Extent]) {
        // The type that implicit conversions around the next node make of it.
        let mut conv = None;
        for (at, below) in list.iter().enumerate() {
            let cursor = below.cursor;
            self.close(len32(at));
            if cursor.kind == CXCursor_TypeRef {
                let up = self.open.last().map(|&(id, _)| self.out.nodes[id as usize].kind);
                if up == Some(Kind::SizeOf) {
                    unsafe { self.type_name(cursor) };
                }
                continue;
            }
            let only = (below.last as usize == at + 1).then(|| list[at + 1].cursor.kind != CXCursor_TypeRef);
            if cursor.kind == CXCursor_UnexposedExpr && only == Some(true) && extents[at].equals(&extents[at + 1]) {
                // An implicit conversion: the outermost one of a chain says what becomes of the operand.
                if conv.is_none() {
                    conv = Some(unsafe { self.type_of((self.calls.clang_getCursorType)(cursor)) });
                }
                continue;
            }
            let id = len32(self.out.nodes.len());
            unsafe { self.node(below, extents[at].range, conv.take(), below.end as usize == at + 1) };
            self.open.push((id, below.end));
        }
        self.close(u32::MAX);
    }

    /// Ends the nodes whose last cursor is before this one.
    fn close(&mut self, at: u32) {
        while let Some((id, _)) = self.open.pop_if(|(_, end)| *end <= at) {
            let id = id as usize;
            self.out.nodes[id].end = len32(self.out.nodes.len());
            if self.out.nodes[id].value == NONE {
                let value = range::fold(&self.out, id);
                self.out.nodes[id].value = kept(&mut self.out.values, value);
            }
        }
    }

    /// Adds a node.
    unsafe fn node(&mut self, below: &Below, extent: CXSourceRange, conv: Option<TypeId>, is_leaf: bool) {
        let (calls, cursor) = (self.calls, below.cursor);
        unsafe {
            let (place, spelled) = self.place(extent);
            let ty = self.type_of((calls.clang_getCursorType)(cursor));
            let mut kind = kind_of(cursor.kind);
            if kind == Kind::Variable && clang_Cursor_getStorageClass(cursor) == CX_SC_Extern {
                kind = Kind::Extern;
            }
            let op = match kind {
                Kind::Binary | Kind::CompoundAssign => binary((calls.clang_getCursorBinaryOperatorKind)(cursor)),
                Kind::Unary => unary((calls.clang_getCursorUnaryOperatorKind)(cursor)),
                _ => Op::None,
            };
            let referenced = match kind {
                Kind::Name | Kind::Member | Kind::Call => Some((calls.clang_getCursorReferenced)(cursor)),
                Kind::Function | Kind::Parameter | Kind::Variable | Kind::Extern | Kind::Field | Kind::EnumConstant => {
                    Some(cursor)
                }
                _ => None,
            };
            let decl = referenced.and_then(|c| self.decl(c));
            let value = match kind {
                Kind::Integer | Kind::Character | Kind::SizeOf => self.evaluate(cursor),
                // `offsetof` and the like: an expression of its own kind whose operand is no child of the same extent.
                Kind::Other if cursor.kind == CXCursor_UnexposedExpr && self.is_integer(ty) => self.evaluate(cursor),
                Kind::Name | Kind::EnumConstant => referenced.and_then(|c| self.enumerator(c)),
                _ => None,
            };
            let literal = match kind {
                Kind::Text => Some(unquoted(&text(clang_getCursorSpelling(cursor)))),
                Kind::Variable | Kind::Extern | Kind::Parameter | Kind::Field if spelled.is_some() => {
                    self.written((calls.clang_getRangeStart)(extent), None)
                }
                Kind::Assembler | Kind::Floating => self.source(extent),
                // Of a built-in type nothing else tells which: `sizeof(char *)`, `sizeof(long)`.
                Kind::SizeOf if is_leaf => {
                    self.written((calls.clang_getRangeStart)(extent), Some((calls.clang_getRangeEnd)(extent)))
                }
                _ => None,
            };
            let node = OneNode {
                kind,
                op,
                place,
                spelled: kept(&mut self.out.spelled, spelled),
                end: 0,
                ty,
                conv: conv.unwrap_or(ty),
                decl: decl.map_or(NONE, |d| d.0),
                value: kept(&mut self.out.values, value),
                text: kept(&mut self.out.side.texts, literal),
            };
            self.out.nodes.push(node);
        }
    }

    /// The type that `sizeof` names, as a node of its own.
    pub(super) unsafe fn type_name(&mut self, cursor: CXCursor) {
        unsafe {
            let (place, spelled) = self.place(clang_getCursorExtent(cursor));
            let ty = self.type_of(clang_getCursorType(cursor));
            let end = len32(self.out.nodes.len() + 1);
            let (kind, op) = (Kind::TypeName, Op::None);
            let spelled = kept(&mut self.out.spelled, spelled);
            let node = OneNode { kind, op, place, spelled, end, ty, conv: ty, decl: NONE, value: NONE, text: NONE };
            self.out.nodes.push(node);
        }
    }

    unsafe fn evaluate(&self, cursor: CXCursor) -> Option<i128> {
        unsafe {
            let result = (self.calls.clang_Cursor_Evaluate)(cursor);
            if result.is_null() {
                return None;
            }
            let value = ((self.calls.clang_EvalResult_getKind)(result) == CXEval_Int).then(|| {
                if (self.calls.clang_EvalResult_isUnsignedInt)(result) != 0 {
                    i128::from((self.calls.clang_EvalResult_getAsUnsigned)(result))
                } else {
                    i128::from((self.calls.clang_EvalResult_getAsLongLong)(result))
                }
            });
            (self.calls.clang_EvalResult_dispose)(result);
            value
        }
    }

    unsafe fn enumerator(&self, cursor: CXCursor) -> Option<i128> {
        let is_one = cursor.kind == CXCursor_EnumConstantDecl;
        is_one.then(|| i128::from(unsafe { (self.calls.clang_getEnumConstantDeclValue)(cursor) }))
    }
}

/// What a literal says, as far as formats ask: quotes off, `\"` and `\\` undone; other escapes stay as written.
fn unquoted(literal: &str) -> String {
    let inner = literal.trim_start_matches(|c| c != '"').trim_start_matches('"');
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    inner.replace("\\\"", "\"").replace("\\\\", "\\")
}
