//! The built command on projects of its own.
#![allow(dead_code)] // each test file uses a part

use std::fs;
use std::path::Path;
use std::process::Command;

/// What a run of the command left.
pub(crate) struct Ran {
    /// Exit status.
    pub(crate) status: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// A folder with files, removed when dropped.
pub(crate) struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let case = Self { dir: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            case.write(name, text);
        }
        case
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        run(self.path(), args)
    }
}

/// The command, in a folder.
pub(crate) fn run(dir: &Path, args: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_legacy-port"));
    let output = command.args(args).current_dir(dir).env_remove("CARGO_TARGET_DIR").output().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
