//! `cargo xtask image push`: gate, image, registry. A push that was ended goes on where it was.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use container::config::Config;
use container::ecr::repository::{self, Outcome};
use container::ecr::{self, Credentials};
use container::image::Image;
use container::signature::Key;
use container::transfer::{self, Artifact, Login, Options, Remote, Tell};
use serde_json::json;

use super::build::Make;
use super::{progress, scan};

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    what: super::What,
    #[command(flatten)]
    make: Make,
    /// The registry, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com` (with the account's own credentials) or
    /// `127.0.0.1:5000`
    #[arg(value_name = "HOST")]
    host: String,
    /// Name of the repository there, if it is not that of image.toml
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// User for a registry that is not Amazon's; the password is read from standard input, a line
    #[arg(long)]
    user: Option<String>,
    /// Make the repository of Amazon ECR where it is absent, as [repository] in image.toml says
    #[arg(long)]
    create_repository: bool,
    /// Write what Amazon ECR's scan found as SARIF, for code scanning
    #[arg(long, value_name = "FILE")]
    scan_sarif: Option<PathBuf>,
    /// HOST is Amazon ECR in this region though its name does not say so: a name of one's own, or an emulator
    /// (`AWS_ENDPOINT_URL_ECR`)
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Sign the image with this key, ECDSA on P-256 in PEM, as `cosign verify --key` reads it
    #[arg(long, value_name = "FILE")]
    sign_key: Option<PathBuf>,
    /// Push the image alone, without what is said of it: bill of materials, provenance, evidence
    #[arg(long)]
    bare: bool,
    /// Another repository of the registry that may lend blobs
    #[arg(long, value_name = "NAME")]
    mount_from: Option<String>,
    /// Blobs at the same time
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    at_once: u8,
    /// MiB of a chunk: a smaller one is less to send again after a cut; 8 for Amazon ECR and 32 for others unless said
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(5..=1024))]
    chunk: Option<u64>,
    #[arg(long, value_enum, default_value_t = super::Format::Text)]
    format: super::Format,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let config = args.what.config()?;
    if args.scan_sarif.is_some() && args.ecr_region().is_none() {
        bail!("`--scan-sarif` is for Amazon ECR, and `{}` is another registry", args.host);
    }
    if args.scan_sarif.is_some() && config.scan.wait == 0 {
        bail!("`--scan-sarif` needs a scan that is waited for, and `wait` in [scan] is 0");
    }
    // A key that does not sign is told before the work.
    let key = args.sign_key.as_deref().map(Key::load).transpose()?;
    let login = match (&args.user, &args.region) {
        (Some(user), _) => Login::Fixed(Credentials { user: user.clone(), password: password()? }),
        (None, Some(region)) => ecr::asked(region),
        (None, None) => Login::Nobody,
    };
    // Who we are there is nobody's business elsewhere.
    let same = config.image.base().is_some_and(|base| base.host == args.host);
    let mut plan = args.what.plan(&config, if same { login.clone() } else { Login::Nobody })?;
    let made = match args.make.make(&args.what, &config, &mut plan, (args.bare, false))? {
        Ok(made) => made,
        Err(refusals) => {
            crate::print(&format!("{refusals}no image was built\n"))?;
            return Ok(ExitCode::FAILURE);
        }
    };
    for word in &made.words {
        anstream::eprintln!("warning: {word}");
    }
    let mut image = made.image;
    if let Some(name) = &args.repository {
        image.name.clone_from(name);
    }
    let json = args.format == super::Format::Json;
    let tell: Tell = if json { Arc::new(progress::print_event) } else { progress::bars() };
    let remote = Remote::of_host(&args.host, login, tell)?;
    let usual = Options::of_host(&args.host);
    let options = Options {
        chunk: args.chunk.map_or(usual.chunk, |mib| mib << 20),
        at_once: args.at_once.into(),
        mount_from: args.mount_from.clone(),
        lender: plan.base.as_ref().map(|base| base.lender()),
        state: Some(crate::target_dir().join("push-state")),
        known: args.ecr_region().map(ecr::layers::known),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let pushed = runtime.block_on(async {
        tokio::select! {
            pushed = push(args, &config, &image, &made.artifacts, key.as_ref(), &remote, &options) => pushed,
            // What the registry has is kept there, and where it is here: nothing has to be tidied up.
            _ = tokio::signal::ctrl_c() => bail!("stopped; the same command goes on from here"),
        }
    });
    let Done { pushed, referrers, signed } = pushed.with_context(|| format!("cannot push to `{}`", args.host))?;
    let place = format!("{}/{}:{}", args.host, image.name, args.make.tag);
    let text = match args.format {
        super::Format::Json => {
            let object = json!({"event": "pushed", "reference": place, "digest": image.digest, "size": image.size(),
                "sent": pushed.sent, "there": pushed.there, "mounted": pushed.mounted, "unchanged": pushed.unchanged, "referrers": referrers, "signed": signed});
            format!("{object}\n")
        }
        super::Format::Text if pushed.unchanged && referrers.is_none_or(|n| n == 0) && signed != Some(true) => {
            format!("{place}@{}\nnothing to do: it is there\n", image.digest)
        }
        super::Format::Text => {
            let transfer::Pushed { sent, there, mounted, .. } = pushed;
            let mut said = referrers.map_or(String::new(), |n| format!(", {n} new referrers"));
            said.push_str(match signed {
                Some(true) => ", signed",
                Some(false) => ", signed already",
                None => "",
            });
            format!("{place}@{}\n{sent} blobs sent, {there} there already, {mounted} mounted{said}\n", image.digest)
        }
    };
    crate::print(&text)?;
    let Some(region) = args.ecr_region() else { return Ok(ExitCode::SUCCESS) };
    let asked = scan::Asked {
        region,
        image: &image,
        settings: config.scan,
        sarif: args.scan_sarif.as_deref(),
        place: &args.what.config,
        json,
    };
    runtime.block_on(async {
        tokio::select! {
            told = scan::wait(&asked) => told,
            _ = tokio::signal::ctrl_c() => bail!("stopped waiting for the scan; the image was pushed, and the same command waits again"),
        }
    })
}

