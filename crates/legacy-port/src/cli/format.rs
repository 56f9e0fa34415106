//! What reports are written as, and where to: shared by every verb that has findings.

use std::io::IsTerminal;
use std::path::PathBuf;

use legacy_port::project::Project;
use legacy_port::report;
use legacy_port::report::html::Input;
use legacy_port::report::text::Screen;

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// Source lines with the place underlined, for people at a terminal
    Text,
    /// One JSON object a finding and line, for programs
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// One page to read and filter in a browser, with source, record layouts and explanations
    Html,
    /// Summary for a pull request
    Markdown,
    /// Annotations: workflow commands of GitHub Actions
    Github,
    /// Code quality report of GitLab
    Gitlab,
}

impl Format {
    /// The report in this format.
    pub(super) fn of(self, input: &Input, screen: Screen) -> String {
        let Input { audit, targets, paths, selected, .. } = *input;
        match self {
            Self::Text => report::text::report(audit, targets, paths, screen),
            Self::Json => report::json::report(audit, paths),
            Self::Sarif => report::sarif::report(audit, selected, paths),
            Self::Github => report::github::report(audit, paths),
            Self::Gitlab => report::gitlab::report(audit, paths),
            Self::Markdown => report::markdown::report(audit, targets, paths, report::markdown::LIMIT),
            Self::Html => report::html::report(input),
        }
    }
}

/// The folder that files are told from: as whoever reads the format looks for them.
pub(super) fn base(format: Format, project: &Project) -> PathBuf {
    match format {
        Format::Text => std::env::current_dir().unwrap_or_default(),
        Format::Sarif | Format::Github | Format::Gitlab | Format::Markdown => {
            let repository = project.root.ancestors().find(|dir| dir.join(".git").exists());
            repository.unwrap_or(&project.root).to_owned()
        }
        Format::Json | Format::Html => project.root.clone(),
    }
}

/// What a text is read on: standard output, where nothing else is asked for and it is a terminal.
pub(super) fn screen(standard_output: bool) -> Screen {
    let terminal = standard_output && std::io::stdout().is_terminal();
    let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    Screen { colour: terminal, width: columns.filter(|_| terminal).unwrap_or(Screen::default().width) }
}
