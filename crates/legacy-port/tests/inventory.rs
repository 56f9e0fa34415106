//! An inventory of a folder that has everything: both classes, an archive, scripts, hard links, links that lead out or
//! round, a pipe, and files that are damaged at any place.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use legacy_port::binary::inventory::{self, Content};

fn run(dir: &Path, command: &str) {
    let output = Command::new("sh").args(["-c", command]).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn everything_is_seen_once_and_nothing_hangs() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    std::fs::write(d.join("lib.c"), "int answer(void) { return 42; }\n").unwrap();
    std::fs::write(d.join("main.c"), "int answer(void); int main(void) { return answer(); }\n").unwrap();
    run(d, "gcc -m32 -shared -fPIC -Wl,-soname,libanswer.so.1 -o libanswer.so.1 lib.c");
    run(d, "gcc -m32 -o old main.c libanswer.so.1 -Wl,-rpath,'$ORIGIN' && gcc -m64 -o new main.c lib.c");
    run(d, "gcc -m32 -c -o a.o lib.c && gcc -m64 -c -o b.o lib.c && ar rc both.a a.o b.o && rm a.o b.o");
    run(d, "ln old again && mkfifo pipe && mkdir -p deep/er && printf 'no program\\n' >deep/er/text");
    std::fs::write(d.join("script"), format!("#!{}/old -x\n", d.display())).unwrap();
    symlink("..", d.join("deep/round")).unwrap();
    symlink("/usr", d.join("out")).unwrap();
    let whole = std::fs::read(d.join("new")).unwrap();
    std::fs::write(d.join("cut"), &whole[..100]).unwrap();

    let folders = inventory::folders(&[d.to_owned()]).unwrap();
    let found = inventory::take(&folders, &|_| ());
    let d = &folders[0];
    let name = |p: &Path| p.strip_prefix(d).unwrap().to_string_lossy().into_owned();
    let old: Vec<(String, usize)> = found.of_32_bits().map(|e| (name(&e.path), e.links)).collect();
    assert_eq!(old, [("again".into(), 1), ("both.a".into(), 0), ("libanswer.so.1".into(), 0)]);
    let new: Vec<String> = found.entries.iter().filter(|e| e.content.has(64)).map(|e| name(&e.path)).collect();
    assert_eq!(new, ["both.a", "new"]);
    let parts = found.entries.iter().find_map(|e| match &e.content {
        Content::Archive(parts) => Some(parts.iter().map(|p| (p.name.as_str(), p.bits)).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(parts.unwrap(), [("a.o", 32), ("b.o", 64)]);
    assert_eq!(found.scripts, [(d.join("script"), d.join("old"))]);
    let missing: Vec<&str> =
        found.libraries.iter().filter(|l| l.found.bits64.is_none()).map(|l| l.name.as_str()).collect();
    assert_eq!(missing, ["libanswer.so.1"]);
    let troubles: Vec<String> = found.troubles.iter().map(|t| name(&t.0)).collect();
    assert_eq!(troubles, ["cut"], "{:?}", found.troubles);
}

#[test]
fn objects_cut_anywhere_are_told_and_do_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("lib.c"), "int answer(void) { return 42; }\n").unwrap();
    for flags in ["-m32 -shared -fPIC", "-m64 -c"] {
        run(dir.path(), &format!("gcc {flags} -o object lib.c && rm -f lib.a && ar rc lib.a object"));
        for file in ["object", "lib.a"] {
            let whole = std::fs::read(dir.path().join(file)).unwrap();
            assert!(legacy_port::binary::elf::objects_in(&whole).is_ok());
            let refused = (0..whole.len()).filter(|&n| legacy_port::binary::elf::objects_in(&whole[..n]).is_err());
            assert!(refused.count() > whole.len() / 2, "{flags} {file}");
            // Each byte of the headers once as the largest that it can be.
            for at in 0..whole.len().min(600) {
                let mut other = whole.clone();
                other[at] = 0xff;
                let _ = legacy_port::binary::elf::objects_in(&other);
            }
        }
    }
}

#[test]
fn the_kernels_own_file_systems_are_left_out() {
    let found = inventory::take(&["/proc".into()], &|_| ());
    assert_eq!((found.files, found.left_out.len()), (0, 1));
}
