//! How targets lay out what C declares: sizes and alignments of scalar types.
//!
//! System V ABI, processor supplements for the Intel386 (figure 3-1, and gcc's `long double` and complex types) and AMD64
//! (3.1.2); Procedure Call Standards for the Arm 32 and 64-bit Architectures.

/// Processors whose rules are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arch {
    /// Intel386.
    I386,
    /// AMD64.
    X86_64,
    /// AMD64 with pointers of 32 bits.
    X32,
    /// Arm, 64 bit.
    Aarch64,
    /// Arm, 32 bit.
    Arm,
    /// Another one, whose scalars are taken to be aligned to their size.
    #[default]
    Other,
}

/// What an object is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Processor and ABI.
    pub arch: Arch,
    /// 32 or 64: the ELF class.
    pub bits: u8,
    /// Whether the lowest byte comes first.
    pub little: bool,
}

impl Machine {
    /// AMD64 with `LP64`: what is predicted for.
    pub const X86_64: Self = Self { arch: Arch::X86_64, bits: 64, little: true };

    /// Bytes of a pointer.
    #[must_use]
    pub fn pointer(self) -> u64 {
        if self.arch == Arch::X32 || self.bits == 32 { 4 } else { 8 }
    }

    /// Alignment in bytes of a scalar of `size` bytes within a record. A complex number has that of its parts: give their
    /// size.
    #[must_use]
    pub fn align(self, size: u64) -> u64 {
        match (self.arch, size) {
            (_, 0) => 1,
            // gcc's `-malign-double` is off: 8 bytes are aligned as 4, and so is the `long double` of 12 bytes.
            (Arch::I386, 8 | 12) => 4,
            (_, size) => (1 << size.trailing_zeros().min(4)).min(16),
        }
    }

    /// The name as people write it in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match (self.arch, self.bits) {
            (Arch::I386, _) => "i386",
            (Arch::X86_64, _) => "x86_64",
            (Arch::X32, _) => "x32",
            (Arch::Aarch64, _) => "aarch64",
            (Arch::Arm, _) => "arm",
            (Arch::Other, 32) => "a 32-bit processor",
            (Arch::Other, _) => "a 64-bit processor",
        }
    }
}
