//! Which records leave the process, where nobody names them.

use std::collections::BTreeSet;

use crate::Result;
use crate::checks::leaving_records;
use crate::compile;
use crate::project::Project;
use crate::source::clang::Clang;
use crate::source::program::Facts;

/// The names of records whose bytes go out or come in, in any unit, as `persisted_layout` knows it.
pub(crate) fn leaving(project: &Project) -> Result<BTreeSet<String>> {
    let clang = Clang::load()?;
    let targets = project.targets.as_ref();
    let includes = targets.map(compile::system_includes);
    let mut facts = Facts::default();
    let (mut names, mut asked) = (BTreeSet::new(), Vec::new());
    for unit in &project.units {
        let tree = crate::audit::parse(&clang, unit, targets, includes.as_ref().map(Vec::as_slice))?;
        for (name, need) in leaving_records(&tree) {
            match need {
                None => drop(names.insert(name)),
                Some(need) => asked.push((name, need.map(|slot| slot.key(&tree)))),
            }
        }
        facts.extend(Facts::of(&tree));
    }
    // Whether a function of the program sends out what it is handed, only the whole program knows.
    names.extend(asked.into_iter().filter(|(_, need)| facts.judge(Some(need), &[]).is_some()).map(|(name, _)| name));
    Ok(names)
}
