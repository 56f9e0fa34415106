//! Layers and settings -> an OCI image on disk: blobs by digest, configuration, manifest, as an OCI layout. OCI image
//! specification 1.1.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use oci_spec::image::{
    Descriptor, DescriptorBuilder, HistoryBuilder, ImageIndexBuilder, ImageManifest, ImageManifestBuilder, MediaType,
    Sha256Digest,
};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::base::{BASE_DIGEST, BASE_NAME};
use crate::cache::Cache;
use crate::compress::Compression;
use crate::configuration::configuration;
use crate::layer::{Layer, digest, layer};
use crate::plan::{Content, LAYERS, Plan};
use crate::time::rfc3339;
use crate::{Error, Result};

/// The annotation of an image that went out although evidence was lacking: why.
pub const FORCED: &str = "legacy-port.forced";

/// The annotation of an entry of an index that names it.
const TAG: &str = "org.opencontainers.image.ref.name";

/// How an image is made. Only what is said to be so changes its bytes.
#[derive(Clone, Debug)]
pub struct Options {
    /// Time of every file and of the image, in seconds since 1970. Changes the bytes.
    pub time: u64,
    /// Changes the bytes.
    pub compression: Compression,
    /// How many threads compress.
    pub threads: usize,
    /// Tag in the layout.
    pub tag: String,
    /// Folder in which layers are remembered by what went into them; none are without it.
    pub cache: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time: 0,
            compression: Compression::default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            tag: "latest".into(),
            cache: None,
        }
    }
}

/// A blob of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Its digest.
    pub digest: String,
    /// Its bytes.
    pub size: u64,
    /// What it is.
    pub media_type: String,
}

/// A finished image, in an OCI layout on disk. Nothing in it depends on the machine, the user or the clock it was made with.
#[derive(Clone, Debug)]
pub struct Image {
    /// Name of the repository.
    pub name: String,
    /// Digest of the manifest: the image's name wherever it goes.
    pub digest: String,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// Configuration and layers, in the order of the manifest.
    pub blobs: Vec<Blob>,
    /// The layout's folder.
    pub layout: PathBuf,
    /// How many layers were remembered instead of made.
    pub remembered: usize,
}

impl Image {
    /// Makes the image that a plan describes as an OCI layout in a folder. Blobs come first and the index last, by a rename,
    /// so that a layout is whole at every moment.
    ///
    /// # Errors
    /// When a file cannot be read any more, or the folder not be written.
    pub fn build(plan: &Plan, options: &Options, layout: &Path) -> Result<Self> {
        let blobs = layout.join("blobs/sha256");
        fs::create_dir_all(&blobs).map_err(Error::io("cannot create", &blobs))?;
        let created = rfc3339(options.time);
        let mut layers: Vec<Layer> = Vec::new();
        let (mut history, mut remembered) = (Vec::new(), 0);
        let cache = options.cache.as_deref().map(Cache::open).transpose()?;
        let stored = plan.stored()?;
        for (name, entries) in stored.iter().filter(|(_, e)| e.values().any(|e| e.content != Content::Folder)) {
            let key = cache.as_ref().and_then(|c| c.key(entries, options.time, options.compression));
            let known = cache.as_ref().zip(key.as_ref()).and_then(|(c, k)| c.get(k, &blobs));
            remembered += usize::from(known.is_some());
            let made = match known {
                Some(layer) => layer,
                None => layer(entries, options.time, options.compression, options.threads, &blobs)?,
            };
            if let (Some(cache), Some(key)) = (&cache, &key) {
                cache.put(key, &made)?;
            }
            layers.push(made);
            let item = HistoryBuilder::default().created(created.clone()).created_by(format!("layer: {name}")).build();
            history.push(item.map_err(format("history"))?);
        }
        let configuration = configuration(plan, created, &layers, history)?;
        let configuration = sorted_json(&configuration)?;
        put(&blobs, &configuration)?;
        let kind = match options.compression {
            Compression::Gzip(_) => MediaType::ImageLayerGzip,
            Compression::Zstd(_) => MediaType::ImageLayerZstd,
        };
        let below = plan.base.iter().flat_map(|b| &b.layers);
        let below = below.map(|l| descriptor(&l.digest, l.size, MediaType::from(l.media_type.as_str())));
        let descriptors = below.chain(layers.iter().map(|l| descriptor(&l.digest, l.size, kind.clone())));
        let mut manifest = ImageManifestBuilder::default()
            .schema_version(2_u32)
            .media_type(MediaType::ImageManifest)
            .config(describe(&configuration, MediaType::ImageConfig)?)
            .layers(descriptors.collect::<Result<Vec<_>>>()?)
            .build()
            .map_err(format("manifest"))?;
        let mut annotations = HashMap::new();
        annotations.extend(plan.forced.iter().map(|reason| (FORCED.to_owned(), reason.clone())));
        if let Some(base) = &plan.base {
            base.link(&blobs)?;
            annotations.insert(BASE_NAME.to_owned(), base.reference.name());
            annotations.insert(BASE_DIGEST.to_owned(), base.digest.clone());
        }
        manifest.set_annotations(Some(annotations).filter(|a| !a.is_empty()));
        let manifest = sorted_json(&manifest)?;
        put(&blobs, &manifest)?;
        let mut image = Self::of_manifest(&plan.settings.name, manifest, layout)?;
        image.remembered = remembered;
        image.write_index(&options.tag)?;
        Ok(image)
    }

