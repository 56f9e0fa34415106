//! Layouts out of debug information: in every form that compilers write it, beside `pahole`, predicted, and damaged.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use legacy_port::binary::dwarf::{self, Debug, Options, Record};
use legacy_port::binary::predict::{Known, Predicted, RECORDS, TYPEDEFS};
use legacy_port::layout::Member;

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}; ci/setup installs what is missing"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn compile(source: &Path, out: &Path, flags: &[&str]) {
    let dir = out.parent().unwrap();
    run(Command::new("gcc").current_dir(dir).args(["-g", "-w", "-c"]).args(flags).arg("-o").arg(out).arg(source));
}

fn predicting(file: &Path) -> Debug {
    let debug = dwarf::read(file, Options { predict: true, ..Options::default() }).unwrap();
    assert_eq!(debug.missing, [] as [&str; 0]);
    debug
}

/// Records without their place, which type units tell by a shorter path.
fn told(debug: &Debug) -> Vec<Record> {
    debug.records.iter().map(|r| Record { place: None, ..r.clone() }).collect()
}

#[test]
fn every_form_tells_the_same() {
    let forms: [&[&str]; 12] = [
        &["-gdwarf-5"],
        &["-gdwarf-4"],
        &["-gdwarf-3"],
        &["-gdwarf-2", "-gstrict-dwarf"],
        &["-gdwarf64"],
        &["-gz=zlib"],
        &["-gz=zlib-gnu"],
        &["-gdwarf-4", "-fdebug-types-section"],
        &["-gdwarf-5", "-fdebug-types-section"],
        &["-gsplit-dwarf"],
        &["-gdwarf-4", "-gsplit-dwarf"],
        &["-gsplit-dwarf", "-fdebug-types-section"],
    ];
    for width in ["-m32", "-m64"] {
        let mut first: Option<Vec<Record>> = None;
        for form in forms {
            let dir = tempfile::tempdir().unwrap();
            let object = dir.path().join("forms.o");
            compile(&here("tests/dwarf/forms.c"), &object, &[&[width], form].concat());
            let debug = dwarf::read(&object, Options::default()).unwrap();
            assert_eq!(debug.missing, [] as [&str; 0], "{width} {form:?}");
            let told = told(&debug);
            assert!(told.len() > 12, "{width} {form:?}: {}", told.len());
            assert_eq!(&told, first.get_or_insert_with(|| told.clone()), "{width} {form:?}");
        }
    }
}

#[test]
fn what_was_moved_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    compile(&here("tests/dwarf/forms.c"), &at("forms.o"), &["-gdwarf-4", "-gsplit-dwarf"]);
    run(Command::new("gcc").arg("-o").arg(at("forms")).arg(at("forms.o")));
    let whole = told(&dwarf::read(&at("forms"), Options::default()).unwrap());
    run(Command::new("dwp").arg("-e").arg(at("forms")).arg("-o").arg(at("forms.dwp")));
    std::fs::remove_file(at("forms.dwo")).unwrap();
    let packed = dwarf::read(&at("forms"), Options::default()).unwrap();
    assert_eq!((told(&packed), packed.missing), (whole.clone(), vec![]));
    std::fs::remove_file(at("forms.dwp")).unwrap();
    let missing = dwarf::read(&at("forms"), Options::default()).unwrap().missing;
    assert!(missing.iter().any(|m| m.contains("forms.dwo` with split debug information is not there")), "{missing:?}");

    compile(&here("tests/dwarf/forms.c"), &at("forms.o"), &[]);
    run(Command::new("gcc").arg("-o").arg(at("forms")).arg(at("forms.o")));
    run(Command::new("objcopy").args(["--only-keep-debug"]).arg(at("forms")).arg(at("forms.debug")));
    run(Command::new("strip").arg("-g").arg(at("forms")));
    let none = dwarf::read(&at("forms"), Options::default()).unwrap_err().to_string();
    assert!(none.contains("has no debug information; build it with `-g`"), "{none}");
    let link = format!("--add-gnu-debuglink={}", at("forms.debug").display());
    run(Command::new("objcopy").arg(link).arg(at("forms")));
    assert_eq!(told(&dwarf::read(&at("forms"), Options::default()).unwrap()), whole);
    std::fs::write(at("forms.debug"), b"another").unwrap();
    let wrong = dwarf::read(&at("forms"), Options::default()).unwrap_err().to_string();
    assert!(wrong.contains("put `forms.debug` beside it"), "a wrong checksum: {wrong}");
}

