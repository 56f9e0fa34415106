//! The one door to zip archives: artifacts are some.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The largest file that is read out of an artifact, in bytes: the action takes 3 MB in all.
const LARGEST: u64 = 8 << 20;

/// A file of an archive as text; nothing when there is no such file, or it is none.
pub(super) fn read(archive: &[u8], name: &str) -> Option<String> {
    let mut zip = ZipArchive::new(Cursor::new(archive)).ok()?;
    let file = zip.by_name(name).ok()?;
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

/// An archive of these files.
pub(super) fn of(files: &[(&str, &str)]) -> Option<Vec<u8>> {
    let options = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Deflated);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, options).ok()?;
        zip.write_all(text.as_bytes()).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out() {
        let archive = of(&[("imageDetail.json", "{}")]).unwrap_or_default();
        assert_eq!(read(&archive, "imageDetail.json").as_deref(), Some("{}"));
        assert_eq!(read(&archive, "other"), None);
        assert_eq!(read(b"PK\x03\x04 no archive", "imageDetail.json"), None);
    }
}