    /// An image of a manifest whose blobs are in a layout.
    pub(crate) fn of_manifest(name: &str, manifest: Vec<u8>, layout: &Path) -> Result<Self> {
        let parsed = ImageManifest::from_reader(&manifest[..]).map_err(format("manifest"))?;
        let blob = |d: &Descriptor| Blob {
            digest: d.digest().to_string(),
            size: d.size(),
            media_type: d.media_type().to_string(),
        };
        let blobs: Vec<Blob> = std::iter::once(parsed.config()).chain(parsed.layers()).map(blob).collect();
        if let Some(other) = blobs.iter().find(|b| hex_of(&b.digest).is_none()) {
            return Err(format("manifest")(format!("`{}` is no digest of SHA-256", other.digest)));
        }
        let digest = digest(&manifest);
        Ok(Self { name: name.to_owned(), digest, manifest, blobs, layout: layout.to_owned(), remembered: 0 })
    }

    /// Reads the only image of a layout.
    ///
    /// # Errors
    /// When there is none, several, or what is there is damaged.
    pub fn open(layout: &Path, name: &str) -> Result<Self> {
        let index = layout.join("index.json");
        let index = oci_spec::image::ImageIndex::from_file(&index).map_err(|e| {
            format("index")(format!("`{}`: {e}; make it by `cargo xtask image build`", index.display()))
        })?;
        let [only] = &index.manifests()[..] else {
            let count = index.manifests().len();
            return Err(format("index")(format!("`{}` has {count} images, expected one", layout.display())));
        };
        let named = only.digest().to_string();
        let hex = hex_of(&named).ok_or_else(|| format("index")(format!("`{named}` is no digest of SHA-256")))?;
        let path = layout.join("blobs/sha256").join(hex);
        let manifest = fs::read(&path).map_err(Error::io("cannot read", &path))?;
        if digest(&manifest) != named {
            return Err(format("manifest")(format!("`{}` is damaged: it is `{}`", path.display(), digest(&manifest))));
        }
        Self::of_manifest(name, manifest, layout)
    }

    /// The same image with arguments after its entry point: for a run, with a configuration of its own in the layout.
    ///
    /// # Errors
    /// When the configuration cannot be read or written.
    pub fn with_arguments(&self, arguments: &[String]) -> Result<Self> {
        self.with_config(|config| config["config"]["Cmd"] = arguments.into())
    }

    /// The same image with more variables in its environment: for a run, with a configuration of its own in the layout.
    ///
    /// # Errors
    /// When the configuration cannot be read or written.
    pub fn with_environment(&self, env: &std::collections::BTreeMap<String, String>) -> Result<Self> {
        if env.is_empty() {
            return Ok(self.clone());
        }
        self.with_config(|config| {
            let named = |line: &serde_json::Value| {
                line.as_str().and_then(|l| l.split_once('=')).is_some_and(|(name, _)| env.contains_key(name))
            };
            let before = config["config"]["Env"].as_array().into_iter().flatten().filter(|line| !named(line)).cloned();
            let all: Vec<serde_json::Value> =
                before.chain(env.iter().map(|(name, value)| format!("{name}={value}").into())).collect();
            config["config"]["Env"] = all.into();
        })
    }

    fn with_config(&self, change: impl FnOnce(&mut serde_json::Value)) -> Result<Self> {
        let mut image = self.clone();
        let Some(first) = image.blobs.first_mut() else { return Ok(image) };
        let path = self.path(first);
        let bytes = fs::read(&path).map_err(Error::io("cannot read", &path))?;
        let mut config: serde_json::Value = serde_json::from_slice(&bytes).map_err(format("configuration"))?;
        change(&mut config);
        let bytes = sorted_json(&config)?;
        put(&self.layout.join("blobs/sha256"), &bytes)?;
        (first.digest, first.size) = (digest(&bytes), bytes.len() as u64);
        Ok(image)
    }

