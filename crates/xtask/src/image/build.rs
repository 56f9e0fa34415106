//! `cargo xtask image build`: plan, gate, image as an OCI layout.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use container::compress::Compression;
use container::config::Config;
use container::evidence;
use container::image::{Image, Options};
use container::plan::Plan;
use container::time::source_date_epoch;
use container::transfer::{Artifact, Login};
use serde_json::json;

use super::gate::{self, Verdict};
use super::said;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    what: super::What,
    #[command(flatten)]
    make: Make,
    #[arg(long, value_enum, default_value_t = super::Format::Text)]
    format: super::Format,
}

/// How the image is made.
#[derive(clap::Args)]
pub(crate) struct Make {
    /// Folder of the OCI layout; `target/image/<name>` unless said
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Evidence that the programs were ported; that of `cargo xtask release` unless said
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Make the image although evidence is lacking; the reason is kept in the evidence and in the image
    #[arg(long, value_name = "REASON", value_parser = gate::reason)]
    force: Option<String>,
    /// How layers are compressed: `gzip`, `zstd`, or either with a level, as in `gzip:9`; wins over image.toml
    #[arg(long)]
    compression: Option<Compression>,
    /// Threads that compress; changes nothing in the image
    #[arg(long)]
    threads: Option<usize>,
    /// Tag in the layout
    #[arg(long, default_value = "latest")]
    pub(crate) tag: String,
    /// Make every layer anew
    #[arg(long)]
    no_cache: bool,
    /// Write the layers under plain names too, `0-libraries.tar.gz` and so on, as docker/Dockerfile takes them
    #[arg(long, value_name = "DIR")]
    layers: Option<PathBuf>,
    /// Write the image as one file too, an OCI archive that `docker load` takes
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
}

/// What was made.
pub(crate) struct Made {
    pub(crate) image: Image,
    /// What is said of it.
    pub(crate) artifacts: Vec<Artifact>,
    pub(crate) words: Vec<String>,
}

impl Make {
    /// Asks the gate and makes the image; the gate's refusals instead when it refuses. Of a base `whole` has the layers too,
    /// which a push need not have.
    pub(crate) fn make(
        &self,
        what: &super::What,
        config: &Config,
        plan: &mut Plan,
        (bare, whole): (bool, bool),
    ) -> Result<Result<Made, String>> {
        let target = crate::target_dir();
        let usual = evidence::default_path(&target, &config.image.name);
        let file = self.evidence.clone().or(Some(usual).filter(|p| p.exists()));
        let mut words = plan.warnings.clone();
        let evidence = match gate::ask(plan, file.as_deref(), self.force.as_deref())? {
            Verdict::Refused(refusals) => return Ok(Err(gate::text(&refusals))),
            Verdict::Passed { words: more, evidence } => {
                words.extend(more);
                evidence
            }
        };
        let layout = self.output.clone().unwrap_or_else(|| target.join("image").join(&config.image.name));
        let usual = Options::default();
        let options = Options {
            time: source_date_epoch()?,
            compression: self.compression.unwrap_or_else(|| config.image.compression()),
            threads: self.threads.unwrap_or(usual.threads),
            tag: self.tag.clone(),
            cache: Some(target.join("image-cache")).filter(|_| !self.no_cache),
        };
        let image = Image::build(plan, &options, &layout).context("cannot make the image")?;
        plan.facts.save()?;
        if let Some(base) = plan.base.as_ref().filter(|_| whole || self.archive.is_some() || self.layers.is_some()) {
            tokio::runtime::Runtime::new()?.block_on(base.complete(&image))?;
        }
        let artifacts =
            if bare { Vec::new() } else { said::of(plan, &image, &options, &what.config_file(), evidence.as_deref())? };
        if let Some(to) = &self.archive {
            container::archive::write(&image, &self.tag, to)?;
        }
        if let Some(dir) = &self.layers {
            write_layers(&image, dir)?;
        }
        Ok(Ok(Made { image, artifacts, words }))
    }
}

/// The layers by number and name; a name comes from the history of the configuration.
fn write_layers(image: &Image, dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
    for (number, (blob, name)) in image.blobs.iter().skip(1).zip(image.layer_names()?).enumerate() {
        let end = if blob.media_type.ends_with("zstd") { "zst" } else { "gz" };
        let to = dir.join(format!("{number}-{name}.tar.{end}"));
        let copy =
            tempfile::NamedTempFile::new_in(dir).with_context(|| format!("cannot write in `{}`", dir.display()))?;
        std::fs::copy(image.path(blob), copy.path()).with_context(|| format!("cannot write `{}`", to.display()))?;
        copy.persist(&to).with_context(|| format!("cannot write `{}`", to.display()))?;
    }
    Ok(())
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let config = args.what.config()?;
    let mut plan = args.what.plan(&config, Login::Nobody)?;
    let made = match args.make.make(&args.what, &config, &mut plan, (false, true))? {
        Ok(made) => made,
        Err(refusals) => {
            crate::print(&format!("{refusals}no image was built\n"))?;
            return Ok(ExitCode::FAILURE);
        }
    };
    for word in &made.words {
        anstream::eprintln!("warning: {word}");
    }
    let image = &made.image;
    let text = match args.format {
        super::Format::Json => {
            let blobs =
                image.blobs.iter().map(|b| json!({"digest": b.digest, "size": b.size, "mediaType": b.media_type}));
            let object = json!({"name": image.name, "digest": image.digest, "layout": image.layout, "size": image.size(),
                "blobs": blobs.collect::<Vec<_>>(), "remembered": image.remembered});
            format!("{object:#}\n")
        }
        super::Format::Text => format!(
            "{}@{}\n{} in {} layers, {} of them as before; {}\n",
            image.name,
            image.digest,
            crate::release::megabytes(image.size()),
            image.blobs.len() - 1,
            image.remembered,
            image.layout.display()
        ),
    };
    crate::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
