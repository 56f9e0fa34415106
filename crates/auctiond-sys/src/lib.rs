//! The library half of `auctiond`, ported to 64 bits, compiled and linked: the seam along which its functions move to Rust.
//!
//! ```text
//! build.rs  the port (legacy-c/auctiond with its patch series) -> objects, with the lock compiled beside them
//! lock      records that must not move, as Rust takes them over; written by `legacy-port lock`
//! ffi       C's functions, safe to call; Rust's functions, for C to call
//! cksum     the checksums, moved: the C code of the port calls these
//! bin       both programs, which are C's from `main` on and have all that has moved in them
//! ```
//!
//! A function moves in three steps: it is written in Rust beside C's, a property test proves the two equal, then C's own gets
//! another name in the build and `ffi` exports Rust's in its place. C's code stays for the proof.

pub mod cksum;
pub mod ffi;
#[path = "../lock/auctiond_lock.rs"]
pub mod lock;
