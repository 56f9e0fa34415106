//! A container under whichever OCI runtime works here: started, asked, stopped, and nothing left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use container::image::Image;
use container::rootfs;
use serde_json::Value;
use tokio::process::{Child, Command as AsyncCommand};
use tokio::time::{sleep, timeout};

use crate::memory::{self, Limit, Memory};
use crate::probe::Answer;
use crate::spec::{Starter, spec};
use crate::{Error, Result};

/// Runtimes with one command line, in the order in which they are tried.
const RUNTIMES: &[&str] = &["runc", "crun", "youki"];

/// How long a container may take to begin, and to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(10);

/// The first runtime that is installed, with the version it tells.
///
/// # Errors
/// When there is none.
pub fn find() -> Result<(&'static str, String)> {
    for name in RUNTIMES {
        let output = Command::new(name).arg("--version").output();
        if let Some(output) = output.ok().filter(|o| o.status.success()) {
            let text = String::from_utf8_lossy(&output.stdout);
            return Ok((name, text.lines().next().unwrap_or(name).to_owned()));
        }
    }
    Err(Error::NoRuntime { tried: RUNTIMES.join(", ") })
}

/// A running container. It is stopped and removed when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// The runtime and its version.
    pub runtime: String,
    /// Who it runs as, in words.
    pub user: String,
    /// What became of its memory limit.
    pub memory: Memory,
    command: &'static str,
    id: String,
    state: PathBuf,
    log: PathBuf,
    starter: Starter,
    pid: u32,
    child: Option<Child>,
}

impl Running {
    /// Unpacks `image` below `dir`, which is made anew, and starts it, held to `limit` where this machine can do that;
    /// [`Running::memory`] says what became of it.
    ///
    /// # Errors
    /// When no runtime is there, or the container does not start: then with what it said. When the limit is too low for the
    /// runtime itself.
    pub async fn start(image: &Image, dir: &Path, limit: Option<Limit>) -> Result<Self> {
        let (command, runtime) = find()?;
        if dir.exists() {
            fs::remove_dir_all(dir).map_err(Error::io("cannot remove", dir))?;
        }
        let root = dir.join("rootfs");
        fs::create_dir_all(&root).map_err(Error::io("cannot create", &root))?;
        let dir = fs::canonicalize(dir).map_err(Error::io("cannot open", dir))?;
        let root = dir.join("rootfs");
        let starter = starter(&dir)?;
        let config = rootfs::unpack(image, &root, starter == Starter::Root)?;
        let bare = spec(&config, &root, starter);
        let user = match starter {
            Starter::Root => format!("user {}", bare["process"]["user"]["uid"]),
            Starter::User { uid, .. } => format!("user 0 of a user namespace, which is {uid} outside"),
        };
        let id = format!("{}-{}", image.name.replace('/', "-"), std::process::id());
        let mut memory = Memory::Free;
        // Kernels without accounting of swap refuse a limit of it, users without a cgroup of their own every limit.
        for swap in [true, false] {
            let Some(limit) = limit else { break };
            let mut spec = bare.clone();
            limit.put(&mut spec, swap);
            let (user, runtime) = (user.clone(), runtime.clone());
            match Self::launch(command, runtime, user, &id, &dir, starter, &spec).await {
                Ok(mut running) => {
                    running.memory = match memory::read_back(running.pid, limit) {
                        Ok(()) => Memory::Held { limit, swap },
                        Err(why) => Memory::Open { limit, why },
                    };
                    return Ok(running);
                }
                Err(Error::Container { log, .. }) if memory::too_low(&log) => {
                    let what = format!("cannot begin within a memory limit of {limit}: give it more");
                    return Err(Error::Container { what, log });
                }
                Err(Error::Container { log, .. }) if memory::concerns(&log) => {
                    memory = Memory::Open { limit, why: memory::reason(command, &log) };
                }
                Err(e) => return Err(e),
            }
        }
        let mut running = Self::launch(command, runtime, user, &id, &dir, starter, &bare).await?;
        running.memory = memory;
        Ok(running)
    }

