//! How fast the audit is, beside what else reads the same source: medians of alternating runs, told as ratios, which stay
//! what they are on a slower machine or a busy one.

mod image;
mod inventory;
mod layouts;
mod measure;
mod subject;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use measure::{median, peak_memory, seconds, time};
use subject::{Peer, Subject};

#[derive(clap::Args)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the command line
pub(crate) struct Args {
    /// Further projects to measure on: folders with `compile_commands.json` or `legacy-port.toml`
    #[arg(long, value_name = "DIR")]
    project: Vec<PathBuf>,
    /// Only the projects named by `--project`
    #[arg(long, requires = "project")]
    only: bool,
    /// How many times each is run
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Leave out clang-tidy and cppcheck, which take minutes
    #[arg(long)]
    quick: bool,
    /// Measure making and pushing images instead, beside umoci and skopeo
    #[arg(long, conflicts_with_all = ["project", "quick"])]
    image: bool,
    /// Measure the inventory of a folder instead, beside scanelf and file
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        default_missing_value = "/usr",
        conflicts_with_all = ["project", "quick", "image", "layouts"]
    )]
    inventory: Option<PathBuf>,
    /// Measure comparing record layouts instead, beside pahole and abidiff
    #[arg(long, conflicts_with_all = ["project", "quick", "image"])]
    layouts: bool,
    /// Exit with status 1 when a limit is missed
    #[arg(long)]
    check: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Format {
    /// A table
    Text,
    /// One object
    Json,
}

/// One measured ratio or size, with the limit it is held to.
struct Row {
    what: String,
    value: f64,
    unit: &'static str,
    limit: Option<f64>,
    /// The medians behind it, in seconds.
    of: Option<(f64, f64)>,
}

impl Row {
    fn missed(&self) -> bool {
        self.limit.is_some_and(|limit| self.value > limit)
    }
}

/// At most this many times as long as two `clang -fsyntax-only`, for a unit by itself.
const ONE_UNIT: f64 = 1.5;
/// The same for a program of [`MANY`] units or more, where no process for each and shared work pay.
const MANY_UNITS: f64 = 0.6;
const MANY: usize = 60;
/// At most this part of a cold run, where nothing changed.
const WARM: f64 = 0.05;
/// Seconds for [`MANY`] units where nothing changed.
const WARM_SECONDS: f64 = 0.1;
/// MiB, for a unit of 271,000 lines.
const MEMORY: f64 = 1024.0;
/// At most this part of what other checkers take.
const CHECKERS: [(&str, f64); 2] = [("clang-tidy", 0.25), ("cppcheck", 0.2)];

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let dir = crate::target_dir().join("bench");
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
    if args.image {
        return Ok(told(image::measure(&dir, args.rounds)?, args));
    }
    if let Some(folder) = &args.inventory {
        return Ok(told([inventory::measure(folder, args.rounds)?], args));
    }
    if args.layouts {
        return Ok(told(layouts::measure(&dir, args.rounds)?, args));
    }
    let tool = build()?;
    let mut subjects = Vec::new();
    if !args.only {
        subjects.push(subject::sqlite(&dir)?);
        subjects.push(Subject::load("auctiond", &crate::root().join("legacy-c/auctiond"))?);
    }
    for path in &args.project {
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        subjects.push(Subject::load(&name, path)?);
    }
    let clang = subject::find("clang")
        .context("no `clang` to compare with; on Debian install `clang-19`, of the same version as libclang")?;
    let mut told = Vec::new();
    let mut missed = 0;
    let machine = machine(&clang);
    if args.format == Format::Text {
        for (what, is) in &machine {
            anstream::println!("{what:10} {is}");
        }
    }
    for subject in &subjects {
        let rows = measure(subject, &tool, &clang, &dir, args)?;
        missed += rows.iter().filter(|row| row.missed()).count();
        match args.format {
            Format::Text => anstream::print!("{}", table(&subject.title(), &rows)),
            Format::Json => told.push(as_json(subject, &rows)),
        }
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    match args.format {
        Format::Text => anstream::println!("\nload at the end {}", load.trim()),
        Format::Json => {
            let machine: serde_json::Map<_, _> = machine.into_iter().map(|(k, v)| (k.to_owned(), json!(v))).collect();
            let all = json!({"machine": machine, "rounds": args.rounds, "subjects": told, "missed": missed});
            anstream::println!("{all:#}");
        }
    }
    Ok(ExitCode::from(u8::from(args.check && missed > 0)))
}

