//! Layers and settings -> an OCI image: blobs by digest, configuration, manifest. OCI image specification 1.1.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use oci_spec::image::{
    Arch, ConfigBuilder, Descriptor, DescriptorBuilder, HistoryBuilder, ImageConfigurationBuilder, ImageIndexBuilder,
    ImageManifestBuilder, MediaType, Os, RootFsBuilder, Sha256Digest,
};
use serde::Serialize;

use crate::layer::{digest, layer};
use crate::plan::Plan;
use crate::{Error, Result};

/// The annotation of an image that went out although evidence was lacking: why.
pub const FORCED: &str = "legacy-port.forced";

/// A finished image. Nothing in it depends on the machine, the user or the clock it was made with.
#[derive(Clone, Debug)]
pub struct Image {
    /// Name of the repository.
    pub name: String,
    /// Digest of the manifest: the image's name wherever it goes.
    pub digest: String,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// Configuration and layers, in the order of the manifest: digest and bytes.
    pub blobs: Vec<(String, Vec<u8>)>,
}

impl Image {
    /// Makes the image that a plan describes; `time` (seconds since 1970) is that of every file and of the image.
    ///
    /// # Errors
    /// When a file cannot be read any more.
    pub fn build(plan: &Plan, time: u64) -> Result<Self> {
        let created = rfc3339(time);
        let mut blobs = Vec::new();
        let (mut diff_ids, mut history) = (Vec::new(), Vec::new());
        for (name, entries) in &plan.layers {
            let layer = layer(entries, time)?;
            diff_ids.push(layer.diff_id);
            let item = HistoryBuilder::default().created(created.clone()).created_by(format!("layer: {name}")).build();
            history.push(item.map_err(format("history"))?);
            blobs.push((digest(&layer.blob), layer.blob));
        }
        let s = &plan.settings;
        let config = ConfigBuilder::default()
            .entrypoint(s.entrypoint.clone())
            .user(format!("{0}:{0}", s.user))
            .exposed_ports(s.ports.iter().map(|p| format!("{p}/tcp")).collect::<Vec<_>>())
            .volumes(s.volumes.clone())
            .env(s.env.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>())
            .labels(s.labels.clone().into_iter().collect::<HashMap<_, _>>())
            .working_dir("/".to_owned())
            .build()
            .map_err(format("configuration"))?;
        let rootfs = RootFsBuilder::default().typ("layers".to_owned()).diff_ids(diff_ids).build();
        let configuration = ImageConfigurationBuilder::default()
            .created(created)
            .architecture(if plan.machine == crate::elf::AARCH64 { Arch::ARM64 } else { Arch::Amd64 })
            .os(Os::Linux)
            .config(config)
            .rootfs(rootfs.map_err(format("configuration"))?)
            .history(history)
            .build()
            .map_err(format("configuration"))?;
        let configuration = sorted_json(&configuration)?;
        let descriptor = describe(&configuration, MediaType::ImageConfig)?;
        let layers: Result<Vec<Descriptor>> =
            blobs.iter().map(|(_, b)| describe(b, MediaType::ImageLayerGzip)).collect();
        let manifest = ImageManifestBuilder::default()
            .schema_version(2_u32)
            .media_type(MediaType::ImageManifest)
            .config(descriptor)
            .layers(layers?)
            .build()
            .map_err(format("manifest"))?;
        let mut manifest = manifest;
        if let Some(reason) = &plan.forced {
            manifest.set_annotations(Some(HashMap::from([(FORCED.to_owned(), reason.clone())])));
        }
        let manifest = sorted_json(&manifest)?;
        blobs.insert(0, (digest(&configuration), configuration));
        Ok(Self { name: s.name.clone(), digest: digest(&manifest), manifest, blobs })
    }

    /// Bytes of the layers as they are stored and sent.
    #[must_use]
    pub fn size(&self) -> usize {
        self.blobs.iter().map(|(_, b)| b.len()).sum()
    }

    /// Writes the image as an OCI layout. Blobs come first and the index last, by a rename, so that a layout is whole at
    /// every moment.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write_layout(&self, dir: &Path) -> Result<()> {
        let blobs = dir.join("blobs/sha256");
        fs::create_dir_all(&blobs).map_err(Error::io("cannot create", &blobs))?;
        let manifest = (self.digest.clone(), self.manifest.clone());
        for (name, bytes) in self.blobs.iter().chain([&manifest]) {
            write(&blobs.join(name.trim_start_matches("sha256:")), bytes)?;
        }
        write(&dir.join("oci-layout"), br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        let index = ImageIndexBuilder::default()
            .schema_version(2_u32)
            .media_type(MediaType::ImageIndex)
            .manifests(vec![describe(&self.manifest, MediaType::ImageManifest)?])
            .build()
            .map_err(format("index"))?;
        write(&dir.join("index.json"), &sorted_json(&index)?)
    }
}

fn format<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> Error {
    move |e| Error::Format { what, message: e.to_string() }
}

fn describe(bytes: &[u8], kind: MediaType) -> Result<Descriptor> {
    let hex = digest(bytes);
    let sha: Sha256Digest = hex.trim_start_matches("sha256:").parse().map_err(format("digest"))?;
    DescriptorBuilder::default()
        .media_type(kind)
        .digest(sha)
        .size(bytes.len() as u64)
        .build()
        .map_err(format("descriptor"))
}

/// JSON with sorted keys: the types keep labels in hash maps, whose order changes from run to run.
fn sorted_json(value: &impl Serialize) -> Result<Vec<u8>> {
    let value = serde_json::to_value(value).map_err(format("JSON"))?;
    serde_json::to_vec(&value).map_err(format("JSON"))
}

/// Temporary file, then rename.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(Error::io("cannot write in", dir))?;
    std::io::Write::write_all(&mut file, bytes).map_err(Error::io("cannot write", path))?;
    file.persist(path).map_err(|e| Error::io("cannot write", path)(e.error))?;
    Ok(())
}

/// Seconds since 1970 as RFC 3339 in UTC; the days by the civil calendar's 400-year eras.
fn rfc3339(time: u64) -> String {
    let (days, secs) = (time / 86400, time % 86400);
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", secs / 3600, secs % 3600 / 60, secs % 60)
}

/// The time to give an image: `SOURCE_DATE_EPOCH`, else 1970 (reproducible-builds.org).
#[must_use]
pub fn source_date_epoch() -> u64 {
    std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|s| s.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(rfc3339(2_147_483_647), "2038-01-19T03:14:07Z");
    }
}
