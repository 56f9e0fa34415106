//! Targets, data models, and the pair that everything is looked at for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Sizes of the basic C types, as the field names them: which of `int`, `long` and pointers have how many bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataModel {
    /// `int`, `long` and pointers of 32 bits: i386, arm, x32.
    Ilp32,
    /// `int` of 32 bits, `long` and pointers of 64: every 64-bit Unix.
    Lp64,
}

impl fmt::Display for DataModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ilp32 => "ILP32",
            Self::Lp64 => "LP64",
        })
    }
}

/// One target: a triple as compilers know it, and what only its builds are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Target triple in LLVM's and Rust's spelling, such as `i686-unknown-linux-gnu`.
    pub triple: String,
    /// Compiler flags for this target alone.
    pub flags: Vec<String>,
}

impl Target {
    /// The processor, the first part of the triple.
    #[must_use]
    pub fn arch(&self) -> &str {
        self.triple.split('-').next().unwrap_or(&self.triple)
    }

    /// The processor's name as people write it in a sentence: `i386` for all of i386 to i686.
    #[must_use]
    pub fn short(&self) -> &str {
        match self.arch() {
            "i486" | "i586" | "i686" => "i386",
            other => other,
        }
    }

    /// Whether its compilers compute floating numbers in the registers of an x87 when they are given these flags (and the
    /// target's own): `FLT_EVAL_METHOD` is 2 then. gcc does so for every i386 unless it is told otherwise.
    #[must_use]
    pub fn is_x87(&self, flags: &[String]) -> bool {
        if self.short() != "i386" {
            return false;
        }
        let all = flags.iter().chain(&self.flags).map(String::as_str);
        let unit = all.filter_map(|f| f.strip_prefix("-mfpmath=")).next_back();
        unit.is_none_or(|unit| unit == "387") && !self.triple.contains("android")
    }

    /// The data model, from processor and ABI; `None` where it is not one of the two known here.
    #[must_use]
    pub fn model(&self) -> Option<DataModel> {
        if self.triple.ends_with("x32") {
            return Some(DataModel::Ilp32);
        }
        match self.short() {
            "i386" | "arm" | "armv7" | "riscv32" | "powerpc" | "mips" | "mipsel" | "sparc" => Some(DataModel::Ilp32),
            "x86_64" | "aarch64" | "riscv64gc" | "riscv64" | "powerpc64" | "powerpc64le" | "s390x" | "sparc64" => {
                Some(DataModel::Lp64)
            }
            _ => None,
        }
    }

    /// i386, as gcc's and clang's i686 builds of the time.
    #[must_use]
    pub fn i386() -> Self {
        Self { triple: "i686-unknown-linux-gnu".into(), flags: Vec::new() }
    }

    /// `x86_64` with glibc.
    #[must_use]
    pub fn x86_64() -> Self {
        Self { triple: "x86_64-unknown-linux-gnu".into(), flags: Vec::new() }
    }
}

/// Something known for the old and for the new target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair<T> {
    /// What it is under the old target.
    pub old: T,
    /// What it is under the new target.
    pub new: T,
}

impl<T> Pair<T> {
    /// The same function on both sides.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Pair<U> {
        Pair { old: f(self.old), new: f(self.new) }
    }

    /// Both sides borrowed.
    pub fn as_ref(&self) -> Pair<&T> {
        Pair { old: &self.old, new: &self.new }
    }

    /// Two pairs side by side.
    pub fn zip<U>(self, other: Pair<U>) -> Pair<(T, U)> {
        Pair { old: (self.old, other.old), new: (self.new, other.new) }
    }
}

impl<T: PartialEq> Pair<T> {
    /// Whether the two targets disagree.
    pub fn differs(&self) -> bool {
        self.old != self.new
    }
}

impl<T> Pair<Option<T>> {
    /// Both or nothing.
    pub fn both(self) -> Option<Pair<T>> {
        Some(Pair { old: self.old?, new: self.new? })
    }
}

/// One of the two targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// The target that the program was written for.
    Old,
    /// The target that it goes to.
    #[default]
    New,
}

impl<T> Pair<T> {
    /// The side of one target.
    pub fn get(self, which: Which) -> T {
        match which {
            Which::Old => self.old,
            Which::New => self.new,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last flag counts, as it does for gcc; `cc -m32 -dM -E -mfpmath=sse -msse2` says `__FLT_EVAL_METHOD__ 0`.
    #[test]
    fn i386_computes_on_the_x87_unless_it_is_told_otherwise() {
        let with = |flags: &[&str]| flags.iter().map(|&f| f.to_owned()).collect::<Vec<_>>();
        assert!(Target::i386().is_x87(&[]));
        assert!(!Target::i386().is_x87(&with(&["-msse2", "-mfpmath=sse"])));
        let own = Target { flags: with(&["-mfpmath=sse"]), ..Target::i386() };
        assert!(!own.is_x87(&with(&["-mfpmath=387"])));
        assert!(!Target::x86_64().is_x87(&[]));
    }
}
