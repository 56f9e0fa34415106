//! The checksums in Rust are those of the ported C, and of the original in its i386 assembler.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use auctiond_sys::{cksum, ffi};
use legacy_port::compile;
use legacy_port::project::Project;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest};

/// Bytes of any length, more of the short ones, and of those where sums run over: high bytes alone, zeros alone.
fn bytes(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => vec(any::<u8>(), 0..=64),
        2 => vec(any::<u8>(), 0..=longest),
        1 => vec(0x80_u8..=0xFF, 0..=longest),
        1 => (0..=longest).prop_map(|n| vec![0xFF; n]),
        1 => (0..=longest).prop_map(|n| vec![0; n]),
    ]
}

fn in_rust(bytes: &[u8]) -> (u32, u32) {
    (cksum::words(bytes), cksum::adler(bytes))
}

fn in_c(bytes: &[u8]) -> (u32, u32) {
    (ffi::cksum_words(bytes), ffi::cksum_adler(bytes))
}

/// The original's `cksum.c` as a 32-bit program, built once.
static ORIGINAL: LazyLock<PathBuf> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = Project::load(&here.join("../../legacy-c/auctiond")).unwrap();
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cksum32");
    let mut command = compile::compiler(&project.targets.old).unwrap();
    command.args(&project.units[0].flags).arg("-o").arg(&program);
    let output = command.arg(here.join("c/cksum32.c")).arg(project.root.join("src/cksum.c")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // ELFCLASS32: the assembler of that file is of no other machine.
    assert_eq!(fs::read(&program).unwrap()[..5], *b"\x7fELF\x01");
    program
});

/// What the 32-bit program says of each.
fn in_the_original(all: &[Vec<u8>]) -> String {
    let mut input = Vec::new();
    for bytes in all {
        input.extend(i32::try_from(bytes.len()).unwrap().to_le_bytes());
        input.extend(bytes);
    }
    let mut program = Command::new(&*ORIGINAL);
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a 32-bit program runs");
    let mut stdin = child.stdin.take().unwrap();
    // It answers while it is being asked.
    let asking = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    asking.join().unwrap().unwrap();
    assert!(output.status.success(), "{}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn told(all: &[Vec<u8>]) -> String {
    all.iter().map(|b| in_rust(b)).fold(String::new(), |mut text, (words, adler)| {
        let _ = writeln!(text, "{words} {adler}");
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rust_is_the_ported_c(bytes in bytes(4096)) {
        prop_assert_eq!(in_rust(&bytes), in_c(&bytes));
    }

    /// Where the bytes begin in memory does not matter, nor what is behind them.
    #[test]
    fn wherever_they_are(bytes in bytes(64), before in 0_usize..9, behind in 0_usize..9) {
        let padded = [&vec![0xA5; before][..], &bytes, &vec![0x5A; behind]].concat();
        let within = &padded[before..padded.len() - behind];
        prop_assert_eq!(in_rust(within), in_c(&bytes));
        prop_assert_eq!(in_c(within), in_rust(&bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rust_is_the_original(all in vec(bytes(2048), 1..64)) {
        prop_assert_eq!(told(&all), in_the_original(&all));
    }
}

/// All lengths around the ends of words, and buffers of mebibytes, where counts and sums run over often.
#[test]
fn short_and_large_ones() {
    let noise = |n: u32| -> Vec<u8> {
        (0..n)
            .map(|i| i.wrapping_mul(2_654_435_761).wrapping_add(i >> 3).to_be_bytes()[0] | u8::from(i % 7 == 0) << 7)
            .collect()
    };
    let lengths = (0..=40).chain([(1 << 16) - 1, 1 << 16, (1 << 20) + 3, (16 << 20) + 1]);
    let mut all: Vec<Vec<u8>> = lengths.map(noise).collect();
    all.extend([vec![0xFF; (4 << 20) + 2], vec![0; 4 << 20]]);
    for bytes in &all {
        assert_eq!(in_rust(bytes), in_c(bytes), "{} bytes", bytes.len());
    }
    assert_eq!(told(&all), in_the_original(&all));
    // As both say of no bytes at all: the equality above is not one of zeros.
    assert_eq!(in_rust(&[]), (0, 1));
    assert_eq!(in_rust(b"auction "), in_c(b"auction "));
    assert_ne!(in_rust(b"auction "), in_rust(b"auction!"));
}
