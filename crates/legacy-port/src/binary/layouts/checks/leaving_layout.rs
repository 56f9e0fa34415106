use crate::binary::layouts::check::{Check, Leaves, Problem, Subject};
use crate::check::{FixPromise, Level};

pub(super) const CHECK: Check = Check {
    summary: "records whose bytes leave the process, laid out otherwise in the new build",
    why: "What one build writes to a file, sends, maps or shares the other one reads elsewhere. That a record leaves the process \
          is what its source says (`--project`, as `persisted_layout` follows it) or what `[ffi]` of the project names; \
          without source nothing is known of that, and `differing_layout` tells of the record. Silent where size and all \
          offsets agree: where the record itself may lie is another thing.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("whether old files and peers must be read is a question of the program"),
    look: |s| {
        let change = s.change.filter(|_| s.leaves == Leaves::Yes)?;
        Some(Problem {
            message: format!("{}; its bytes leave the process", s.sizes(change)),
            help: "give its members types of fixed width (<stdint.h>) and explicit padding; `legacy-port lock` keeps them \
                   where they are"
                .into(),
            notes: s.facts(change),
            calm: !Subject::moved(change),
        })
    },
};
