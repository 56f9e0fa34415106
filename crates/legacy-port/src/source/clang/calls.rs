//! The functions of libclang that are called for each node, as pointers: to look one up costs more than most of them do.

use std::ffi::{c_char, c_int, c_longlong, c_uint, c_ulonglong};

use clang_sys::*;

macro_rules! calls {
    ($($name:ident($($part:ty),*) $(-> $result:ty)?;)*) => {
        /// See libclang's own documentation of each.
        #[derive(Clone, Copy, Debug)]
        pub(super) struct Calls {
            $(pub(super) $name: unsafe extern "C" fn($($part),*) $(-> $result)?,)*
        }

        impl Calls {
            /// Those of a library.
            ///
            /// # Errors
            /// The name of one that it does not have.
            pub(super) fn of(library: &SharedLibrary) -> Result<Self, &'static str> {
                Ok(Self { $($name: library.functions.$name.ok_or(stringify!($name))?,)* })
            }
        }
    };
}

calls! {
    clang_Cursor_Evaluate(CXCursor) -> CXEvalResult;
    clang_Cursor_isNull(CXCursor) -> c_int;
    clang_EvalResult_dispose(CXEvalResult);
    clang_EvalResult_getAsLongLong(CXEvalResult) -> c_longlong;
    clang_EvalResult_getAsUnsigned(CXEvalResult) -> c_ulonglong;
    clang_EvalResult_getKind(CXEvalResult) -> CXEvalResultKind;
    clang_EvalResult_isUnsignedInt(CXEvalResult) -> c_uint;
    clang_getCanonicalCursor(CXCursor) -> CXCursor;
    clang_getCursorBinaryOperatorKind(CXCursor) -> CXBinaryOperatorKind;
    clang_getCursorExtent(CXCursor) -> CXSourceRange;
    clang_getCursorLocation(CXCursor) -> CXSourceLocation;
    clang_getCursorReferenced(CXCursor) -> CXCursor;
    clang_getCursorType(CXCursor) -> CXType;
    clang_getCursorUnaryOperatorKind(CXCursor) -> CXUnaryOperatorKind;
    clang_getEnumConstantDeclValue(CXCursor) -> c_longlong;
    clang_getExpansionLocation(CXSourceLocation, *mut CXFile, *mut c_uint, *mut c_uint, *mut c_uint);
    clang_getFileContents(CXTranslationUnit, CXFile, *mut usize) -> *const c_char;
    clang_getLocationForOffset(CXTranslationUnit, CXFile, c_uint) -> CXSourceLocation;
    clang_getRangeEnd(CXSourceRange) -> CXSourceLocation;
    clang_getRangeStart(CXSourceRange) -> CXSourceLocation;
    clang_getSpellingLocation(CXSourceLocation, *mut CXFile, *mut c_uint, *mut c_uint, *mut c_uint);
}
