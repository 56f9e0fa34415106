use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use glob::Pattern;
use legacy_port::binary::compare::{Change, Comparison, compare};
use legacy_port::binary::dwarf::{self, Options};
use legacy_port::report;
use legacy_port::target::Pair;
use serde_json::json;

/// Compare record layouts of two builds by their debug information, or predict those of a 64-bit build
///
/// Takes objects, archives, libraries and programs with debug information (`-g`). With a build for i386 alone the layouts
/// under `LP64` are predicted from the types. Records without pointers come first, since such are written to files and
/// sent; then those that grow most. Exit status: 0 no layout differs, 1 some do, 2 it could not be done.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The old build
    old: PathBuf,
    /// The new build of it
    new: Option<PathBuf>,
    /// Only records of this name, with or without `struct`, as in `--record 'bid*'`
    #[arg(long, value_name = "GLOB")]
    record: Option<Pattern>,
    /// How many objects there are of a record, for what the program grows by, as in `--count bid=1000000`
    #[arg(long, value_name = "RECORD=NUMBER", value_parser = count)]
    count: Vec<(String, u64)>,
    /// Where the source is, if it is not where it was built: predictions ask it for what `#if` chose for the target
    #[arg(long, value_name = "DIR", default_value = ".")]
    source: PathBuf,
    /// Records of the system's headers too
    #[arg(long)]
    all: bool,
    /// What to write
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// What moved, for people at a terminal
    Text,
    /// One JSON object a record and line, with both layouts
    Json,
    /// A drawing of both layouts side by side, of one record (`--record`)
    Svg,
}

fn count(text: &str) -> Result<(String, u64), String> {
    let (name, number) = text.split_once('=').ok_or("expected RECORD=NUMBER")?;
    Ok((name.to_owned(), number.parse().map_err(|e| format!("`{number}`: {e}"))?))
}

fn short(name: &str) -> &str {
    ["struct ", "union ", "class ", "enum "].iter().find_map(|k| name.strip_prefix(k)).unwrap_or(name)
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    let predict = args.new.is_none();
    let read = |file: &PathBuf| dwarf::read(file, Options { predict, sources: Some(args.source.clone()) });
    let (old, new) = rayon::join(|| read(&args.old), || args.new.as_ref().map(read).transpose());
    let (old, new) = (old?, new?);
    for missing in old.missing.iter().chain(new.iter().flat_map(|n| &n.missing)) {
        anstream::eprintln!("warning: {missing}");
    }
    let names = Pair { old: old.machine.name(), new: new.as_ref().map_or("x86_64, predicted", |n| n.machine.name()) };
    let mut found = compare(&old, new.as_ref());
    let of_the_system = |c: &Change| c.place.as_ref().is_some_and(|p| p.0.starts_with("/usr/"));
    let asked = |name: &str| args.record.as_ref().is_none_or(|g| g.matches(name) || g.matches(short(name)));
    found.changes.retain(|c| (args.all || args.record.is_some() || !of_the_system(c)) && asked(&c.layouts.old.name));
    found.unknown.retain(|(name, _)| asked(name));
    found.assumed.retain(|(name, _)| asked(name));
    if let Some(glob) = args.record.as_ref().filter(|_| !old.records.iter().any(|r| asked(&r.layout.name))) {
        bail!("no record `{glob}` in `{}`; `--record` takes the names that `--all` lists", args.old.display());
    }
    for (name, _) in &args.count {
        if !old.records.iter().any(|r| short(&r.layout.name) == short(name)) {
            bail!("no record `{name}` in `{}`; `--count` takes the names that `--all` lists", args.old.display());
        }
    }
    super::print(&match args.format {
        Format::Text => text(&found, names, &args.count),
        Format::Json => found.changes.iter().map(|c| as_json(c) + "\n").collect(),
        Format::Svg => {
            let [only] = &found.changes[..] else {
                bail!("{} records differ: name one of them by `--record`", found.changes.len());
            };
            svg(only, names)
        }
    })?;
    Ok(ExitCode::from(u8::from(!found.changes.is_empty())))
}