    /// Starts what is unpacked already.
    async fn launch(
        command: &'static str,
        runtime: String,
        user: String,
        id: &str,
        dir: &Path,
        starter: Starter,
        spec: &Value,
    ) -> Result<Self> {
        let file = dir.join("config.json");
        fs::write(&file, spec.to_string()).map_err(Error::io("cannot write", &file))?;
        let (state, log, pid_file) = (dir.join("state"), dir.join("log"), dir.join("pid"));
        let output = fs::File::create(&log).map_err(Error::io("cannot write", &log))?;
        let errors = output.try_clone().map_err(Error::io("cannot write", &log))?;
        let id = id.to_owned();
        let child = AsyncCommand::new(command)
            .arg("--root")
            .arg(&state)
            .arg("run")
            .arg("--bundle")
            .arg(dir)
            .arg("--pid-file")
            .arg(&pid_file)
            .arg(&id)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            // Ctrl-C at the terminal is for us: we stop the container in order.
            .process_group(0)
            // A runtime that hangs before there is a container has nothing that could be deleted.
            .kill_on_drop(true)
            .spawn()
            .map_err(Error::io("cannot run", command))?;
        let memory = Memory::Free;
        let mut running = Self { runtime, user, memory, command, id, state, log, starter, pid: 0, child: Some(child) };
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(pid) = fs::read_to_string(&pid_file).ok().and_then(|p| p.trim().parse().ok()) {
                running.pid = pid;
                return Ok(running);
            }
            running.still_there("did not start")?;
            sleep(Duration::from_millis(20)).await;
        }
        Err(Error::Container { what: "did not start in 10 s".into(), log: running.last_words() })
    }

    /// Waits until the service answers `url` with 200.
    ///
    /// # Errors
    /// When it does not within `patience`, or ends.
    pub async fn healthy(&mut self, url: &str, patience: Duration) -> Result<Answer> {
        let begin = Instant::now();
        loop {
            let failure = match self.get(url).await {
                Ok(answer) if answer.status == 200 => return Ok(answer),
                Ok(answer) => format!("status {}", answer.status),
                Err(e) => e.to_string(),
            };
            self.still_there("ended by itself")?;
            if begin.elapsed() >= patience {
                let what = format!("does not become healthy in {} s: {url}: {failure}", patience.as_secs());
                return Err(Error::Container { what, log: self.last_words() });
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Asks for a URL from within the container's network: this program again, as `probe <url>`, by way of nsenter(1).
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn get(&self, url: &str) -> Result<Answer> {
        let fail = |message: String| Error::Answer { url: url.to_owned(), message };
        let exe = std::env::current_exe().map_err(Error::io("cannot find", "this program"))?;
        let mut command = AsyncCommand::new("nsenter");
        command.arg("--target").arg(self.pid.to_string()).arg("--net");
        if self.starter != Starter::Root {
            command.args(["--user", "--preserve-credentials"]);
        }
        let output = command.arg("--").arg(exe).arg("probe").arg(url).output().await;
        let output = output.map_err(|e| fail(format!("cannot run `nsenter`: {e}; install `util-linux`")))?;
        if !output.status.success() {
            return Err(fail(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        Answer::from_text(&String::from_utf8_lossy(&output.stdout)).ok_or_else(|| fail("no answer".into()))
    }

    /// Asks the program to end and removes the container.
    ///
    /// # Errors
    /// When it did not end in order within ten seconds: it is killed then.
    pub async fn stop(mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        self.control(&["kill", &self.id, "TERM"]);
        let ended = timeout(PATIENCE, child.wait()).await;
        let log = self.last_words();
        match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => {
                Err(Error::Container { what: format!("ended with {status}{}", self.killed(status)), log })
            }
            _ => {
                self.child = Some(child);
                Err(Error::Container { what: "did not end within 10 s of SIGTERM and was killed".into(), log })
            }
        }
    }

    fn still_there(&mut self, what: &str) -> Result<()> {
        let ended = self.child.as_mut().and_then(|c| c.try_wait().ok().flatten());
        match ended {
            None => Ok(()),
            Some(status) => {
                let what = format!("{what} ({status}){}", self.killed(status));
                Err(Error::Container { what, log: self.last_words() })
            }
        }
    }

    /// The likely reason when a program under a limit was ended by SIGKILL, which nobody here sends to one that runs.
    fn killed(&self, status: ExitStatus) -> String {
        match &self.memory {
            // Runtimes tell a signal as a shell does.
            Memory::Held { limit, .. } if status.code() == Some(128 + 9) => {
                format!(", SIGKILL: most likely it needed more memory than its limit of {limit}")
            }
            _ => String::new(),
        }
    }

    /// Whether the program still runs.
    #[must_use]
    pub fn lives(&self) -> bool {
        memory::lives(self.pid)
    }

    /// The last lines of what the container wrote.
    #[must_use]
    pub fn last_words(&self) -> String {
        let text = fs::read(&self.log).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn control(&self, args: &[&str]) {
        // What cannot be controlled any more is gone.
        let _ = Command::new(self.command)
            .arg("--root")
            .arg(&self.state)
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.control(&["delete", "--force", &self.id]);
    }
}

/// Who we are, told by the owner of a folder that we just made: no system call of our own is needed for it.
fn starter(dir: &Path) -> Result<Starter> {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::metadata(dir).map_err(Error::io("cannot open", dir))?;
    Ok(if meta.uid() == 0 { Starter::Root } else { Starter::User { uid: meta.uid(), gid: meta.gid() } })
}
