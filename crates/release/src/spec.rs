//! Image configuration -> `config.json` of the OCI runtime specification 1.0.

use std::path::Path;

use oci_spec::image::ImageConfiguration;
use serde_json::{Value, json};

/// Who starts the container: that decides which user it can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// Root: the container runs as the image's user.
    Root,
    /// Anyone else: a user namespace whose only user is this one.
    User {
        /// Numeric user.
        uid: u32,
        /// Numeric group.
        gid: u32,
    },
}

/// The configuration for a root file system at `rootfs`: read-only but for the image's volumes, no capabilities, no new
/// privileges, namespaces of its own, loopback as its only network.
#[must_use]
pub fn spec(image: &ImageConfiguration, rootfs: &Path, starter: Starter) -> Value {
    let config = image.config().clone().unwrap_or_default();
    let user: u32 =
        config.user().as_deref().and_then(|u| u.split(':').next()).and_then(|u| u.parse().ok()).unwrap_or(65532);
    let args: Vec<String> =
        config.entrypoint().iter().flatten().chain(config.cmd().iter().flatten()).cloned().collect();
    let mut mounts = vec![
        json!({"destination": "/proc", "type": "proc", "source": "proc"}),
        json!({"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
               "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]}),
        json!({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "mode=1777"]}),
    ];
    for volume in config.volumes().iter().flatten() {
        let source = rootfs.join(volume.trim_start_matches('/'));
        mounts.push(json!({"destination": volume, "type": "bind", "source": source, "options": ["bind", "rw", "nosuid", "nodev"]}));
    }
    let mut namespaces: Vec<Value> =
        ["pid", "network", "ipc", "uts", "mount"].iter().map(|n| json!({"type": n})).collect();
    let mut linux = json!({
        "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
                        "/proc/scsi", "/proc/timer_list"],
        "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    });
    let user = match starter {
        Starter::Root => user,
        Starter::User { uid, gid } => {
            namespaces.push(json!({"type": "user"}));
            linux["uidMappings"] = json!([{"containerID": 0, "hostID": uid, "size": 1}]);
            linux["gidMappings"] = json!([{"containerID": 0, "hostID": gid, "size": 1}]);
            0
        }
    };
    linux["namespaces"] = Value::Array(namespaces);
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned();
    let env: Vec<String> = std::iter::once(path).chain(config.env().iter().flatten().cloned()).collect();
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "terminal": false,
            "user": {"uid": user, "gid": user},
            "args": args,
            "env": env,
            "cwd": config.working_dir().clone().unwrap_or_else(|| "/".into()),
            "capabilities": {},
            "noNewPrivileges": true,
        },
        "root": {"path": rootfs, "readonly": true},
        "hostname": "container",
        "mounts": mounts,
        "linux": linux,
    })
}
