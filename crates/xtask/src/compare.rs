//! The audit beside other tools, on the same labelled lines, in one run: writes the table into the documentation.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use legacy_port::project::Unit;

use crate::measure::peers::PEERS;
use crate::measure::tally::{self, Judged, Share};
use crate::measure::truth::{self, Verdict};
use crate::measure::{self, Said, sources};
use crate::score::{Tree, What};

/// Where the table goes, below the workspace.
const PAGE: &str = "crates/legacy-port/COMPARISON.md";

const AFTER_HELP: &str = "\
Labels and clones as for `cargo xtask score`, whose help says where they come from. Tools that are not installed are left
out, and named with the Debian package that has them.

The other tools are given the units with labelled lines, and for a labelled header one unit that includes it, one process
at a time; the audit is given the whole program, and its time is that for the same units. With RAYON_NUM_THREADS=1 it uses
one thread as well, and only a release build says anything about time:

  RAYON_NUM_THREADS=1 cargo run --release -p xtask -- compare --truth labels.jsonl --sources clones";

#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    what: What,
    /// Where the table is written
    #[arg(long, value_name = "FILE", default_value = PAGE)]
    output: PathBuf,
}

/// A line of the table.
struct Line {
    name: String,
    said: usize,
    shares: [Share; 4],
    time: Duration,
}

/// A tree, and what of it the other tools see.
struct Part<'a> {
    tree: &'a Tree,
    units: Vec<&'a Unit>,
    files: BTreeSet<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let trees = args.what.trees()?;
    let parts: Vec<Part> = trees.iter().map(part).collect();
    let lines: usize = parts.iter().map(|p| sources::lines(&p.files)).sum();
    let mut table = Vec::new();
    let (mut audits, mut time) = (Vec::new(), Duration::ZERO);
    for part in &parts {
        audits.push(measure::said(&measure::audit(&part.tree.project).with_context(|| part.tree.name())?));
        // The time is that for the units which the others are given.
        let mut same = part.tree.project.clone();
        same.units = part.units.iter().map(|u| (*u).clone()).collect();
        let begin = Instant::now();
        measure::audit(&same)?;
        time += begin.elapsed();
    }
    table.push(line("**legacy-port audit**".into(), &parts, &audits, time));
    let (mut tools, mut missing) = (Vec::new(), Vec::new());
    for peer in PEERS {
        let Some((program, version)) = peer.installed() else {
            anstream::eprintln!("{}: not installed; on Debian `apt-get install {}`", peer.name, peer.package);
            missing.push(format!("- {}: was not installed (`apt-get install {}`)", peer.name, peer.package));
            continue;
        };
        anstream::eprintln!("{}: {version}", peer.name);
        let (mut all, mut time) = (Vec::new(), Duration::ZERO);
        for part in &parts {
            let (said, took) = peer.look(program, &part.tree.project, &part.units)?;
            time += took;
            all.push(said);
        }
        table.push(line(peer.name.into(), &parts, &all, time));
        let options = match peer.less {
            None => format!("`{}`", peer.options),
            Some(less) => {
                let other = less.split(' ').find(|o| !peer.options.split(' ').any(|p| p == *o)).unwrap_or(less);
                format!("as before; minus what it says of the same line by the same flag with `{other}`")
            }
        };
        tools.push(format!("- {}: {version}; {options}", peer.name));
    }
    tools.extend(missing);
    let units = parts.iter().map(|p| p.units.len()).sum();
    let text = page(&trees, units, lines, &table, &tools);
    let path = if args.output == Path::new(PAGE) { crate::root().join(PAGE) } else { args.output.clone() };
    fs::write(&path, &text).with_context(|| format!("cannot write `{}`", path.display()))?;
    anstream::println!("{}\nwrote {}", rows(&table, lines), args.output.display());
    Ok(ExitCode::SUCCESS)
}

