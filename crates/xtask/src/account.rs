//! What the commands that reach an account share: settings, the image that was made last, time, questions.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use container::image::Image;
use release::config::{Config, Environment};

/// Where settings are looked for.
pub(crate) const CONFIG: &str = "ci/release.toml";

/// Seconds between two looks.
pub(crate) fn every(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected seconds".to_owned())?;
    if (0.01..=600.0).contains(&seconds) { Ok(seconds) } else { Err("expected 0.01 to 600".to_owned()) }
}

/// A settings file: that of the workspace where there is none here.
pub(crate) fn file(config: &Path) -> PathBuf {
    if config.exists() { config.to_owned() } else { crate::root().join(config) }
}

/// The environment that is named; without a name the only one that `fits`.
pub(crate) fn environment(
    config: &Path,
    name: Option<&str>,
    fits: impl Fn(&Environment) -> bool,
) -> Result<(String, Environment)> {
    let path = file(config);
    let config = Config::load(&path, &|name| std::env::var(name).ok())?;
    let mut those = config.environments.iter().filter(|(_, e)| fits(e)).map(|(name, _)| name.as_str());
    let name = match (name, those.next(), those.next()) {
        (Some(name), ..) | (None, Some(name), None) => name.to_owned(),
        _ => {
            let names: Vec<&str> = config.environments.keys().map(String::as_str).collect();
            bail!("--env is missing: `{}` has {}", path.display(), names.join(", "));
        }
    };
    let environment = config.environment(&name).cloned().map_err(|e| anyhow!(e)).context("--env")?;
    Ok((name, environment))
}

/// The options that mean an environment again.
pub(crate) fn again(name: &str, config: &Path) -> String {
    let with = if config == Path::new(CONFIG) { String::new() } else { format!(" --config {}", config.display()) };
    format!("--env {name}{with}")
}

/// The digest of the image that was made last.
pub(crate) fn last_image(environment: &Environment) -> Result<String> {
    let name = environment.repository.to_string();
    let layout = crate::target_dir().join("image").join(&name);
    let image = Image::open(&layout, &name)
        .with_context(|| format!("--image is missing, and no image was made in `{}`", layout.display()))?;
    Ok(image.digest)
}

pub(crate) fn block<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Runtime::new()?.block_on(work)
}

/// Whether there is somebody to ask.
pub(crate) fn somebody() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks, and gives back what was typed; none after Ctrl-C, which does not end a read of a line.
pub(crate) fn question(text: &str, stopped: &dyn Fn() -> bool) -> Result<Option<String>> {
    anstream::eprint!("{text} ");
    std::io::stderr().flush()?;
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        tell.send(read.map(|_| answer.trim().to_owned()))
    });
    loop {
        match told.recv_timeout(Duration::from_millis(50)) {
            Ok(answer) => return Ok(Some(answer?)),
            Err(RecvTimeoutError::Timeout) if !stopped() => {}
            Err(_) => return Ok(None),
        }
    }
}

/// Asks for a yes.
pub(crate) fn yes(text: &str, stopped: &dyn Fn() -> bool) -> Result<bool> {
    Ok(matches!(question(&format!("{text}? [y/N]"), stopped)?.as_deref(), Some("y" | "Y" | "yes")))
}