/// An archive tells what its members tell, those of one name and one layout once; what is no object in it is passed over.
#[test]
fn archives_tell_what_their_members_tell() {
    let dir = tempfile::tempdir().unwrap();
    let objects = auctiond(dir.path(), "-m32");
    std::fs::write(dir.path().join("notes.txt"), "no object\n").unwrap();
    let archive = dir.path().join("all.a");
    run(Command::new("ar").arg("rcs").arg(&archive).args(&objects).arg(dir.path().join("notes.txt")));
    let names = |debug: &Debug| -> Vec<(String, u64)> {
        debug.records.iter().map(|r| (r.layout.name.clone(), r.layout.size)).collect()
    };
    let whole = dwarf::read(&archive, Options::default()).unwrap();
    assert_eq!(whole.missing, [] as [&str; 0]);
    let mut expected: Vec<_> =
        objects.iter().flat_map(|o| names(&dwarf::read(o, Options::default()).unwrap())).collect();
    expected.sort();
    expected.dedup();
    let mut told = names(&whole);
    told.sort();
    told.dedup();
    assert!(told.len() > 30, "{}", told.len());
    assert_eq!(told, expected);
    let thin = dir.path().join("thin.a");
    run(Command::new("ar").arg("rcsT").arg(&thin).args(&objects));
    let wrong = dwarf::read(&thin, Options::default()).unwrap_err().to_string();
    assert!(wrong.contains("a thin archive has no members in it; name the objects themselves"), "{wrong}");
}

/// Each `.c` file of `auctiond`, compiled.
fn auctiond(dir: &Path, width: &str) -> Vec<PathBuf> {
    let folder = here("../../legacy-c/auctiond/src");
    let mut sources: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    sources.retain(|p| p.extension().is_some_and(|e| e == "c"));
    sources.sort();
    let object = |source: &PathBuf| {
        let out = dir.join(format!("{}{width}.o", source.file_stem().unwrap().to_string_lossy()));
        compile(source, &out, &[width, "-std=gnu89"]);
        out
    };
    let all: Vec<PathBuf> = sources.iter().map(object).collect();
    assert!(all.len() > 15);
    all
}

/// Bits from the start, and bytes; bit-fields have 0 bytes here, their bits follow from the next one.
type Rows = Vec<(u64, u64)>;

/// Sizes and the members of structures as `pahole` prints them.
fn pahole(object: &Path) -> BTreeMap<String, (u64, Rows)> {
    let text = run(Command::new("pahole").args(["-F", "dwarf"]).arg(object));
    let mut all = BTreeMap::new();
    let mut open: Option<(String, Rows)> = None;
    for line in String::from_utf8(text).unwrap().lines() {
        if let Some(name) = line.strip_prefix("struct ").and_then(|l| l.strip_suffix(" {")) {
            open = Some((format!("struct {name}"), Vec::new()));
        }
        let Some((name, rows)) = &mut open else { continue };
        if let Some(size) = line.trim_start().strip_prefix("/* size: ").filter(|_| !line.starts_with("\t\t")) {
            let size = size.split(',').next().unwrap().parse().unwrap();
            all.insert(name.clone(), (size, rows.clone()));
            open = None;
        } else if line.starts_with('\t') && !line.starts_with("\t\t") && line.ends_with("*/") && line.contains(';') {
            let numbers = line.rsplit_once("/*").unwrap().1.trim_end_matches("*/").trim();
            let (at, size) = numbers.rsplit_once(' ').unwrap();
            let number = |s: &str| s.trim().parse::<u64>().unwrap();
            rows.push(match at.trim().split_once(':') {
                Some((byte, bit)) => (number(byte) * 8 + number(bit), 0),
                None => (number(at) * 8, number(size)),
            });
        }
    }
    all
}

