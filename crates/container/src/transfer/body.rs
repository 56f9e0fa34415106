//! A part of a file as the body of a request. It is read as it is sent: memory is one portion.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::{Event, Tell};

/// Bytes that are read at once.
const PORTION: usize = 256 << 10;

pub(super) struct FilePart {
    file: File,
    left: u64,
    at: u64,
    digest: String,
    tell: Tell,
}

impl FilePart {
    /// The bytes of a file from `from` to `to`, which is not part of it.
    pub(super) fn open(path: &Path, from: u64, to: u64, digest: &str, tell: &Tell) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(Self { file, left: to - from, at: from, digest: digest.to_owned(), tell: tell.clone() })
    }
}

impl Body for FilePart {
    type Data = Bytes;
    type Error = io::Error;

    // A portion comes out of the page cache in less time than it takes to hand the read to another thread.
    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let size = usize::try_from(self.left).unwrap_or(PORTION).min(PORTION);
        let mut portion = vec![0; size];
        if let Err(e) = self.file.read_exact(&mut portion) {
            return Poll::Ready(Some(Err(e)));
        }
        self.left -= size as u64;
        self.at += size as u64;
        (self.tell)(&Event::Sent { digest: self.digest.clone(), bytes: self.at });
        Poll::Ready(Some(Ok(Frame::data(portion.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
