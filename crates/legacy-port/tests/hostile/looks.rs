//! What is done to bytes that may be anything: by a test to those that were once of interest, by `cargo fuzz` to new ones.

use std::path::Path;

use legacy_port::binary::compare::compare;
use legacy_port::binary::dwarf::{self, Options};
use legacy_port::binary::{audit, checks, elf};
use legacy_port::report::layout;
use legacy_port::target::Pair;

/// As an object, a program or an archive: read, and what was read is judged. How many objects it is.
pub(crate) fn elf(bytes: &[u8]) -> Result<usize, String> {
    let objects = elf::objects_in(bytes).inspect_err(printable)?;
    for object in &objects {
        for pair in [Pair { old: Some(object), new: objects.first() }, Pair { old: None, new: Some(object) }] {
            let _ = audit::audit(pair, checks::ALL, Path::new("/"));
        }
    }
    Ok(objects.len())
}

/// As a file with debug information: read, predicted, compared and drawn. How many records it has.
pub(crate) fn dwarf(bytes: &[u8]) -> Result<usize, String> {
    let debug = dwarf::parse(bytes, Options { predict: true, ..Options::default() }).inspect_err(printable)?;
    assert!(compare(&debug, Some(&debug)).changes.is_empty(), "a build against itself");
    for change in compare(&debug, None).changes.iter().take(4) {
        let _ = change.growth();
        let _ = layout::svg(change.layouts.as_ref(), Pair { old: "old", new: "new" }, "record");
    }
    Ok(debug.records.len())
}

/// A name out of a hostile file must not get to the terminal as it is.
#[allow(clippy::ptr_arg)] // what `inspect_err` gives
fn printable(reason: &String) {
    assert!(!reason.is_empty() && !reason.chars().any(|c| c.is_control() && c != '\t'), "{reason:?}");
}
