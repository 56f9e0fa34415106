//! Archives and folders through the command: what belongs together is compared, what does not is said.

mod common;

use std::process::Command;

use common::{Case, Ran};
use serde_json::Value;

fn sh(case: &Case, command: &str) {
    let output = Command::new("sh").args(["-ec", command]).current_dir(case.path()).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Each finding as check, level, file and what it is about.
fn told(ran: &Ran) -> Vec<(String, String, String, String)> {
    let line = |l: &str| {
        let f: Value = serde_json::from_str(l).unwrap();
        let text = |key: &str| f[key].as_str().unwrap().to_owned();
        (text("check"), text("level"), text("file"), text("source"))
    };
    ran.out.lines().map(line).collect()
}

fn has(ran: &Ran, want: [&str; 4]) -> bool {
    told(ran).iter().any(|(c, l, f, s)| [c, l, f, s] == want)
}

const BOOK: &str = "#ifdef __i386__\nint book_fast(void) { return 2; }\n#endif\nint book_open(void) { return 1; }\n\
                    long book_table[8] = {1};\n";
const TAPE: &str = "int tape_rewind(void) { return 0; }\n";
const DISK: &str = "int disk_seek(void) { return 0; }\n";

/// Two builds of an archive: `disk.o` is gone and what it had is in `tape.o`, `fast.o` is gone with what it had.
fn archives() -> Case {
    let fast = "int fast_copy(void) { return 0; }\n";
    let case = Case::new(&[("book.c", BOOK), ("tape.c", TAPE), ("disk.c", DISK), ("fast.c", fast)]);
    sh(&case, "gcc -m32 -c book.c tape.c disk.c fast.c && ar qc old.a book.o tape.o disk.o fast.o && rm *.o");
    sh(&case, "gcc -c book.c && cat disk.c >>tape.c && gcc -c tape.c && gcc -c -o more.o -x c /dev/null");
    sh(&case, "ar qc new.a tape.o book.o more.o && rm *.o");
    case
}

#[test]
fn archives_are_compared_member_by_member() {
    let case = archives();
    let ran = case.run(&["elf", "old.a", "new.a", "--format", "json"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    for want in [
        ["changed_size_of_data", "look", "new.a(book.o)", "book_table"],
        ["missing_export", "breaks", "old.a(book.o)", "book_fast"],
        ["missing_export", "breaks", "old.a(fast.o)", "fast_copy"],
        ["missing_object", "look", "old.a(disk.o)", "disk.o"],
        ["missing_object", "may", "old.a(fast.o)", "fast.o"],
    ] {
        assert!(has(&ran, want), "{want:?}: {}", ran.out);
    }
    assert!(!ran.out.contains("disk_seek"), "it is in another member: {}", ran.out);
    assert!(ran.err.contains("`new.a` has members that the old archive has not: `more.o`"), "{}", ran.err);
    // What is gone is not audited as if it were to stay.
    assert!(told(&ran).iter().all(|(c, _, f, _)| f.starts_with("new.a") || c.starts_with("missing")), "{}", ran.out);
    let text = case.run(&["elf", "old.a", "new.a"]).out;
    assert!(text.contains("--> old.a(book.o) (book_fast)") && text.contains("7 objects, i386 -> x86_64:"), "{text}");
    assert!(text.contains("`new.a` has members that the old archive has not"), "{text}");
    for format in ["sarif", "html", "markdown"] {
        let report = case.run(&["elf", "old.a", "new.a", "--format", format]).out;
        assert!(report.contains("members that the old archive has not"), "{format}: {report}");
    }
}

#[test]
fn an_archive_alone_is_looked_at_by_the_class_of_each_member() {
    let case = Case::new(&[("a.c", "#include <time.h>\nlong f(void) { return time(0); }\n"), ("book.c", BOOK)]);
    sh(&case, "gcc -m32 -c a.c && gcc -c book.c && printf 'no object\\n' >read.me && ar qc both.a a.o book.o read.me");
    let ran = case.run(&["elf", "both.a", "--format", "json"]);
    assert!(told(&ran).iter().any(|(c, _, f, _)| c == "ends_in_2038" && f == "both.a(a.o)"), "{}", ran.out);
    assert!(told(&ran).iter().all(|(c, ..)| c != "still_32_bit"), "{}", ran.out);
    let twice = case.run(&["elf", "both.a", "both.a", "--format", "json"]);
    assert!(has(&twice, ["still_32_bit", "breaks", "both.a(a.o)", "ELFCLASS32 i386"]), "{}", twice.out);
    assert!(!twice.out.contains("missing_"), "{}", twice.out);
}

#[test]
fn a_flag_that_all_members_lack_is_told_once_of_the_archive() {
    let case = Case::new(&[("book.c", BOOK), ("tape.c", TAPE), ("disk.c", DISK)]);
    sh(&case, "gcc -fcf-protection=none -c book.c tape.c && gcc -fcf-protection=full -c disk.c");
    sh(&case, "ar qc all.a book.o tape.o disk.o && ar qc one.a book.o disk.o");
    let of = |archive: &str| {
        let ran = case.run(&["elf", archive, "--format", "json"]);
        let all: Vec<_> = told(&ran).into_iter().filter(|t| t.0 == "no_control_flow_protection").collect();
        (all.into_iter().map(|t| t.2).collect::<Vec<_>>(), ran.out)
    };
    let (files, out) = of("all.a");
    assert_eq!(files, ["all.a"], "{out}");
    assert!(out.contains("in 2 members the GNU property for control flow lacks `IBT` and `SHSTK`"), "{out}");
    assert!(out.contains("`book.o`, `tape.o`") && !out.contains("`disk.o`"), "{out}");
    let (files, out) = of("one.a");
    assert_eq!(files, ["one.a"], "a baseline that accepts it goes on when another member comes: {out}");
    assert!(out.contains("in 1 member the GNU property"), "{out}");
}

#[test]
fn members_of_one_name_are_told_apart() {
    let case = Case::new(&[("a.c", "int first = 1;\n"), ("b/a.c", "int other = 2;\n"), ("c.c", "int c = 3;\n")]);
    sh(&case, "gcc -m32 -c a.c && ar qc old.a a.o && cd b && gcc -m32 -c a.c && ar qc ../old.a a.o");
    sh(&case, "gcc -c a.c && ar qc new.a a.o && ar qc none.a a.c");
    let ran = case.run(&["elf", "old.a", "new.a", "--format", "json"]);
    assert!(has(&ran, ["missing_object", "may", "old.a(a.o:2)", "a.o:2"]), "{}", ran.out);
    assert!(has(&ran, ["missing_export", "breaks", "old.a(a.o:2)", "other"]), "{}", ran.out);
    assert!(!ran.out.contains("first"), "{}", ran.out);
    assert!(ran.err.contains("`old.a` has more than one member of the name `a.o`"), "{}", ran.err);
    // Without any: all that there was is missing, and of nothing there is nothing to say.
    sh(&case, "printf '!<arch>\\n' >empty.a");
    for none in ["none.a", "empty.a"] {
        let gone = case.run(&["elf", "old.a", none, "--format", "json"]);
        assert_eq!(told(&gone).iter().filter(|f| f.0 == "missing_object").count(), 2, "{}", gone.out);
        assert!(gone.err.contains(&format!("`{none}` has no ELF member")), "{}", gone.err);
        for args in [&["elf", none][..], &["elf", none, none]] {
            let nothing = case.run(args);
            assert_eq!((nothing.status, nothing.out.as_str()), (2, ""), "{}", nothing.err);
            assert!(nothing.err.contains("an archive without an ELF member"), "{}", nothing.err);
        }
    }
    sh(&case, "head -c 300 old.a >cut.a");
    let ran = case.run(&["elf", "old.a", "cut.a"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("cut.a`: ") && ran.err.contains("damaged"), "{}", ran.err);
}

/// Two builds as they are installed: folders of either class, another version of a library, a library that is gone.
fn folders() -> Case {
    let lib =
        "struct s { long n; } ledger_state = {1};\n#ifdef __i386__\nint ledger_fast(void) { return 1; }\n#endif\n";
    let case = Case::new(&[("lib.c", lib), ("main.c", "int main(void) { return 0; }\n"), ("book.c", BOOK)]);
    let build = "mkdir -p $1/bin $1/$2 && gcc $3 -shared -fPIC -Wl,-soname,libledger.so.$4 -o $1/$2/libledger.so.$4.0 lib.c \
                 && gcc $3 -o $1/bin/ledger main.c && gcc $3 -c book.c && ar qc $1/$2/libbook.a book.o && rm book.o \
                 && ln -s libledger.so.$4.0 $1/$2/libledger.so && echo text >$1/read.me";
    sh(&case, &format!("set -- old lib/i386-linux-gnu -m32 1; {build}; set -- new lib64 -m64 2; {build}"));
    sh(&case, "gcc -m32 -shared -fPIC -o old/lib/libgone.so -x c /dev/null; gcc -o new/bin/more main.c");
    sh(&case, "head -c 100 new/bin/more >new/bin/cut; cp new/bin/cut old/bin/cut; mkfifo new/bin/pipe");
    case
}

#[test]
fn folders_are_compared_file_by_file() {
    let case = folders();
    let ran = case.run(&["elf", "old", "new", "--format", "json"]);
    assert_eq!(ran.status, 1, "{}", ran.err);
    for want in [
        ["missing_export", "breaks", "old/lib/i386-linux-gnu/libledger.so.1.0", "ledger_fast"],
        ["missing_export", "breaks", "old/lib/i386-linux-gnu/libbook.a(book.o)", "book_fast"],
        ["missing_object", "may", "old/lib/libgone.so", "libgone.so"],
    ] {
        assert!(has(&ran, want), "{want:?}: {}", ran.out);
    }
    let size =
        |f: &(String, String, String, String)| f.0 == "changed_size_of_data" && f.2 == "new/lib64/libledger.so.2.0";
    assert!(told(&ran).iter().any(size), "{}", ran.out);
    for said in [
        "3 files are in both builds, 1 in the old one alone, 1 in the new one alone",
        "`old/lib/i386-linux-gnu/libledger.so.1.0` with `new/lib64/libledger.so.2.0`",
        "the new build alone has `new/bin/more`",
        "`new/bin/cut` is left out: ",
        "`old/bin/cut` is left out: ",
    ] {
        assert!(ran.err.contains(said), "{said}: {}", ran.err);
    }
    // Nothing is told of what is excluded, and it is not missing.
    let less = case.run(&["elf", "old", "new", "--format", "json", "--exclude", "old/lib", "--exclude", "**/*.a"]);
    assert!(!less.out.contains("missing_") && !less.out.contains("libbook"), "{}", less.out);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let case = folders();
    for format in ["json", "sarif", "text"] {
        let run = |threads: &str| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_legacy-port"));
            command.args(["elf", "old", "new", "--format", format]).current_dir(case.path());
            let output = command.env("RAYON_NUM_THREADS", threads).output().unwrap();
            assert!(!output.stdout.is_empty());
            (output.stdout, output.stderr)
        };
        let first = run("1");
        assert!((0..4).all(|_| run("8") == first), "{format}");
    }
}

#[test]
fn a_folder_alone_is_audited_whole() {
    let case = folders();
    let ran = case.run(&["elf", "new", "--format", "json"]);
    assert!(ran.out.contains("new/lib64/libbook.a\"") && ran.out.contains("`book.o`"), "{}", ran.out);
    assert!(!ran.out.contains("missing_"), "{}", ran.out);
    assert!(ran.err.contains("`new/bin/cut` is left out"), "{}", ran.err);
    let old = case.run(&["elf", "old"]).out;
    assert!(old.contains("`old/bin/cut` is left out") && old.contains("\n4 objects, "), "{old}");
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let case = folders();
    sh(&case, "mkdir none && echo text >none/read.me");
    for (args, why) in [
        (["old", "new/bin/ledger"], "an ELF file, and `"),
        (["old/bin/ledger", "new/lib64/libbook.a"], "an archive, and `"),
        (["none", "none"], "no ELF file and no archive of them"),
        (["old/bin/cut", "new/bin/ledger"], "old/bin/cut`: "),
        (["old/read.me", "new"], "not an ELF file"),
        (["nosuch", "new"], "cannot read `"),
        (["old", "new/bin/pipe"], "not a file and not a folder"),
    ] {
        let ran = case.run(&["elf", args[0], args[1]]);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(why), "{args:?}: {}", ran.err);
    }
}

#[test]
fn names_of_members_that_mean_harm_do_none() {
    let case = archives();
    let bytes = std::fs::read(case.path().join("old.a")).unwrap();
    let at = bytes.windows(6).position(|w| w == b"book.o").unwrap();
    let mut hostile = bytes;
    hostile[at..at + 6].copy_from_slice(b"\x1b[2J\n%");
    std::fs::write(case.path().join("bad.a"), hostile).unwrap();
    for format in ["text", "json", "sarif", "html", "markdown", "github", "gitlab"] {
        let ran = case.run(&["elf", "bad.a", "new.a", "--format", format]);
        assert_eq!(ran.status, 1, "{}", ran.err);
        assert!(!ran.out.contains('\x1b') && !ran.err.contains('\x1b'), "{format}: {}{}", ran.out, ran.err);
    }
}

/// A program says what its interpreter is called, a person what a file is.
#[test]
fn names_out_of_a_program_do_not_get_to_the_terminal_as_they_are() {
    let case = Case::new(&[("a.c", "int main(void) { return 0; }\n")]);
    sh(&case, "gcc -o a a.c");
    let hostile = |from: &[u8], to: &[u8]| {
        let mut bytes = std::fs::read(case.path().join("a")).unwrap();
        let at = bytes.windows(from.len()).position(|w| w == from).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to);
        std::fs::write(case.path().join("bad"), bytes).unwrap();
        case.run(&["elf", "bad"])
    };
    let ran = hostile(b"/lib64/ld-linux", b"/lib\x1b[2J\x07");
    assert!(ran.err.contains("\u{241b}[2J\u{2407}"), "{}", ran.err);
    assert!(!ran.out.contains('\x1b') && !ran.err.contains(['\x1b', '\x07']), "{}{}", ran.out, ran.err);
    let missing = case.run(&["elf", "no\x1bfile"]);
    assert!(missing.status == 2 && !missing.err.contains('\x1b'), "{}", missing.err);
}