/// Two witnesses: every structure of both builds of `auctiond` and of the forms above.
#[test]
fn pahole_says_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let mut seen = 0;
    for width in ["-m32", "-m64"] {
        let mut objects = auctiond(dir.path(), width);
        objects.push(dir.path().join(format!("forms{width}.o")));
        compile(&here("tests/dwarf/forms.c"), objects.last().unwrap(), &[width]);
        for object in objects {
            let debug = dwarf::read(&object, Options::default()).unwrap();
            let theirs = pahole(&object);
            for (name, (size, rows)) in &theirs {
                let ours = debug.records.iter().find(|r| r.layout.name == *name);
                let ours = &ours.unwrap_or_else(|| panic!("{}: no `{name}`", object.display())).layout;
                let row = |m: &Member| (m.offset, if m.bit_field { 0 } else { m.bits / 8 });
                let members: Rows = ours.members.iter().map(row).collect();
                assert_eq!((ours.size, &members), (*size, rows), "{}: {name}", object.display());
                seen += 1;
            }
            // `pahole` does not tell what is declared within a function.
            let told = |r: &&Record| r.layout.name.starts_with("struct ") && r.layout.name != "struct local";
            let structs = debug.records.iter().filter(told);
            assert_eq!(structs.count(), theirs.len(), "{}", object.display());
        }
    }
    assert!(seen > 200, "{seen}");
}

/// The prediction from the i386 build alone is what the 64-bit compiler does, for every record of `auctiond`.
#[test]
fn the_prediction_for_auctiond_is_exact() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (auctiond(dir.path(), "-m32"), auctiond(dir.path(), "-m64"));
    let (mut exact, mut table) = (0, 0);
    for (old, new) in old.iter().zip(&new) {
        let real = dwarf::read(new, Options::default()).unwrap();
        for r in predicting(old).records {
            let twin = real.records.iter().find(|o| o.kind == r.kind && o.layout.name == r.layout.name);
            let Some(twin) = twin else { continue };
            match r.predicted.unwrap() {
                Predicted::Members { layout, assumed, .. } => {
                    assert_eq!(assumed, [] as [&str; 0], "{}", layout.name);
                    assert_eq!(outline(&layout.members), without_names(&twin.layout.members, &layout.members));
                    assert_eq!((layout.size, layout.align), (twin.layout.size, twin.layout.align), "{}", layout.name);
                    exact += 1;
                }
                Predicted::Table(layout) => {
                    assert_eq!((layout.size, layout.align), (twin.layout.size, twin.layout.align), "{}", layout.name);
                    table += 1;
                }
                Predicted::Unknown(why) => panic!("{}: {why}", r.layout.name),
            }
        }
    }
    assert!(exact > 100 && table > 10, "{exact} {table}");
}

/// Names, places and widths of members of all depths.
fn outline(members: &[Member]) -> Vec<(String, u64, u64)> {
    members.iter().flat_map(|m| [vec![(m.name.clone(), m.offset, m.bits)], outline(&m.members)].concat()).collect()
}

/// The same, where members of the system's types are not told if the prediction does not tell them.
fn without_names(members: &[Member], like: &[Member]) -> Vec<(String, u64, u64)> {
    let one = |(m, l): (&Member, &Member)| {
        let inner = if l.members.is_empty() { vec![] } else { without_names(&m.members, &l.members) };
        [vec![(m.name.clone(), m.offset, m.bits)], inner].concat()
    };
    assert_eq!(members.len(), like.len());
    members.iter().zip(like).flat_map(one).collect()
}

