//! Images that somebody else made, byte by byte.

use std::fs;
use std::io::Write;
use std::path::Path;

use container::image::Image;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

pub(crate) fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |out, byte| format!("{out}{byte:02x}"))
}

/// An entry of a layer that somebody else made.
#[allow(dead_code)] // not in every test
pub(crate) enum Made<'a> {
    File(&'a str, u32, Vec<u8>),
    Folder(&'a str, u32),
    Link(&'a str, &'a str),
    Hard(&'a str, &'a str),
}

pub(crate) fn tar(entries: Vec<Made>) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_mode(0o755);
        header.set_uid(0);
        header.set_gid(0);
        match entry {
            Made::File(path, mode, bytes) => {
                header.set_mode(mode);
                header.set_size(bytes.len() as u64);
                tar.append_data(&mut header, path, &bytes[..]).unwrap();
            }
            Made::Folder(path, mode) => {
                header.set_mode(mode);
                header.set_entry_type(tar::EntryType::Directory);
                tar.append_data(&mut header, path, std::io::empty()).unwrap();
            }
            Made::Link(path, to) => {
                header.set_entry_type(tar::EntryType::Symlink);
                tar.append_link(&mut header, path, to).unwrap();
            }
            Made::Hard(path, to) => {
                header.set_entry_type(tar::EntryType::Link);
                tar.append_link(&mut header, path, to).unwrap();
            }
        }
    }
    tar.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A layout with an image of these layers; `change` makes it another one than it should be.
pub(crate) fn image_of(dir: &Path, layers: &[Vec<u8>], change: impl Fn(&mut Value, &mut Value)) -> Image {
    let blobs = dir.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let put = |bytes: &[u8]| {
        fs::write(blobs.join(&sum(bytes)[7..]), bytes).unwrap();
        (sum(bytes), bytes.len())
    };
    let mut described = Vec::new();
    for layer in layers {
        let (digest, size) = put(&gzip(layer));
        described.push(json!({"mediaType": GZIP, "digest": digest, "size": size}));
    }
    let ids: Vec<String> = layers.iter().map(|l| sum(l)).collect();
    let mut config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ids},
        "config": {"Env": ["PATH=/base/bin", "MINE=base"], "Labels": {"of": "base"}, "Cmd": ["sh"], "User": "0", "StopSignal": "SIGINT", "WorkingDir": "/srv"},
        "history": [{"created_by": "RUN one"}, {"created_by": "ENV two", "empty_layer": true}]});
    let mut manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": described});
    change(&mut manifest, &mut config);
    let (digest, size) = put(config.to_string().as_bytes());
    manifest["config"] =
        json!({"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": size});
    let (digest, size) = put(manifest.to_string().as_bytes());
    let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "digest": digest, "size": size}]});
    fs::write(dir.join("index.json"), index.to_string()).unwrap();
    fs::write(dir.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    Image::open(dir, "base/one").unwrap()
}
