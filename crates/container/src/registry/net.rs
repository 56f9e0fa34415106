//! Connections that can be cut: after so many bytes from clients, or by whoever answers a request.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What all connections of a registry share.
#[derive(Debug)]
pub(super) struct Wire {
    /// Bytes until the next cut; negative means never.
    pub(super) budget: AtomicI64,
    /// Bytes that clients have sent.
    pub(super) received: AtomicU64,
}

impl Default for Wire {
    fn default() -> Self {
        Self { budget: AtomicI64::new(-1), received: AtomicU64::new(0) }
    }
}

pub(super) struct Listening {
    pub(super) tcp: TcpListener,
    pub(super) wire: Arc<Wire>,
}

/// Set by whoever wants this connection to end without an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut(pub(super) Arc<AtomicBool>);

pub(super) struct Connection {
    stream: TcpStream,
    wire: Arc<Wire>,
    cut: Cut,
}

impl Listener for Listening {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            match self.tcp.accept().await {
                Ok((stream, address)) => {
                    // Whether it waits to send more at once is a matter of speed alone.
                    let _ = stream.set_nodelay(true);
                    return (Connection { stream, wire: Arc::clone(&self.wire), cut: Cut::default() }, address);
                }
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

impl Connected<IncomingStream<'_, Listening>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Listening>) -> Self {
        stream.io().cut.clone()
    }
}

fn reset() -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.cut.0.load(Ordering::SeqCst) {
            return Poll::Ready(Err(reset()));
        }
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let read = buf.filled().len() - before;
        self.wire.received.fetch_add(read as u64, Ordering::SeqCst);
        let left = self.wire.budget.load(Ordering::SeqCst);
        if left >= 0 && read > 0 {
            let rest = left - i64::try_from(read).unwrap_or(i64::MAX);
            self.wire.budget.store(rest, Ordering::SeqCst);
            if rest < 0 {
                // What was read before the cut counts, as on a real wire.
                buf.set_filled(before + usize::try_from(left).unwrap_or(0));
                self.cut.0.store(true, Ordering::SeqCst);
            }
        }
        polled
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.cut.0.load(Ordering::SeqCst) {
            return Poll::Ready(Err(reset()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