/// Tells what was measured that is no audit.
fn told<N: AsRef<str>>(measured: impl IntoIterator<Item = (N, Vec<Row>)>, args: &Args) -> ExitCode {
    let mut missed = 0;
    let mut told = Vec::new();
    for (name, rows) in measured {
        let name = name.as_ref();
        missed += rows.iter().filter(|row| row.missed()).count();
        match args.format {
            Format::Text => anstream::print!("{}", table(name, &rows)),
            Format::Json => told.push(json!({"name": name, "rows": rows_as_json(&rows)})),
        }
    }
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    match args.format {
        Format::Text => anstream::println!("\n{} threads, load at the end {}", measure::threads(), load.trim()),
        Format::Json => anstream::println!("{:#}", json!({"rounds": args.rounds, "subjects": told, "missed": missed})),
    }
    ExitCode::from(u8::from(args.check && missed > 0))
}

/// The command as it is installed: a release build.
fn build() -> Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "-p", "legacy-port"])
        .current_dir(crate::root())
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("`cargo build --release -p legacy-port` failed");
    }
    Ok(crate::target_dir().join("release/legacy-port"))
}

fn measure(subject: &Subject, tool: &Path, clang: &Path, dir: &Path, args: &Args) -> Result<Vec<Row>> {
    let cache = dir.join("cache");
    let audit = || {
        let mut command = Command::new(tool);
        command.arg("audit").arg("-p").arg(&subject.path).arg("--cache-dir").arg(&cache).args(["--format", "sarif"]);
        command
    };
    let forget = || std::fs::remove_dir_all(&cache).or_else(|_| std::fs::create_dir_all(&cache));
    let (mut two, mut cold, mut warm) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.rounds {
        two.push(subject.peer(clang, Peer::Clang)?);
        forget().with_context(|| format!("cannot empty `{}`", cache.display()))?;
        cold.push(time(&mut audit())?);
        warm.push(time(&mut audit())?);
    }
    let (two, cold, warm) = (median(two), median(cold), median(warm));
    let units = subject.units();
    let ratio =
        |what: String, of: f64, to: f64, limit| Row { what, value: of / to, unit: "x", limit, of: Some((of, to)) };
    let limit = match units {
        1 => Some(ONE_UNIT),
        MANY.. => Some(MANY_UNITS),
        _ => None,
    };
    let mut rows = vec![ratio("cold, to two clang -fsyntax-only a unit".into(), cold, two, limit)];
    rows.push(ratio("warm, to cold".into(), warm, cold, limit.map(|_| WARM)));
    #[allow(clippy::cast_precision_loss)] // nobody has 2^52 units
    let allowed = WARM_SECONDS * (units.max(MANY) as f64 / MANY as f64);
    rows.push(Row { what: "warm".into(), value: warm, unit: "s", limit: Some(allowed), of: None });
    forget().with_context(|| format!("cannot empty `{}`", cache.display()))?;
    match peak_memory(&audit()) {
        Some(mib) => {
            rows.push(Row { what: "peak memory, cold".into(), value: mib, unit: "MiB", limit: Some(MEMORY), of: None });
        }
        None => anstream::eprintln!("no `/usr/bin/time` to measure memory with; on Debian install `time`"),
    }
    for (name, limit) in CHECKERS.iter().filter(|_| !args.quick) {
        let Some(path) = subject::find(name) else {
            anstream::eprintln!("no `{name}` to compare with; on Debian install `{name}`");
            continue;
        };
        let peer = if *name == "cppcheck" { Peer::Cppcheck } else { Peer::ClangTidy };
        // Once: it takes so much longer that the machine's moods do not count.
        let once = subject.peer(&path, peer)?;
        rows.push(ratio(format!("cold, to {name}{}", once.note()), cold, seconds(once), Some(*limit)));
    }
    Ok(rows)
}

