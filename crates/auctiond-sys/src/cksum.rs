//! `src/cksum.c` in Rust. Sums are in files that the 32-bit program wrote: no bit of them may change.

/// The checksum of journal entries and of the feed, over whole words of 4 bytes; what is left over at the end is not summed,
/// and less than a word gives 0.
///
/// The original was i386 assembler. As in C, the count of words is a number of 32 bits.
#[must_use]
pub fn words(bytes: &[u8]) -> u32 {
    let (words, _) = bytes.as_chunks::<4>();
    if words.is_empty() {
        return 0;
    }
    #[allow(clippy::cast_possible_truncation)] // as C's `(u32)(nbytes / 4)`
    let count = words.len() as u32;
    let left = (1..=count).rev();
    words
        .iter()
        .zip(left)
        .fold(0x4155_4331, |sum: u32, (word, left)| (sum.rotate_left(3) ^ u32::from_ne_bytes(*word)).wrapping_add(left))
}

/// The checksum of the heads of files: like that of zlib (RFC 1950, Adler-32) without its modulus, and with a factor of 33.
#[must_use]
pub fn adler(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = a.wrapping_mul(33).wrapping_add(u32::from(*byte));
        b = b.wrapping_add(a);
    }
    (b << 16) ^ (b >> 16) ^ a
}