/// The units with labelled lines, and one for each labelled header that none of them includes.
fn part(tree: &Tree) -> Part<'_> {
    let project = &tree.project;
    let labelled: BTreeSet<PathBuf> = tree.labels.iter().map(|l| project.root.join(&l.file)).collect();
    let mut units: Vec<&Unit> = project.units.iter().filter(|u| labelled.contains(&u.source)).collect();
    let mut files = sources::files(project, units.iter().copied());
    for header in &labelled {
        if files.contains(header) {
            continue;
        }
        let reads = |u: &&Unit| sources::files(project, std::iter::once(*u)).contains(header);
        if let Some(unit) = project.units.iter().find(reads) {
            units.push(unit);
            files = sources::files(project, units.iter().copied());
        }
    }
    Part { tree, units, files }
}

/// Verdicts in the order of the table's columns.
const COLUMNS: [Verdict; 4] = [Verdict::Defect, Verdict::Compat, Verdict::Latent, Verdict::Benign];

fn line(name: String, parts: &[Part], said: &[Vec<Said>], time: Duration) -> Line {
    let judged: Vec<Judged> = parts
        .iter()
        .zip(said)
        .flat_map(|(p, said)| p.tree.labels.iter().map(|l| (l, truth::hits(l, said, 0))))
        .collect();
    let within = |(p, said): (&Part, &Vec<Said>)| {
        let root = &p.tree.project.root;
        let here: Vec<Said> = said.iter().filter(|s| p.files.contains(&root.join(&s.file))).cloned().collect();
        tally::loud(&here)
    };
    let said = parts.iter().zip(said).map(within).sum();
    Line { name, said, shares: COLUMNS.map(|v| tally::of_verdict(&judged, v).lines), time }
}

fn rows(table: &[Line], lines: usize) -> String {
    let mut out = String::from(
        "| tool | defect lines found | compat | latent | benign reported | diagnostics | per 1,000 lines | seconds |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for l in table {
        let [defect, compat, latent, benign] = l.shares;
        let _ = writeln!(
            out,
            "| {} | {defect} = {:.0} % | {compat} | {latent} | {benign} | {} | {:.1} | {:.1} |",
            l.name,
            defect.percent(),
            l.said,
            measure::per_lines(l.said, lines, 1000.0),
            l.time.as_secs_f64(),
        );
    }
    out
}

fn page(trees: &[Tree], units: usize, lines: usize, table: &[Line], tools: &[String]) -> String {
    let threads = std::env::var("RAYON_NUM_THREADS").unwrap_or_else(|_| "all".into());
    let threads = if threads == "1" { "one thread".into() } else { format!("{threads} threads") };
    let build = if cfg!(debug_assertions) { "a debug build, whose time says nothing" } else { "a release build" };
    let all: usize = trees.iter().map(|t| t.project.units.len()).sum();
    let labels: usize = trees.iter().map(|t| t.labels.len()).sum();
    let mut out = format!(
        "# The audit beside other tools\n\n\
         Written by one command in one run, on the same labelled lines:\n\n\
         ```sh\n\
         RAYON_NUM_THREADS=1 cargo run --release -p xtask -- compare --truth labels.jsonl --sources clones\n\
         ```\n\n\
         `cargo xtask score --help` says what labels are and where the sources come from: {labels} lines of public programs,\n\
         each read in its source at that commit; `defect` lines compute something else, crash or do not compile for 64 bits,\n\
         `compat` lines write other files or packets than the 32-bit build, `latent` ones are wrong for rare values, `benign`\n\
         ones look alike and are right.\n\n{}\n",
        rows(table, lines)
    );
    let _ = write!(
        out,
        "A line counts as found when anything is said of it, whatever that is: that favours tools that say much. For the\n\
         audit notes at level `look` count as found and not as reported, and not as diagnostics. Diagnostics are those in the\n\
         {units} units that have labelled lines, or that stand for a labelled header, and the headers of the program that they\n\
         include: {lines} lines with comments and blank ones; the same thing said of the same line counts once. The other\n\
         tools are given these units, one process at a time. The audit is given all {all} units of the programs, because it\n\
         asks across units; its time is for the same units as the others', with {threads} in {build}.\n\n## Tools\n\n- legacy-port audit: {}; every check\n{}\n\n## Sources\n\n",
        env!("CARGO_PKG_VERSION"),
        tools.join("\n")
    );
    for tree in trees {
        let _ = writeln!(out, "- {} {}: {} lines labelled", tree.key.0, tree.key.1, tree.labels.len());
    }
    out
}
