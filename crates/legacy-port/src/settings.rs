//! Which checks look, at which level, where, and what fails: `[audit]` of `legacy-port.toml` and the command line, which
//! wins.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use serde::Deserialize;
use toml::Spanned;

use crate::Result;
use crate::acceptance;
use crate::audit::{self, Audit, Outcome};
use crate::baseline::{self, Baseline};
use crate::binary;
use crate::binary::inventory::rules;
use crate::binary::looked::Looked;
use crate::check::Level;
use crate::checks::{self, Entry};
use crate::ffi;
use crate::project::Project;
use crate::rule::{self, Rule};
use crate::units::Options;

/// The worst that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// New findings of this level or worse fail.
    Level(Level),
    /// Findings never fail.
    Never,
}

/// What one place says of an audit; what it does not say is left to others.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// These checks alone.
    pub only: Option<Vec<&'static str>>,
    /// All but these checks.
    pub skip: Vec<&'static str>,
    /// Levels of checks; `None` turns one off.
    pub levels: BTreeMap<&'static str, Option<Level>>,
    /// Paths of which nothing is told, relative to the project.
    pub exclude: Vec<Pattern>,
    /// What fails.
    pub fail_on: Option<FailOn>,
    /// The baseline, absolute or relative to the project.
    pub baseline: Option<PathBuf>,
}

/// What an audit goes by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The checks that look at source, sorted by name.
    pub selected: Vec<Entry>,
    /// The checks that look at what was built, sorted by name.
    pub binary: Vec<binary::checks::Entry>,
    /// The checks that look at layouts, sorted by name.
    pub layouts: Vec<binary::layouts::checks::Entry>,
    /// The checks that look at headers, sorted by name.
    pub ffi: Vec<ffi::checks::Entry>,
    /// What an inventory finds, sorted by name.
    pub inventory: Vec<Rule>,
    /// Levels that are not the checks' own.
    pub levels: BTreeMap<&'static str, Level>,
    /// Paths of which nothing is told.
    pub exclude: Vec<Pattern>,
    /// What fails.
    pub fail_on: FailOn,
    /// The baseline file, absolute.
    pub baseline: PathBuf,
}

impl Settings {
    /// The settings of a project with what the command line says. `--only` there turns on what the project has turned off.
    #[must_use]
    pub fn new(project: &Project, command: &Choice) -> Self {
        Self::of(&project.audit, &project.root, command)
    }

    /// The settings that a file in the folder `root` and the command line say.
    #[must_use]
    pub fn of(file: &Choice, root: &Path, command: &Choice) -> Self {
        let mut levels: BTreeMap<&str, Option<Level>> = file.levels.clone();
        if let Some(only) = &command.only {
            levels.retain(|name, level| level.is_some() || !only.contains(name));
        }
        levels.extend(&command.levels);
        let chosen = |name: &str| {
            let by_file = match &file.only {
                Some(only) => only.contains(&name),
                None => !file.skip.contains(&name),
            };
            // `--level CHECK=LEVEL` asks for the check as well.
            let named = command.levels.get(name).is_some_and(Option::is_some);
            let by_command = command.only.as_ref().map_or(by_file || named, |only| only.contains(&name));
            by_command && !command.skip.contains(&name) && levels.get(name) != Some(&None)
        };
        let baseline = command.baseline.as_ref().or(file.baseline.as_ref());
        Self {
            selected: checks::ALL.iter().filter(|e| chosen(e.name)).copied().collect(),
            binary: binary::checks::ALL.iter().filter(|e| chosen(e.name)).copied().collect(),
            layouts: binary::layouts::checks::ALL.iter().filter(|e| chosen(e.name)).copied().collect(),
            ffi: ffi::checks::ALL.iter().filter(|e| chosen(e.name)).copied().collect(),
            inventory: rules::RULES.into_iter().filter(|r| chosen(r.name)).collect(),
            exclude: file.exclude.iter().chain(&command.exclude).cloned().collect(),
            fail_on: command.fail_on.or(file.fail_on).unwrap_or(FailOn::Level(Level::Look)),
            baseline: root.join(baseline.map_or(Path::new(baseline::FILE), PathBuf::as_path)),
            levels: levels.into_iter().filter_map(|(name, level)| Some((name, level?))).collect(),
        }
    }

