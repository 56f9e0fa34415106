//! Findings in what was built, accepted as those of source are: in the same file, by the same levels.

mod common;

use std::process::Command;

use common::{Case, Ran};

fn sh(case: &Case, command: &str) {
    let output = Command::new("sh").args(["-ec", command]).current_dir(case.path()).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

const FAST: &str = "#ifdef __i386__\nint book_fast(void) { return 2; }\n#endif\nlong book_table[8] = {1};\n";

/// Two builds of an archive and a program, in folders; the old program asks for the time.
fn builds() -> Case {
    let main = "#include <time.h>\nint main(void) { return time(0) == 1; }\n";
    let case = Case::new(&[("book.c", FAST), ("main.c", main), ("gone.c", "int gone;\n")]);
    sh(&case, "mkdir old new && gcc -m32 -o old/ledger main.c && gcc -o new/ledger main.c");
    sh(
        &case,
        "gcc -m32 -c book.c gone.c && ar qc old/libbook.a book.o gone.o && gcc -c book.c && ar qc new/libbook.a book.o",
    );
    case
}

fn good(ran: &Ran, says: &str) {
    assert!(ran.status == 0 && ran.out.contains(says), "{}: {}{}", ran.status, ran.out, ran.err);
}

fn lines(case: &Case) -> usize {
    case.read("legacy-port-baseline.json").lines().count()
}

#[test]
fn two_builds_have_a_baseline() {
    let case = builds();
    let pair = ["--elf", "old", "new"];
    let with = |verb: &[&str]| case.run(&[&["baseline"], verb, &pair].concat());
    assert_eq!(case.run(&["elf", "old", "new"]).status, 1);
    assert_eq!(with(&["check"]).status, 1);
    let first = with(&["write", "--reason", "nobody calls it", "--only", "missing_export"]);
    good(&first, "2 accepted now, 2 in all");
    good(&with(&["write", "--reason", "as it was"]), "accepted now");
    let all = case.read("legacy-port-baseline.json");
    assert_eq!(all.matches("nobody calls it").count(), 2, "reasons stay: {all}");
    assert!(all.contains("\"file\":\"old/libbook.a(gone.o)\""), "{all}");
    good(&case.run(&["elf", "old", "new"]), "no new finding");
    good(&with(&["check"]), "0 new, ");
    let sarif = case.run(&["elf", "old", "new", "--format", "sarif"]).out;
    assert!(sarif.contains("\"justification\": \"nobody calls it\""), "{sarif}");

    // One is mended, one member comes anew.
    sh(
        &case,
        "gcc -DX -D__i386__ -c book.c && gcc -c -x c -o more.o gone.c && rm new/libbook.a && ar qc new/libbook.a book.o more.o",
    );
    case.write("far.c", "char b[9]; void f(void) { read(0, b, 9); }\n");
    sh(&case, "gcc -w -fno-stack-protector -c far.c && ar q new/libbook.a far.o");
    let check = with(&["check"]);
    assert_eq!(check.status, 1);
    for said in
        ["gone: old/libbook.a(book.o): missing_export: book_fast", "new: new/libbook.a(far.o): no_stack_protector"]
    {
        assert!(check.out.contains(said), "{said}: {}", check.out);
    }
    // What is accepted of two builds is not gone because one is looked at, nor the other way round.
    let before = lines(&case);
    for alone in [&["--elf", "old"][..], &["--elf", "new"], &["--elf", "old/libbook.a"]] {
        let ran = case.run(&[&["baseline", "prune"][..], alone].concat());
        good(&ran, "0 taken out");
    }
    good(&case.run(&["baseline", "write", "--reason", "old", "--elf", "old"]), "accepted now");
    let more = lines(&case);
    assert!(more > before, "the old program ends in 2038");
    assert!(case.read("legacy-port-baseline.json").contains("ends_in_2038"));
    let pruned = with(&["prune"]);
    assert!(pruned.out.contains("gone: old/libbook.a(book.o): missing_export"), "{}", pruned.out);
    assert!(case.read("legacy-port-baseline.json").contains("ends_in_2038"), "of two builds nobody looked for it");

    // A file that is not there any more.
    sh(&case, "rm old/ledger new/ledger");
    let pruned = case.run(&["baseline", "prune", "--elf", "old"]);
    good(&pruned, "gone: old/ledger: ends_in_2038");
    assert!(!case.read("legacy-port-baseline.json").contains("ends_in_2038"));
}

#[test]
fn source_and_what_was_built_share_the_file() {
    let case = builds();
    case.write(
        "legacy-port.toml",
        "sources = [\"main.c\", \"a.c\"]\n[audit]\nlevels = { missing_export = \"look\" }\n",
    );
    case.write("a.c", "int f(char *p) { return (int)p; }\n");
    good(&case.run(&["baseline", "write", "--reason", "built", "--elf", "old", "new"]), "accepted now");
    good(&case.run(&["baseline", "write", "--reason", "source"]), "accepted now");
    let file = case.read("legacy-port-baseline.json");
    assert!(file.contains("missing_export") && file.contains("pointer_truncation"), "{file}");
    for args in [&["baseline", "check"][..], &["baseline", "check", "--elf", "old", "new"], &["audit"]] {
        good(&case.run(args), "");
    }
    good(&case.run(&["baseline", "prune"]), "0 taken out");
    assert_eq!(case.run(&["baseline", "check", "--elf", "old", "--inventory", "new"]).status, 2);
    assert_eq!(case.run(&["baseline", "check", "--elf", "nosuch"]).status, 2);
}

#[test]
fn levels_say_what_fails() {
    let case = builds();
    let status = |args: &[&str]| case.run(&[&["elf", "old", "new"], args].concat()).status;
    assert_eq!(status(&["--fail-on", "breaks"]), 1);
    assert_eq!(status(&["--fail-on", "never"]), 0);
    assert_eq!(status(&["--level", "missing_export=off", "--fail-on", "breaks"]), 0);
    assert_eq!(status(&["--level", "missing_export=look,missing_object=look", "--fail-on", "may"]), 0);
    assert_eq!(status(&["--level", "missing_object=breaks", "--only", "missing_object", "--fail-on", "breaks"]), 1);
    assert_eq!(status(&["--exclude", "*/libbook.a", "--fail-on", "may"]), 0);
    assert_eq!(status(&["--exclude", "old/libbook.a(*)", "--fail-on", "may"]), 0);
}

#[test]
fn an_inventory_has_a_baseline() {
    let case = builds();
    let sarif = || case.run(&["inventory", "old", "--format", "sarif"]);
    assert_eq!(sarif().status, 1);
    good(
        &case.run(&["baseline", "write", "--reason", "until March", "--inventory", "old"]),
        "2 accepted now, 2 in all",
    );
    let ran = sarif();
    assert!(ran.status == 0 && ran.out.matches("until March").count() == 2, "{}", ran.out);
    sh(&case, "rm old/ledger");
    let check = case.run(&["baseline", "check", "--inventory", "old"]);
    assert!(check.status == 1 && check.out.contains("gone: old/ledger: file_without_twin"), "{}", check.out);
    good(&case.run(&["baseline", "prune", "--inventory", "old"]), "1 taken out, 1 stay");
    // Nobody looked there.
    good(&case.run(&["baseline", "prune", "--inventory", "new"]), "0 taken out, 1 stay");
}
