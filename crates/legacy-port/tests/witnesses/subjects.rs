//! What is looked at: both builds of `auctiond`, libraries of this system, and small objects built to differ.

use std::path::{Path, PathBuf};
use std::process::Command;

use legacy_port::binary::elf;
use legacy_port::compile;
use legacy_port::project::Project;

/// Programs and objects of both builds of the old program.
pub(crate) fn auctiond(dir: &Path) -> Vec<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../legacy-c/auctiond");
    let project = Project::load(&project).unwrap();
    let mut all = Vec::new();
    for target in [&project.targets.old, &project.targets.new] {
        let built = compile::build(&project, target, dir, &|_, _| ()).unwrap();
        let objects = files(&built.dir.join("objects"));
        assert!(objects.len() >= project.units.len(), "{objects:?}");
        all.extend(built.programs.into_iter().chain(objects));
    }
    all
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if !path.is_symlink() && elf::read(&path).is_ok() {
            all.push(path);
        }
    }
    all.sort();
    all
}

/// Libraries of both classes, from all over their folders.
pub(crate) fn system() -> Vec<PathBuf> {
    let mut all = Vec::new();
    for (folder, most) in [("/usr/lib/x86_64-linux-gnu", 40), ("/usr/lib32", 16)] {
        let mut here: Vec<PathBuf> = std::fs::read_dir(folder)
            .expect("libraries of both classes; ci/setup installs them")
            .map(|e| e.unwrap().path())
            .filter(|p| p.is_file() && !p.is_symlink() && elf::read(p).is_ok_and(|f| f.soname.is_some()))
            .collect();
        here.sort();
        let step = here.len().div_ceil(most).max(1);
        all.extend(here.into_iter().step_by(step));
    }
    assert!(all.len() >= 50, "only {} libraries", all.len());
    all
}

/// Small programs and libraries, one for each thing that is told, for both classes.
pub(crate) fn made(dir: &Path) -> Vec<PathBuf> {
    let source = "#include <stdio.h>\n#include <string.h>\nint other;\n\
                  int main(int argc, char **argv) { char b[64]; strcpy(b, argv[argc - 1]); return puts(b) + other; }\n";
    std::fs::write(dir.join("main.c"), source).unwrap();
    std::fs::write(dir.join("text.c"), "extern int other;\nint get(void) { return other; }\n").unwrap();
    let hard = "-O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -z now -pie -fPIE";
    let rpath = "-Wl,-rpath,/opt/tape/lib:/opt/ledger/lib,";
    let flags = [
        ("hard", hard.to_owned()),
        ("soft", "-fno-stack-protector -no-pie -z norelro -z lazy -z execstack".to_owned()),
        ("plain", "-O0 -pie -fPIE -z relro -z lazy".to_owned()),
        ("rpath", format!("{rpath}--disable-new-dtags")),
        ("runpath", format!("{rpath}--enable-new-dtags")),
        ("static", "-static".to_owned()),
        ("static_pie", "-static-pie".to_owned()),
        ("library", "-shared -fPIC -Wl,-soname,libmade.so.1".to_owned()),
        ("bare", "-shared -fPIC -nostdlib".to_owned()),
        ("object", "-c -fstack-protector-all".to_owned()),
        // Nothing is bound lazily, since nothing is called by a table.
        ("eager", "-shared -fPIC -O2 -fno-plt -z relro -z lazy".to_owned()),
    ];
    let mut all = Vec::new();
    for bits in ["32", "64"] {
        for (name, flags) in &flags {
            let out = dir.join(format!("{name}{bits}"));
            gcc(dir, &format!("-m{bits} -w {flags} -o {name}{bits} main.c"));
            all.push(out);
        }
    }
    // As linkers wrote files before there was a word for the stack.
    std::fs::write(dir.join("old.s"), "\t.text\n\t.globl _start\n_start:\tret\n").unwrap();
    for (name, flags) in [("old_library32", "-m32 -shared"), ("old_library64", "-shared"), ("old32", "-m32 -no-pie")] {
        gcc(dir, &format!("{flags} -nostdlib -o {name} old.s"));
        all.push(dir.join(name));
    }
    // Code that is written to when it is loaded: i386 alone lets it pass.
    gcc(dir, "-m32 -shared -fno-pic -Wl,-z,notext -o text32 text.c");
    all.push(dir.join("text32"));
    all
}

fn gcc(dir: &Path, flags: &str) {
    let output = Command::new("gcc").args(flags.split(' ')).current_dir(dir).output();
    let output = output.expect("gcc; ci/setup installs it");
    assert!(output.status.success(), "gcc {flags}: {}", String::from_utf8_lossy(&output.stderr));
}
