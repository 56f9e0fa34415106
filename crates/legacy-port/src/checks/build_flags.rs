use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "a compiler flag of the project that is meant for the old processor",
    why: "`-m32` and `-march=i686` choose the old target, whatever is asked for. `-malign-double`, `-mregparm`, `-mrtd` and \
          `-mpreferred-stack-boundary=2` choose another ABI of i386, which x86_64 does not have: records or calls of the old \
          build are not those that a plain i386 build has. `-L/usr/lib32` and `-melf_i386` link for it. Told once for each \
          flag, where it is written first. Silent in `[old]` of the project file, where only the old target has it, and for \
          `-D_FILE_OFFSET_BITS=64`, which the old target needs and the new one does not mind.",
    level: Level::Look,
    fix: FixPromise::ByHand("to `flags` of `[old]` with what only the old target needs; the rest goes"),
    visits: &[Kind::Unit],
    look,
};

/// Flags, with a `*` for the rest of one, and what they are to the new target.
const FLAGS: &[(&str, &str)] = &[
    ("-L/lib32*", LINKS),
    ("-L/usr/lib32*", LINKS),
    ("-L/usr/lib/i386-linux-gnu*", LINKS),
    ("-Wl,--dynamic-linker=/lib/ld-linux.so.2", LINKS),
    ("-Wl,-m,elf_i386", LINKS),
    ("-Wl,-melf_i386", LINKS),
    ("-m32", CHOOSES),
    ("-m386", CHOOSES),
    ("-m486", CHOOSES),
    ("-malign-double", "puts `double` and `long long` at other offsets than {old} has without it; {new} always does"),
    ("-march=athlon*", CHOOSES),
    ("-march=i386", CHOOSES),
    ("-march=i486", CHOOSES),
    ("-march=i586", CHOOSES),
    ("-march=i686", CHOOSES),
    ("-march=k6*", CHOOSES),
    ("-march=pentium*", CHOOSES),
    ("-mcpu=i386", CHOOSES),
    ("-mcpu=i486", CHOOSES),
    ("-mcpu=i586", CHOOSES),
    ("-mcpu=i686", CHOOSES),
    ("-mcpu=pentium*", CHOOSES),
    ("-melf_i386", LINKS),
    ("-mfpmath=387", "asks for the 80 bits of the x87, which functions of {new} neither take nor return"),
    ("-mpreferred-stack-boundary=2", "aligns the stack to 4 bytes, which {new} does not allow"),
    ("-mregparm=*", CALLS),
    ("-mrtd", CALLS),
    ("-msoft-float", CALLS),
    ("-mx32", CHOOSES),
];

const CHOOSES: &str = "builds for {old} or is refused for {new}";
const LINKS: &str = "links with files of {old}";
const CALLS: &str = "calls functions in another way than {old} does without it; {new} has one way";

fn look(unit: Expr, problems: &mut Vec<Problem>) {
    let processor = unit.tree.sides.as_ref().map(|s| s.processor.as_str());
    if processor.old != "i386" || processor.new == "i386" {
        return;
    }
    for (flag, place) in &unit.tree.flags {
        let Some((_, meaning)) = FLAGS.iter().find(|(f, _)| is(flag, f)) else { continue };
        problems.push(Problem {
            place: *place,
            message: format!("`{flag}` {meaning}"),
            help: "leave it to `[old]`, if the old build needs it".into(),
            ..Problem::default()
        });
    }
}

/// Whether a flag is the listed one.
fn is(flag: &str, listed: &str) -> bool {
    listed.strip_suffix('*').map_or(flag == listed, |start| flag.starts_with(start))
}