impl Args {
    /// The region of Amazon ECR, where the registry is one.
    fn ecr_region(&self) -> Option<&str> {
        self.region.as_deref().or_else(|| ecr::region(&self.host))
    }
}

/// What a push has done.
struct Done {
    pushed: transfer::Pushed,
    /// How many were new, where there were to be some.
    referrers: Option<usize>,
    /// Whether the signature is new, where there was to be one.
    signed: Option<bool>,
}

/// The repository, the image, what is said of it, the signature.
async fn push(
    args: &Args,
    config: &Config,
    image: &Image,
    artifacts: &[Artifact],
    key: Option<&Key>,
    remote: &Remote,
    options: &Options,
) -> Result<Done> {
    if let Some(region) = args.ecr_region() {
        let made = repository::ensure(region, &image.name, &config.repository, args.create_repository).await?;
        match made {
            Outcome::Made { uri } => anstream::eprintln!("made the repository `{uri}`"),
            Outcome::There { uri, differences } => {
                for difference in differences {
                    anstream::eprintln!(
                        "warning: `{uri}` differs from [repository]: {difference}; it was left as it is"
                    );
                }
            }
        }
    }
    let pushed = transfer::push(image, remote, &args.make.tag, options).await?;
    let referrers = if args.bare { None } else { Some(transfer::attach(image, artifacts, remote, options).await?.1) };
    let signed = match key {
        Some(key) => Some(transfer::sign(image, key, &args.host, remote, options).await?),
        None => None,
    };
    Ok(Done { pushed, referrers, signed })
}

/// Never an argument: those can be read by everyone on the machine.
fn password() -> Result<String> {
    if std::io::stdin().is_terminal() {
        bail!("`--user` takes the password from standard input: `... --user NAME < FILE`");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
