//! moto, started for a test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// One of its programs.
pub(crate) fn tool(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ci-tools/moto/bin").join(name);
    assert!(path.exists(), "`{}` is missing: run `sudo ci/setup`", path.display());
    path
}

/// It ends when this is dropped.
pub(crate) struct Moto(Child);

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it on a free port, and waits until it answers.
pub(crate) async fn moto() -> (Moto, String) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new(tool("moto_server"));
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    let moto = Moto(command.spawn().unwrap());
    let url = format!("http://127.0.0.1:{port}");
    for _ in 0..300 {
        if container::http::get(&url, Duration::from_secs(5)).await.is_ok() {
            return (moto, url);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("moto does not answer at {url}");
}
