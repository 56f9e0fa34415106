//! The memory that a container may have: said to the runtime, and read back from the kernel.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::{Value, json};

const MIB: u64 = 1 << 20;

/// A limit in bytes, at least 1 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit(u64);

impl Limit {
    /// What a task definition says, in MiB; none is 0.
    #[must_use]
    pub fn mebibytes(count: u32) -> Option<Self> {
        (count > 0).then_some(Self(u64::from(count) * MIB))
    }

    /// In bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0
    }

    /// Puts it into a runtime configuration. With `swap` memory and swap together have this limit, as on Fargate, which has
    /// no swap. <https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config-linux.md#memory>
    pub fn put(self, spec: &mut Value, swap: bool) {
        // The runtime's numbers are signed.
        let bytes = i64::try_from(self.0).unwrap_or(i64::MAX);
        spec["linux"]["resources"]["memory"] =
            if swap { json!({"limit": bytes, "swap": bytes}) } else { json!({"limit": bytes}) };
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(MIB) { write!(f, "{} MiB", self.0 / MIB) } else { write!(f, "{} bytes", self.0) }
    }
}

impl FromStr for Limit {
    type Err = String;

    /// `256M`, `1G`, or bytes; 1024 of one are one of the next.
    fn from_str(text: &str) -> Result<Self, String> {
        let upper = text.trim().to_ascii_uppercase();
        let digits = upper.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &upper[digits.len()..] {
            "" | "B" => 1,
            "K" | "KB" | "KIB" => 1 << 10,
            "M" | "MB" | "MIB" => MIB,
            "G" | "GB" | "GIB" => 1 << 30,
            _ => 0,
        };
        let bytes = digits.trim_end().parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).unwrap_or(0);
        if bytes < MIB || i64::try_from(bytes).is_err() {
            return Err(format!("`{text}`: expected a number with M or G, such as `256M`, of 1 MiB at least"));
        }
        Ok(Self(bytes))
    }
}

/// What became of a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Nobody asked for one.
    Free,
    /// The kernel holds the container to it.
    Held {
        /// The limit.
        limit: Limit,
        /// Whether swap is within it.
        swap: bool,
    },
    /// It is not enforced.
    Open {
        /// The limit that was asked for.
        limit: Limit,
        /// Why, in the words of the runtime or ours.
        why: String,
    },
}

impl Memory {
    /// What has to be told when a limit is not enforced.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let Self::Open { limit, why } = self else { return None };
        Some(format!(
            "the memory limit of {limit} is not enforced: {why}; root can have it enforced, or a user with a cgroup of \
             their own that has the memory controller"
        ))
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("no memory limit"),
            Self::Held { limit, swap: true } => write!(f, "memory limit {limit}"),
            Self::Held { limit, swap: false } => write!(f, "memory limit {limit} (swap not limited)"),
            Self::Open { limit, .. } => write!(f, "memory limit {limit} not enforced"),
        }
    }
}

/// Whether a runtime said that a limit is too low for the container to begin, and not that it cannot set one.
pub(crate) fn too_low(words: &str) -> bool {
    ["current usage", "OOM-killed", "limit too low"].iter().any(|w| words.contains(w))
}

/// Whether a runtime that refused spoke of a limit or of what enforces it. Its warnings are no reason.
pub(crate) fn concerns(words: &str) -> bool {
    let about = |line: &str| ["cgroup", "memory limit", "memory.", "swap"].iter().any(|w| line.contains(w));
    words.lines().filter(|l| !l.contains("level=warning")).any(|l| about(&l.to_lowercase()))
}

/// The part of a runtime's log that says why it did not start something.
pub(crate) fn reason(runtime: &str, words: &str) -> String {
    let line = words.lines().rfind(|l| !l.trim().is_empty()).unwrap_or("it refused without a word");
    let line = line.split_once("msg=").map_or(line, |(_, message)| message).trim_matches('"');
    // runc names every step on the way; the last one is the cause.
    let cause = line.split(": ").skip_while(|part| !part.to_lowercase().contains("cgroup")).collect::<Vec<_>>();
    format!("{runtime}: {}", if cause.is_empty() { line.to_owned() } else { cause.join(": ") })
}

