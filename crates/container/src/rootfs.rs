//! Layers -> a folder that a runtime can start.

use std::path::Path;

use flate2::read::GzDecoder;
use oci_spec::image::ImageConfiguration;

use crate::image::Image;
use crate::{Error, Result};

/// Unpacks all layers into `dir` and returns the configuration. Owners are kept where we are root; a layer's path never
/// leads out of `dir` (the `tar` crate refuses such entries).
///
/// # Errors
/// When a layer is damaged or cannot be unpacked.
pub fn unpack(image: &Image, dir: &Path, keep_owners: bool) -> Result<ImageConfiguration> {
    let mut blobs = image.blobs.iter();
    let (_, config) =
        blobs.next().ok_or_else(|| Error::Format { what: "image", message: "it has no configuration".into() })?;
    let config = ImageConfiguration::from_reader(&config[..])
        .map_err(|e| Error::Format { what: "configuration", message: e.to_string() })?;
    for (name, blob) in blobs {
        let mut archive = tar::Archive::new(GzDecoder::new(&blob[..]));
        archive.set_preserve_permissions(true);
        archive.set_preserve_ownerships(keep_owners);
        archive.unpack(dir).map_err(Error::io("cannot unpack", name))?;
    }
    Ok(config)
}
