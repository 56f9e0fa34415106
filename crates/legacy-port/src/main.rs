//! The command `legacy-port`: one file per verb.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Some(path) = legacy_port::source::clang::Clang::nearest() {
        // SAFETY: nothing else runs yet that could read the environment at the same time.
        #[allow(unsafe_code)]
        unsafe {
            std::env::set_var("LIBCLANG_PATH", path);
        }
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
