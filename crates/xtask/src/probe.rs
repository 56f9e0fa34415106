//! The hidden verb that [`release::runtime`] runs in a container's network.

use std::process::ExitCode;

use anyhow::Result;

pub(crate) fn run(url: &str) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(release::probe::get(url))?;
    anstream::print!("{}", answer.to_text());
    Ok(ExitCode::SUCCESS)
}
