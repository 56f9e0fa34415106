use crate::binary::check::{Check, Problem};
use std::collections::HashMap;

use crate::binary::object::Object;
use crate::binary::pairs;
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "exported variables that have another size in the new build",
    why: "A variable of another size is a difference in layout that shows without debug information: a record with a `long` or a pointer \
          in it, or an array of such. What other programs were built with, and copies that are written to files, expect the old \
          size. One that is exactly twice as large, and one of 4 bytes that has 8, is an array of pointers or longs, or one of them: \
          that is what the port does, and one to look at. Names that compilers make (vtables, `_ZTI`), and copies of \
          variables of other libraries (`stdout`), are silent, and so are symbols without a size.",
    level: Level::May,
    fix: FixPromise::ByHand("whether the layout leaves the program is for a person to say"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(pair) = objects.both() else { return };
    let sizes: HashMap<&str, u64> = pairs::data(pair.old).map(|s| (s.name.as_str(), s.size)).collect();
    for s in pairs::data(pair.new) {
        let Some(&old) = sizes.get(s.name.as_str()).filter(|&&old| old != s.size && old > 0 && s.size > 0) else {
            continue;
        };
        out.push(Problem {
            what: s.name.clone(),
            message: format!(
                "the variable `{}` has {old} bytes in the old build and {} in the new one",
                s.name, s.size
            ),
            help:
                "where it is written to files, sent, or shared with programs that are not built anew, give its members \
                   types of fixed width (`int32_t`); `legacy-port audit` tells which member it is"
                    .into(),
            calm: s.size == 2 * old,
            ..Problem::default()
        });
    }
}
