//! Types, records and declarations.

use std::ffi::{CString, c_uint};

use clang_sys::*;

use super::walk::Walk;
use super::{len32, text};
use crate::source::tree::{Decl, DeclId, DeclKind, Field, Place, Record, RecordId, Shape, Type, TypeId};

impl Walk {
    pub(super) unsafe fn type_of(&mut self, t: CXType) -> TypeId {
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
    pub(super) unsafe fn typedef(&mut self, t: CXType) -> Option<Place> {
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

    pub(super) unsafe fn shape(&mut self, t: CXType, canonical: CXType) -> Shape {
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

    pub(super) unsafe fn record(&mut self, canonical: CXType) -> RecordId {
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
    pub(super) unsafe fn unnamed(&mut self, outer: CXType, definition: CXCursor) -> Option<Field> {
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
    pub(super) unsafe fn first_name(&mut self, record: CXCursor) -> Option<CString> {
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

    pub(super) unsafe fn decl(&mut self, cursor: CXCursor) -> Option<DeclId> {
        unsafe {
            if (self.calls.clang_Cursor_isNull)(cursor) != 0 {
                return None;
            }
            let named = cursor.data[0] as usize;
            if let Some(&id) = self.decls.get(&named) {
                return Some(id);
            }
            let cursor = (self.calls.clang_getCanonicalCursor)(cursor);
            let key = cursor.data[0] as usize;
            if let Some(&id) = self.decls.get(&key) {
                self.decls.insert(named, id);
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
                fixed: clang_Cursor_getStorageClass(cursor) == CX_SC_Static,
                place: (!self.out.files[place.file as usize].path.as_os_str().is_empty()).then_some(place),
            };
            let id = DeclId(len32(self.out.side.decls.len()));
            self.out.side.decls.push(decl);
            self.decls.insert(key, id);
            self.decls.insert(named, id);
            Some(id)
        }
    }

    pub(super) fn is_integer(&self, ty: TypeId) -> bool {
        matches!(self.out.side.types[ty.0 as usize].shape, Shape::Integer { .. })
    }
}

/// `struct (unnamed at /home/me/a.c:3:9)` is another name on another machine, and under another libclang: where it stands
/// is left out, and how the library puts it.
pub(super) fn named(mut name: String) -> String {
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
