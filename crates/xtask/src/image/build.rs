//! `cargo xtask image build`: plan, gate, image as an OCI layout.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use container::compress::Compression;
use container::config::Config;
use container::evidence;
use container::image::{Image, Options, source_date_epoch};
use container::plan::Plan;
use serde_json::json;

use super::gate::{self, Verdict};

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
}

/// What was made.
pub(crate) struct Made {
    pub(crate) image: Image,
    pub(crate) words: Vec<String>,
}

impl Make {
    /// Asks the gate and makes the image; the gate's refusals instead when it refuses.
    pub(crate) fn make(&self, config: &Config, plan: &mut Plan) -> Result<Result<Made, String>> {
        let target = crate::target_dir();
        let usual = evidence::default_path(&target, &config.image.name);
        let file = self.evidence.clone().or(Some(usual).filter(|p| p.exists()));
        let mut words = plan.warnings.clone();
        match gate::ask(plan, file.as_deref(), self.force.as_deref())? {
            Verdict::Refused(refusals) => return Ok(Err(gate::text(&refusals))),
            Verdict::Passed { words: more, .. } => words.extend(more),
        }
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
        Ok(Ok(Made { image, words }))
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let config = args.what.config()?;
    let mut plan = args.what.plan(&config)?;
    let made = match args.make.make(&config, &mut plan)? {
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
