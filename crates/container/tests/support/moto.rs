//! moto, an independent emulator of Amazon ECR's control plane, and clients that lead to it or elsewhere.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::{BehaviorVersion, Credentials, Region};

pub(crate) struct Moto {
    child: Child,
    pub(crate) client: Client,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn moto() -> Moto {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ci-tools/moto/bin/moto_server");
    let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let child = Command::new(&tool)
        .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("moto_server; ci/setup installs it");
    let begin = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begin.elapsed() < Duration::from_mins(1), "moto does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    let url = format!("http://{address}");
    Moto { child, client: client(&url) }
}

/// A client of a control plane at some address.
pub(crate) fn client(url: &str) -> Client {
    let config = aws_sdk_ecr::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(Credentials::new("AKIATEST", "hidden-key", None, None, "test"))
        .region(Region::new("eu-west-1"))
        .endpoint_url(url)
        .build();
    Client::from_conf(config)
}