fn table(name: &str, rows: &[Row]) -> String {
    let mut out = format!("\n\x1b[1m{name}\x1b[0m\n");
    for row in rows {
        let state = match row.limit {
            None => String::new(),
            Some(limit) if row.missed() => format!("\x1b[31mmissed\x1b[0m, limit {limit:.3}"),
            Some(limit) => format!("\x1b[32mok\x1b[0m, limit {limit:.3}"),
        };
        let of = row.of.map_or(String::new(), |(a, b)| format!("{a:.3} s / {b:.3} s"));
        let _ = writeln!(out, "  {:44} {:9.3} {:3}  {of:22} {state}", row.what, row.value, row.unit);
    }
    out
}

fn as_json(subject: &Subject, rows: &[Row]) -> Value {
    json!({"name": subject.name, "units": subject.units(), "rows": rows_as_json(rows)})
}

fn rows_as_json(rows: &[Row]) -> Vec<Value> {
    rows.iter()
        .map(|row| {
            json!({"what": row.what, "value": row.value, "unit": row.unit, "limit": row.limit, "missed": row.missed(),
                "seconds": row.of.map(|(a, b)| [a, b])})
        })
        .collect()
}

/// What it is measured on.
fn machine(clang: &Path) -> Vec<(&'static str, String)> {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": ")).map_or("unknown", |m| m.1);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let libclang = legacy_port::source::clang::Clang::load().map_or_else(|e| e.to_string(), |c| c.version);
    let mut all = vec![
        ("processor", format!("{model}, {} threads", measure::threads())),
        ("load", load.trim().to_owned()),
        ("libclang", libclang),
        ("clang", measure::version(clang)),
    ];
    all.extend(CHECKERS.iter().filter_map(|(name, _)| Some((*name, measure::version(&subject::find(name)?)))));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_which_limits_are_missed() {
        let row = |value, limit| Row { what: "cold".into(), value, unit: "x", limit, of: Some((3.0, 2.0)) };
        let rows = [row(1.5, Some(1.5)), row(1.501, Some(1.5)), row(9.0, None)];
        assert_eq!(rows.each_ref().map(Row::missed), [false, true, false], "a limit that is just met is kept");
        let told = anstream::adapter::strip_str(&table("DOOM, 62 units", &rows)).to_string();
        let lines: Vec<&str> = told.lines().map(str::trim).collect();
        assert_eq!(lines[1], "DOOM, 62 units");
        assert!(lines[2].ends_with("ok, limit 1.500") && lines[2].contains("3.000 s / 2.000 s"), "{told}");
        assert!(lines[3].starts_with("cold") && lines[3].ends_with("missed, limit 1.500"), "{told}");
        assert!(lines[4].ends_with("3.000 s / 2.000 s"), "no limit, no judgement: {told}");
    }

    #[test]
    fn a_small_program_is_measured_beside_a_peer() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.c"), "int f(char *p) { return (int)p; }\n").unwrap();
        let database = json!([{"directory": ".", "file": "a.c", "arguments": ["cc", "-c", "a.c"]}]);
        std::fs::write(dir.path().join("compile_commands.json"), database.to_string()).unwrap();
        let subject = Subject::load("small", dir.path()).unwrap();
        let args = Args {
            project: vec![],
            only: true,
            image: false,
            inventory: None,
            layouts: false,
            rounds: 1,
            quick: true,
            check: true,
            format: Format::Text,
        };
        // Any program that ends well stands for the audit and for its peer.
        let rows = measure(&subject, Path::new("true"), Path::new("true"), dir.path(), &args).unwrap();
        let told = table(&subject.title(), &rows);
        for what in ["cold, to two clang", "warm, to cold", "warm "] {
            assert!(told.contains(what), "no `{what}`: {told}");
        }
        assert!(measure(&subject, Path::new("false"), Path::new("/nosuch"), dir.path(), &args).is_err());
    }
}