    /// Looks at the project: findings with the levels that are asked for, each new or accepted.
    ///
    /// # Errors
    /// As [`audit::audit_with`].
    pub fn audit(&self, project: &Project, baseline: &Baseline, options: Options) -> Result<Outcome> {
        let outcome = audit::audit_with(project, &self.selected, options)?;
        Ok(Outcome { audit: self.settle(outcome.audit, project, baseline), ..outcome })
    }

    /// Gives findings the levels that are asked for, leaves out what is excluded, and sorts new from accepted. An audit
    /// that left units out calls nothing gone that they may have.
    #[must_use]
    pub fn settle(&self, audit: Audit, project: &Project, baseline: &Baseline) -> Audit {
        let names: Vec<&str> = self.selected.iter().map(|e| e.name).collect();
        self.settle_by(&names, audit, project, baseline)
    }

    /// As [`Settings::settle`], for an audit of headers.
    #[must_use]
    pub fn settle_headers(&self, audit: Audit, project: &Project, baseline: &Baseline) -> Audit {
        let names: Vec<&str> = self.ffi.iter().map(|e| e.name).collect();
        self.settle_by(&names, audit, project, baseline)
    }

    fn settle_by(&self, names: &[&str], mut audit: Audit, project: &Project, baseline: &Baseline) -> Audit {
        // All units are looked at: what one of them reads, one that is left out may have written.
        audit.findings.retain(|f| !self.excludes(&f.spot.file));
        audit.broken.retain(|b| !self.excludes(&b.unit));
        audit.regions.retain(|(place, _)| !place.rsplit_once(':').is_some_and(|(f, _)| self.excludes(Path::new(f))));
        audit.files.retain(|f| !self.excludes(f));
        self.relevel(&mut audit);
        acceptance::by_comments(&mut audit, project, names);
        let told = |check: &str, file: &Path| names.contains(&check) && !self.excludes(file);
        acceptance::by_baseline(&mut audit, project, baseline, &self.baseline, told);
        (audit.accepted, audit.findings) = audit.findings.into_iter().partition(|f| f.accepted.is_some());
        audit
    }

    /// As [`Settings::settle`], for an audit of files by these checks: `root` is what the files are relative to.
    #[must_use]
    pub fn settle_files(&self, rules: &[Rule], mut audit: Audit, root: &Path, baseline: &Baseline) -> Audit {
        let names: Vec<&str> = rules.iter().map(|r| r.name).collect();
        audit.findings.retain(|f| !self.excludes(&f.spot.file));
        self.relevel(&mut audit);
        let looked = Looked::at(&audit, root);
        let told = |check: &str, file: &Path| names.contains(&check) && !self.excludes(file) && looked.by(check, file);
        let place = self.baseline.strip_prefix(root).unwrap_or(&self.baseline).display().to_string();
        let (reasons, identities) = (baseline.reasons(), audit.identities());
        audit.gone = acceptance::gone(baseline, &identities, told).cloned().collect();
        acceptance::accept(&mut audit, &identities, &reasons, &place);
        (audit.accepted, audit.findings) = audit.findings.into_iter().partition(|f| f.accepted.is_some());
        audit
    }

    /// The levels that are asked for.
    fn relevel(&self, audit: &mut Audit) {
        for f in &mut audit.findings {
            if let Some(&level) = self.levels.get(f.check) {
                // What a check tells more calmly than its level stays calm.
                let calm = rule::find(f.check).is_some_and(|rule| f.level < rule.level);
                f.level = if calm { level.min(f.level) } else { level };
            }
        }
    }