/// Whether a process is there and more than what is left of one.
#[must_use]
pub fn lives(pid: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat"));
    state.is_ok_and(|s| s.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X'])))
}

/// Reads back what the kernel holds a process to.
///
/// # Errors
/// In words, when that is more than `limit`. A process that has ended has no cgroup any more: there the runtime, which took
/// the limit, is believed.
pub(crate) fn read_back(pid: u32, limit: Limit) -> Result<(), String> {
    let found = file_of(pid).and_then(|file| {
        let text = fs::read_to_string(&file).map_err(|e| format!("cannot read `{}`: {e}", file.display()))?;
        match text.trim().parse::<u64>() {
            Ok(bytes) if bytes <= limit.0 => Ok(()),
            _ => Err(format!("the runtime took it, and `{}` says `{}`", file.display(), text.trim())),
        }
    });
    if lives(pid) { found } else { Ok(()) }
}

/// The file that has the limit of a process: `memory.limit_in_bytes` of cgroup v1, `memory.max` of v2, cgroups(7).
fn file_of(pid: u32) -> Result<PathBuf, String> {
    let read = |path: String| fs::read_to_string(&path).map_err(|e| format!("cannot read `{path}`: {e}"));
    let (groups, mounts) = (read(format!("/proc/{pid}/cgroup"))?, read("/proc/self/mountinfo".into())?);
    file(&groups, &mounts).ok_or_else(|| "no cgroup with the memory controller is mounted here".into())
}

/// The same out of the texts of `/proc/PID/cgroup` and `/proc/self/mountinfo`.
fn file(groups: &str, mounts: &str) -> Option<PathBuf> {
    let groups: Vec<(&str, &str)> = groups.lines().filter_map(|l| l.split_once(':')?.1.split_once(':')).collect();
    let old = groups.iter().find(|(controllers, _)| controllers.split(',').any(|c| c == "memory"));
    let (group, kind, name) = match old {
        Some((_, group)) => (group, "cgroup", "memory.limit_in_bytes"),
        None => (&groups.iter().find(|(c, _)| c.is_empty())?.1, "cgroup2", "memory.max"),
    };
    mounts.lines().find_map(|line| {
        let (mount, what) = line.split_once(" - ")?;
        let mut what = what.split(' ');
        let fits = what.next() == Some(kind);
        let options = what.nth(1).unwrap_or("");
        if !fits || kind == "cgroup" && options.split(',').all(|o| o != "memory") {
            return None;
        }
        let mut mount = mount.split(' ').skip(3);
        let (root, point) = (mount.next()?, mount.next()?);
        // Below a root of its own a mount shows only that part of the tree.
        let below = Path::new(group).strip_prefix(root).ok()?;
        Some(Path::new(point).join(below).join(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_told() {
        for (text, bytes, told) in [
            ("256M", 256 * MIB, "256 MiB"),
            ("1g", 1024 * MIB, "1024 MiB"),
            ("512 MiB", 512 * MIB, "512 MiB"),
            ("1048577", MIB + 1, "1048577 bytes"),
        ] {
            let limit: Limit = text.parse().unwrap();
            assert_eq!((limit.bytes(), limit.to_string()), (bytes, told.to_owned()));
        }
        for text in ["", "M", "0", "12", "-5M", "1.5G", "256X", "99999999999G", "9999999999999999999", "１M"] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
        assert_eq!(Limit::mebibytes(512), "512M".parse().ok());
        assert_eq!(Limit::mebibytes(0), None);
    }

    #[test]
    fn the_file_of_a_limit_is_found_in_both_versions() {
        let mixed = "25 20 0:22 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n\
                     26 25 0:23 / /sys/fs/cgroup/cpu rw shared:5 - cgroup cgroup rw,cpu\n\
                     27 25 0:24 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                     28 25 0:25 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let old = file("4:memory:/a/b\n1:cpu:/\n0::/\n", mixed).unwrap();
        assert_eq!(old, Path::new("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes"));
        let new = "30 20 0:26 /user.slice /sys/fs/cgroup rw - cgroup2 cgroup rw,nsdelegate\n";
        assert_eq!(file("0::/user.slice/x:y\n", new).unwrap(), Path::new("/sys/fs/cgroup/x:y/memory.max"));
        assert_eq!(file("0::/../other\n", new), None);
        for (groups, mounts) in
            [("", ""), ("0::/a", ""), ("4:memory", mixed), ("\0:::", " - cgroup2"), ("0::/", "a - cgroup2")]
        {
            assert_eq!(file(groups, mounts), None, "{groups} {mounts}");
        }
    }

    #[test]
    fn the_cause_is_taken_from_the_runtimes_words() {
        let words = "time=\"1\" level=warning msg=\"unable to get oom kill count\"\n\
                     time=\"2\" level=error msg=\"runc run failed: unable to start: error setting cgroup config: cannot set \
                     memory limit: container could not join or create cgroup\"";
        let cause =
            "runc: error setting cgroup config: cannot set memory limit: container could not join or create cgroup";
        assert_eq!(reason("runc", words), cause);
        assert_eq!(reason("crun", "no such thing\n"), "crun: no such thing");
        assert!(concerns(words) && !too_low(words));
        assert!(concerns("opening file `memory.swap.max` for writing: No such file or directory\n"));
        let other = "time=\"1\" level=warning msg=\"no cgroup\"\ntime=\"2\" level=error msg=\"exec: no such file\"";
        assert!(!concerns(other) && !concerns(""));
        assert!(too_low("unable to set memory limit to 1048576 (current usage: 2043904, peak usage: 2236416)"));
    }
}
