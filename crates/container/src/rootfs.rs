//! Layers -> a folder that a runtime can start.

use std::fs::{self, File};
use std::path::Path;

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
    for blob in blobs {
        let path = image.path(blob);
        let file = File::open(&path).map_err(Error::io("cannot read", &path))?;
        let mut archive = tar::Archive::new(reader(&blob.media_type, file).map_err(Error::io("cannot unpack", &path))?);
        archive.set_preserve_permissions(true);
        archive.set_preserve_ownerships(keep_owners);
        archive.unpack(dir).map_err(Error::io("cannot unpack", &path))?;
    }
    Ok(config)
}