    /// What reports say of the checks that look at source.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        self.selected.iter().map(Rule::from).collect()
    }

    /// What reports say of the checks that look at what was built.
    #[must_use]
    pub fn binary_rules(&self) -> Vec<Rule> {
        self.binary.iter().map(Rule::from).collect()
    }

    /// What reports say of the checks that look at layouts.
    #[must_use]
    pub fn layout_rules(&self) -> Vec<Rule> {
        self.layouts.iter().map(Rule::from).collect()
    }

    /// What reports say of the checks that look at headers.
    #[must_use]
    pub fn header_rules(&self) -> Vec<Rule> {
        self.ffi.iter().map(Rule::from).collect()
    }

    /// Whether nothing is told of a file, because it or a folder that it lies in is excluded.
    #[must_use]
    pub fn excludes(&self, file: &Path) -> bool {
        let options =
            MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };
        file.ancestors()
            .chain(binary::object::archive_of(file))
            .any(|p| !p.as_os_str().is_empty() && self.exclude.iter().any(|x| x.matches_path_with(p, options)))
    }

    /// Whether an audit fails: a new finding of the level that fails, or an acceptance that is wrong.
    #[must_use]
    pub fn fails(&self, audit: &Audit) -> bool {
        match self.fail_on {
            FailOn::Never => false,
            FailOn::Level(limit) => audit.has_wrong_acceptance() || audit.worst().is_some_and(|worst| worst >= limit),
        }
    }
}

/// `[audit]` as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Table {
    pub(crate) compile_commands: Option<Spanned<PathBuf>>,
    only: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    skip: Vec<Spanned<String>>,
    #[serde(default)]
    levels: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    exclude: Vec<Spanned<String>>,
    fail_on: Option<Spanned<String>>,
    baseline: Option<PathBuf>,
}

/// Where in the text something is wrong, and what.
pub(crate) type Wrong = (Range<usize>, String);

impl Table {
    /// What it says, names and levels understood.
    pub(crate) fn choice(&self) -> std::result::Result<Choice, Wrong> {
        let at = |key: &'static str| move |s: &Spanned<String>, what: String| (s.span(), format!("`{key}`: {what}"));
        let names = |key, list: &[Spanned<String>]| {
            list.iter()
                .map(|s| check(s.as_ref()).map_err(|e| at(key)(s, e)))
                .collect::<std::result::Result<Vec<_>, _>>()
        };
        let mut levels = BTreeMap::new();
        for (name, value) in &self.levels {
            let check = check(name.as_ref()).map_err(|e| at("levels")(name, e))?;
            levels.insert(check, level(value.as_ref()).map_err(|e| at("levels")(value, e))?);
        }
        let pattern = |s: &Spanned<String>| glob(s.as_ref()).map_err(|e| at("exclude")(s, e));
        Ok(Choice {
            only: self.only.as_ref().map(|list| names("only", list)).transpose()?,
            skip: names("skip", &self.skip)?,
            levels,
            exclude: self.exclude.iter().map(pattern).collect::<std::result::Result<_, _>>()?,
            fail_on: self.fail_on.as_ref().map(|s| fail_on(s.as_ref()).map_err(|e| at("fail-on")(s, e))).transpose()?,
            baseline: self.baseline.clone(),
        })
    }
}

/// A check by its name, for people.
///
/// # Errors
/// That there is none, and where the names are.
pub fn check(name: &str) -> std::result::Result<&'static str, String> {
    rule::find(name).map(|r| r.name).ok_or_else(|| format!("no check `{name}`; `legacy-port checks` lists them"))
}

fn one_of(what: &str, value: &str, also: &str) -> std::result::Result<Option<Level>, String> {
    if value == also {
        return Ok(None);
    }
    Level::ALL.into_iter().find(|l| l.to_string() == value).map(Some).ok_or_else(|| {
        let names: Vec<String> = Level::ALL.iter().map(|l| format!("`{l}`")).collect();
        format!("{what} `{value}`, expected {} or `{also}`", names.join(", "))
    })
}

/// A level, or `off`, which is `None`.
///
/// # Errors
/// That it is neither, with all that there are.
pub fn level(value: &str) -> std::result::Result<Option<Level>, String> {
    one_of("level", value, "off")
}

/// The level that fails, or `never`.
///
/// # Errors
/// That it is neither, with all that there are.
pub fn fail_on(value: &str) -> std::result::Result<FailOn, String> {
    Ok(one_of("level", value, "never")?.map_or(FailOn::Never, FailOn::Level))
}

/// `CHECK=LEVEL`.
///
/// # Errors
/// What of it is not understood.
pub fn check_level(value: &str) -> std::result::Result<(&'static str, Option<Level>), String> {
    let (name, level) = value.split_once('=').ok_or("expected CHECK=LEVEL")?;
    Ok((check(name)?, self::level(level)?))
}

