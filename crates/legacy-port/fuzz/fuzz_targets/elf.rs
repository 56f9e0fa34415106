//! See `looks::elf`.

#![no_main]

#[path = "../../tests/hostile/looks.rs"]
#[allow(dead_code)] // each target uses its half
mod looks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = looks::elf(bytes);
});
