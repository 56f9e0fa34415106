use crate::binary::check::{Check, Problem};
use crate::binary::object::{Object, last};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "paths of 32-bit libraries and loaders in read-only data",
    why: "A path such as `/lib/ld-linux.so.2`, `/usr/lib32/...` or `.../i386-linux-gnu/...` that is written into a program leads to \
          files of the old architecture, which a 64-bit process cannot load and a 64-bit system need not have. Told are strings in \
          read-only data; the interpreter that the linker writes is not among them, nor is a path that is put together when the \
          program runs. Of a pair the new build is looked at.",
    level: Level::May,
    fix: FixPromise::ByHand("where the files are in future is for a person to say"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some((object, of)) = last(objects) else { return };
    for s in object.strings.iter().filter(|s| names_32_bits(s)) {
        out.push(Problem {
            of,
            what: s.clone(),
            message: format!("the path `{s}` in read-only data is that of a 32-bit file or folder"),
            help: "leave the folder to the loader (`dlopen(\"libx.so.1\", ...)`), or take it from the configuration"
                .into(),
            ..Problem::default()
        });
    }
}

/// Folders of 32-bit libraries as Debian, Red Hat and others have them, and loaders of i386 and of 32-bit ARM.
fn names_32_bits(s: &str) -> bool {
    const PARTS: [&str; 8] = [
        "/lib32/",
        "/i386-linux-gnu",
        "/i486-linux-gnu",
        "/i586-linux-gnu",
        "/i686-linux-gnu",
        "/ld-linux.so.2",
        "/ld-linux.so.3",
        "/ld-linux-armhf.so.3",
    ];
    s.starts_with('/')
        && !s.contains(char::is_whitespace)
        && (PARTS.iter().any(|p| s.contains(p)) || s.ends_with("/lib32"))
}
