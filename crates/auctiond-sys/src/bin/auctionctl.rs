//! The command of the port: C's from `main` on, with what has moved to Rust in it.

use auctiond_sys::ffi::{Auctionctl, run};

fn main() {
    std::process::exit(run(Auctionctl))
}
