//! Files that `cargo fuzz` found to lead somewhere of their own: each gives an answer or a reason.

#[path = "hostile/looks.rs"]
mod looks;

use std::path::Path;

/// How many were read, and how many refused.
fn all(folder: &str, look: fn(&[u8]) -> Result<usize, String>) -> (usize, usize) {
    let (mut read, mut refused) = (0, 0);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile").join(folder);
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        match look(&std::fs::read(&path).unwrap()) {
            Ok(found) => read += usize::from(found > 0),
            Err(_) => refused += 1,
        }
    }
    (read, refused)
}

#[test]
fn objects_and_archives() {
    let (read, refused) = all("elf", looks::elf);
    assert!(read > 50 && refused > 20, "{read} read, {refused} refused");
}

#[test]
fn debug_information() {
    let (read, refused) = all("dwarf", looks::dwarf);
    assert!(read > 50 && refused > 20, "{read} read, {refused} refused");
}
