use crate::binary::check::{Check, Problem};
use crate::binary::object::Object;
use crate::check::{FixPromise, Level};
use crate::target::{Pair, Which};

pub(super) const CHECK: Check = Check {
    summary: "libraries that one of two builds needs and the other does not",
    why: "Another list of needed libraries (`DT_NEEDED`) is another program: a part was left out, another implementation was linked, or \
          the image for production needs one more file. Another version of the same library (`libssl.so.1.0.0`, `libssl.so.3`) is told as \
          one change. The loader, `libgcc_s`, and the parts that glibc 2.34 took into `libc.so.6` (`libpthread`, `libdl`, `librt`, \
          `libutil`, `libanl`) are silent.",
    level: Level::Look,
    fix: FixPromise::ByHand("which of them are wanted is for a person to say"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(Pair { old, new }) = objects.both().filter(|p| p.old.file.kind.linked() && p.new.file.kind.linked())
    else {
        return;
    };
    let (gone, come) = (only_in(&old.file.needed, &new.file.needed), only_in(&new.file.needed, &old.file.needed));
    let stem = |name: &str| name.split(".so").next().unwrap_or(name).to_owned();
    for name in &come {
        let before = gone.iter().find(|g| stem(g) == stem(name));
        let message = match before {
            Some(before) => format!("the old build needs `{before}`, the new one `{name}`"),
            None => format!("the new build needs `{name}`, the old one does not"),
        };
        let help = "see that it is wanted, and that it goes with the program to production".into();
        out.push(Problem { what: (*name).clone(), message, help, ..Problem::default() });
    }
    for name in gone.iter().filter(|g| !come.iter().any(|c| stem(c) == stem(g))) {
        out.push(Problem {
            of: Which::Old,
            what: (*name).clone(),
            message: format!("the old build needs `{name}`, the new one does not"),
            help: "see that nothing was left out: the linker drops what no symbol needs with `-Wl,--as-needed`".into(),
            ..Problem::default()
        });
    }
}

/// What glibc 2.34 has in `libc.so.6`, and what comes with the compiler.
const SAME: [&str; 7] = ["libpthread.so", "libdl.so", "librt.so", "libutil.so", "libanl.so", "libgcc_s.so", "ld-linux"];

fn only_in<'a>(these: &'a [String], others: &[String]) -> Vec<&'a String> {
    these.iter().filter(|n| !others.contains(n) && !SAME.iter().any(|s| n.starts_with(s))).collect()
}
