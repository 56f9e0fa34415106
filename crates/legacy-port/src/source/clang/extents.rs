//! From where to where cursors reach.
//!
//! libclang reads the last token of a cursor again each time it is asked where the cursor ends, which for each node is a
//! third of the walk. Most ends follow: that of `a + b` is the end of `b`, that of `(a)` the parenthesis behind `a`. What
//! does not follow is asked. So is everything in C++, where cursors come in other orders, and in what has errors.

use clang_sys::*;

use super::subtree::Below;
use super::walk::Walk;

/// Where a cursor begins and ends.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) range: CXSourceRange,
    /// Whether its last token is written at its end, in no macro.
    plain: bool,
}

impl Extent {
    pub(super) fn equals(&self, other: &Self) -> bool {
        let ends = |e: &Self| (e.range.ptr_data, e.range.begin_int_data, e.range.end_int_data);
        ends(self) == ends(other)
    }
}

impl Walk {
    /// Fills `into` with the extents of all cursors of a list. Those of names of types are not worked out.
    pub(super) unsafe fn extents(&mut self, list: &[Below], into: &mut Vec<Extent>) {
        let unknown = Extent { range: CXSourceRange::default(), plain: false };
        into.clear();
        into.resize(list.len(), unknown);
        for at in (0..list.len()).rev() {
            if list[at].cursor.kind == CXCursor_TypeRef {
                continue;
            }
            let followed = if self.follows { unsafe { self.follow(list, at, into) } } else { None };
            let asked = || unsafe { (self.calls.clang_getCursorExtent)(list[at].cursor) };
            // Each test that parses something is one of this.
            debug_assert!(followed.is_none_or(|f| f.equals(&Extent { range: asked(), plain: false })), "{at}");
            into[at] = followed.unwrap_or_else(|| Extent { range: asked(), plain: false });
        }
    }

    /// What follows from the extents of its parts; `None` where nothing does.
    unsafe fn follow(&mut self, list: &[Below], at: usize, known: &[Extent]) -> Option<Extent> {
        let cursor = list[at].cursor;
        let tip = list[at].last as usize;
        let here = |walk: &Self| unsafe { (walk.calls.clang_getCursorLocation)(cursor) };
        if tip == at {
            let length: fn(&[u8]) -> Option<u32> = match cursor.kind {
                CXCursor_DeclRefExpr => identifier,
                CXCursor_IntegerLiteral | CXCursor_FloatingLiteral => number,
                _ => return None,
            };
            let location = here(self);
            let end = location.int_data + length(self.bytes_from(location.int_data)?)?;
            return Some(Extent { range: range(location, end), plain: true });
        }
        let (first, tail) = (at + 1, known[tip]);
        let typed = list[first].cursor.kind == CXCursor_TypeRef;
        if tail.range.ptr_data[0].is_null() || (typed && cursor.kind != CXCursor_CStyleCastExpr) {
            return None;
        }
        let head = known[first].range;
        let from_head = |end, plain| {
            let range = CXSourceRange { end_int_data: end, ..head };
            Some(Extent { range, plain }).filter(|_| !head.ptr_data[0].is_null())
        };
        let close = |walk: &mut Self, token: &[u8]| {
            let rest = walk.bytes_from(tail.range.end_int_data).filter(|_| tail.plain)?;
            let skip = rest.iter().take_while(|b| b" \t\n".contains(b)).count();
            rest[skip..].starts_with(token).then(|| tail.range.end_int_data + super::len32(skip + token.len()))
        };
        match cursor.kind {
            CXCursor_BinaryOperator | CXCursor_CompoundAssignOperator | CXCursor_ConditionalOperator => {
                from_head(tail.range.end_int_data, tail.plain)
            }
            // Asked of one of many `else if`, libclang goes down all of them.
            CXCursor_CStyleCastExpr | CXCursor_IfStmt | CXCursor_ForStmt | CXCursor_WhileStmt | CXCursor_ReturnStmt => {
                let range = range(here(self), tail.range.end_int_data);
                Some(Extent { range, ..tail })
            }
            CXCursor_UnexposedExpr if tip == first => {
                let part = list[first].cursor;
                let vector = |t: CXType| matches!(t.kind, CXType_Vector | CXType_ExtVector);
                let ends_alike = !vector(unsafe { (self.calls.clang_getCursorType)(part) });
                let there = unsafe { (self.calls.clang_getCursorLocation)(part) };
                (ends_alike && there.int_data == here(self).int_data).then_some(tail)
            }
            CXCursor_MemberRefExpr => {
                let name = here(self).int_data;
                let end = name + identifier(self.bytes_from(name)?)?;
                from_head(end, true)
            }
            CXCursor_ParenExpr => {
                let end = close(self, b")")?;
                Some(Extent { range: range(here(self), end), plain: true })
            }
            CXCursor_CallExpr => {
                // Behind the function's own name stands what opens the list.
                let end = if tip == first { close(self, b"()")? } else { close(self, b")")? };
                from_head(end, true)
            }
            CXCursor_ArraySubscriptExpr => from_head(close(self, b"]")?, true),
            CXCursor_UnaryOperator => {
                let location = here(self);
                if location.int_data == head.begin_int_data {
                    let end = close(self, b"++").or_else(|| close(self, b"--"))?;
                    return from_head(end, true);
                }
                Some(Extent { range: range(location, tail.range.end_int_data), ..tail })
            }
            _ => None,
        }
    }
}

fn range(from: CXSourceLocation, end: u32) -> CXSourceRange {
    CXSourceRange { ptr_data: from.ptr_data, begin_int_data: from.int_data, end_int_data: end }
}

/// The length of the identifier that a text begins with; `None` where more than letters, digits and `_` may be in it.
fn identifier(text: &[u8]) -> Option<u32> {
    let length = text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let letter = text.first().is_some_and(|b| !b.is_ascii_digit());
    (letter && length > 0 && ends(text.get(length))).then(|| super::len32(length))
}

/// The length of the number that a text begins with; `None` where it may go on in another way.
fn number(text: &[u8]) -> Option<u32> {
    let length = text.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_.".contains(b)).count();
    let exponent =
        length > 0 && b"eEpP".contains(&text[length - 1]) && text.get(length).is_some_and(|b| b"+-".contains(b));
    (length > 0 && !exponent && ends(text.get(length))).then(|| super::len32(length))
}

/// Whether a token ends before a byte: not so before `\` and `?`, which may join lines, nor before what C has no name for.
fn ends(next: Option<&u8>) -> bool {
    next.is_none_or(|b| b.is_ascii() && !b"\\?$'".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_end_where_they_surely_do() {
        assert_eq!(identifier(b"abc_1+2"), Some(5));
        assert_eq!(identifier(b"abc"), Some(3));
        for text in ["", "1a", "+", "ab\\\nc", "a$b", "a\u{e9}", "ab?"] {
            assert_eq!(identifier(text.as_bytes()), None, "{text}");
        }
        assert_eq!(number(b"0x1FUL;"), Some(6));
        assert_eq!(number(b"1.5e3f)"), Some(6));
        assert_eq!(number(b".5 "), Some(2));
        for text in ["", "1e+3", "0x1p-3", "0xE+1", "1'000", "12\\\n3"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }
}
