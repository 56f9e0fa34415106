use crate::check::{Check, FixPromise, Level, Problem};
use crate::edit::Change;
use crate::source::tree::{Decl, Expr, Kind, Op, Shape, Type};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a number written for the size of something that has another size under the new target",
    why: "`malloc(n * 4)` for pointers allocates half of what is used, `memset(p, 0, 16)` clears a part of the record, \
          `read(fd, &t, 4)` fills a part of the number. The number is compared with what it stands for: the elements that \
          the result is used as, or the object that is filled, copied or sorted. The same number for elements that have \
          this size on both is silent. Wrappers of `malloc` are known by their result, `void *` or `char *`; wrappers of \
          `memcpy` and `write` are not known.",
    level: Level::Breaks,
    fix: FixPromise::Edits(
        "`sizeof` of the type for a number or a factor, of memory that is allocated, cleared or sorted; a person decides where \
         bytes are copied, written or read, since a file may be meant",
    ),
    visits: &[Kind::Call],
    look,
};

/// Library functions: which arguments are objects, and which is the size of one (or of their elements).
const SIZED: &[(&str, &[usize], usize)] = &[
    ("bcmp", &[0, 1], 2),
    ("bcopy", &[0, 1], 2),
    ("bsearch", &[1], 3),
    ("bzero", &[0], 1),
    ("fread", &[0], 1),
    ("fwrite", &[0], 1),
    ("memcmp", &[0, 1], 2),
    ("memcpy", &[0, 1], 2),
    ("memmove", &[0, 1], 2),
    ("memset", &[0], 2),
    ("pread", &[1], 2),
    ("pwrite", &[1], 2),
    ("qsort", &[0], 2),
    ("read", &[1], 2),
    ("recv", &[1], 2),
    ("send", &[1], 2),
    ("setsockopt", &[3], 4),
    ("write", &[1], 2),
];

/// Those whose bytes stay in memory.
const STAYS: &[&str] = &["bsearch", "bzero", "memset", "qsort"];

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(callee) = e.callee() else { return };
    let arguments: Vec<Expr> = e.arguments().collect();
    if let Some((_, objects, size)) = SIZED.iter().find(|(name, ..)| *name == callee.new.name) {
        let Some(&size) = arguments.get(*size) else { return };
        let object = objects.iter().filter_map(|&o| arguments.get(o)).find_map(|o| object_of(*o, size));
        if let Some((what, ty)) = object {
            report(e, size, &what, ty, STAYS.contains(&callee.new.name.as_str()), problems);
        }
    } else if let Some((what, ty, size)) = handed_over(e, callee.new, &arguments) {
        report(e, size, &what, ty, false, problems);
    } else if gives_bytes(e) {
        // What the result becomes where it stands says what it is allocated for.
        let outer = e.context();
        let becomes = if outer.kind() == Kind::Cast { outer.ty() } else { e.converted() };
        let Some(element) = e.tree.pointee(becomes) else { return };
        // Once a `sizeof` says the size, other numbers count or mark.
        let said =
            arguments.iter().any(|a| a.kind() == Kind::SizeOf || a.descendants().any(|d| d.kind() == Kind::SizeOf));
        if let Some(&size) = arguments.iter().filter(|_| !said).find(|a| is_size_of(**a, element)) {
            report(e, size, "the elements of the result", element, true, problems);
        }
    }
}

/// An object whose address a function of the program takes as memory of no type, with the number behind it that is its
/// size: `save(&table[0], 4, n, file)`.
fn handed_over<'t>(
    call: Expr<'t>,
    callee: &Decl,
    arguments: &[Expr<'t>],
) -> Option<(String, Pair<&'t Type>, Expr<'t>)> {
    if callee.place.is_none_or(|p| call.is_system(p)) {
        return None;
    }
    arguments.windows(2).find_map(|pair| {
        let (object, size) = (pair[0], pair[1]);
        let untyped = call.tree.pointee(object.converted()).is_some_and(|to| matches!(to.new.shape, Shape::Void));
        let counts = untyped && size.inner().kind() == Kind::Integer;
        let (what, ty) = object_of(object, size).filter(|_| counts)?;
        Some((what, ty, size))
    })
}

