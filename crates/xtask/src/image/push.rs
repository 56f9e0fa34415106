//! `cargo xtask image push`: gate, image, registry. A push that was ended goes on where it was.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use container::config::Config;
use container::ecr::repository::{self, Outcome};
use container::ecr::{self, Credentials};
use container::image::Image;
use container::transfer::{self, Artifact, Event, How, Login, Options, Remote, Tell};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::build::Make;

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
    let mut plan = args.what.plan(&config)?;
    let made = match args.make.make(&args.what, &config, &mut plan, args.bare)? {
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
    let login = match &args.user {
        Some(user) => Login::Fixed(Credentials { user: user.clone(), password: password()? }),
        None => Login::Nobody,
    };
    let tell: Tell = if args.format == super::Format::Json { Arc::new(print_event) } else { bars() };
    let remote = Remote::of_host(&args.host, login, tell)?;
    let usual = Options::of_host(&args.host);
    let options = Options {
        chunk: args.chunk.map_or(usual.chunk, |mib| mib << 20),
        at_once: args.at_once.into(),
        mount_from: args.mount_from.clone(),
        state: Some(crate::target_dir().join("push-state")),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let pushed = runtime.block_on(async {
        tokio::select! {
            pushed = push(args, &config, &image, &made.artifacts, &remote, &options) => pushed,
            // What the registry has is kept there, and where it is here: nothing has to be tidied up.
            _ = tokio::signal::ctrl_c() => bail!("stopped; the same command goes on from here"),
        }
    });
    let (pushed, referrers) = pushed.with_context(|| format!("cannot push to `{}`", args.host))?;
    let place = format!("{}/{}:{}", args.host, image.name, args.make.tag);
    let text = match args.format {
        super::Format::Json => {
            let object = json!({"event": "pushed", "reference": place, "digest": image.digest, "size": image.size(),
                "sent": pushed.sent, "there": pushed.there, "mounted": pushed.mounted, "unchanged": pushed.unchanged, "referrers": referrers});
            format!("{object}\n")
        }
        super::Format::Text if pushed.unchanged && referrers.is_none_or(|n| n == 0) => {
            format!("{place}@{}\nnothing to do: it is there\n", image.digest)
        }
        super::Format::Text => {
            let transfer::Pushed { sent, there, mounted, .. } = pushed;
            let said = referrers.map_or(String::new(), |n| format!(", {n} new referrers"));
            format!("{place}@{}\n{sent} blobs sent, {there} there already, {mounted} mounted{said}\n", image.digest)
        }
    };
    crate::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The repository, the image, what is said of it; how many referrers were new.
async fn push(
    args: &Args,
    config: &Config,
    image: &Image,
    artifacts: &[Artifact],
    remote: &Remote,
    options: &Options,
) -> Result<(transfer::Pushed, Option<usize>)> {
    if let Some(region) = ecr::region(&args.host) {
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
    if args.bare {
        return Ok((pushed, None));
    }
    let (_, new) = transfer::attach(image, artifacts, remote, options).await?;
    Ok((pushed, Some(new)))
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

/// One line of JSON for each event but the bytes that are under way.
fn print_event(event: &Event) {
    let value: Value = match event {
        Event::Sent { .. } => return,
        Event::Begins { digest, size, from } => {
            json!({"event": "begins", "digest": digest, "size": size, "from": from})
        }
        Event::Kept { digest, bytes } => json!({"event": "kept", "digest": digest, "bytes": bytes}),
        Event::Done { digest, size, how } => {
            let how = match how {
                How::Sent => "sent",
                How::There => "there",
                How::Mounted => "mounted",
            };
            json!({"event": "done", "digest": digest, "size": size, "how": how})
        }
        Event::Waits { what, why, time } => {
            json!({"event": "waits", "what": what, "why": why, "seconds": time.as_secs_f64()})
        }
        Event::Restarts { digest, why } => json!({"event": "restarts", "digest": digest, "why": why}),
    };
    // A closed pipe is told at the end.
    let _ = crate::print(&format!("{value}\n"));
}

/// A bar for each blob on terminals. On pipes only what went wrong for a while is told.
fn bars() -> Tell {
    if !std::io::stderr().is_terminal() {
        return Arc::new(|event| match event {
            Event::Waits { what, why, time } => {
                anstream::eprintln!("{what}: {why}; again in {:.1} s", time.as_secs_f64());
            }
            Event::Restarts { digest, why } => anstream::eprintln!("blob {digest}: begins anew: {why}"),
            _ => {}
        });
    }
    let all = MultiProgress::new();
    let bars: Mutex<BTreeMap<String, ProgressBar>> = Mutex::new(BTreeMap::new());
    let style =
        ProgressStyle::with_template("{prefix} {bar:30} {bytes:>10}/{total_bytes:10} {bytes_per_sec:>12} {msg}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    Arc::new(move |event| {
        let mut bars = bars.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bar = |digest: &str, size: u64| {
            let new = || {
                let bar = all.add(ProgressBar::new(size).with_style(style.clone()));
                bar.set_prefix(digest.trim_start_matches("sha256:").chars().take(12).collect::<String>());
                bar
            };
            bars.entry(digest.to_owned()).or_insert_with(new).clone()
        };
        match event {
            Event::Begins { digest, size, from } => {
                let bar = bar(digest, *size);
                bar.set_position(*from);
                bar.reset_eta();
            }
            Event::Sent { digest, bytes } => bar(digest, 0).set_position(*bytes),
            Event::Kept { .. } => {}
            Event::Done { digest, size, how } => {
                let bar = bar(digest, *size);
                bar.set_position(*size);
                bar.finish_with_message(match how {
                    How::Sent => "sent",
                    How::There => "there already",
                    How::Mounted => "mounted",
                });
            }
            Event::Waits { what, why, time } => {
                let _ = all.println(format!("{what}: {why}; again in {:.1} s", time.as_secs_f64()));
            }
            Event::Restarts { digest, why } => {
                let _ = all.println(format!("blob {digest}: begins anew: {why}"));
            }
        }
    })
}
