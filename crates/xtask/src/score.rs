//! How much of the labelled lines of real programs the audit finds, and how much it says besides.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use legacy_port::project::Project;
use serde_json::{Value, json};

use crate::measure::corpus::Corpus;
use crate::measure::tally::{self, Judged, Limit, Share};
use crate::measure::truth::{self, Key, Label, Verdict};
use crate::measure::{self, Said, sources};

const AFTER_HELP: &str = "\
The sources are public repositories and not part of this one. Clone each that the labels name, for instance

  mkdir clones && git clone --bare https://github.com/id-Software/DOOM clones/id-Software+DOOM

into folders named `owner+name`, and give `--sources clones`; a missing one is named with its command. How each is parsed,
and which packages that needs, is said in ci/corpus.toml. Commits are unpacked below target/score/, each with a
compile_commands.json: `legacy-port audit -p target/score/OWNER+NAME/COMMIT` shows every finding.

A label is a line of JSON: id, program, repo, commit, file, line, class, verdict (defect, compat, latent, benign), group,
effect, line_sha256 (of the line without white space). Per 1,000 lines means lines of the units and of the program's own
headers that they include, each file once, with comments and blank lines.

Exit status: 0 measured, 1 a limit was missed (with --check) or a target differs from itself (with --itself), 2 it could
not be measured.";

#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
#[allow(clippy::struct_excessive_bools)] // switches of a command line
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) what: What,
    /// A finding so many lines away counts
    #[arg(long, default_value_t = 0, value_name = "LINES")]
    slack: usize,
    /// List the lines that are not found
    #[arg(long)]
    misses: bool,
    /// List the benign lines that are reported
    #[arg(long)]
    noise: bool,
    /// Compare each target with itself as well, which has to be silent
    #[arg(long)]
    itself: bool,
    /// Fail when the figures are worse than the audit is held to
    #[arg(long)]
    check: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What is measured on.
#[derive(clap::Args)]
pub(crate) struct What {
    /// Labelled lines, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) truth: PathBuf,
    /// Folder with git clones named `owner+name`
    #[arg(long, value_name = "DIR")]
    pub(crate) sources: PathBuf,
    /// How programs are parsed [default: ci/corpus.toml]
    #[arg(long, value_name = "FILE")]
    corpus: Option<PathBuf>,
    /// Only the labels of this program
    #[arg(long, value_name = "NAME")]
    program: Option<String>,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// A program at a commit, ready to be looked at.
pub(crate) struct Tree {
    pub(crate) key: Key,
    pub(crate) labels: Vec<Label>,
    pub(crate) project: Project,
}

impl Tree {
    /// `owner/name`, and the commit in short.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.key.0, self.key.1.get(..10).unwrap_or(&self.key.1))
    }
}

impl What {
    /// Unpacks and verifies all that is labelled.
    pub(crate) fn trees(&self) -> Result<Vec<Tree>> {
        let path = self.corpus.clone().unwrap_or_else(|| crate::root().join("ci/corpus.toml"));
        let corpus = Corpus::read(&path)?;
        let out = crate::target_dir().join("score");
        let labels = truth::read(&self.truth, self.program.as_deref())?;
        let tree = |(key, labels): (Key, Vec<Label>)| {
            let (repo, commit) = (&key.0, &key.1);
            let recipe = corpus.recipe(repo);
            let recipe = recipe.with_context(|| format!("no recipe for `{repo}` in `{}`", path.display()))?;
            let git = sources::clone_of(&self.sources, repo)?;
            let root = sources::checked_out(&git, repo, commit, &out)?;
            truth::verify(&labels, &root)?;
            let project = corpus.project(recipe, &root, &out)?;
            Ok(Tree { key, labels, project })
        };
        labels.into_iter().map(tree).collect()
    }
}

/// What an audit of one tree came to.
struct Outcome {
    said: Vec<Said>,
    units: usize,
    broken: usize,
    lines: usize,
    itself: Vec<Said>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let trees = args.what.trees()?;
    let mut outcomes = Vec::new();
    for tree in &trees {
        let audit = measure::audit(&tree.project).with_context(|| tree.name())?;
        let said = measure::said(&audit);
        let itself = if args.itself { measure::against_itself(&tree.project)? } else { Vec::new() };
        let lines = sources::lines(&sources::files(&tree.project, tree.project.units.iter()));
        outcomes.push(Outcome { said, units: audit.units, broken: audit.broken.len(), lines, itself });
        if args.format == Format::Text {
            anstream::eprintln!("{}: {} units, {lines} lines", tree.name(), audit.units);
        }
    }
    let judged: Vec<Judged> = trees
        .iter()
        .zip(&outcomes)
        .flat_map(|(t, o)| t.labels.iter().map(|l| (l, truth::hits(l, &o.said, args.slack))))
        .collect();
    let lines = outcomes.iter().map(|o| o.lines).sum();
    let loud = outcomes.iter().map(|o| count(&o.said, "breaks") + count(&o.said, "may")).sum();
    let limits = tally::limits(&judged, measure::per_lines(loud, lines, 1000.0));
    match args.format {
        Format::Text => anstream::print!("{}", text(args, &trees, &outcomes, &judged, &limits)),
        Format::Json => anstream::println!("{:#}", json(&trees, &outcomes, &judged, &limits)),
    }
    let missed = args.check && limits.iter().any(|l| !l.kept);
    let differs = outcomes.iter().any(|o| !o.itself.is_empty());
    Ok(ExitCode::from(u8::from(missed || differs)))
}

fn count(said: &[Said], level: &str) -> usize {
    said.iter().filter(|s| s.level == level).count()
}

