//! Layers -> a folder that a runtime can start.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use oci_spec::image::ImageConfiguration;

use crate::compress::reader;
use crate::image::Image;
use crate::{Error, Result};

/// Unpacks all layers into `dir` and returns the configuration. Owners are kept where we are root; a layer's path never
/// leads out of `dir` (the `tar` crate refuses such entries).
///
/// # Errors
/// When a layer is damaged or cannot be unpacked.
pub fn unpack(image: &Image, dir: &Path, keep_owners: bool) -> Result<ImageConfiguration> {
    let mut blobs = image.blobs.iter();
    let config = blobs.next().map(|b| image.path(b));
    let config = config.ok_or_else(|| Error::Format { what: "image", message: "it has no configuration".into() })?;
    let config = fs::read(&config).map_err(Error::io("cannot read", &config))?;
    let config = ImageConfiguration::from_reader(&config[..])
        .map_err(|e| Error::Format { what: "configuration", message: e.to_string() })?;
    fs::create_dir_all(dir).map_err(Error::io("cannot create", dir))?;
    let over = image.has_base();
    for blob in blobs {
        let path = image.path(blob);
        let cannot = || Error::io("cannot unpack", &path);
        let open = || -> std::io::Result<_> { Ok(tar::Archive::new(reader(&blob.media_type, File::open(&path)?)?)) };
        let marks = if over { whiteouts(open().map_err(cannot())?).map_err(cannot())? } else { Vec::new() };
        for mark in &marks {
            take_away(dir, mark).map_err(cannot())?;
        }
        let mut archive = open().map_err(cannot())?;
        archive.set_preserve_permissions(true);
        archive.set_preserve_ownerships(keep_owners);
        archive.unpack(dir).map_err(cannot())?;
        for mark in marks.iter().filter_map(|m| inside(dir, m)) {
            fs::remove_file(mark).map_err(cannot())?;
        }
    }
    Ok(config)
}

/// The paths in a layer that say of others below that they are gone (OCI image specification, "whiteouts").
fn whiteouts(mut archive: tar::Archive<impl Read>) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in archive.entries()? {
        let path = entry?.path()?.into_owned();
        if name(&path).is_some_and(|n| n.starts_with(".wh.")) {
            found.push(path);
        }
    }
    Ok(found)
}

fn name(path: &Path) -> Option<&str> {
    path.file_name().and_then(|n| n.to_str())
}

/// A path below a folder, which no link leads out of it; `None` where it is not there.
fn inside(dir: &Path, path: &Path) -> Option<PathBuf> {
    let parts: PathBuf = path.components().filter(|c| matches!(c, Component::Normal(_))).collect();
    let path = dir.join(parts);
    let folder = path.parent()?.canonicalize().ok()?;
    let within = folder.starts_with(dir.canonicalize().ok()?);
    let path = folder.join(path.file_name()?);
    (within && path.symlink_metadata().is_ok()).then_some(path)
}

/// Removes what a mark says is gone.
fn take_away(dir: &Path, mark: &Path) -> io::Result<()> {
    let gone = name(mark).and_then(|n| n.strip_prefix(".wh.")).unwrap_or_default();
    let paths = match gone {
        ".wh..opq" => {
            let folder = mark.parent().unwrap_or(Path::new(""));
            let Some(folder) = inside(dir, folder).filter(|f| f.is_dir() && !f.is_symlink()) else { return Ok(()) };
            fs::read_dir(folder)?.map(|item| Ok(item?.path())).collect::<io::Result<Vec<_>>>()?
        }
        "" | "." | ".." => Vec::new(),
        _ if gone.starts_with(".wh.") => Vec::new(),
        _ => inside(dir, &mark.with_file_name(gone)).into_iter().collect(),
    };
    for path in paths {
        if path.symlink_metadata()?.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
    }
    Ok(())
}
