//! Images: what goes in, that the same input gives the same digest, and what others read of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use container::config::Config;
use container::image::{Image, Options};
use container::plan::{Content, Machine, Plan};
use container::rootfs;

const CONFIG: &str = r#"
[image]
name = "test/hello"
entrypoint = ["/bin/hello"]
ports = [8080]
volumes = ["/data"]
env = { A = "1", B = "2", C = "3" }
labels = { one = "1", two = "2", three = "3", four = "4" }

[[program]]
from = "{bin}/hello"
to = "/bin/hello"

[[file]]
from = "{data}"
to = "/data"
owned = true
"#;

/// A folder with a small program, its data and the configuration.
struct Case {
    dir: tempfile::TempDir,
}

impl Case {
    fn new(flags: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("hello.c"), "#include <math.h>\nint main(int c, char **v) { return (int)cos(c); }\n").unwrap();
        let mut cc = Command::new("cc");
        cc.args(flags).arg("-o").arg(at("hello")).arg(at("hello.c")).arg("-lm");
        assert!(cc.status().unwrap().success());
        fs::create_dir_all(at("data/sub")).unwrap();
        for name in ["b", "a", "sub/c"] {
            fs::write(at("data").join(name), name).unwrap();
        }
        fs::write(at("image.toml"), CONFIG).unwrap();
        Self { dir }
    }

    fn plan(&self) -> container::Result<Plan> {
        let config = Config::load(&self.dir.path().join("image.toml"))?;
        let folders = BTreeMap::from([("bin", self.dir.path().to_owned()), ("data", self.dir.path().join("data"))]);
        Plan::new(&config, &Machine { root: self.dir.path(), folders: &folders })
    }

    fn image(&self) -> Image {
        Image::build(&self.plan().unwrap(), &Options::default(), &self.dir.path().join("layout")).unwrap()
    }
}

