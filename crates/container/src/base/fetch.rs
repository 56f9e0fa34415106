//! A base image from its registry: manifest, configuration, and its layers where nobody has looked at them yet.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oci_spec::image::{Descriptor, ImageConfiguration, ImageIndex, ImageManifest};

use super::Base;
use super::look::{Look, look};
use super::over::platform;
use super::reference::Reference;
use super::tree::Tree;
use crate::config::Config;
use crate::image::{Blob, hex_of, put, write};
use crate::layer::digest;
use crate::plan::Machine;
use crate::transfer::{Login, Remote, blob_to, manifest};
use crate::{Error, Result};

/// Bytes of a configuration.
const LARGEST_CONFIGURATION: u64 = 4 << 20;
/// Layers that a base may have: an overlay has at most 128, and ours come on top.
const MOST_LAYERS: usize = 120;

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// Media types of layers, and what OCI calls the same bytes.
const LAYERS: &[(&str, &str)] = &[
    ("application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar"),
    ("application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.layer.v1.tar+gzip"),
    ("application/vnd.oci.image.layer.v1.tar+zstd", "application/vnd.oci.image.layer.v1.tar+zstd"),
    ("application/vnd.docker.image.rootfs.diff.tar", "application/vnd.oci.image.layer.v1.tar"),
    ("application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.oci.image.layer.v1.tar+gzip"),
];

/// Words of somebody else, as they can be shown.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Where an image is fetched from and kept.
struct Fetch<'a> {
    reference: &'a Reference,
    remote: &'a Remote,
    blobs: PathBuf,
}

impl Base {
    /// The base that image.toml names, for the platform of its programs. Amazon ECR is asked as the account that runs this
    /// unless `login` says who we are.
    ///
    /// # Errors
    /// As for [`Base::fetch`], and when a program cannot be read.
    pub async fn of(config: &Config, machine: &Machine<'_>, login: Login, store: &Path) -> Result<Option<Arc<Self>>> {
        let Some(reference) = config.image.base() else { return Ok(None) };
        let platform = platform(config, machine)?;
        let remote = Remote::of_host(reference.server(), login, Arc::new(|_| {}))?;
        Ok(Some(Arc::new(Self::fetch(&reference, &platform, &remote, store).await?)))
    }

    /// Fetches a base image for a platform such as `linux/amd64`. What was fetched and seen is kept in the folder `store`: a
    /// base that is named by its digest needs no network after the first time.
    ///
    /// # Errors
    /// When it cannot be had, is not what it should be, or is of a kind that cannot be a base.
    pub async fn fetch(reference: &Reference, platform: &str, remote: &Remote, store: &Path) -> Result<Self> {
        let fetch = Fetch { reference, remote, blobs: store.join("blobs/sha256") };
        let looks = store.join("looks");
        for folder in [&fetch.blobs, &looks] {
            fs::create_dir_all(folder).map_err(Error::io("cannot create", folder))?;
        }
        let mut bytes = fetch.manifest(reference.wanted()).await?;
        let wanted = digest(&bytes);
        if let Some(of_platform) = fetch.chosen(&bytes, platform)? {
            bytes = fetch.manifest(&of_platform).await?;
        }
        let (configuration, layers) = fetch.parts(&bytes)?;
        let configuration = fetch.configuration(&configuration, platform, layers.len()).await?;
        let mut tree = Tree::default();
        for (layer, diff_id) in layers.iter().zip(configuration.rootfs().diff_ids()) {
            let seen = fetch.look(layer, &looks).await?;
            if seen.diff_id != *diff_id {
                let (found, diff_id) = (seen.diff_id, shown(diff_id));
                return Err(fetch.fail(format!(
                    "its layer `{}` unpacks to `{found}`, its configuration says `{diff_id}`",
                    layer.digest
                )));
            }
            tree.add(seen).map_err(|why| fetch.fail(format!("its layer `{}` {}", layer.digest, shown(&why))))?;
        }
        Ok(Self {
            reference: reference.clone(),
            wanted,
            digest: digest(&bytes),
            layers,
            configuration,
            tree,
            remote: remote.clone(),
            blobs: fetch.blobs,
        })
    }
}

