//! Bytes -> a compressed file, in pieces of 1 MiB that are compressed by themselves and at the same time. How many at once
//! changes nothing in what comes out. The one door to libdeflate and zstd.

use std::fs::File;
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use libdeflater::{CompressionLvl, Compressor};
use sha2::{Digest, Sha256};

/// Bytes of a piece before it is compressed.
const PIECE: usize = 1 << 20;

/// The libraries whose versions decide the bytes: part of the provenance.
pub const LIBRARIES: &[(&str, &str)] = &[("libdeflate-sys", "1.26.1"), ("zstd-sys", "2.1.3+zstd.1.5.7")];

/// How layers are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip members, level 1 to 12. Every registry and runtime reads them.
    Gzip(u8),
    /// zstd frames, level 1 to 19. Fargate starts them faster; some older tools do not read them.
    Zstd(u8),
}

impl Default for Compression {
    fn default() -> Self {
        Self::Gzip(5)
    }
}

impl FromStr for Compression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, level) = text.split_once(':').map_or((text, None), |(n, l)| (n, Some(l)));
        let level = |most: u8, usual: u8| match level.map(str::parse::<u8>) {
            None => Some(usual),
            Some(Ok(l)) if (1..=most).contains(&l) => Some(l),
            Some(_) => None,
        };
        let found = match name {
            "gzip" => level(12, 5).map(Self::Gzip),
            "zstd" => level(19, 6).map(Self::Zstd),
            _ => None,
        };
        found
            .ok_or_else(|| format!("`{text}`: expected `gzip`, `zstd`, `gzip:1` to `gzip:12` or `zstd:1` to `zstd:19`"))
    }
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sums {
    /// SHA-256 of what went in.
    pub(crate) plain: Vec<u8>,
    /// SHA-256 of what came out.
    pub(crate) packed: Vec<u8>,
    /// Bytes that came out.
    pub(crate) size: u64,
}

type Job = (Vec<u8>, SyncSender<io::Result<Vec<u8>>>);

/// Runs `fill` with a writer, and writes what it writes, compressed, to `out`. Memory is a few pieces for each thread.
pub(crate) fn compress(
    compression: Compression,
    threads: usize,
    out: &mut File,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Sums> {
    let threads = threads.clamp(1, 64);
    let (jobs, todo) = sync_channel::<Job>(threads);
    let todo = Mutex::new(todo);
    // The order of this queue is the order of the file, and its length bounds what is kept in memory.
    let (ordered, results) = sync_channel::<Receiver<io::Result<Vec<u8>>>>(2 * threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(compression, &todo));
        }
        let writer = scope.spawn(move || write_all(&results, out));
        let mut pieces = Pieces { piece: Vec::with_capacity(PIECE), hasher: Sha256::new(), jobs, ordered };
        let filled = fill(&mut pieces).and_then(|()| pieces.send());
        let plain = pieces.end();
        let written = writer.join().unwrap_or_else(|_| Err(io::Error::other("the writer ended early")));
        // What the writer says comes first: when it ends, filling fails too.
        let (packed, size) = written?;
        filled?;
        Ok(Sums { plain, packed, size })
    })
}

struct Pieces {
    piece: Vec<u8>,
    hasher: Sha256,
    jobs: SyncSender<Job>,
    ordered: SyncSender<Receiver<io::Result<Vec<u8>>>>,
}

impl Pieces {
    fn send(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.hasher.update(&piece);
        let (result, receiver) = sync_channel(1);
        let gone = |_| io::Error::other("the writer ended early");
        self.ordered.send(receiver).map_err(|e| gone(e.to_string()))?;
        self.jobs.send((piece, result)).map_err(|e| gone(e.to_string()))
    }

    fn end(self) -> Vec<u8> {
        self.hasher.finalize().to_vec()
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fits = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..fits]);
        if self.piece.len() == PIECE {
            self.send()?;
        }
        Ok(fits)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn work(compression: Compression, todo: &Mutex<Receiver<Job>>) {
    let mut gzip = match compression {
        Compression::Gzip(level) => Some(Compressor::new(CompressionLvl::new(level.into()).unwrap_or_default())),
        Compression::Zstd(_) => None,
    };
    loop {
        let job = todo.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((piece, result)) = job else { return };
        let packed = match (&mut gzip, compression) {
            (Some(gzip), _) => {
                let mut packed = vec![0; gzip.gzip_compress_bound(piece.len())];
                gzip.gzip_compress(&piece, &mut packed).map_err(|e| io::Error::other(e.to_string())).map(|size| {
                    packed.truncate(size);
                    packed
                })
            }
            (None, Compression::Zstd(level)) => zstd::bulk::compress(&piece, level.into()),
            (None, Compression::Gzip(_)) => Err(io::Error::other("no compressor")),
        };
        // Nobody waits any more when the writer has ended: then neither does this.
        if result.send(packed).is_err() {
            return;
        }
    }
}

