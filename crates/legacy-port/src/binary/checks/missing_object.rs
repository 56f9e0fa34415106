use crate::binary::check::{Check, Problem};
use crate::binary::object::Object;
use crate::binary::pairs;
use crate::check::{FixPromise, Level};
use crate::target::{Pair, Which};

pub(super) const CHECK: Check = Check {
    summary: "files and members of archives that the old build has and the new one does not",
    why: "Where two folders or two archives are compared, what only the old one holds was left out of the new build, often by an `#ifdef` \
          or a line of the Makefile for the old processor, or is called otherwise there. Files belong together by their path; then by \
          their path without what names a class or processor (`lib`, `lib64`, `lib/i386-linux-gnu` are one folder); then by the \
          name that a library is needed by, and by that name without its version. A member of an archive whose functions and data \
          are all in other members is told more calmly. Of two single files there is nothing to compare names with.",
    level: Level::May,
    fix: FixPromise::ByHand("whether anybody still needs it is for a person to say"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(old) = objects.old.filter(|o| o.beside.alone && objects.new.is_none()) else { return };
    let file = old.path.file_name().unwrap_or_default().to_string_lossy();
    let message = match &old.member {
        Some(member) => format!("the old archive has the member `{member}` and the new one has none of this name"),
        None => format!("the old build has `{file}` and the new one has nothing of this name"),
    };
    let mut exports = old.exports().filter(|s| pairs::of_program(s));
    let moved = old.member.is_some() && exports.all(|s| old.beside.exports.contains(&s.name));
    out.push(Problem {
        of: Which::Old,
        what: old.member.clone().unwrap_or_else(|| file.into_owned()),
        message,
        help: "build it for 64 bits too, or see that nothing needs it any more".into(),
        calm: moved,
        ..Problem::default()
    });
}
