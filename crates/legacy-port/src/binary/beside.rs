//! What is known of an object by what stands beside it in an archive or a folder.

use std::collections::BTreeSet;
use std::sync::Arc;

/// What is known of the other build of an object, where all of an archive or a folder is compared with another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Whether the other build has nothing of this name.
    pub alone: bool,
    /// Of a member of an archive: what all members of the other build's archive define. The linker takes a symbol from
    /// whichever member has it.
    pub exports: Arc<BTreeSet<String>>,
}
