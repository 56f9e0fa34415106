use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use legacy_port::audit::Audit;
use legacy_port::baseline::Baseline;
use legacy_port::edit::Edit;
use legacy_port::finding::Finding;
use legacy_port::fix::{self, Rewrite, candidates, plan};
use legacy_port::project::Project;
use legacy_port::report::plain;
use legacy_port::settings::Settings;

use super::again::Kept;
use super::chosen::Chosen;
use super::{Selection, say};

/// Edit what is no decision of a person, and audit it again
///
/// Conversions of `printf` and `scanf`, numbers written for sizes, a bare 0 at the end of a list of pointers, headers that
/// were not included: where the source is written the plain way, it is edited so that it means under the old target what it
/// meant, and under the new one the same. Each file is audited again with its edits; edits after which a unit would not
/// parse, a finding stay or another one come are taken back, and told. `legacy-port checks` says which checks edit.
///
/// Nothing is done where a file to edit is not in git or has changes that are not committed, so that `git diff` shows what was
/// done and `git checkout` takes it back. Exit status 0; with `--diff` 1 when there is something to edit.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Print the edits as a diff that `git apply` takes, and write nothing; they are not audited again
    #[arg(long)]
    diff: bool,
    /// Edit files too that are not in git, or have changes that are not committed
    #[arg(long, conflicts_with = "diff")]
    allow_dirty: bool,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    kept: Kept,
}

/// What a finding is known by while lines move.
type Known = (PathBuf, &'static str, String, String, String);

fn known(finding: &Finding, edit: &Edit) -> Known {
    let line = finding.spot.text.trim().to_owned();
    (edit.spot.file.clone(), finding.check, finding.function.clone(), line, edit.by.clone())
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    if args.selection.through.is_some() && !args.diff {
        bail!("`--through` makes a copy of the project; fix the project itself, or look at the edits with `--diff`");
    }
    let project = args.selection.load()?;
    let settings = Settings::new(&project, &args.chosen.choice()?);
    let baseline = Baseline::read(&settings.baseline)?;
    let audit = || args.kept.audit(&project, &settings, &baseline, &args.selection.target_dir);
    let now = audit()?;
    let rewrites = plan(&project.root, candidates(&now.findings))?;
    if args.diff {
        let text: Vec<u8> = rewrites.iter().flat_map(Rewrite::diff).collect();
        // Sources are not always UTF-8.
        match std::io::stdout().lock().write_all(&text) {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => return Err(e).context("cannot write the diff"),
            _ => return Ok(ExitCode::from(u8::from(!rewrites.is_empty()))),
        }
    }
    if !args.allow_dirty {
        clean(&project, &rewrites)?;
    }
    let done = edit(&project.root, now, audit)?;
    done.tell()
}

/// What was done.
struct Done {
    edits: BTreeMap<PathBuf, usize>,
    refused: BTreeMap<Known, (usize, String)>,
    left: Audit,
}

/// Edits until there is nothing left to edit. What an audit objects to is halved until one edit is to blame.
fn edit(root: &Path, mut now: Audit, audit: impl Fn() -> Result<Audit>) -> Result<Done> {
    let (mut edits, mut refused) = (BTreeMap::new(), BTreeMap::new());
    let mut most = usize::MAX;
    loop {
        let open = candidates(&now.findings).filter(|(f, e)| !refused.contains_key(&known(f, e)));
        let chosen: Vec<_> = open.take(most).collect();
        let Some(&(first, its)) = chosen.first() else { break };
        let rewrites = plan(root, chosen.iter().copied())?;
        let written = rewrites.iter().try_for_each(|r| r.write(root));
        let next = written.map_err(Into::into).and_then(|()| audit());
        let objection = match &next {
            Ok(next) => fix::objection(&rewrites, &now, next),
            Err(_) => Some(String::new()),
        };
        let Some(objection) = objection else {
            for r in &rewrites {
                *edits.entry(r.file.clone()).or_default() += r.edits;
            }
            now = next?;
            most = usize::MAX;
            continue;
        };
        for r in &rewrites {
            r.restore(root)?;
        }
        next?;
        if chosen.len() == 1 {
            refused.insert(known(first, its), (first.spot.line, objection));
            most = usize::MAX;
        } else {
            most = chosen.len() / 2;
        }
    }
    Ok(Done { edits, refused, left: now })
}

impl Done {
    fn tell(&self) -> Result<ExitCode> {
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        for (file, n) in &self.edits {
            say!("{}: {}", plain(&file.to_string_lossy()), count(*n, "edit"));
        }
        for ((file, check, ..), (line, why)) in &self.refused {
            say!("{}:{line}: {check} left as it is: {}", plain(&file.to_string_lossy()), plain(why));
        }
        let all = self.edits.values().sum();
        let left = self.left.findings.len();
        let hint = if left > 0 { "; `legacy-port audit` shows them" } else { "" };
        say!(
            "{} in {}, audited again; {} left{hint}",
            count(all, "edit"),
            count(self.edits.len(), "file"),
            count(left, "finding")
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Refuses files that could not be brought back as they were.
fn clean(project: &Project, rewrites: &[Rewrite]) -> Result<()> {
    if rewrites.is_empty() {
        return Ok(());
    }
    let git = |args: &[&str]| {
        Command::new("git").arg("-C").arg(&project.root).args(args).args(rewrites.iter().map(|r| &r.file)).output()
    };
    let known = git(&["ls-files", "--error-unmatch", "-z", "--"]);
    if !known.is_ok_and(|out| out.status.success()) {
        bail!(
            "some of the files to edit are not in git, which could not bring them back; commit them, look at the edits \
             with `--diff`, or say `--allow-dirty`"
        );
    }
    let changed = git(&["status", "--porcelain", "-z", "--"]).context("cannot run `git`")?.stdout;
    if let Some(first) = changed.split(|&b| b == 0).find(|l| l.len() > 3) {
        let first = String::from_utf8_lossy(&first[3..]).into_owned();
        bail!("`{first}` has changes that are not committed; commit them, or say `--allow-dirty`");
    }
    Ok(())
}