/// Debug information has no trace of what the preprocessor chose and of what lengths were worked out from: the source tells.
#[test]
fn what_was_chosen_for_the_target_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    compile(&here("tests/dwarf/chosen.c"), &at("old.o"), &["-m32"]);
    compile(&here("tests/dwarf/chosen.c"), &at("new.o"), &["-m64"]);
    let real = dwarf::read(&at("new.o"), Options::default()).unwrap();
    let said = |sources: Option<PathBuf>| {
        let debug = dwarf::read(&at("old.o"), Options { predict: true, sources, ..Options::default() }).unwrap();
        let one = |r: Record| {
            let Some(Predicted::Members { layout, assumed, .. }) = r.predicted else { panic!("{}", r.layout.name) };
            let twin = real.records.iter().find(|t| t.layout.name == layout.name).unwrap();
            (layout.name.clone(), (layout.size == twin.layout.size, assumed.join("; ")))
        };
        debug.records.into_iter().map(one).collect::<BTreeMap<_, _>>()
    };
    let told = said(Some("/".into()));
    let chosen = "`stat_value` is chosen by `#ifdef __LP64__` in line 4";
    let worked_out = "the length of `used` is worked out from sizes, by `SLOTS`";
    let expected: [(&str, bool, &str); 9] = [
        ("plain", true, ""),
        ("stat_value", false, chosen),
        ("struct both", false, &format!("in `sums`: in `now`: {chosen}")),
        // 63 entries on i386, as its debug information has it, and 62 on x86_64.
        ("struct chunk", true, ""),
        ("struct extra", false, "members are chosen by `#if WIDE` in line 41"),
        ("struct plain_names", true, ""),
        // Which of two definitions holds is not asked.
        ("struct slots", false, worked_out),
        ("struct sums", false, &format!("in `now`: {chosen}")),
        ("uptr", true, ""),
    ];
    for (name, right, assumed) in expected {
        assert_eq!(told[name], (right, assumed.to_owned()), "{name}");
    }
    assert_eq!(told.len(), expected.len());
    // Without it a name is all there is.
    let blind = said(None);
    assert_eq!(blind["uptr"].1, "`uptr` has 4 bytes on both, though its name tells of the target");
    assert_eq!(blind["stat_value"], (false, String::new()));
    assert_eq!(blind["struct chunk"].1, "`entries` fills the record up: its length may be worked out from sizes");
}

/// What `dwz` takes out of two programs and puts into a third file, which both name.
#[test]
fn what_two_programs_share_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for version in ["-gdwarf-4", "-gdwarf-5"] {
        for (name, sources) in [("one", &["forms.c"][..]), ("two", &["forms.c", "chosen.c"])] {
            let mut link = Command::new("gcc");
            for source in sources {
                let object = at(&format!("{name}-{source}.o"));
                let flags = [version, if *source == "chosen.c" { "-Dmain=other" } else { "-O0" }];
                compile(&here("tests/dwarf").join(source), &object, &flags);
                link.arg(object);
            }
            run(link.arg("-o").arg(at(name)));
        }
        let whole = [told_of(&at("one")), told_of(&at("two"))];
        run(Command::new("dwz").current_dir(dir.path()).args([
            "-m",
            "shared.debug",
            "-M",
            "shared.debug",
            "one",
            "two",
        ]));
        let sections = String::from_utf8(run(Command::new("readelf").arg("-SW").arg(at("one")))).unwrap();
        assert!(sections.contains(".gnu_debugaltlink"), "nothing was shared: {sections}");
        assert_eq!([told_of(&at("one")), told_of(&at("two"))], whole, "{version}");
        std::fs::remove_file(at("shared.debug")).unwrap();
        let missing = dwarf::read(&at("one"), Options::default()).unwrap().missing;
        assert!(
            missing.iter().any(|m| m.contains("`shared.debug`, which the debug information shares")),
            "{missing:?}"
        );
    }
}

fn told_of(file: &Path) -> Vec<Record> {
    let debug = dwarf::read(file, Options::default()).unwrap();
    assert_eq!(debug.missing, [] as [&str; 0]);
    told(&debug)
}

/// The newest clang: it has all its targets in one program.
fn clang() -> String {
    let names = (17..30).rev().map(|v| format!("clang-{v}")).chain(["clang".to_owned()]);
    let runs = |name: &String| Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success());
    names.into_iter().find(runs).expect("clang; ci/setup installs it")
}

/// Objects for aarch64, which is little-endian and `LP64` as `x86_64` is, have the layouts that clang has for it.
#[test]
fn aarch64_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.o");
    let code = dir.path().join("a.c");
    std::fs::write(&code, "struct s { char c; long l; void *p; long double d; int b : 3; } s;\n").unwrap();
    for version in ["-gdwarf-4", "-gdwarf-5"] {
        let flags = ["--target=aarch64-linux-gnu", "-c", version];
        run(Command::new(clang()).args(flags).arg("-o").arg(&file).arg(&code));
        let debug = dwarf::read(&file, Options::default()).unwrap();
        let s = debug.records.iter().find(|r| r.layout.name == "struct s").unwrap();
        let bits = |m: &Member| (m.name.clone(), m.offset, m.bits);
        assert_eq!((s.layout.size, s.layout.align), (64, 16), "{version}");
        let want = [("c", 0, 8), ("l", 64, 64), ("p", 128, 64), ("d", 256, 128), ("b", 384, 3)];
        let want = want.map(|(n, o, b)| (n.to_owned(), o, b));
        assert_eq!(s.layout.members.iter().map(bits).collect::<Vec<_>>(), want, "{version}");
    }
}