/// A pattern for paths; `third-party/` is the folder.
///
/// # Errors
/// What is wrong with it.
pub fn glob(pattern: &str) -> std::result::Result<Pattern, String> {
    let text = pattern.trim_start_matches("./").trim_end_matches('/');
    Pattern::new(text).map_err(|e| format!("`{pattern}`: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(table: &str, command: &Choice) -> Settings {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.c"), "int a;\n").unwrap();
        let file = dir.path().join("legacy-port.toml");
        std::fs::write(&file, format!("sources = [\"a.c\"]\n[audit]\n{table}")).unwrap();
        Settings::new(&Project::load(&file).unwrap(), command)
    }

    fn names(s: &Settings) -> Vec<&str> {
        s.selected.iter().map(|e| e.name).collect()
    }

    #[test]
    fn the_command_line_wins() {
        let file = "only = [\"record_layout\", \"scan_width\"]\nlevels = { scan_width = \"off\" }\nfail-on = \"may\"\n";
        let s = settings(file, &Choice::default());
        assert_eq!((names(&s), s.fail_on), (vec!["record_layout"], FailOn::Level(Level::May)));
        let only = Choice { only: Some(vec!["scan_width"]), ..Choice::default() };
        assert_eq!(names(&settings(file, &only)), ["scan_width"], "turned on by name");
        let level = BTreeMap::from([("format_width", Some(Level::Look)), ("record_layout", None)]);
        let level = Choice { levels: level, fail_on: Some(FailOn::Never), ..Choice::default() };
        let s = settings(file, &level);
        assert_eq!((names(&s), s.fail_on), (vec!["format_width"], FailOn::Never));
        assert_eq!(s.levels, BTreeMap::from([("format_width", Level::Look)]));
        let skip = Choice { skip: vec!["record_layout"], ..Choice::default() };
        assert!(names(&settings(file, &skip)).is_empty());
        assert_eq!(names(&settings("", &skip)).len(), checks::ALL.len() - 1);
    }

    /// As `--changed-since` leaves units out: what only they read is not known, and stays.
    #[test]
    fn a_part_of_the_units_calls_nothing_gone_that_others_may_have() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [("a.c", "#include \"h.h\"\n"), ("b.c", "#include \"h.h\"\n"), ("h.h", "int h;\n")] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let file = dir.path().join("legacy-port.toml");
        std::fs::write(&file, "sources = [\"a.c\", \"b.c\"]\n").unwrap();
        let project = Project::load(&file).unwrap();
        let accepted = |file: &str| crate::baseline::Accepted {
            file: file.into(),
            function: String::new(),
            check: "record_layout".into(),
            source: "struct s".into(),
            identity: file.into(),
            reason: "why".into(),
        };
        let baseline = Baseline { accepted: ["a.c", "b.c", "gone.c", "h.h"].into_iter().map(accepted).collect() };
        let settings = Settings::new(&project, &Choice::default());
        let gone = |units: usize, files: &[&str]| -> Vec<String> {
            let left_out = 2 - units;
            let audit = Audit { units, left_out, files: files.iter().map(PathBuf::from).collect(), ..Audit::default() };
            settings.settle(audit, &project, &baseline).gone.into_iter().map(|a| a.identity).collect()
        };
        assert_eq!(gone(2, &["a.c", "b.c", "h.h"]), ["a.c", "b.c", "gone.c", "h.h"]);
        assert_eq!(gone(1, &["a.c", "h.h"]), ["a.c", "gone.c"]);
    }

    #[test]
    fn excluded_are_files_and_whole_folders() {
        let s = settings("exclude = [\"third-party/\", \"**/gen/*.c\", \"old*.c\"]\n", &Choice::default());
        let excluded = |p: &str| s.excludes(Path::new(p));
        assert!(
            excluded("third-party/zlib/a.c") && excluded("gen/a.c") && excluded("a/b/gen/a.c") && excluded("old1.c")
        );
        assert!(
            !excluded("src/third-party/a.c") && !excluded("src/old1.c") && !excluded("a.c") && !excluded("gen/a.h")
        );
    }
}