    /// The names of the layers, as the history of the configuration has them.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn layer_names(&self) -> Result<Vec<String>> {
        let Some(first) = self.blobs.first() else { return Ok(Vec::new()) };
        let path = self.path(first);
        let config = oci_spec::image::ImageConfiguration::from_file(&path).map_err(format("configuration"))?;
        let history = config.history().iter().flatten().filter(|h| h.empty_layer() != Some(true));
        let names = history.map(|h| {
            let name = h.created_by().as_deref().and_then(|by| by.strip_prefix("layer: "));
            name.filter(|name| LAYERS.contains(name)).unwrap_or("base").to_owned()
        });
        Ok(names.collect())
    }

    /// The blobs that the layout lacks: layers of a base image that nothing needed yet.
    #[must_use]
    pub fn missing(&self) -> Vec<&Blob> {
        self.blobs.iter().filter(|b| !self.path(b).exists()).collect()
    }

    /// The file of a blob.
    #[must_use]
    pub fn path(&self, blob: &Blob) -> PathBuf {
        self.layout.join("blobs/sha256").join(hex_of(&blob.digest).unwrap_or_default())
    }

    /// Whether it was made over a base, in whose layers are marks of files that are gone.
    pub(crate) fn has_base(&self) -> bool {
        let parsed = ImageManifest::from_reader(&self.manifest[..]).ok();
        parsed.and_then(|m| m.annotations().as_ref().map(|a| a.contains_key(BASE_DIGEST))).unwrap_or(false)
    }

    /// Bytes of configuration and layers as they are stored and sent.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.blobs.iter().map(|b| b.size).sum()
    }

    /// Makes the layout name this image alone.
    pub(crate) fn write_index(&self, tag: &str) -> Result<()> {
        write(&self.layout.join("oci-layout"), br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        let mut entry = describe(&self.manifest, MediaType::ImageManifest)?;
        entry.set_annotations(Some(HashMap::from([(TAG.to_owned(), tag.to_owned())])));
        let index = ImageIndexBuilder::default()
            .schema_version(2_u32)
            .media_type(MediaType::ImageIndex)
            .manifests(vec![entry])
            .build()
            .map_err(format("index"))?;
        write(&self.layout.join("index.json"), &sorted_json(&index)?)
    }
}

/// The hex of a digest of SHA-256; `None` for anything else, so that it is safe as a name of a file.
pub(crate) fn hex_of(digest: &str) -> Option<&str> {
    let hex = digest.strip_prefix("sha256:")?;
    (hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))).then_some(hex)
}

pub(crate) fn format<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> Error {
    move |e| Error::Format { what, message: e.to_string() }
}

pub(crate) fn describe(bytes: &[u8], kind: MediaType) -> Result<Descriptor> {
    descriptor(&digest(bytes), bytes.len() as u64, kind)
}

pub(crate) fn descriptor(digest: &str, size: u64, kind: MediaType) -> Result<Descriptor> {
    let sha: Sha256Digest = digest.trim_start_matches("sha256:").parse().map_err(format("digest"))?;
    DescriptorBuilder::default().media_type(kind).digest(sha).size(size).build().map_err(format("descriptor"))
}

/// JSON with sorted keys: the types keep labels in hash maps, whose order changes from run to run.
pub(crate) fn sorted_json(value: &impl Serialize) -> Result<Vec<u8>> {
    let value = serde_json::to_value(value).map_err(format("JSON"))?;
    serde_json::to_vec(&value).map_err(format("JSON"))
}

/// Writes a blob into the folder of blobs.
pub(crate) fn put(blobs: &Path, bytes: &[u8]) -> Result<()> {
    let name = digest(bytes);
    write(&blobs.join(name.trim_start_matches("sha256:")), bytes)
}

/// Temporary file, then rename.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(dir).map_err(Error::io("cannot write in", dir))?;
    std::io::Write::write_all(&mut file, bytes).map_err(Error::io("cannot write", path))?;
    keep(file, path)
}

/// Gives a temporary file its name, and the permissions that others may read it with.
pub(crate) fn keep(file: NamedTempFile, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let readable = fs::Permissions::from_mode(0o644);
    file.as_file().set_permissions(readable).map_err(Error::io("cannot write", path))?;
    file.persist(path).map_err(|e| Error::io("cannot write", path)(e.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digests_are_names_of_files() {
        let good = "a".repeat(64);
        assert_eq!(hex_of(&format!("sha256:{good}")), Some(good.as_str()));
        for bad in ["", "sha256:", "sha256:../../etc/passwd", &good, &format!("sha256:{}", "A".repeat(64))] {
            assert_eq!(hex_of(bad), None, "{bad}");
        }
    }
}
