use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use legacy_port::audit::Audit;
use legacy_port::baseline::Baseline;
use legacy_port::binary::inventory::{self, Content, Inventory, rules};
use legacy_port::report::{Paths, plain, sarif};
use legacy_port::settings::Settings;
use rayon::prelude::*;
use serde::Serialize;

use super::built::Judged;
use super::{Bar, print, written};

/// Find every 32-bit file below some folders, what these files need, and what would be left without them
///
/// ELF files, members of archives and the interpreters of scripts are looked at, each inode once. Links are not followed,
/// and file systems such as `/proc` are left out. Members of thin archives are followed below these folders. Exit status: 0 no
/// 32-bit file, 1 some, 2 a folder cannot be opened.
///
/// With `--format sarif` each is a finding of a check, which can be turned off, given another level, and accepted in the
/// baseline: `legacy-port checks` lists them. Then the exit status goes by `--fail-on`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Folders; of one with a `var/lib/dpkg` that one's packages are told
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// What to write
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    judged: Judged,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Tables, for people
    Text,
    /// One JSON object a file and line: ELF files, archives and scripts of either class
    Json,
    /// SARIF 2.1.0, for code scanning: 32-bit files without a 64-bit twin are warnings, those with one are notes
    Sarif,
}

fn take(folders: &[PathBuf]) -> Inventory {
    let bar = Bar::new("files");
    inventory::take(folders, &|done| bar.step(done, done))
}

/// The inventory, and what it finds, held against the baseline.
pub(super) fn findings(
    folders: &[PathBuf],
    settings: &Settings,
    root: &Path,
    baseline: &Baseline,
) -> Result<(Inventory, Audit)> {
    let folders = inventory::folders(folders)?;
    let inventory = take(&folders);
    let audit = rules::audit(&inventory, &folders, &settings.inventory, root);
    let audit = settings.settle_files(&settings.inventory, audit, root, baseline);
    Ok((inventory, audit))
}

pub(super) fn run(args: &Args) -> Result<ExitCode> {
    if let Format::Sarif = args.format {
        let (root, settings) = args.judged.settings()?;
        let (inventory, audit) = findings(&args.folders, &settings, &root, &Baseline::read(&settings.baseline)?)?;
        troubles(&inventory);
        print(&sarif::report(&audit, &settings.inventory, &Paths::new(&root, &root)))?;
        return Ok(ExitCode::from(u8::from(settings.fails(&audit))));
    }
    let inventory = take(&inventory::folders(&args.folders)?);
    troubles(&inventory);
    if args.format == Format::Json {
        // No colours are in it, since JSON writes every control character in another way.
        written(std::io::stdout().lock().write_all(&lines(&inventory)))?;
    } else {
        print(&text(&inventory))?;
    }
    Ok(ExitCode::from(u8::from(inventory.of_32_bits().next().is_some())))
}

fn troubles(inventory: &Inventory) {
    for (path, why) in &inventory.troubles {
        anstream::eprintln!("{}: {}", plain(&path.to_string_lossy()), plain(why));
    }
}

fn shown(path: &Path) -> String {
    plain(&path.to_string_lossy()).into_owned()
}

fn text(i: &Inventory) -> String {
    let mut out = String::new();
    let width = i.of_32_bits().map(|e| shown(&e.path).len()).max().unwrap_or(0).min(80);
    for e in i.of_32_bits() {
        let from = inventory::origin(i, &e.path);
        let _ = writeln!(out, "{:width$}  {:40}  {}", shown(&e.path), e.content.kind(), plain(&from));
    }
    if !i.libraries.is_empty() {
        out.push_str("\nlibraries that they need, and the 64-bit file of that name\n");
    }
    for l in &i.libraries {
        let twin = l.found.bits64.as_ref().map_or_else(|| "none".into(), |p| shown(p));
        let _ = writeln!(out, "  {:30}  {twin}, needed by {}", plain(&l.name), l.by.len());
    }
    for (script, program) in &i.scripts {
        let _ = writeln!(out, "{}: a script that the 32-bit program {} runs", shown(script), shown(program));
    }
    for (path, name) in &i.broken {
        let _ = writeln!(out, "{}: of 64 bits, and needs `{}`, here for 32 bits alone", shown(path), plain(name));
    }
    let (old, new) = (i.of_32_bits().count(), i.entries.iter().filter(|e| e.content.has(64)).count());
    let bytes: u64 = i.of_32_bits().map(|e| e.size).sum();
    let _ = writeln!(
        out,
        "\n{} files, {old} of 32 bits ({bytes} bytes), {new} of 64 bits, {} unreadable or damaged",
        i.files,
        i.troubles.len()
    );
    let missing = i.libraries.iter().filter(|l| l.found.bits64.is_none()).count();
    if old > 0 {
        let _ = writeln!(
            out,
            "without the 32-bit files: {} scripts lose their interpreter, {missing} libraries have no 64-bit file; \
             {} of the 32-bit libraries no 32-bit file here needs",
            i.scripts.len(),
            i.unneeded().len()
        );
    }
    out
}

/// A file as a line of JSON, keys in their order.
#[derive(Default, Serialize)]
#[allow(clippy::option_option)] // left out where it makes no sense, `null` where there is none
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<u8>,
    file: Cow<'a, str>,
    further_names: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    interpreter: Option<Option<&'a str>>,
    kind: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<Member<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<Option<&'a str>>,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    soname: Option<Option<&'a str>>,
}

/// A member of an archive.
#[derive(Serialize)]
struct Member<'a> {
    bits: u8,
    machine: &'a str,
    name: &'a str,
}

impl<'a> Line<'a> {
    fn of(e: &'a inventory::Entry, i: &'a Inventory) -> Self {
        let mut line = Self { file: e.path.to_string_lossy(), further_names: e.links, size: e.size, ..Self::default() };
        match &e.content {
            Content::Elf(f) => {
                line.bits = Some(f.bits);
                line.machine = Some(&f.machine);
                line.kind = f.kind.to_string().into();
                line.interpreter = Some(f.interpreter.as_deref());
                line.needed = Some(&f.needed);
                line.soname = Some(f.soname.as_deref());
            }
            Content::Archive(parts) => {
                line.kind = "archive".into();
                let member = |p: &'a inventory::Part| Member { bits: p.bits, machine: &p.machine, name: &p.name };
                line.members = Some(parts.iter().map(member).collect());
            }
            Content::Script { interpreter, argument } => {
                line.kind = "script".into();
                line.interpreter = Some(Some(interpreter));
                line.argument = Some(argument);
            }
        }
        if e.content.has(32) {
            line.package = Some(i.packages.get(&e.path).map(String::as_str));
        }
        line
    }
}

fn lines(i: &Inventory) -> Vec<u8> {
    let some = |entries: &[inventory::Entry]| {
        let mut out = Vec::with_capacity(entries.len() * 256);
        for e in entries {
            // It writes to memory, and every key is a text.
            let _ = serde_json::to_writer(&mut out, &Line::of(e, i));
            out.push(b'\n');
        }
        out
    };
    let parts: Vec<Vec<u8>> = i.entries.par_chunks(512).map(some).collect();
    parts.concat()
}
