//! Layouts that are predicted from the 32-bit build alone, beside those of the 64-bit build.

mod witness;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use legacy_port::binary::dwarf::{self, Debug, Options, Record};
use legacy_port::binary::predict::{Asked, Predicted};
use legacy_port::compile;
use legacy_port::layout::{Layout, Member};
use legacy_port::project::Project;

use crate::measure::corpus::Corpus;
use crate::measure::packages;
use witness::Heard;

const AFTER_HELP: &str = "\
auctiond, and SQLite, zlib, Lua and zstd as bundled in crates, which cargo fetches into target/clean/; versions and flags
are in ci/corpus.toml. Each unit is built for i386 and for x86_64. Every record is predicted from the 32-bit object and
compared with the 64-bit one: with a parse of its source for both targets, with the lines of its source alone (column
`lines alone`: uncertain ones), and as if there were no source (wrong ones). Witnesses: every structure
that `pahole` prints of either object has our size, offsets, holes and padding, and what `abidiff` calls changed between
them has changed for us too, by the same figures.

Exit status: 0 measured, 1 a prediction is wrong and does not say that it may be, or a witness says otherwise (with
--check), 2 it could not be measured.";

#[derive(clap::Args)]
#[command(after_long_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Only this package, or `auctiond`
    #[arg(long, value_name = "PACKAGE")]
    only: Option<String>,
    /// Fail when a prediction is wrong and does not say that it may be, or a witness says otherwise
    #[arg(long)]
    check: bool,
}

/// What is predicted wrongly without its source, and why nothing in the debug information tells.
const WITHOUT_SOURCE: &[(&str, &str, &str)] = &[
    ("libsqlite3-sys", "sqlite3StatValueType", "`#if` takes another type by the size of a pointer"),
    ("libsqlite3-sys", "struct sqlite3StatType", "consists of `sqlite3StatValueType`"),
    ("lua-src", "struct LG", "has a `struct LX` in it"),
    ("lua-src", "struct LX", "the length of `extra_` is `sizeof(void *)`"),
    ("lua-src", "struct luaL_Buffer", "the length of `b` is `16 * sizeof(void *) * sizeof(double)`"),
    ("lua-src", "struct str_Writer", "has a `struct luaL_Buffer` in it"),
    ("zstd-sys", "HUF_CTableHeader", "the length of `unused` is `sizeof(size_t) - 2`"),
];

/// Share of the records of a program, in per cent, that predictions may call uncertain.
const UNCERTAIN: usize = 5;

/// What a prediction goes by, besides the types.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Types,
    /// Lines of the source.
    Lines,
    /// A parse of the source for both targets.
    Parse,
}

/// How a prediction stands beside the real layout.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// Each member lies where it was said to.
    Exact,
    /// A type of the system: size and alignment are those of the table.
    Table,
    /// It is right or not, and says of itself that it may be wrong.
    Uncertain { right: bool, why: String },
    /// It is said that nothing can be said.
    Untold(String),
    /// There is no such record in the 64-bit build.
    Alone,
    /// What it says is not so.
    Wrong(String),
}

