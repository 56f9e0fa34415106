//! Which records leave the process, where nobody names them.

use std::collections::BTreeSet;

use crate::checks::leaving_records;
use crate::project::Project;
use crate::source::clang::Parsed;
use crate::source::merge::merge;
use crate::source::program::Facts;
use crate::target::Pair;
use crate::{Result, audit};

/// The names of records whose bytes go out or come in, in any unit, as `persisted_layout` knows it; `seen` is shown each unit,
/// for what else is to be known of it.
pub(crate) fn leaving(project: &Project, mut seen: impl FnMut(Pair<&Parsed>)) -> Result<BTreeSet<String>> {
    let mut facts = Facts::default();
    let (mut names, mut asked) = (BTreeSet::new(), Vec::new());
    audit::each(project, |parsed| {
        seen(parsed.as_ref());
        let tree = merge(parsed.old, parsed.new);
        for (name, need) in leaving_records(&tree) {
            match need {
                None => drop(names.insert(name)),
                Some(need) => asked.push((name, need.map(|slot| slot.key(&tree)))),
            }
        }
        facts.extend(Facts::of(&tree));
    })?;
    // Whether a function of the program sends out what it is handed, only the whole program knows.
    names.extend(asked.into_iter().filter(|(_, need)| facts.judge(Some(need), &[]).is_some()).map(|(name, _)| name));
    Ok(names)
}
