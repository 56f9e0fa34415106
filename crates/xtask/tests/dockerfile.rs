//! docker/Dockerfile gives the image that docker/image.toml gives: buildah builds one, we the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use container::config::Config;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn run(command: &mut Command) -> String {
    let output =
        command.output().unwrap_or_else(|e| panic!("{}: {e}; ci/setup installs it", command.get_program().display()));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {out}{err}");
    out.into_owned()
}

/// Every file of an image: path, permissions, owner, group, size, time, kind.
fn files(layout: &Path, work: &Path) -> Vec<String> {
    let mut unpack = Command::new("umoci");
    let is_root = run(Command::new("id").arg("-u")).trim() == "0";
    unpack.arg("unpack").args(if is_root { None } else { Some("--rootless") });
    run(unpack.arg("--image").arg(format!("{}:v1", layout.display())).arg(work));
    let list = run(Command::new("find")
        .arg(".")
        .args(["-printf", "%p %m %U %G %s %T@ %y\n"])
        .current_dir(work.join("rootfs")));
    let mut files: Vec<String> = list.lines().filter(|l| !l.starts_with(". ")).map(str::to_owned).collect();
    files.sort();
    files
}

#[test]
fn an_engine_gives_the_same_image() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    // Programs and data in the place of those of `cargo xtask release`.
    fs::create_dir_all(at("bin")).unwrap();
    fs::create_dir_all(at("data/sub")).unwrap();
    for name in ["auctiond", "auctionctl"] {
        fs::copy("/bin/true", at("bin").join(name)).unwrap();
    }
    fs::write(at("data/sub/f"), "data").unwrap();
    let mut build = Command::new(env!("CARGO_BIN_EXE_xtask"));
    build
        .args(["image", "build", "--tag", "v1", "--force", "only files are looked at here", "--layers"])
        .arg(at("layers"));
    for name in ["bin", "data"] {
        build.arg("--folder").arg(format!("{name}={}", at(name).display()));
    }
    run(build.arg("--output").arg(at("ours")).env("CARGO_TARGET_DIR", at("target")));
    let buildah = |args: &[&str]| {
        let mut command = Command::new("buildah");
        command.args(["--storage-driver", "vfs", "--root"]).arg(at("root")).arg("--runroot").arg(at("run")).args(args);
        command
    };
    let mut bud = buildah(&["bud", "--quiet", "--isolation", "chroot", "-t", "case", "-f"]);
    run(bud.arg(root().join("docker/Dockerfile")).arg(at("layers")));
    let theirs = format!("oci:{}:v1", at("theirs").display());
    run(&mut buildah(&["push", "--quiet", "case", &theirs]));
    let (a, b) = (files(&at("ours"), &at("a")), files(&at("theirs"), &at("b")));
    assert!(a.len() > 30, "{a:?}");
    assert_eq!(a, b);
    // How it runs is said in two files: they say the same.
    let told: Value =
        serde_json::from_str(&run(Command::new("skopeo").args(["inspect", "--config", &theirs]))).unwrap();
    let told = &told["config"];
    let want = Config::load(&root().join("docker/image.toml")).unwrap().image;
    assert_eq!(told["User"], format!("{0}:{0}", want.user));
    assert_eq!(told["Entrypoint"], Value::from(want.entrypoint));
    let keys = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&told["ExposedPorts"]), want.ports.iter().map(|p| format!("{p}/tcp")).collect::<Vec<_>>());
    assert_eq!(keys(&told["Volumes"]), want.volumes);
    for (name, value) in &want.env {
        assert!(told["Env"].as_array().unwrap().contains(&Value::from(format!("{name}={value}"))), "{name}");
    }
    for (name, value) in &want.labels {
        assert_eq!(told["Labels"][name], Value::from(value.as_str()), "{name}");
    }
}
