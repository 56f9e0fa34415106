//! The command `legacy-port`: one file per verb.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // SAFETY: nothing else runs yet.
    #[allow(unsafe_code)]
    unsafe {
        legacy_port::source::clang::Clang::prepare();
    }
    let args = cli::Args::parse();
    match cli::run(args) {
        Ok(code) => code,
        Err(e) => {
            anstream::eprintln!("error: {e:#}");
            ExitCode::from(2)
        }
    }
}
