//! What other programs say of ELF files, in the words that ours are put into.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// Figures of a file, by what they are of.
pub(crate) type Figures = BTreeMap<&'static str, String>;

fn said(command: &mut Command, missing: &str) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{missing}; ci/setup installs it: {e}"));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !output.stdout.is_empty(), "{missing}: {err}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

/// What stands in brackets in the lines with a tag.
fn tags(dynamic: &str, tag: &str) -> Vec<String> {
    let lines = dynamic.lines().filter(|l| l.contains(&format!("({tag})")));
    lines.filter_map(|l| Some(l.split_once('[')?.1.rsplit_once(']')?.0.to_owned())).collect()
}

pub(crate) fn readelf(file: &Path) -> Figures {
    let all = said(Command::new("readelf").args(["-W", "-h", "-l", "-d"]).arg(file), "readelf, of binutils");
    let field = |name: &str| {
        let line = all.lines().find_map(|l| l.trim().strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches(':').trim().to_owned()
    };
    let machine = match field("Machine").as_str() {
        "Intel 80386" => "i386".to_owned(),
        "Advanced Micro Devices X86-64" => "x86_64".to_owned(),
        other => other.to_owned(),
    };
    let interpreter = all
        .split_once("[Requesting program interpreter: ")
        .map_or("", |(_, rest)| rest.split_once(']').map_or("", |(path, _)| path));
    let segment = |name: &str| all.lines().find(|l| l.trim_start().starts_with(name));
    let stack = match segment("GNU_STACK") {
        None => "none",
        Some(line) if line.contains("RWE") => "executable",
        Some(_) => "plain",
    };
    let now = ["(BIND_NOW)", "Flags: NOW", "BIND_NOW"].iter().any(|t| all.contains(t));
    let relro = match segment("GNU_RELRO") {
        None => "no",
        Some(_) if now => "full",
        Some(_) => "partial",
    };
    Figures::from([
        ("class", field("Class").replace("ELF", "")),
        ("machine", machine),
        ("type", field("Type").split(' ').next().unwrap_or_default().to_owned()),
        ("interpreter", interpreter.to_owned()),
        ("soname", tags(&all, "SONAME").concat()),
        ("needed", tags(&all, "NEEDED").join(",")),
        ("stack", stack.to_owned()),
        ("relro", relro.to_owned()),
        ("text relocations", yes(all.contains("TEXTREL"))),
        ("rpath", tags(&all, "RPATH").concat()),
        ("runpath", tags(&all, "RUNPATH").concat()),
    ])
}

pub(crate) fn scanelf(files: &[PathBuf]) -> BTreeMap<PathBuf, Figures> {
    let columns = ["-BF", "%a|%M|%o|%i|%S|%n|%e|%t|%r|%b|%F"];
    let all = said(Command::new("scanelf").args(columns).args(files), "scanelf, of pax-utils");
    let line = |l: &str| {
        let fields: Vec<&str> = l.split('|').collect();
        let [machine, class, kind, interpreter, soname, needed, flags, text, rpath, bind, file] = fields[..] else {
            panic!("scanelf: {l}")
        };
        let machine = match machine {
            "EM_386" => "i386",
            "EM_X86_64" => "x86_64",
            other => other,
        };
        // The flags of the stack, of what is read-only once relocated, and of what is loaded.
        let stack = match flags.split(' ').next().unwrap_or_default() {
            "---" => "none",
            flags if flags.contains('X') => "executable",
            _ => "plain",
        };
        let rpath = rpath.trim();
        let figures = Figures::from([
            ("class", class.replace("ELFCLASS", "")),
            ("machine", machine.to_owned()),
            ("type", kind.replace("ET_", "")),
            ("interpreter", interpreter.to_owned()),
            ("soname", soname.to_owned()),
            ("needed", needed.to_owned()),
            ("stack", stack.to_owned()),
            ("text relocations", yes(text.trim() == "TEXTREL")),
            ("search path", if rpath == "-" { String::new() } else { rpath.to_owned() }),
            ("binding", bind.to_lowercase()),
        ]);
        (PathBuf::from(file), figures)
    };
    all.lines().map(line).collect()
}

/// `checksec` is a script that starts hundreds of processes for a file: two at once.
pub(crate) fn checksec(files: &[PathBuf], dir: &Path) -> BTreeMap<PathBuf, Figures> {
    let run = |nth: usize, files: &[PathBuf]| {
        let list = dir.join(format!("files{nth}"));
        let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
        std::fs::write(&list, names.join("\n") + "\n").unwrap();
        let list = format!("--listfile={}", list.display());
        said(Command::new("checksec").args(["--format=csv", &list]).env("LC_ALL", "C"), "checksec")
    };
    let half = files.len().div_ceil(2).max(1);
    let all: String = thread::scope(|scope| {
        let parts: Vec<_> = files.chunks(half).enumerate().map(|(n, part)| scope.spawn(move || run(n, part))).collect();
        parts.into_iter().map(|p| p.join().unwrap()).collect()
    });
    let line = |l: &str| {
        let fields: Vec<&str> = l.splitn(11, ',').collect();
        let [relro, canary, nx, pie, rpath, runpath, _, fortified, _, _, file] = fields[..] else {
            panic!("checksec: {l}")
        };
        let relro = match relro {
            "Full RELRO" => "full",
            "Partial RELRO" => "partial",
            _ => "no",
        };
        let figures = Figures::from([
            ("relro", relro.to_owned()),
            ("stack protector", yes(canary == "Canary found")),
            ("stack that is not executable", yes(nx == "NX enabled")),
            ("pie", pie.replace(" enabled", "").to_lowercase()),
            ("has rpath", yes(rpath == "RPATH")),
            ("has runpath", yes(runpath == "RUNPATH")),
            ("fortified", yes(fortified == "Yes")),
        ]);
        (PathBuf::from(file), figures)
    };
    all.lines().filter(|l| l.contains("RELRO,")).map(line).collect()
}

/// Where the needed libraries are, by their order.
pub(crate) fn lddtree(files: &[PathBuf]) -> BTreeMap<PathBuf, Figures> {
    let program = ["/usr/bin/lddtree", "/bin/lddtree"].into_iter().find(|p| Path::new(p).is_file());
    let program = program.expect("lddtree, of pax-utils; ci/setup installs it");
    // By the system's own Python, which has its library.
    let mut command = Command::new("/usr/bin/python3");
    let all = said(command.args([program, "-a"]).args(files), "lddtree, of pax-utils with python3-pyelftools");
    let mut out: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    let mut at = PathBuf::new();
    for line in all.lines() {
        let depth = line.len() - line.trim_start().len();
        if depth == 0 {
            at = line.split_once(" (interpreter => ").expect("a file").0.into();
            out.insert(at.clone(), Vec::new());
        } else if depth == 4 {
            let (name, path) = line.trim().split_once(" => ").expect("a library");
            let path = std::fs::canonicalize(path).map_or("none".into(), |p| p.display().to_string());
            out.get_mut(&at).unwrap().push(format!("{name} {path}"));
        }
    }
    out.into_iter().map(|(file, all)| (file, Figures::from([("libraries", all.join(","))]))).collect()
}
