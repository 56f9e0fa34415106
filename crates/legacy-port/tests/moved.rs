//! Debug information that is elsewhere or compressed: kept by build id, packaged as DWARF 5 has it, zstd.

use std::path::Path;
use std::process::Command;

use legacy_port::binary::dwarf::{self, Options, Record};
use tempfile::TempDir;

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}; ci/setup installs what is missing"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A folder with `forms.o` and the program `forms` of it.
fn built(flags: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dwarf/forms.c");
    let mut gcc = Command::new("gcc");
    run(gcc.current_dir(&dir).args(["-g", "-w", "-c", "-o", "forms.o"]).args(flags).arg(source));
    run(Command::new("gcc").current_dir(&dir).args(["-Wl,--build-id", "-o", "forms", "forms.o"]));
    dir
}

/// Records without their place, and nothing missing.
fn told(file: &Path, options: Options) -> Vec<Record> {
    let debug = dwarf::read(file, options).unwrap();
    assert_eq!(debug.missing, [] as [&str; 0]);
    assert!(debug.records.len() > 12, "{}", debug.records.len());
    debug.records.into_iter().map(|r| Record { place: None, ..r }).collect()
}

#[test]
fn debug_information_is_found_by_its_build_id() {
    let dir = built(&[]);
    let (program, root) = (dir.path().join("forms"), dir.path().join("debug"));
    let whole = told(&program, Options::default());
    let notes = run(Command::new("readelf").arg("-n").arg(&program));
    let id = notes.lines().find_map(|l| l.trim().strip_prefix("Build ID: ")).unwrap().to_owned();
    let kept = root.join(".build-id").join(&id[..2]);
    std::fs::create_dir_all(&kept).unwrap();
    let file = kept.join(format!("{}.debug", &id[2..]));
    run(Command::new("objcopy").arg("--only-keep-debug").arg(&program).arg(&file));
    run(Command::new("strip").arg("-g").arg(&program));
    let below = |root: &Path| Options { debug_dir: Some(root.to_owned()), ..Options::default() };
    assert_eq!(told(&program, below(&root)), whole);
    let none = dwarf::read(&program, below(dir.path())).unwrap_err().to_string();
    assert!(none.contains(&format!("install the debug information of build {id}")), "{none}");
    // The command takes the folder too.
    let layouts = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_legacy-port"));
        command.current_dir(&dir).args(["layouts", "forms", "forms"]).args(more).output().unwrap()
    };
    assert_eq!(layouts(&["--debug-dir", "debug"]).status.code(), Some(0));
    assert_eq!(layouts(&[]).status.code(), Some(2));
    // What is there and no debug information is an error that names it.
    std::fs::write(&file, b"\x7fELF and no more").unwrap();
    let wrong = dwarf::read(&program, below(&root)).unwrap_err().to_string();
    assert!(wrong.contains(&format!("{}.debug`: damaged ELF file", &id[2..])), "{wrong}");
}

/// By a checksum and the program's own path, below the folder that systems keep debug information in.
#[test]
fn debug_information_is_found_by_its_path() {
    let dir = built(&[]);
    let program = dir.path().join("forms");
    let whole = told(&program, Options::default());
    let root = tempfile::tempdir().unwrap();
    let kept = root.path().join(dir.path().canonicalize().unwrap().strip_prefix("/").unwrap());
    std::fs::create_dir_all(&kept).unwrap();
    run(Command::new("objcopy").arg("--only-keep-debug").arg(&program).arg(kept.join("forms.debug")));
    run(Command::new("strip").arg("-g").arg(&program));
    let link = format!("--add-gnu-debuglink={}", kept.join("forms.debug").display());
    run(Command::new("objcopy").arg(link).arg(&program));
    let options = Options { debug_dir: Some(root.path().to_owned()), ..Options::default() };
    assert_eq!(told(&program, options), whole);
    let none = dwarf::read(&program, Options::default()).unwrap_err().to_string();
    assert!(none.contains("put `forms.debug` beside it"), "{none}");
}

/// The index of a DWARF 5 package has another form than GNU's of DWARF 4 (DWARF 5, section 7.3.5).
#[test]
fn packages_of_dwarf_5_are_read() {
    let dir = built(&["-gdwarf-5", "-gsplit-dwarf"]);
    let at = |name: &str| dir.path().join(name);
    let whole = told(&at("forms"), Options::default());
    run(Command::new("llvm-dwp").current_dir(&dir).args(["-e", "forms", "-o", "forms.dwp"]));
    let index = run(Command::new("readelf").arg("--debug-dump=cu_index").arg(at("forms.dwp")));
    assert!(index.split_whitespace().collect::<Vec<_>>().join(" ").contains("Version: 5 "), "{index}");
    std::fs::remove_file(at("forms.dwo")).unwrap();
    assert_eq!(told(&at("forms"), Options::default()), whole);
    std::fs::remove_file(at("forms.dwp")).unwrap();
    assert_eq!(dwarf::read(&at("forms"), Options::default()).unwrap().missing.len(), 1);
}

#[test]
fn sections_that_zstd_made_small_are_read() {
    for flags in [&["-gdwarf-5"][..], &["-gdwarf-4", "-fdebug-types-section"], &["-m32", "-gdwarf-5"]] {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dwarf/forms.c");
        run(Command::new("gcc").args(["-g", "-w", "-c", "-o"]).arg(at("plain.o")).args(flags).arg(source));
        run(Command::new("objcopy").arg("--compress-debug-sections=zstd").arg(at("plain.o")).arg(at("small.o")));
        let sections = run(Command::new("readelf").arg("-tW").arg(at("small.o")));
        assert!(sections.contains("ZSTD"), "{flags:?}: {sections}");
        let whole = told(&at("plain.o"), Options::default());
        assert_eq!(told(&at("small.o"), Options::default()), whole, "{flags:?}");
        // Cut off within, and with another size than is told: what is wrong is said, and nothing is made up.
        let bytes = std::fs::read(at("small.o")).unwrap();
        let magic = bytes.windows(4).position(|w| w == [0x28, 0xb5, 0x2f, 0xfd]).unwrap();
        let mut broken = bytes.clone();
        broken[magic] ^= 1;
        let said = dwarf::parse(&broken, Options::default());
        assert!(said.as_ref().is_err_and(|e| e.contains("section `.debug_")), "{said:?}");
        let mut large = bytes;
        // `ch_size` of `Elf64_Chdr` lies 16 bytes before the data, that of `Elf32_Chdr` 8 bytes.
        large[magic - if flags[0] == "-m32" { 8 } else { 16 } + 3] = 0x7f;
        let said = dwarf::parse(&large, Options::default());
        assert!(said.as_ref().is_err_and(|e| e.contains("which no compression does")), "{said:?}");
    }
}
