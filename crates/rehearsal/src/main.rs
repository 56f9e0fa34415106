//! The command `rehearsal`.
fn main() {}
