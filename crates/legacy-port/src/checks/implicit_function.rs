use crate::check::{Check, FixPromise, Level, Need, Problem};
use crate::edit::Change;
use crate::source::tree::{Decl, Expr, Kind, Shape, Side};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a call of a function that returns a pointer or a `long`, without a declaration that says so",
    why: "Without one the compiler takes the result for an `int`: 4 bytes, which were all of it under the old target and \
          are the lower half under the new. A cast of the result (`(char *)xstrdup(s)`) silences the compiler and saves \
          nothing. Found where some unit defines the function, and for functions of the library that compilers do not \
          know by themselves. Silent where the result is not used.",
    level: Level::Breaks,
    fix: FixPromise::Edits(
        "the header of a function of the C library is included; of the program's own it is made by hand",
    ),
    visits: &[Kind::Call],
    look,
};

/// Functions of the C library that return pointers, and that compilers do not declare by themselves, with their headers.
const LIBRARY: &[(&str, &str)] = &[
    ("asctime", "time.h"),
    ("bsearch", "stdlib.h"),
    ("crypt", "crypt.h"),
    ("ctermid", "stdio.h"),
    ("ctime", "time.h"),
    ("dlsym", "dlfcn.h"),
    ("fdopen", "stdio.h"),
    ("fopen", "stdio.h"),
    ("freopen", "stdio.h"),
    ("ftell", "stdio.h"),
    ("getcwd", "unistd.h"),
    ("getenv", "stdlib.h"),
    ("getgrgid", "grp.h"),
    ("getgrnam", "grp.h"),
    ("gethostbyaddr", "netdb.h"),
    ("gethostbyname", "netdb.h"),
    ("getlogin", "unistd.h"),
    ("getpass", "unistd.h"),
    ("getpwnam", "pwd.h"),
    ("getpwuid", "pwd.h"),
    ("getservbyname", "netdb.h"),
    ("getwd", "unistd.h"),
    ("gmtime", "time.h"),
    ("inet_ntoa", "arpa/inet.h"),
    ("localtime", "time.h"),
    ("lseek", "unistd.h"),
    ("mmap", "sys/mman.h"),
    ("opendir", "dirent.h"),
    ("popen", "stdio.h"),
    ("ptsname", "stdlib.h"),
    ("readdir", "dirent.h"),
    ("sbrk", "unistd.h"),
    ("setlocale", "locale.h"),
    ("shmat", "sys/shm.h"),
    ("strcasestr", "string.h"),
    ("strerror", "string.h"),
    ("strptime", "time.h"),
    ("strsep", "string.h"),
    ("strsignal", "string.h"),
    ("strtok", "string.h"),
    ("strtok_r", "string.h"),
    ("strtol", "stdlib.h"),
    ("strtoul", "stdlib.h"),
    ("tempnam", "stdio.h"),
    ("tmpfile", "stdio.h"),
    ("tmpnam", "stdio.h"),
    ("ttyname", "unistd.h"),
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
    let known = LIBRARY.iter().find(|(f, _)| f == name);
    problems.push(Problem {
        place,
        message: format!(
            "`{name}` is called without a prototype: its result has 8 bytes on {{new}}, 4 of them are taken"
        ),
        help: "declare it before the call, with the type that it returns".into(),
        notes: Vec::new(),
        change: known.map(|(_, header)| Change::Include { place, header }),
        needs: known.is_none().then(|| Need::WideResult(name.clone())),
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