/// A record and where it is declared.
type Name = (String, Option<(String, u32)>);
type Verdicts = BTreeMap<Name, Verdict>;

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let out = crate::target_dir().join("clean");
    let mut kept = true;
    let mut listed = String::new();
    anstream::println!(
        "{:24} {:>7} {:>6} {:>6} {:>9} {:>6} {:>5} {:>5} {:>12} {:>14} {:>7} {:>8}",
        "source",
        "records",
        "exact",
        "table",
        "uncertain",
        "untold",
        "alone",
        "wrong",
        "lines alone",
        "without source",
        "pahole",
        "abidiff"
    );
    for (name, project) in projects(args, &out)? {
        let of = |by| verdicts(&project, &out, by).with_context(|| name.clone());
        let (seen, lines, blind) = (of(By::Parse)?, of(By::Lines)?, of(By::Types)?);
        let mut heard = Heard::default();
        for (old, new) in objects(&project, &out)? {
            heard.unit(&old, &new)?;
        }
        let among = |all: &Verdicts, of: fn(&Verdict) -> bool| all.values().filter(|v| of(v)).count();
        let count = |of| among(&seen, of);
        let (wrong, uncertain) = (
            count(|v| matches!(v, Verdict::Wrong(_))),
            count(|v| matches!(v, Verdict::Uncertain { .. } | Verdict::Untold(_))),
        );
        let unseen: Vec<&Name> = blind.iter().filter(|(_, v)| matches!(v, Verdict::Wrong(_))).map(|(n, _)| n).collect();
        anstream::println!(
            "{name:24} {:>7} {:>6} {:>6} {:>9} {:>6} {:>5} {wrong:>5} {:>12} {:>14} {:>7} {:>8}",
            seen.len(),
            count(|v| *v == Verdict::Exact),
            count(|v| *v == Verdict::Table),
            count(|v| matches!(v, Verdict::Uncertain { .. })),
            count(|v| matches!(v, Verdict::Untold(_))),
            count(|v| *v == Verdict::Alone),
            among(&lines, |v| matches!(v, Verdict::Uncertain { .. } | Verdict::Untold(_))),
            unseen.len(),
            heard.pahole,
            heard.abidiff
        );
        for why in heard.wrong(&name) {
            kept = false;
            let _ = writeln!(listed, "{name}: {why}");
        }
        let lost =
            |(n, v): (&Name, &Verdict)| *v == Verdict::Alone && n.1.as_ref().is_none_or(|p| !p.0.starts_with("/usr/"));
        kept &= wrong == 0 && !seen.iter().any(lost) && uncertain * 100 <= seen.len() * UNCERTAIN && seen.len() > 20;
        for ((record, place), verdict) in &seen {
            let said = match verdict {
                Verdict::Exact | Verdict::Table => continue,
                Verdict::Alone => "not in the 64-bit build".to_owned(),
                Verdict::Uncertain { right, why } => {
                    format!("{}, and uncertain: {why}", if *right { "right" } else { "wrong" })
                }
                Verdict::Untold(why) => format!("not predicted: {why}"),
                Verdict::Wrong(why) => format!("WRONG: {why}"),
            };
            let place = place.as_ref().map_or(String::new(), |(f, l)| format!(" ({f}:{l})"));
            let _ = writeln!(listed, "{name}: {record}: {said}{place}");
        }
        for ((record, _), verdict) in &lines {
            if let Verdict::Wrong(why) = verdict {
                kept = false;
                let _ = writeln!(listed, "{name}: {record}: WRONG by the lines of its source: {why}");
            }
        }
        let known: Vec<_> = WITHOUT_SOURCE.iter().filter(|w| name.starts_with(w.0)).collect();
        for (record, _) in &unseen {
            if let Some((_, _, why)) = known.iter().find(|w| w.1 == record) {
                let _ = writeln!(listed, "{name}: {record}: wrong without its source: {why}");
            } else {
                kept = false;
                let _ = writeln!(listed, "{name}: {record}: WRONG without its source");
            }
        }
        for (_, record, _) in known {
            if !unseen.iter().any(|n| n.0 == *record) {
                kept = false;
                let _ = writeln!(listed, "{name}: {record}: is right without its source: take it from the list");
            }
        }
    }
    anstream::print!("{listed}");
    if args.check && !kept {
        anstream::println!(
            "missed: no prediction that is wrong without saying so, at most {UNCERTAIN} % of the records uncertain, \
             witnesses that say the same"
        );
    }
    Ok(ExitCode::from(u8::from(args.check && !kept)))
}

/// What is built: `auctiond` as it was, and C code of packages.
fn projects(args: &Args, out: &Path) -> Result<Vec<(String, Project)>> {
    let mut all = Vec::new();
    let wanted = |name: &str| args.only.as_deref().is_none_or(|o| o == name);
    if wanted("auctiond") {
        all.push(("auctiond".to_owned(), Project::load(&crate::root().join("legacy-c/auctiond"))?));
    }
    let mut corpus = Corpus::read(&crate::root().join("ci/corpus.toml"))?;
    corpus.clean.retain(|c| wanted(&c.package));
    if !corpus.clean.is_empty() {
        for (recipe, folder) in corpus.clean.iter().zip(packages::fetched(&corpus.clean, out)?) {
            let project = corpus.project(recipe, &folder, out)?;
            all.push((format!("{} {}", recipe.package, recipe.version), project));
        }
    }
    if all.is_empty() {
        bail!("nothing to look at: no such package in `ci/corpus.toml`");
    }
    Ok(all)
}

