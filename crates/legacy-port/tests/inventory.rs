//! An inventory of a folder that has everything: both classes, an archive, scripts, hard links, links that lead out or
//! round, a pipe, and files that are damaged at any place.

mod common;
#[path = "common/sarif_schema.rs"]
mod sarif_schema;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use common::Case;
use legacy_port::binary::inventory::{self, Content};
use serde_json::Value;

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
    // One that begins below the folder that was named is met on the way.
    let mounted = std::fs::read_to_string("/proc/mounts").unwrap().contains(" /dev/pts devpts ");
    let found = inventory::take(&["/dev".into()], &|_| ());
    assert_eq!(found.left_out.contains(&"/dev/pts".into()), mounted, "{:?}", found.left_out);
}

/// A folder with a library for both classes, one for 32 bits alone, what needs them, and scripts.
fn installed() -> Case {
    let case = Case::new(&[
        ("one.c", "int one(void) { return 1; }\n"),
        ("main.c", "int one(void); int main(void) { return one(); }\n"),
        ("tree/bin/script", "text, whose first line the test writes\n"),
    ]);
    let d = case.path();
    run(d, "mkdir -p tree/lib32 tree/lib64");
    for (bits, folder, name) in [(32, "lib32", "both"), (64, "lib64", "both"), (32, "lib32", "old")] {
        let soname = format!("-Wl,-soname,lib{name}.so.{bits}");
        let soname = if name == "both" { "-Wl,-soname,libboth.so.1".to_owned() } else { soname };
        run(d, &format!("gcc -m{bits} -shared -fPIC {soname} -o tree/{folder}/lib{name}.so.1.{bits} one.c"));
    }
    run(d, "gcc -m32 -c -o one.o one.c && ar qc tree/lib32/libone.a one.o && gcc -c -o one.o one.c");
    run(d, "ar qc tree/lib64/libone.a one.o && ar qc tree/lib32/libnone.a one.c && rm one.o");
    run(d, "gcc -m32 -o tree/bin/prog main.c tree/lib32/libold.so.1.32 && gcc -o tree/bin/new main.c one.c");
    run(d, "head -c 90 tree/bin/new >tree/bin/cut");
    // A 64-bit program over a 32-bit one, without its library.
    run(d, "gcc -shared -fPIC -Wl,-soname,libold.so.32 -o stub.so one.c && gcc -o tree/bin/wrong main.c stub.so");
    let prog = d.canonicalize().unwrap().join("tree/bin/prog");
    case.write("tree/bin/script", &format!("#!{} -x\n", prog.display()));
    case
}

#[test]
fn sarif_tells_what_has_a_twin_and_what_has_not() {
    let case = installed();
    let ran = case.run(&["inventory", "tree", "--format", "sarif"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    let valid = sarif_schema::validate(&ran.out);
    assert!(valid.status.success(), "{}", String::from_utf8_lossy(&valid.stdout));
    assert!(!sarif_schema::validate(&ran.out.replace("\"ruleId\"", "\"ruleIdentity\"")).status.success());
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let found: Vec<(String, String, String)> = results
        .iter()
        .map(|r| {
            let file = text(&r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
            (text(&r["ruleId"]), text(&r["level"]), file)
        })
        .collect();
    let want = [
        ("script_for_32_bit_program", "warning", "tree/bin/script"),
        ("file_without_twin", "warning", "tree/bin/prog"),
        ("needs_32_bit_library", "error", "tree/bin/wrong"),
        ("file_with_twin", "note", "tree/lib32/libboth.so.1.32"),
        ("file_without_twin", "warning", "tree/lib32/libold.so.1.32"),
        ("file_with_twin", "note", "tree/lib32/libone.a"),
    ];
    let mut want = want.map(|(r, l, f)| (r.to_owned(), l.to_owned(), f.to_owned())).to_vec();
    want.sort_by(|a, b| a.2.cmp(&b.2));
    assert_eq!(found, want, "{}", ran.out);
    let of = |file: &str| text(&results[found.iter().position(|f| f.2 == file).unwrap()]["message"]["text"]);
    assert!(of("tree/lib32/libboth.so.1.32").contains("tree/lib64/libboth.so.1.64`"), "{}", ran.out);
    assert!(of("tree/bin/prog").contains("[it needs `libold.so.32`, of which there is no 64-bit file]"), "{}", ran.out);
    assert!(of("tree/lib32/libold.so.1.32").contains("[32-bit files here that need it: 1]"), "{}", ran.out);
    assert!(ran.out.contains("`tree/bin/cut` is left out: "), "{}", ran.out);
    // Every rule that is named is explained, in the log and by the command.
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let named = |r: &Value| rules[usize::try_from(r["ruleIndex"].as_u64().unwrap()).unwrap()]["id"] == r["ruleId"];
    assert!(results.iter().all(named));
    for rule in rules {
        assert!(!rule["help"]["markdown"].as_str().unwrap().contains("```"), "no empty example: {rule}");
        let told = case.run(&["explain", rule["id"].as_str().unwrap()]);
        assert!(told.status == 0 && !told.out.contains("Wrong"), "{}", told.out);
    }
}

#[test]
fn findings_of_an_inventory_go_by_the_settings() {
    let case = installed();
    let sarif = |more: &[&str]| case.run(&[&["inventory", "tree", "--format", "sarif"], more].concat());
    assert_eq!(sarif(&["--fail-on", "never"]).status, 0);
    let only = sarif(&["--only", "file_with_twin", "--fail-on", "may"]);
    assert!(only.status == 0 && !only.out.contains("file_without_twin"), "{}", only.out);
    assert!(!sarif(&["--exclude", "tree/bin"]).out.contains("\"tree/bin"));
    let off = sarif(&["--level", "needs_32_bit_library=off,file_without_twin=breaks", "--skip", "file_with_twin"]);
    assert!(off.out.contains("\"level\": \"error\"") && !off.out.contains("needs_32_bit_library"), "{}", off.out);
    assert_eq!(case.run(&["inventory", "tree/bin", "--format", "text"]).status, 1);
}
