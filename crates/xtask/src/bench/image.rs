//! `cargo xtask bench --image`: an image made and pushed, beside umoci and skopeo, to a registry on this machine.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Row;
use super::measure::{median, peak_memory, time};

/// Seconds to those of umoci and skopeo, at most.
const TO_PEERS: f64 = 0.6;
/// Seconds beyond the start of the process when nothing changed.
const UNCHANGED: f64 = 0.02;
/// MiB at 500 MB.
const MEMORY: f64 = 64.0;

/// What is measured: name, bytes of the program, further files.
const CASES: &[(&str, usize, usize)] = &[("50 MB", 50, 0), ("500 MB", 500, 0), ("200 files", 2, 200)];

/// Debian's registry; it ends and its store goes when this is dropped.
struct Registry {
    child: Child,
    host: String,
    store: PathBuf,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.store);
    }
}

impl Registry {
    fn start(dir: &Path) -> Result<Self> {
        let host = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.to_string();
        let (store, config) = (dir.join("store"), dir.join("registry.yml"));
        let text = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"{host}\"}}\n",
            store.display()
        );
        fs::write(&config, text)?;
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().context("no `docker-registry`; on Debian install `docker-registry`")?;
        let begin = Instant::now();
        while TcpStream::connect(&host).is_err() {
            if begin.elapsed() > Duration::from_secs(20) {
                bail!("`docker-registry` does not start");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self { child, host, store })
    }
}

/// Measures all cases. Each run is to an empty registry.
pub(super) fn measure(dir: &Path, rounds: u32) -> Result<Vec<(&'static str, Vec<Row>)>> {
    for (name, package) in [("umoci", "umoci"), ("skopeo", "skopeo"), ("docker-registry", "docker-registry")] {
        if super::subject::find(name).is_none() {
            bail!("no `{name}` to compare with; on Debian install `{package}`");
        }
    }
    let tool = build()?;
    let mut all = Vec::new();
    for (name, megabytes, files) in CASES {
        let case = Case::make(&dir.join("image"), *megabytes, *files)?;
        all.push((*name, case.measure(&tool, rounds)?));
    }
    Ok(all)
}

/// The command as it is installed: a release build.
fn build() -> Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "-p", "xtask"])
        .current_dir(crate::root())
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("`cargo build --release -p xtask` failed");
    }
    Ok(crate::target_dir().join("release/xtask"))
}

struct Case {
    dir: PathBuf,
    large: bool,
}

impl Case {
    /// A program that half compresses, as programs do, and files.
    fn make(dir: &Path, megabytes: usize, files: usize) -> Result<Self> {
        if dir.exists() {
            fs::remove_dir_all(dir).with_context(|| format!("cannot remove `{}`", dir.display()))?;
        }
        fs::create_dir_all(dir.join("files"))?;
        let mut program = fs::File::create(dir.join("main"))?;
        program.write_all(&fs::read("/bin/true")?)?;
        let mut state = 1_u64;
        for n in 0..megabytes {
            let mut half = Vec::with_capacity(1 << 19);
            while half.len() < 1 << 19 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                half.extend_from_slice(&(state >> 32).to_le_bytes()[..4]);
            }
            program.write_all(&half)?;
            let line = format!("record {n} of the catalogue, with words that come again\n");
            program.write_all(line.repeat((1 << 19) / line.len()).as_bytes())?;
        }
        for i in 0..files {
            fs::write(dir.join(format!("files/{i}")), format!("file {i}\n").repeat(1000))?;
        }
        let text = "[image]\nname = \"bench/case\"\nentrypoint = [\"/app/main\"]\n[[program]]\nfrom = \"{bin}/main\"\n\
            to = \"/app/main\"\nported = false\n[[file]]\nfrom = \"{bin}/files\"\nto = \"/files\"\n";
        fs::write(dir.join("image.toml"), text)?;
        Ok(Self { dir: dir.to_owned(), large: megabytes >= 500 })
    }

    fn ours(&self, tool: &Path, host: &str) -> Command {
        let mut command = Command::new(tool);
        command.args(["image", "push", "--bare", "--config"]).arg(self.dir.join("image.toml"));
        command.arg("--folder").arg(format!("bin={}", self.dir.display())).arg(host);
        command.env("CARGO_TARGET_DIR", self.dir.join("target"));
        command
    }

    fn forget(&self) {
        let _ = fs::remove_dir_all(self.dir.join("target"));
    }

    /// The steps of the peers, each with the files copied into its root as we take them.
    fn peers(&self, host: &str) -> Command {
        let script = "set -e; cd \"$1\"; rm -rf layout bundle; umoci init --layout layout; umoci new --image layout:v1; \
            umoci unpack --rootless --image layout:v1 bundle; mkdir bundle/rootfs/app; cp main bundle/rootfs/app/; \
            cp -r files bundle/rootfs/; umoci repack --image layout:v1 bundle; \
            skopeo copy --quiet --insecure-policy --dest-tls-verify=false --preserve-digests oci:layout:v1 \"docker://$2/peer/case:v1\"";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(&self.dir).arg(host);
        command
    }

    fn measure(&self, tool: &Path, rounds: u32) -> Result<Vec<Row>> {
        let (mut ours, mut peers, mut unchanged, mut start) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            self.forget();
            let registry = Registry::start(&self.dir)?;
            ours.push(time(&mut self.ours(tool, &registry.host))?);
            // What was made this moment is not remembered yet.
            std::thread::sleep(Duration::from_millis(200));
            time(&mut self.ours(tool, &registry.host))?;
            unchanged.push(time(&mut self.ours(tool, &registry.host))?);
            start.push(time(Command::new(tool).arg("--help"))?);
            drop(registry);
            let registry = Registry::start(&self.dir)?;
            peers.push(time(&mut self.peers(&registry.host))?);
        }
        let (ours, peers, unchanged, start) = (median(ours), median(peers), median(unchanged), median(start));
        let mut rows = vec![Row {
            what: "made and pushed, to umoci + skopeo".into(),
            value: ours / peers,
            unit: "x",
            limit: Some(TO_PEERS),
            of: Some((ours, peers)),
        }];
        let beyond = (unchanged - start).max(0.0);
        rows.push(Row {
            what: "nothing changed, beyond the start".into(),
            value: beyond,
            unit: "s",
            limit: Some(UNCHANGED),
            of: Some((unchanged, start)),
        });
        self.forget();
        let registry = Registry::start(&self.dir)?;
        match peak_memory(&self.ours(tool, &registry.host)) {
            Some(mib) => {
                let limit = self.large.then_some(MEMORY);
                rows.push(Row { what: "peak memory".into(), value: mib, unit: "MiB", limit, of: None });
            }
            None => anstream::eprintln!("no `/usr/bin/time` to measure memory with; on Debian install `time`"),
        }
        Ok(rows)
    }
}
