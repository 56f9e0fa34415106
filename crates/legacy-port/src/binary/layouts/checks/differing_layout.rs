use crate::binary::layouts::check::{Check, Leaves, Problem, Subject};
use crate::check::{FixPromise, Level};

pub(super) const CHECK: Check = Check {
    summary: "records that are laid out otherwise in the new build",
    why: "Harmless as long as the bytes stay in the process. A record without a pointer in it may well be written to a file, sent \
          or shared; one with a pointer, a number by its own name and one that is only aligned otherwise are ones to look at. With source \
          (`--project`) it is known which records leave the process, and all others are ones to look at.",
    level: Level::May,
    fix: FixPromise::ByHand("whether the layout leaves the program is for a person to say"),
    look: |s| {
        let change = s.change.filter(|_| s.leaves != Leaves::Yes)?;
        let alone = change.layouts.old.members.is_empty();
        Some(Problem {
            message: s.sizes(change),
            help: "where its bytes leave the process, use types of fixed width (<stdint.h>) and explicit padding"
                .into(),
            notes: s.facts(change),
            calm: !Subject::moved(change) || change.pointers || alone || s.leaves == Leaves::No,
        })
    },
};
