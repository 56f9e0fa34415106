//! Where `release.toml` says something.

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

/// The settings that an environment came from.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file.
    pub path: PathBuf,
    /// What it contains.
    pub text: String,
    /// Name of the environment.
    pub name: String,
}

impl Settings {
    /// The line of a key of the environment, such as `task.port`, from 1; where it is absent that of what it would be in.
    #[must_use]
    pub fn line(&self, key: &str) -> usize {
        self.byte(key).map_or(1, |b| self.text.as_bytes().iter().take(b).filter(|c| **c == b'\n').count() + 1)
    }

    fn byte(&self, key: &str) -> Option<usize> {
        let root = DeTable::parse(&self.text).ok()?;
        let mut table = root.get_ref();
        let mut byte = None;
        for part in ["environment", self.name.as_str()].into_iter().chain(key.split('.')) {
            let Some((key, value)) = table.get_key_value(part) else { break };
            byte = Some(key.span().start);
            let DeValue::Table(inner) = value.get_ref() else { break };
            table = inner;
        }
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_lines() {
        let text = "# a\n[environment.x]\naccount = \"1\"\n\n[environment.x.task]\nport = 1\n".to_owned();
        let settings = |name: &str| Settings { path: "release.toml".into(), text: text.clone(), name: name.into() };
        let lines: Vec<usize> = ["account", "task.port", "task.none", "none"].map(|k| settings("x").line(k)).into();
        assert_eq!(lines, [3, 6, 5, 2]);
        assert_eq!(settings("y").line("account"), 2);
        let broken = Settings { text: "[".into(), ..settings("x") };
        assert_eq!(broken.line("account"), 1);
    }
}
