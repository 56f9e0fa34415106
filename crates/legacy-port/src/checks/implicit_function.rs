use crate::check::{Check, FixPromise, Level, Need, Problem};
use crate::source::tree::{Decl, Expr, Kind, Shape, Side};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a call of a function that returns a pointer or a `long`, without a declaration that says so",
    why: "Without one the compiler takes the result for an `int`: 4 bytes, which were all of it under the old target and \
          are the lower half under the new. A cast of the result (`(char *)xstrdup(s)`) silences the compiler and saves \
          nothing. Found where some unit defines the function, and for functions of the library that compilers do not \
          know by themselves. Silent where the result is not used.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("the header that declares the function is to be included, or made"),
    visits: &[Kind::Call],
    look,
};

/// Functions of the C library that return pointers, and that compilers do not declare by themselves.
const LIBRARY: &[&str] = &[
    "asctime",
    "bsearch",
    "crypt",
    "ctermid",
    "ctime",
    "dlsym",
    "fdopen",
    "fopen",
    "freopen",
    "ftell",
    "getcwd",
    "getenv",
    "getgrgid",
    "getgrnam",
    "gethostbyaddr",
    "gethostbyname",
    "getlogin",
    "getpass",
    "getpwnam",
    "getpwuid",
    "getservbyname",
    "getwd",
    "gmtime",
    "inet_ntoa",
    "localtime",
    "lseek",
    "mmap",
    "opendir",
    "popen",
    "ptsname",
    "readdir",
    "sbrk",
    "setlocale",
    "shmat",
    "strcasestr",
    "strerror",
    "strptime",
    "strsep",
    "strsignal",
    "strtok",
    "strtok_r",
    "strtol",
    "strtoul",
    "tempnam",
    "tmpfile",
    "tmpnam",
    "ttyname",
];

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(callee) = e.callee() else { return };
    let place = e.conversion();
    let unused = matches!(e.context().kind(), Kind::Compound | Kind::If | Kind::Loop)
        || (e.context().kind() == Kind::Cast && matches!(e.context().ty().new.shape, Shape::Void));
    let pointer = e.tree.sides.as_ref().map(|s| s.pointer_size);
    if pointer.old != 4 || pointer.new != 8 {
        return;
    }
    if unused || !taken_for_int(callee, e.tree.sides.as_ref()) || e.is_system(place) {
        return;
    }
    let name = &callee.new.name;
    let known = LIBRARY.contains(&name.as_str());
    problems.push(Problem {
        place,
        message: format!(
            "`{name}` is called without a prototype: its result has 8 bytes on {{new}}, 4 of them are taken"
        ),
        help: "declare it before the call, with the type that it returns".into(),
        notes: Vec::new(),
        needs: (!known).then(|| Need::WideResult(name.clone())),
        ..Problem::default()
    });
}

/// Whether a function is declared without parameters and with `int` as its result, as a call without declaration does.
fn taken_for_int(callee: Pair<&Decl>, sides: Pair<&Side>) -> bool {
    let result = callee.zip(sides).map(|(decl, side)| match side.types.get(decl.ty.0 as usize).map(|t| &t.shape) {
        Some(Shape::Function { result, prototype: false, .. }) => side.types.get(result.0 as usize)?.integer(),
        _ => None,
    });
    result.both().is_some_and(|r| r.old.0 == 4 && r.new.0 == 4)
}
