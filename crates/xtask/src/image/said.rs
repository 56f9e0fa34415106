//! What is said of an image: bill of materials, provenance, evidence. Each is a file beside the layout, and goes into the
//! registry as a referrer of the image.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use container::image::{Image, Options};
use container::plan::Plan;
use container::transfer::Artifact;
use container::{provenance, sbom};
use sha2::{Digest, Sha256};

const IN_TOTO: &str = "application/vnd.in-toto+json";
const PREDICATE: &str = "in-toto.io/predicate-type";
const TITLE: &str = "org.opencontainers.image.title";

/// Makes all three; the bill of materials is taken from its file when that is of this very image.
pub(crate) fn of(
    plan: &Plan,
    image: &Image,
    options: &Options,
    config: &Path,
    evidence: Option<&str>,
) -> Result<Vec<Artifact>> {
    let bill = beside(&image.layout, "spdx");
    let known = fs::read_to_string(&bill).ok().filter(|text| text.contains(&format!("@{}\"", image.digest)));
    let bill_text = match known {
        Some(text) => text,
        None => sbom::spdx(plan, image, options.time)?,
    };
    let mut sources = BTreeMap::new();
    if let Some(text) = evidence {
        let sum = Sha256::digest(text.as_bytes()).iter().fold(String::new(), |sum, b| format!("{sum}{b:02x}"));
        sources.insert("evidence".to_owned(), sum);
    }
    let text = fs::read_to_string(config).with_context(|| format!("cannot read `{}`", config.display()))?;
    let made = provenance::provenance(plan, image, options, &text, &sources);
    let mut artifacts = Vec::new();
    let mut add = |kind: &'static str, name: &str, predicate: Option<&str>, text: String| -> Result<()> {
        write(&beside(&image.layout, name), &text)?;
        let mut annotations = vec![(TITLE, format!("{name}.json"))];
        annotations.extend(predicate.map(|p| (PREDICATE, p.to_owned())));
        artifacts.push(Artifact { kind, annotations, bytes: text.into_bytes() });
        Ok(())
    };
    add("application/spdx+json", "spdx", None, bill_text)?;
    add(IN_TOTO, "provenance", Some("https://slsa.dev/provenance/v1"), made)?;
    if let Some(text) = evidence {
        add(IN_TOTO, "evidence", Some("urn:legacy-port:audit:v1"), text.to_owned())?;
    }
    Ok(artifacts)
}

/// `<layout>.<name>.json`.
fn beside(layout: &Path, name: &str) -> PathBuf {
    let mut path = layout.as_os_str().to_owned();
    path.push(format!(".{name}.json"));
    path.into()
}

/// Temporary file, then rename; nothing where it is so already.
fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    legacy_port::replace(path, text.as_bytes())?;
    Ok(())
}
