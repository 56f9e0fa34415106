//! What the verbs over built files share: settings of the folder that they are called in, and the report.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use legacy_port::audit::Audit;
use legacy_port::baseline::Baseline;
use legacy_port::excerpt::Lines;
use legacy_port::project::Project;
use legacy_port::replace;
use legacy_port::report::{Paths, html, text};
use legacy_port::rule::Rule;
use legacy_port::settings::{self, Choice, FailOn, Settings};
use legacy_port::target::{Pair, Target};

use super::chosen::Chosen;
use super::format::{self, Format};
use super::print;

/// How findings in what was built are told.
#[derive(clap::Args)]
pub(super) struct Reporting {
    /// What to write
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    judged: Judged,
}

/// The current folder, and what `[audit]` of a `legacy-port.toml` there and the command line say.
pub(super) fn settings_of(command: &Choice) -> Result<(PathBuf, Settings)> {
    let root = std::env::current_dir().context("the current folder")?;
    let file = root.join("legacy-port.toml");
    let of_project = if file.is_file() { Project::load(&file)?.audit } else { Choice::default() };
    let settings = Settings::of(&of_project, &root, command);
    Ok((root, settings))
}

/// Which findings count.
#[derive(Clone, clap::Args)]
pub(super) struct Judged {
    /// Exit with status 1 when there is a new finding of this level or worse: `breaks`, `may`, `look` or `never`
    #[arg(long, value_name = "LEVEL", value_parser = settings::fail_on)]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    chosen: Chosen,
}

impl Judged {
    /// The folder that files are told from, and what `[audit]` of a `legacy-port.toml` there and the command line say.
    pub(super) fn settings(&self) -> Result<(PathBuf, Settings)> {
        settings_of(&self.choice()?)
    }

    /// Whether nothing that is found is a failure.
    pub(super) fn never_fails(&self) -> bool {
        self.fail_on == Some(FailOn::Never)
    }

    /// What the command line says.
    pub(super) fn choice(&self) -> Result<Choice> {
        Ok(Choice { fail_on: self.fail_on, ..self.chosen.choice()? })
    }
}

impl Reporting {
    pub(super) fn new(format: Format, output: Option<PathBuf>, judged: Judged) -> Self {
        Self { format, output, judged }
    }

    /// As [`Judged::settings`].
    pub(super) fn settings(&self) -> Result<(PathBuf, Settings)> {
        self.judged.settings()
    }

    /// As [`Judged::choice`].
    pub(super) fn choice(&self) -> Result<Choice> {
        self.judged.choice()
    }

    /// Settles what was found, and tells it; `name` is the title of a page.
    pub(super) fn tell(&self, name: &str, audit: Audit, root: &Path, settings: &Settings) -> Result<ExitCode> {
        self.tell_of(name, audit, root, settings, &settings.binary_rules())
    }

    /// The same of other checks than those of `legacy-port elf`.
    pub(super) fn tell_of(
        &self,
        name: &str,
        audit: Audit,
        root: &Path,
        settings: &Settings,
        rules: &[Rule],
    ) -> Result<ExitCode> {
        let audit = settings.settle_files(rules, audit, root, &Baseline::read(&settings.baseline)?);
        let targets = Pair { old: Target::i386(), new: Target::x86_64() };
        let paths = Paths::new(root, root);
        let lines = if self.format == Format::Html { Lines::around(root, &audit.findings) } else { Lines::default() };
        let report = self.format.of(
            &html::Input {
                project: name,
                audit: &audit,
                selected: rules,
                targets: targets.as_ref(),
                paths: &paths,
                lines: &lines,
            },
            format::screen(self.output.is_none()),
        );
        match &self.output {
            None => print(&report)?,
            Some(path) => replace(path, report.as_bytes())?,
        }
        // A text on the terminal has it.
        if self.format != Format::Text || self.output.is_some() {
            anstream::eprint!("{}", text::said(&audit));
        }
        Ok(ExitCode::from(u8::from(settings.fails(&audit))))
    }
}