/// Builds both: the objects of each unit.
fn objects(project: &Project, out: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
    let of = |target| -> Result<Vec<PathBuf>> {
        let built = compile::build(project, target, out, &|_, _| {})?;
        let folder = built.dir.join("objects");
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot open `{}`", folder.display()))?;
        let mut all = entries.map(|e| Ok(e?.path())).collect::<Result<Vec<_>>>()?;
        all.retain(|p| p.extension().is_some_and(|e| e == "o"));
        all.sort();
        Ok(all)
    };
    let (old, new) = (of(&project.targets.old)?, of(&project.targets.new)?);
    let names = |all: &[PathBuf]| all.iter().filter_map(|p| Some(p.file_name()?.to_owned())).collect::<Vec<_>>();
    if names(&old) != names(&new) {
        bail!("the two builds in `{}` are not of the same units: remove it", out.join("legacy-port").display());
    }
    Ok(old.into_iter().zip(new).collect())
}

/// Says of each record of the old build how the prediction is; of several units the worst.
fn verdicts(project: &Project, out: &Path, by: By) -> Result<Verdicts> {
    // Debug information of such a build names files from the top of the project.
    let sources = (by != By::Types).then(|| project.root.clone());
    let asked = if by == By::Parse { Some(Arc::new(Asked::of(project)?)) } else { None };
    let options = Options { predict: true, sources, asked, ..Options::default() };
    let mut all = Verdicts::new();
    for (old, new) in objects(project, out)? {
        let real = dwarf::read(&new, Options::default())?;
        for record in dwarf::read(&old, options.clone())?.records {
            let verdict = verdict(&record, &real);
            let name = (record.layout.name, record.place);
            let known = all.entry(name).or_insert_with(|| verdict.clone());
            if verdict > *known {
                *known = verdict;
            }
        }
    }
    Ok(all)
}

fn verdict(record: &Record, real: &Debug) -> Verdict {
    let same = |r: &&Record| (r.kind, &r.layout.name) == (record.kind, &record.layout.name);
    let at_place = real.records.iter().filter(same).find(|r| r.place == record.place);
    // What another branch of an `#if` declares has another line.
    let Some(twin) = at_place.or_else(|| real.records.iter().find(same)) else { return Verdict::Alone };
    match &record.predicted {
        None => Verdict::Untold("not built for i386".into()),
        Some(Predicted::Unknown(why)) => Verdict::Untold(why.clone()),
        Some(Predicted::Table(layout)) => match differs(layout, &twin.layout, false) {
            None => Verdict::Table,
            Some(why) => Verdict::Wrong(why),
        },
        Some(Predicted::Members { layout, assumed, .. }) => match (differs(layout, &twin.layout, true), &assumed[..]) {
            (None, []) => Verdict::Exact,
            (Some(why), []) => Verdict::Wrong(why),
            (found, assumed) => Verdict::Uncertain { right: found.is_none(), why: assumed.join("; ") },
        },
    }
}

/// What is said otherwise than it is.
fn differs(said: &Layout, real: &Layout, members: bool) -> Option<String> {
    if (said.size, said.align) != (real.size, real.align) {
        return Some(format!("{} bytes aligned to {}, really {} and {}", said.size, said.align, real.size, real.align));
    }
    if members { unlike(&said.members, &real.members) } else { None }
}

fn unlike(said: &[Member], real: &[Member]) -> Option<String> {
    if said.len() != real.len() {
        return Some(format!("{} members, really {}", said.len(), real.len()));
    }
    said.iter().zip(real).find_map(|(s, r)| {
        if (&s.name, s.offset, s.bits, s.bit_field) != (&r.name, r.offset, r.bits, r.bit_field) {
            return Some(format!("`{}` at bit {}, really {}", s.name, s.offset, r.offset));
        }
        // Members of a type of the system are not predicted.
        if s.members.is_empty() { None } else { unlike(&s.members, &r.members) }
    })
}