/// Whether a function returns memory of no type yet.
fn gives_bytes(call: Expr) -> bool {
    call.tree
        .pointee(call.ty())
        .is_some_and(|to| matches!((&to.new.shape, to.new.size), (Shape::Void, _) | (Shape::Integer { .. }, Some(1))))
}

/// The object, or the element, that an argument points to and that has this size under the old target only.
fn object_of<'t>(argument: Expr<'t>, size: Expr) -> Option<(String, Pair<&'t Type>)> {
    let bare = argument.bare();
    let array = matches!(bare.ty().new.shape, Shape::Array { .. }).then(|| bare.ty());
    let element = argument.tree.pointee(bare.ty());
    let name = if bare.name().is_empty() { "what is pointed to".to_owned() } else { format!("`{}`", bare.name()) };
    let whole = array.filter(|ty| is_size_of(size, *ty)).map(|ty| (name.clone(), ty));
    whole.or_else(|| element.filter(|ty| is_size_of(size, *ty)).map(|ty| (name, ty)))
}

/// Whether a size is written as a number that is the type's under the old target and not under the new.
fn is_size_of(size: Expr, ty: Pair<&Type>) -> bool {
    let (Some(old), Some(new)) = (ty.old.size, ty.new.size) else { return false };
    old != new && old > 1 && is_written(size.bare(), i128::from(old))
}

/// `4`, `n * 4`, `4 * n + 4`, `n << 2`: the number itself, or as a factor.
fn is_written(size: Expr, wanted: i128) -> bool {
    let size = size.inner();
    let parts: Vec<Expr> = size.children().map(Expr::inner).collect();
    let literal = |e: Expr| if e.kind() == Kind::Integer { e.value().new } else { None };
    match (size.kind(), size.op(), parts.as_slice()) {
        (Kind::Integer, ..) => size.value().new == Some(wanted),
        // Beside a `sizeof` a number counts elements.
        (Kind::Binary, Op::Mul, [a, b]) => {
            let counts = [a, b].iter().any(|p| p.bare().kind() == Kind::SizeOf);
            !counts && (literal(*a) == Some(wanted) || literal(*b) == Some(wanted))
        }
        (Kind::Binary, Op::Shl, [a, b]) if a.bare().kind() != Kind::SizeOf => {
            literal(*b).is_some_and(|n| (0..32).contains(&n) && 1 << n == wanted)
        }
        (Kind::Binary, Op::Add, [a, b]) => [a, b].iter().any(|p| p.kind() == Kind::Binary && is_written(**p, wanted)),
        _ => false,
    }
}

/// `4` or a factor 4 as a `sizeof`; in a sum the other part would need one too.
fn by_sizeof(size: Expr, ty: Pair<&Type>) -> Option<Change> {
    let wanted = i128::from(ty.old.size?);
    let plain = |c: char| c.is_ascii_alphanumeric() || "_ *[]".contains(c);
    let place = match size.inner().op() {
        Op::Mul => size.inner().children().find_map(|part| part.number(wanted)),
        _ => size.number(wanted),
    };
    let named = ty.new.name == ty.old.name && ty.new.name.chars().all(plain);
    place.filter(|_| named).map(|place| Change::Replace {
        place,
        was: wanted.to_string(),
        by: format!("sizeof ({})", ty.new.name),
    })
}

fn report(call: Expr, size: Expr, what: &str, ty: Pair<&Type>, stays: bool, problems: &mut Vec<Problem>) {
    let place = size.written();
    if call.is_system(place) {
        return;
    }
    let bytes = ty.map(|t| t.size.unwrap_or(0));
    problems.push(Problem {
        place,
        message: format!(
            "`{}` has {} bytes on {{old}} and {} on {{new}}; {} is written here for {what}",
            ty.new.name, bytes.old, bytes.new, bytes.old
        ),
        help: "let `sizeof` say it".into(),
        change: if stays { by_sizeof(size, ty) } else { None },
        ..Problem::default()
    });
}