/// The C compiler is asked for every type of the table.
#[test]
fn the_table_of_the_system_is_right() {
    let mut code = String::from("#define _GNU_SOURCE\n#include <stddef.h>\n");
    let rows = || TYPEDEFS.iter().map(|r| ("", r)).chain(RECORDS.iter().map(|r| ("struct ", r)));
    for (_, (_, _, header)) in rows() {
        writeln!(code, "#include <{header}>").unwrap();
    }
    for (keyword, (name, known, _)) in rows() {
        let keyword = if *name == "pthread_attr_t" && !keyword.is_empty() { "union " } else { keyword };
        let Known::Size(size, align) = known else { continue };
        writeln!(code, "_Static_assert(sizeof({keyword}{name}) == {size}, \"size of {name}\");").unwrap();
        writeln!(code, "_Static_assert(_Alignof({keyword}{name}) == {align}, \"alignment of {name}\");").unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("known.c");
    std::fs::write(&file, code).unwrap();
    run(Command::new("gcc").args(["-fsyntax-only", "-m64"]).arg(&file));
}

/// What is cut off or changed gives an error or what is left, and nothing else.
#[test]
fn damage_is_survived() {
    let dir = tempfile::tempdir().unwrap();
    let mut read = 0u32;
    for (name, flags) in [("a.o", &["-m32", "-gdwarf-2"][..]), ("b.o", &["-m64", "-fdebug-types-section", "-gz=zlib"])]
    {
        let object = dir.path().join(name);
        compile(&here("tests/dwarf/forms.c"), &object, flags);
        let whole = std::fs::read(&object).unwrap();
        let options = Options { predict: true, ..Options::default() };
        for end in (0..whole.len()).step_by(61) {
            read += u32::from(dwarf::parse(&whole[..end], options.clone()).is_ok());
        }
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..600 {
            let mut bytes = whole.clone();
            for _ in 0..4 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = usize::try_from(random >> 33).unwrap() % bytes.len();
                bytes[at] = random.to_le_bytes()[2];
            }
            read += u32::from(dwarf::parse(&bytes, options.clone()).is_ok());
        }
    }
    assert!(read > 100, "most damage leaves something: {read}");
}

/// A build against itself is silent; the 32-bit build against the 64-bit one says what the prediction from it says.
#[test]
fn two_builds_are_compared() {
    use legacy_port::binary::compare::compare;
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    compile(&here("tests/dwarf/forms.c"), &at("old.o"), &["-m32"]);
    compile(&here("tests/dwarf/forms.c"), &at("new.o"), &["-m64"]);
    let (old, new) = (predicting(&at("old.o")), dwarf::read(&at("new.o"), Options::default()).unwrap());
    for build in [&old, &new] {
        let itself = compare(build, Some(build));
        assert!(itself.changes.is_empty() && itself.only.old.is_empty() && itself.only.new.is_empty());
        assert_eq!(itself.same, build.records.len());
    }
    let (real, predicted) = (compare(&old, Some(&new)), compare(&old, None));
    assert_eq!(predicted.unknown, []);
    let common = |c: &&legacy_port::binary::compare::Change| !real.only.old.contains(&c.layouts.old.name);
    assert_eq!(predicted.changes.iter().filter(common).collect::<Vec<_>>(), real.changes.iter().collect::<Vec<_>>());
    let nest = real.changes.iter().find(|c| c.layouts.old.name == "struct nest").unwrap();
    let sec = nest.members.iter().find(|m| m.path == "in.sec").unwrap();
    assert_eq!((sec.offset.old, sec.offset.new, sec.bits.old, sec.bits.new), (0, 0, 32, 64));
    // On x86_64 `ld` is aligned to 16 bytes and lies behind three members of 8.
    assert_eq!((nest.padding.old, nest.padding.new), (0, 8));
}
