use crate::binary::layouts::check::{Check, Problem};
use crate::check::{FixPromise, Level};

pub(super) const CHECK: Check = Check {
    summary: "records whose layout in a 64-bit build cannot be told for sure from the 32-bit one",
    why: "A layout that is predicted follows from the types. What the preprocessor chose by the target, and lengths that were worked \
          out from sizes, leave no trace in debug information; the source tells them, where it still lies where it was \
          built or in the folder that `--source` names, and lengths are worked out by it unless an `#if` chooses them. Without it a name such as `uptr` tells, and an array that \
          fills a record up to a block of memory. Silent when there are two builds.",
    level: Level::Look,
    fix: FixPromise::ByHand("only a 64-bit build shows it"),
    look: |s| {
        let (first, rest) = s.doubts.split_first()?;
        let stays =
            if s.change.is_some() { "may be laid out otherwise than predicted" } else { "may not stay as it is" };
        Some(Problem {
            message: format!("`{}` {stays}: {first}", s.name),
            help: "build it for the new target, or look at what is named, before relying on the prediction".into(),
            notes: rest.to_vec(),
            calm: false,
        })
    },
};