fn write_all(results: &Receiver<Receiver<io::Result<Vec<u8>>>>, out: &mut File) -> io::Result<(Vec<u8>, u64)> {
    let (mut hasher, mut size) = (Sha256::new(), 0);
    for result in results {
        let packed = result.recv().map_err(|_| io::Error::other("a compressing thread ended early"))??;
        hasher.update(&packed);
        out.write_all(&packed)?;
        size += packed.len() as u64;
    }
    out.flush()?;
    Ok((hasher.finalize().to_vec(), size))
}

/// Reads what was compressed, by the media type that says how.
pub(crate) fn reader<'a>(media_type: &str, from: impl io::Read + 'a) -> io::Result<Box<dyn io::Read + 'a>> {
    match media_type.rsplit_once(['+', '.']).map_or("", |(_, end)| end) {
        "gzip" => Ok(Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::new(from)))),
        "zstd" => Ok(Box::new(zstd::Decoder::new(from)?)),
        "tar" => Ok(Box::new(from)),
        _ => Err(io::Error::other(format!("media type `{media_type}` is none of a layer"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text of its own in every piece.
    fn text(size: usize) -> Vec<u8> {
        let lines = (0..).flat_map(|i: u32| format!("line {i} of the catalogue\n").into_bytes());
        lines.take(size).collect()
    }

    fn packed(compression: Compression, threads: usize, bytes: &[u8]) -> (Vec<u8>, Sums) {
        let mut file = tempfile::tempfile().unwrap();
        let sums = compress(compression, threads, &mut file, |out| {
            // In portions that fit nothing.
            bytes.chunks(7919).try_for_each(|chunk| out.write_all(chunk))
        });
        let mut all = Vec::new();
        io::Seek::rewind(&mut file).unwrap();
        io::Read::read_to_end(&mut file, &mut all).unwrap();
        (all, sums.unwrap())
    }

    #[test]
    fn threads_change_nothing_and_others_read_it() {
        for size in [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 12345] {
            let bytes = text(size);
            for (compression, program) in [(Compression::Gzip(6), "gzip"), (Compression::Zstd(3), "")] {
                let (one, sums) = packed(compression, 1, &bytes);
                assert_eq!(sums.plain, Sha256::digest(&bytes).to_vec());
                assert_eq!((sums.packed, sums.size), (Sha256::digest(&one).to_vec(), one.len() as u64));
                assert_eq!(packed(compression, 7, &bytes).0, one);
                let mut back = Vec::new();
                let kind = if program.is_empty() { "x+zstd" } else { "x+gzip" };
                io::Read::read_to_end(&mut reader(kind, &one[..]).unwrap(), &mut back).unwrap();
                assert!(back == bytes);
                if !program.is_empty() {
                    let file = tempfile::NamedTempFile::new().unwrap();
                    std::fs::write(file.path(), &one).unwrap();
                    let output =
                        std::process::Command::new(program).arg("-dc").stdin(File::open(file.path()).unwrap()).output();
                    assert!(output.unwrap().stdout == bytes);
                }
            }
        }
    }

    #[test]
    fn a_failure_is_told_and_nothing_hangs() {
        let mut full = File::options().write(true).open("/dev/full").unwrap();
        let failed = compress(Compression::Gzip(1), 3, &mut full, |out| {
            (0..50).try_for_each(|i| out.write_all(&vec![i; PIECE]))
        });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
        let mut file = tempfile::tempfile().unwrap();
        let failed = compress(Compression::Gzip(1), 2, &mut file, |_| Err(io::Error::other("no more")));
        assert_eq!(failed.unwrap_err().to_string(), "no more");
    }

    #[test]
    fn names() {
        assert_eq!("gzip".parse(), Ok(Compression::Gzip(5)));
        assert_eq!("zstd:19".parse(), Ok(Compression::Zstd(19)));
        for bad in ["", "gzip:0", "gzip:13", "lz4", "zstd:x", "gzip:"] {
            assert!(bad.parse::<Compression>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_versions_are_those_of_the_lock_file() {
        let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
        let lock = std::fs::read_to_string(lock).unwrap();
        for (name, version) in LIBRARIES {
            assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")), "{name} is not {version}");
        }
    }
}