fn skopeo(args: &[&str]) -> String {
    let output = Command::new("skopeo").args(args).output().expect("skopeo; ci/setup installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_closure_is_what_the_loader_loads() {
    let case = Case::new(&[]);
    let plan = case.plan().unwrap();
    let names: Vec<String> =
        plan.layers[0].1.keys().map(|p| p.file_name().unwrap().to_string_lossy().into_owned()).collect();
    let output = Command::new("ldd").arg(case.dir.path().join("hello")).output().unwrap();
    let ldd = String::from_utf8(output.stdout).unwrap();
    let mut loaded = 0;
    for library in ldd.split_whitespace().filter(|w| w.contains(".so") && !w.starts_with("linux-vdso")) {
        let name = Path::new(library).file_name().unwrap().to_string_lossy().into_owned();
        assert!(names.contains(&name), "{name} of\n{ldd}not in {names:?}");
        loaded += 1;
    }
    assert!(loaded >= 3, "{ldd}");
    assert!(names.contains(&"libgcc_s.so.1".to_owned()), "glibc loads it without saying so");
}

#[test]
fn the_same_input_gives_the_same_digest() {
    let case = Case::new(&[]);
    let first = case.image();
    assert_eq!(case.image().digest, first.digest);
    // Another place, another order of making, other times and permissions of the files.
    let other = Case { dir: tempfile::tempdir().unwrap() };
    for name in ["image.toml", "data/sub/c", "data/a", "data/b", "hello"] {
        let to = other.dir.path().join(name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(case.dir.path().join(name), &to).unwrap();
        let output = Command::new("touch").args(["-d", "2001-02-03"]).arg(&to).status().unwrap();
        assert!(output.success());
        fs::set_permissions(&to, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    assert_eq!(other.image().digest, first.digest);
    let build = |options: Options| Image::build(&other.plan().unwrap(), &options, &other.dir.path().join("l")).unwrap();
    assert_eq!(build(Options { threads: 1, ..Options::default() }).digest, first.digest);
    assert_eq!(build(Options { threads: 5, tag: "v9".into(), ..Options::default() }).digest, first.digest);
    let later = build(Options { time: 1_000_000_000, ..Options::default() });
    assert_ne!(later.digest, first.digest);
    fs::write(other.dir.path().join("data/a"), "changed").unwrap();
    let changed = other.image();
    assert_ne!(changed.digest, first.digest);
    let same = changed.blobs.iter().filter(|b| first.blobs.contains(b)).count();
    assert_eq!(same, 2, "a change of data leaves libraries and program as they were");
}

#[test]
fn what_did_not_change_is_not_made_again() {
    let case = Case::new(&[]);
    let layout = case.dir.path().join("l");
    let options = || Options { cache: Some(case.dir.path().join("cache")), ..Options::default() };
    let build = |options: &Options| Image::build(&case.plan().unwrap(), options, &layout).unwrap();
    // Files that were made this moment may change again without anybody seeing it.
    std::thread::sleep(std::time::Duration::from_millis(150));
    let first = build(&options());
    assert_eq!(first.remembered, 0);
    let inodes = |image: &Image| -> Vec<u64> {
        let inode = |b| std::os::unix::fs::MetadataExt::ino(&fs::metadata(image.path(b)).unwrap());
        image.blobs[1..].iter().map(inode).collect()
    };
    let before = inodes(&first);
    let second = build(&options());
    assert_eq!((second.remembered, &second.digest), (3, &first.digest));
    assert_eq!(inodes(&second), before, "no blob was written again");
    // Bytes of the same length, at the same modification time: the time of change tells.
    let file = case.dir.path().join("data/a");
    let time = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&file, "X").unwrap();
    fs::File::options().append(true).open(&file).unwrap().set_modified(time).unwrap();
    let changed = build(&options());
    assert_eq!(changed.remembered, 2);
    assert_ne!(changed.digest, first.digest);
    // A blob that is gone is made again, and another compression is another layer.
    fs::remove_file(second.path(&second.blobs[1])).unwrap();
    assert_eq!(build(&options()).path(&second.blobs[1]).metadata().unwrap().len(), second.blobs[1].size);
    let zstd = build(&Options { compression: "zstd".parse().unwrap(), ..options() });
    assert_eq!(zstd.remembered, 0);
    assert!(zstd.blobs[1].media_type.ends_with("tar+zstd"), "{:?}", zstd.blobs);
    let root = case.dir.path().join("root");
    rootfs::unpack(&zstd, &root, false).unwrap();
    assert_eq!(fs::read(root.join("bin/hello")).unwrap(), fs::read(case.dir.path().join("hello")).unwrap());
}

#[test]
fn a_file_that_becomes_shorter_meanwhile_is_told() {
    let case = Case::new(&[]);
    let mut plan = case.plan().unwrap();
    // The kernel says that it has 4096 bytes and gives fewer.
    let entry = plan.layers[1].1.get_mut(Path::new("data/a")).unwrap();
    entry.content = Content::File("/sys/kernel/mm/transparent_hugepage/enabled".into());
    let error = Image::build(&plan, &Options::default(), &case.dir.path().join("l")).unwrap_err().to_string();
    assert!(error.contains("cannot pack `/data/a`") && error.contains("became shorter"), "{error}");
}

#[test]
fn entries_are_those_that_tar_lists() {
    let case = Case::new(&[]);
    let image = case.image();
    let output = Command::new("tar")
        .args(["--numeric-owner", "-tvzf"])
        .arg(image.path(&image.blobs[2]))
        .env("TZ", "UTC")
        .output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    for (line, want) in text.lines().zip([
        "drwxr-xr-x 65532/65532 0 1970-01-01 00:00 data/",
        "-rw-r--r-- 65532/65532 1 1970-01-01 00:00 data/a",
        "-rw-r--r-- 65532/65532 1 1970-01-01 00:00 data/b",
        "drwxr-xr-x 65532/65532 0 1970-01-01 00:00 data/sub/",
        "-rw-r--r-- 65532/65532 5 1970-01-01 00:00 data/sub/c",
    ]) {
        assert_eq!(line.split_whitespace().collect::<Vec<_>>().join(" "), want);
    }
    assert_eq!(text.lines().count(), 5);
}

#[test]
fn a_32_bit_program_is_refused() {
    let error = Case::new(&["-m32"]).plan().unwrap_err().to_string();
    assert!(error.contains("hello") && error.contains("32-bit program (386)"), "{error}");
}

#[test]
fn what_is_wrong_with_image_toml_is_told_with_its_line() {
    for (from, to, want) in [
        ("ports", "port", "line 5"),
        ("to = \"/bin/hello\"", "to = \"/bin/../../x\"", "absolute path"),
        ("{bin}/hello", "{bim}/hello", "`{bim}` is not known here; expected one of {bin}, {data}"),
        ("{bin}/hello", "{bin}/nosuch", "nosuch"),
        ("{bin}/hello", "{bin}/hello.c", "not an ELF program"),
        ("name = \"test/hello\"", "name = \"test/hello\"\nuser = 0", "must not run as root"),
    ] {
        let case = Case::new(&[]);
        fs::write(case.dir.path().join("image.toml"), CONFIG.replace(from, to)).unwrap();
        let error = case.plan().unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    }
}

#[test]
fn skopeo_reads_the_layout() {
    let case = Case::new(&[]);
    let image = case.image();
    let layout = case.dir.path().join("layout");
    assert_eq!(case.image().digest, image.digest, "over one that is there");
    let source = format!("oci:{}", layout.display());
    let told = skopeo(&["inspect", "--raw", &source]);
    assert_eq!(told.as_bytes(), image.manifest);
    assert!(skopeo(&["inspect", &source]).contains(&image.digest));
    let config = skopeo(&["inspect", "--config", &source]);
    for part in ["\"65532:65532\"", "\"8080/tcp\"", "\"/data\"", "\"amd64\"", "\"B=2\"", "\"three\""] {
        assert!(config.contains(part), "{part} in {config}");
    }
    // Every blob is read and checked against its digest on the way.
    let copy = format!("dir:{}", case.dir.path().join("copy").display());
    skopeo(&["copy", "--insecure-policy", "--preserve-digests", &source, &copy]);
}
