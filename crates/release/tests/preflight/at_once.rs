//! That everything is asked at once which needs no other answer: a peer that answers nothing before so many have asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::Credentials;
use release::aws::{BlueGreen, Client};
use release::preflight::look;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;

use super::{running, wrong};
use crate::stage::Stage;

/// Identity, three of the image, cluster and service, group and its deployments, three of the pipeline, three of the bucket,
/// two roles and what one of them may do.
const AT_ONCE: usize = 17;

/// A message of HTTP with its body; none at the end.
async fn message(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    let mut some = [0; 4096];
    loop {
        let head = all.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&all[..head]).to_lowercase();
            let length = text.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            if all.len() >= head + length.unwrap_or(0) {
                return Some(all);
            }
        }
        match from.read(&mut some).await {
            Ok(n) if n > 0 => all.extend_from_slice(&some[..n]),
            _ => return None,
        }
    }
}

/// Passes everything on to `to`, the first ones together.
async fn patient(to: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (barrier, asked) = (Arc::new(Barrier::new(AT_ONCE)), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let Ok((mut client, _)) = listener.accept().await else { return };
            let (to, barrier, count) = (to.clone(), Arc::clone(&barrier), Arc::clone(&count));
            tokio::spawn(async move {
                let mut server = TcpStream::connect(&to).await.unwrap();
                while let Some(request) = message(&mut client).await {
                    if count.fetch_add(1, Ordering::SeqCst) < AT_ONCE {
                        barrier.wait().await;
                    }
                    server.write_all(&request).await.unwrap();
                    let Some(answer) = message(&mut server).await else { return };
                    client.write_all(&answer).await.unwrap();
                }
            });
        }
    });
    (url, asked)
}

#[tokio::test]
async fn what_needs_no_other_answer_is_asked_at_once() {
    let stage = Stage::new(true).await;
    let (url, asked) = patient(stage.world.url().trim_start_matches("http://").to_owned()).await;
    let keys = Credentials::new("key", "secret", None, None, "test");
    let pace: Arc<dyn release::flow::pace::Pace> = Arc::clone(&stage.pace) as _;
    let client = Client::with("ap-northeast-1", &url, keys, pace, Arc::clone(&stage.tell)).unwrap();
    let engine = BlueGreen::new(client, &stage.environment).await.unwrap();
    // One that asks one thing after the other waits here for ever.
    let picture = tokio::time::timeout(Duration::from_secs(25), engine.picture(Some(&running(&stage)))).await;
    let picture = picture.expect("not so many questions came together");
    assert_eq!(wrong(&look(&picture)), std::collections::BTreeSet::new());
    assert!(asked.load(Ordering::SeqCst) > AT_ONCE);
}
