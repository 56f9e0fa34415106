//! From a project without a project file to an audit, through the command: with a Makefile, a compile database, or nothing
//! but sources.

mod common;

use common::Case;

const MAKEFILE: &str = "
CC = gcc
CFLAGS = -m32 -O -Iinclude -I/usr/X11R6/include -DNAME=\\\"x\\ y\\\"
all: prog
prog: a.o sub/b.o
\t$(CC) -o $@ a.o sub/b.o
.c.o:
\t@echo compiling $<
\t$(CC) $(CFLAGS) -c -o $@ $<
";
const A: &str = "#include \"b.h\"\nchar *name = NAME;\nint main(void) { return f(name); }\n";
const B: &str = "#include <b.h>\nint f(char *p) { return (int)p; }\n";

fn project(makefile: &str) -> Case {
    Case::new(&[("Makefile", makefile), ("a.c", A), ("sub/b.c", B), ("include/b.h", "int f(char *);\n")])
}

#[test]
fn a_makefile_becomes_a_project_file() {
    let case = project(MAKEFILE);
    let ran = case.run(&["init"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let toml = case.read("legacy-port.toml");
    for line in
        ["sources = [\".\", \"sub\"]", "include = [\"include\"]", "defines = ['NAME=\"x y\"']", "flags = [\"-O\"]"]
    {
        assert!(toml.lines().any(|l| l == line), "{line}:\n{toml}");
    }
    assert!(ran.out.contains("`-m32` left out") && ran.out.contains("2 of 2 units parse"), "{}", ran.out);
    assert!(ran.out.contains("next: `legacy-port audit`"), "{}", ran.out);
    assert!(!case.path().join("a.o").exists(), "nothing was built");
    let audit = case.run(&["audit"]);
    assert_eq!(audit.status, 1);
    assert!(audit.out.contains("sub/b.c:2:"), "{}", audit.out);
    assert!(!case.path().join("legacy-port-commands.json").exists());
}

#[test]
fn nothing_is_written_over_unasked() {
    let case = project(MAKEFILE);
    case.write("legacy-port.toml", "# mine\n");
    let ran = case.run(&["init"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("legacy-port.toml") && ran.err.contains("--force"), "{}", ran.err);
    assert_eq!(case.read("legacy-port.toml"), "# mine\n");
    assert_eq!(case.run(&["init", "--force"]).status, 0);
    assert!(case.read("legacy-port.toml").contains("sources"));
}

#[test]
fn a_makefile_in_each_folder_becomes_a_compile_database() {
    let top = "all:\n\t$(MAKE) -C sub\n\tcd other && gcc -DOTHER -I../include -c c.c\n\tgcc -c gen.c\n\tas -o s.o s.s\n\tgcc -c t.S\n";
    let case = Case::new(&[
        ("Makefile", top),
        ("sub/Makefile", "all: b.o\n.c.o:\n\tgcc -DSUB -I ../include -c $<\n"),
        ("sub/b.c", B),
        ("other/c.c", "#ifndef OTHER\n#error no\n#endif\n#include \"b.h\"\n#include <nosuch.h>\n"),
        ("include/b.h", "#ifdef SUB\nint f(char *);\n#endif\n"),
    ]);
    let ran = case.run(&["init"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    for part in ["`gen.c` is not there", "`t.S`: assembler", "1 of 2 units parse", "nosuch.h (asked for by other/c.c)"]
    {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
    let database = case.read("legacy-port-commands.json");
    assert!(database.contains("\"directory\":\"sub\",\"file\":\"b.c\"") && database.contains("-DOTHER"), "{database}");
    assert!(!database.contains(&*case.path().to_string_lossy()), "it can be committed: {database}");
    assert!(case.read("legacy-port.toml").contains("compile-commands = \"legacy-port-commands.json\""));
    assert!(case.run(&["audit"]).out.contains("sub/b.c:2:"));
}

#[test]
fn make_is_given_what_stands_behind_the_dashes() {
    let case = project("all:\n\techo nothing\n");
    case.write("Makefile.linux", "real:\n\tgcc -Iinclude -DNAME=0 -c a.c\n");
    let ran = case.run(&["init", "--", "-f", "Makefile.linux", "real"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(case.read("legacy-port.toml").contains("sources = [\".\"]"));
    // Without them: the sources, and why.
    let ran = case.run(&["init", "--force"]);
    assert!(
        ran.out.contains("compiles no C file by itself") && ran.out.contains("2 C files in the folder"),
        "{}",
        ran.out
    );
    assert!(case.read("legacy-port.toml").contains("include = [\"include\"]"));
}

#[test]
fn a_makefile_that_fails_is_no_end() {
    let case = project("all: a.o nosuch.o\na.o: a.c\n\tcc -Iinclude -c a.c\n");
    let ran = case.run(&["init"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("does not get through") && ran.out.contains("nosuch.o"), "{}", ran.out);
}

#[test]
fn a_compile_database_is_found_where_builds_leave_it() {
    let case = project(MAKEFILE);
    let entry = r#"[{"directory": "..", "file": "sub/b.c", "command": "cc -Iinclude -c sub/b.c"}]"#;
    case.write("builddir/compile_commands.json", entry);
    let ran = case.run(&["init", "."]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(case.read("legacy-port.toml").contains("compile-commands = \"builddir/compile_commands.json\""));
    assert!(case.run(&["audit"]).out.contains("sub/b.c:2:"));
}

#[test]
fn an_empty_folder_is_an_error() {
    let case = Case::new(&[("readme.txt", "")]);
    let ran = case.run(&["init"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no C file"), "{}", ran.err);
    assert_eq!(case.run(&["init", "nosuch"]).status, 2);
}

#[test]
fn what_would_make_a_makefile_is_told() {
    let case = Case::new(&[("CMakeLists.txt", ""), ("a.c", "int a;\n")]);
    let ran = case.run(&["init"]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.contains("cmake -B build -DCMAKE_EXPORT_COMPILE_COMMANDS=ON"), "{}", ran.out);
}
