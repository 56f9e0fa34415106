//! How much memory the container gets: what its task definition says, or what a person says.

use anyhow::{Context, Result, anyhow};
use release::config::{Config, Environment};
use release::memory::{Limit, Memory};
use release::setting::Setting;

/// The settings of a release.
const SETTINGS: &str = "ci/release.toml";

#[derive(clap::Args)]
pub(crate) struct Given {
    /// Memory limit, such as `256M` or `1G`, or `none`; unless said, `memory` of the task in ci/release.toml: of the
    /// environments whose `repository` is the image's name, the one with the least. Where this machine cannot enforce
    /// it, that is told and the image runs without
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<Wanted>,
    /// Take the limit from this environment of ci/release.toml
    #[arg(long, value_name = "NAME", conflicts_with = "memory")]
    env: Option<String>,
}

/// What was said by hand.
#[derive(Clone, Copy)]
enum Wanted {
    None,
    Limit(Limit),
}

fn size(text: &str) -> Result<Wanted, String> {
    if text == "none" {
        Ok(Wanted::None)
    } else {
        text.parse().map(Wanted::Limit).map_err(|e| format!("{e}, or `none`"))
    }
}

impl Given {
    /// The limit for an image. That there is none is told, with the reason, where nobody asked for that.
    pub(crate) fn limit(&self, image: &str) -> Result<Option<Limit>> {
        match self.memory {
            Some(Wanted::None) => return Ok(None),
            Some(Wanted::Limit(limit)) => return Ok(Some(limit)),
            None => {}
        }
        let config = Config::load(&crate::root().join(SETTINGS), &|name| std::env::var(name).ok());
        if let Some(name) = &self.env {
            let config = config?;
            let environment = config.environment(name).map_err(|e| anyhow!(e)).context("--env")?;
            return Ok(Limit::mebibytes(environment.task.memory));
        }
        let found = config.map_err(|e| e.to_string()).and_then(|config| least(&config, image));
        match found {
            Ok(limit) => Ok(Some(limit)),
            Err(why) => {
                anstream::eprintln!("no memory limit: {why}; `--memory 512M` gives one");
                Ok(None)
            }
        }
    }
}

/// The least that the environments of an image give their tasks: what runs within that runs in all of them.
fn least(config: &Config, image: &str) -> Result<Limit, String> {
    let ours = |e: &&Environment| matches!(&e.repository, Setting::Known(name) if name == image);
    let limits = config.environments.values().filter(ours).filter_map(|e| Limit::mebibytes(e.task.memory));
    limits.min().ok_or_else(|| format!("no environment of {SETTINGS} has `repository = \"{image}\"`"))
}

/// Says once when a limit is not enforced.
pub(crate) fn warn(memory: &Memory) {
    if let Some(warning) = memory.warning() {
        anstream::eprintln!("\x1b[33mwarning\x1b[0m: {warning}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_of_its_own_environments_counts() {
        let path = crate::root().join(SETTINGS);
        let text = std::fs::read_to_string(&path).unwrap();
        let one = Config::parse(&path, &text, &|_| Some("x".into())).unwrap();
        let (name, environment) = one.environments.iter().next().unwrap();
        let with = |name: &str, memory, repository: &str| {
            let mut other = environment.clone();
            other.task.memory = memory;
            other.repository = Setting::Known(repository.into());
            (name.to_owned(), other)
        };
        let environments = [with(name, 1024, "shop"), with("small", 512, "shop"), with("other", 256, "other")].into();
        let config = Config { environments };
        assert_eq!(least(&config, "shop"), Ok(Limit::mebibytes(512).unwrap()));
        assert!(least(&config, "nobody").unwrap_err().contains("`repository = \"nobody\"`"));
    }
}