impl Fetch<'_> {
    fn fail(&self, message: impl Into<String>) -> Error {
        Error::Base { reference: self.reference.to_string(), message: message.into() }
    }

    /// A manifest or index; by its digest it may be here already.
    async fn manifest(&self, wanted: &str) -> Result<Vec<u8>> {
        if let Some(bytes) = self.kept(wanted) {
            return Ok(bytes);
        }
        let accept = [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST].join(", ");
        let bytes = manifest(self.remote, &self.reference.repository, wanted, &accept).await?;
        let found = digest(&bytes);
        if hex_of(wanted).is_some() && found != wanted {
            return Err(self.fail(format!("`{}` sent `{found}` for `{wanted}`", self.reference.host)));
        }
        put(&self.blobs, &bytes)?;
        Ok(bytes)
    }

    /// A small blob that is here and whole.
    fn kept(&self, wanted: &str) -> Option<Vec<u8>> {
        let path = self.blobs.join(hex_of(wanted)?);
        fs::metadata(&path).ok().filter(|m| m.len() <= LARGEST_CONFIGURATION)?;
        fs::read(path).ok().filter(|bytes| digest(bytes) == wanted)
    }

    /// Of an index the manifest of the platform; `None` where it is a manifest.
    fn chosen(&self, bytes: &[u8], platform: &str) -> Result<Option<String>> {
        let value: serde_json::Value = serde_json::from_slice(bytes)
            .map_err(|e| self.fail(format!("its manifest is no JSON: {}", shown(&e.to_string()))))?;
        if value.get("manifests").is_none() {
            return Ok(None);
        }
        let index = ImageIndex::from_reader(bytes)
            .map_err(|e| self.fail(format!("its index is none: {}", shown(&e.to_string()))))?;
        let of = |d: &Descriptor| d.platform().as_ref().map(|p| format!("{}/{}", p.os(), p.architecture()));
        let found = index.manifests().iter().find(|d| of(d).as_deref() == Some(platform));
        let Some(found) = found else {
            let there: Vec<String> = index.manifests().iter().take(20).filter_map(of).map(|p| shown(&p)).collect();
            return Err(self.fail(format!("has nothing for `{platform}`, but for `{}`", there.join("`, `"))));
        };
        Ok(Some(found.digest().to_string()))
    }

    /// The configuration and layers that a manifest names, each of a kind that we know.
    fn parts(&self, bytes: &[u8]) -> Result<(Blob, Vec<Blob>)> {
        let manifest = ImageManifest::from_reader(bytes)
            .map_err(|e| self.fail(format!("its manifest is none: {}", shown(&e.to_string()))))?;
        let blob = |d: &Descriptor| {
            let digest = d.digest().to_string();
            if hex_of(&digest).is_none() {
                return Err(self.fail(format!("`{}` is no digest of SHA-256", shown(&digest))));
            }
            Ok(Blob { digest, size: d.size(), media_type: d.media_type().to_string() })
        };
        if manifest.layers().len() > MOST_LAYERS {
            let count = manifest.layers().len();
            return Err(self.fail(format!("has {count} layers; at most {MOST_LAYERS} leave room for ours")));
        }
        let mut layers = Vec::new();
        for descriptor in manifest.layers() {
            let mut layer = blob(descriptor)?;
            let foreign = layer.media_type.contains("nondistributable") || layer.media_type.contains("foreign");
            if foreign || descriptor.urls().as_ref().is_some_and(|u| !u.is_empty()) {
                let message = format!("its layer `{}` is kept elsewhere (a \"foreign layer\")", layer.digest);
                return Err(self.fail(format!("{message}, and only the licence of who made it says who may copy it")));
            }
            let known = LAYERS.iter().find(|(theirs, _)| *theirs == layer.media_type);
            let Some((_, ours)) = known else {
                let kind = shown(&layer.media_type);
                return Err(self.fail(format!("its layer `{}` is `{kind}`, which is not known here", layer.digest)));
            };
            (*ours).clone_into(&mut layer.media_type);
            layers.push(layer);
        }
        Ok((blob(manifest.config())?, layers))
    }

    async fn configuration(&self, blob: &Blob, platform: &str, layers: usize) -> Result<ImageConfiguration> {
        if blob.size > LARGEST_CONFIGURATION {
            return Err(self.fail(format!("its configuration is said to have {} bytes", blob.size)));
        }
        if self.kept(&blob.digest).is_none() {
            blob_to(self.remote, &self.reference.repository, blob, &self.blobs).await?;
        }
        let bytes = self.kept(&blob.digest).ok_or_else(|| self.fail("its configuration did not stay"))?;
        let found = ImageConfiguration::from_reader(&bytes[..])
            .map_err(|e| self.fail(format!("its configuration is none: {}", shown(&e.to_string()))))?;
        let of = shown(&format!("{}/{}", found.os(), found.architecture()));
        if of != platform {
            return Err(self.fail(format!("is for `{of}`, and the programs are for `{platform}`")));
        }
        let ids = found.rootfs().diff_ids().len();
        if ids != layers {
            return Err(self.fail(format!("has {layers} layers, and its configuration {ids}")));
        }
        Ok(found)
    }

    /// What a layer has: as it was seen before, or by fetching it and looking.
    async fn look(&self, layer: &Blob, looks: &Path) -> Result<Look> {
        let name = hex_of(&layer.digest).ok_or_else(|| self.fail("a layer has no digest"))?;
        let kept = looks.join(format!("{name}.json"));
        if let Some(seen) = Look::kept(&kept) {
            return Ok(seen);
        }
        let file = self.blobs.join(name);
        if !fs::metadata(&file).is_ok_and(|m| m.len() == layer.size) {
            blob_to(self.remote, &self.reference.repository, layer, &self.blobs).await?;
        }
        let kind = layer.media_type.clone();
        let looked = tokio::task::spawn_blocking(move || look(&kind, File::open(file)?)).await;
        let seen = looked.map_err(|e| self.fail(e.to_string()))?;
        let seen = seen.map_err(|e| self.fail(format!("its layer `{}` {}", layer.digest, shown(&e.to_string()))))?;
        let text = serde_json::to_vec(&seen).map_err(crate::image::format("look"))?;
        write(&kept, &text)?;
        Ok(seen)
    }
}