/// A drawing that stands by itself, with the colours that a page would give it.
fn svg(change: &Change, names: Pair<&str>) -> String {
    let colours = ".layout { --text: #1c2127; --muted: #56606b; --box: #e6eefb; --wider: #ffe3b0; --line: #a81c14; \
                   --page: #fff; background: #fff; }";
    let style = format!("<style>{colours}\n{}</style>\n", report::layout::CSS);
    let drawing = report::layout::svg(change.layouts.as_ref(), names, "record");
    drawing.replacen("<defs>", &format!("{style}<defs>"), 1)
}

fn text(found: &Comparison, names: Pair<&str>, counts: &[(String, u64)]) -> String {
    let mut out = String::new();
    let mut grown = 0i128;
    for c in &found.changes {
        let Pair { old, new } = c.layouts.as_ref();
        let place = c.place.as_ref().map_or(String::new(), |(file, line)| format!("   {file}:{line}"));
        let bytes = if old.size == new.size {
            format!("{} bytes", old.size)
        } else {
            format!("{} -> {} bytes", old.size, new.size)
        };
        let _ = writeln!(out, "{}: {bytes}{place}", old.name);
        if old.align != new.align {
            let _ = writeln!(out, "    aligned to {} -> {}", old.align, new.align);
        }
        for m in &c.members {
            let at = |bits: u64| match bits % 8 {
                0 => (bits / 8).to_string(),
                bit => format!("{}:{bit}", bits / 8),
            };
            let wide = if m.bits.differs() {
                format!("{} -> {} bytes", m.bits.old / 8, m.bits.new / 8)
            } else {
                String::new()
            };
            let line = format!("    {:32} at {:>6} -> {:>6}  {wide}", m.path, at(m.offset.old), at(m.offset.new));
            let _ = writeln!(out, "{}", line.trim_end());
        }
        for (paths, name) in [(&c.only.old, names.old), (&c.only.new, names.new)] {
            for path in paths {
                let _ = writeln!(out, "    {path:32} only on {name}");
            }
        }
        if c.complete && c.padding.differs() {
            let _ = writeln!(out, "    padding {} -> {} bytes", c.padding.old, c.padding.new);
        }
        if !c.complete {
            out.push_str("    a type of the system: its size is known, its members are not followed\n");
        }
        for a in &c.assumed {
            let _ = writeln!(out, "    assumed: {a}");
        }
        if let Some((_, count)) = counts.iter().find(|(name, _)| short(name) == short(&old.name)) {
            let by = c.growth() * i128::from(*count);
            grown += by;
            let _ = writeln!(out, "    {count} of them: {by:+} bytes");
        }
    }
    for (name, why) in &found.unknown {
        let _ = writeln!(out, "{name}: not predicted: {why}");
    }
    for (name, assumed) in &found.assumed {
        let _ = writeln!(out, "{name}: predicted to stay as it is, assumed: {}", assumed.join("; "));
    }
    let without = found.changes.iter().filter(|c| !c.pointers).count();
    let _ = writeln!(
        out,
        "{} of {} records differ between {} and {}, {without} of them without a pointer in them; {} only in the old build, {} only in the new one",
        found.changes.len(),
        found.changes.len() + found.same,
        names.old,
        names.new,
        found.only.old.len(),
        found.only.new.len()
    );
    if !counts.is_empty() {
        let _ = writeln!(out, "memory: {grown:+} bytes for the objects that were counted");
    }
    report::shown(&out)
}

fn as_json(c: &Change) -> String {
    let place = c.place.as_ref().map(|(file, line)| json!({"file": file, "line": line}));
    let members = |m: &legacy_port::binary::compare::Moved| json!({"path": m.path, "offset": [m.offset.old, m.offset.new], "bits": [m.bits.old, m.bits.new]});
    json!({
        "name": c.layouts.old.name, "place": place, "pointers": c.pointers, "layouts": c.layouts,
        "members": c.members.iter().map(members).collect::<Vec<_>>(), "only": c.only,
        "padding": c.padding, "complete": c.complete, "assumed": c.assumed,
    })
    .to_string()
}
