//! The command `legacy-port`: one file per verb.

mod cli;

use std::process::ExitCode;

use clap::Parser;
use legacy_port::report::shown;

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
            // Names of files and of what stands in them are not ours; lines of a compiler stay lines.
            anstream::eprint!("{}", shown(&format!("error: {e:#}")));
            ExitCode::from(2)
        }
    }
}
