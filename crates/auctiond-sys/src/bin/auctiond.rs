//! The daemon of the port: C's from `main` on, with what has moved to Rust in it.

use auctiond_sys::ffi::{Auctiond, run};

fn main() {
    std::process::exit(run(Auctiond))
}