/// Verdicts in the order of their weight.
const VERDICTS: [Verdict; 4] = [Verdict::Defect, Verdict::Compat, Verdict::Latent, Verdict::Benign];

fn text(args: &Args, trees: &[Tree], outcomes: &[Outcome], judged: &[Judged], limits: &[Limit]) -> String {
    let mut out = String::new();
    for (title, rows) in [
        ("class", tally::rows(judged, |l| (l.verdict, &l.class))),
        ("program", tally::rows(judged, |l| (l.verdict, &l.program))),
    ] {
        let _ = writeln!(out, "{:8} {title:40} {:>9} {:>9}", "verdict", "lines", "groups");
        for verdict in VERDICTS {
            for (_, row) in rows.iter().filter(|(v, _)| *v == verdict) {
                let _ = writeln!(out, "{verdict:8} {:40} {:>9} {:>9}", row.name, row.lines, row.groups);
            }
        }
        out.push('\n');
    }
    for verdict in VERDICTS {
        let row = tally::of_verdict(judged, verdict);
        let share = |s: Share| format!("{s} = {:.0} %", s.percent());
        let _ = match verdict {
            _ if row.lines.of == 0 => Ok(()),
            Verdict::Benign => writeln!(out, "benign reported at breaks or may: {}", share(row.lines)),
            _ => writeln!(out, "{verdict} found: lines {}, groups {}", share(row.lines), share(row.groups)),
        };
    }
    let _ = writeln!(
        out,
        "\n{:42} {:>6} {:>8} {:>7} {:>7} {:>7} {:>10}",
        "source", "units", "lines", "breaks", "may", "look", "per 1,000"
    );
    let each = trees.iter().map(Tree::name).zip(outcomes.iter().map(std::slice::from_ref));
    for (name, of) in each.chain(std::iter::once(("all".to_owned(), outcomes))) {
        let sum = |f: &dyn Fn(&Outcome) -> usize| of.iter().map(f).sum::<usize>();
        let [breaks, may, look] = ["breaks", "may", "look"].map(|l| sum(&|o| count(&o.said, l)));
        let (units, lines, broken) = (sum(&|o| o.units), sum(&|o| o.lines), sum(&|o| o.broken));
        let per = measure::per_lines(breaks + may, lines, 1000.0);
        let note = if broken == 0 { String::new() } else { format!("  {broken} parses with errors") };
        let _ = writeln!(out, "{name:42} {units:>6} {lines:>8} {breaks:>7} {may:>7} {look:>7} {per:>10.1}{note}");
    }
    if args.misses || args.noise {
        out.push('\n');
        out.push_str(&lists(args, judged));
    }
    if args.itself {
        let _ = writeln!(out, "\na target against itself: {} findings", itself(outcomes).count());
        for s in itself(outcomes) {
            let _ = writeln!(out, "  {}:{} {}: {}", s.file.display(), s.line, s.rule, s.message);
        }
    }
    if args.check {
        out.push('\n');
        for l in limits {
            let state = if l.kept { "ok" } else { "missed" };
            let _ = writeln!(out, "{state:7} {:28} {:>6.1}  ({})", l.what, l.is, l.allowed);
        }
    }
    out
}

/// The lines that are missed, and the benign ones that are reported, with what is said of them.
fn lists(args: &Args, judged: &[Judged]) -> String {
    let mut out = String::new();
    for (label, said) in judged {
        let found = tally::is_found(label, said);
        let benign = label.verdict == Verdict::Benign;
        let at =
            |l: &Label| format!("{} {} {}:{}", l.id, &l.commit[..10.min(l.commit.len())], l.file.display(), l.line);
        if args.misses && !benign && !found {
            let _ = writeln!(out, "missed  {} {} {}: {}", at(label), label.verdict, label.class, label.effect);
        }
        if args.noise && benign && found {
            let _ = writeln!(out, "noise   {}: {}", at(label), label.effect);
            for s in said.iter().filter(|s| s.loud) {
                let _ = writeln!(out, "        {}[{}]: {}", s.level, s.rule, s.message);
            }
        }
    }
    out
}

fn itself(outcomes: &[Outcome]) -> impl Iterator<Item = &Said> {
    outcomes.iter().flat_map(|o| &o.itself)
}

fn json(trees: &[Tree], outcomes: &[Outcome], judged: &[Judged], limits: &[Limit]) -> Value {
    let rows = |by: fn(&Label) -> (Verdict, &str)| -> Vec<Value> {
        let row =
            |(v, r): (Verdict, tally::Row)| json!({"verdict": v, "name": r.name, "lines": r.lines, "groups": r.groups});
        tally::rows(judged, by).into_iter().map(row).collect()
    };
    let sources: Vec<Value> = trees
        .iter()
        .zip(outcomes)
        .map(|(t, o)| {
            json!({"repo": t.key.0, "commit": t.key.1, "units": o.units, "lines": o.lines, "broken": o.broken,
                "breaks": count(&o.said, "breaks"), "may": count(&o.said, "may"), "look": count(&o.said, "look")})
        })
        .collect();
    let labels: Vec<Value> = judged
        .iter()
        .map(|(label, said)| {
            let mut by: Vec<String> = said.iter().map(|s| format!("{}[{}]", s.level, s.rule)).collect();
            by.sort();
            by.dedup();
            json!({"id": label.id, "found": tally::is_found(label, said), "by": by})
        })
        .collect();
    json!({
        "classes": rows(|l| (l.verdict, &l.class)),
        "programs": rows(|l| (l.verdict, &l.program)),
        "verdicts": rows(|l| (l.verdict, "")),
        "sources": sources,
        "labels": labels,
        "itself": itself(outcomes).count(),
        "limits": limits,
    })
}
