//! The command `rehearsal`.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use rehearsal::{Clock, ExecutionMode, Rehearsal, Setup};
use tokio::signal::unix::{SignalKind, signal};

/// An AWS endpoint on this machine that rehearses releases: CodePipeline, CodeDeploy blue/green on ECS Fargate, and what
/// of S3, ECR, ECS, load balancing and STS these two need.
///
/// It serves one account with one service, one CodeDeploy group and one pipeline, named as the templates of this workspace
/// name them, prints what to export, and runs until Ctrl-C. Everything is in memory. Runs and deployments do what AWS
/// documents, in the order and with the errors that it documents; no container runs and no traffic flows. Any credentials
/// will do: a request without a signature is refused, signatures are not checked.
#[derive(Parser)]
#[command(name = "rehearsal", version, after_long_help = HELP)]
#[allow(clippy::doc_markdown)] // read at a terminal
struct Args {
    /// Name of the service, and of all that is named after it
    #[arg(long, default_value = "auctiond")]
    service: String,
    /// Port of 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Seconds that pass there in a second here: 60 makes an hour a minute
    #[arg(long, default_value_t = 1, value_name = "N")]
    speed: u32,
    /// The deployment group's configuration
    #[arg(long, default_value = "CodeDeployDefault.ECSCanary10Percent5Minutes", value_name = "NAME")]
    deployment_config: String,
    /// Minutes that the old tasks are kept when all traffic has moved
    #[arg(long, default_value_t = 15, value_name = "MINUTES")]
    termination_wait: u32,
    /// Minutes that a deployment waits for ContinueDeployment before traffic moves; without it, it does not wait
    #[arg(long, value_name = "MINUTES")]
    ready_wait: Option<u32>,
    /// What becomes of pipeline runs that come while another is under way
    #[arg(long, value_enum, default_value_t = Mode::Queued)]
    mode: Mode,
    /// The pipeline waits for somebody's yes before it deploys
    #[arg(long)]
    approval: bool,
    /// A new archive or image starts the pipeline
    #[arg(long)]
    triggers: bool,
    /// Milliseconds that each answer waits, as that of AWS from afar does
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    latency: u64,
    /// Tasks of the service
    #[arg(long, default_value_t = 2)]
    tasks: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    Queued,
    Superseded,
}

const HELP: &str = "\
Try it, with the lines exported that it prints:
  aws sts get-caller-identity
  aws s3api put-object --bucket auctiond-sourcebucket --key artifacts.zip --body artifacts.zip
  aws codepipeline start-pipeline-execution --name auctiond-pipeline
  aws codepipeline get-pipeline-state --name auctiond-pipeline
  aws deploy list-deployments
The image registry is below /v2/ of the same address; the pipeline takes the tag `release`.

Time and faults, by HTTP:
  curl -d '{\"seconds\": 600}' $AWS_ENDPOINT_URL/_rehearsal/advance
  curl -d '{\"fault\": \"never-healthy\"}' $AWS_ENDPOINT_URL/_rehearsal/faults
  curl -d '{\"fault\": \"crashes\", \"exit\": 3, \"lines\": [\"no database\"]}' $AWS_ENDPOINT_URL/_rehearsal/faults
  curl -d '{\"fault\": \"hook-fails\", \"event\": \"AfterAllowTestTraffic\"}' $AWS_ENDPOINT_URL/_rehearsal/faults
  curl -d '{\"fault\": \"alarm\", \"name\": \"auctiond-5xx\"}' $AWS_ENDPOINT_URL/_rehearsal/faults
  curl -d '{\"fault\": \"throttle\", \"operation\": \"CreateDeployment\", \"times\": 2}' $AWS_ENDPOINT_URL/_rehearsal/faults
  (also server-error, like throttle, denied, which has no `times`, and expired-credentials)
  curl -X DELETE $AWS_ENDPOINT_URL/_rehearsal/faults";

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|e| format!("cannot start: {e}"))?;
    runtime.block_on(async {
        let rehearsal = Rehearsal::start(setup(args)).await.map_err(|e| e.to_string())?;
        // Before anybody reads what is printed and may end it.
        let mut ended = signal(SignalKind::interrupt()).map_err(|e| format!("cannot wait for Ctrl-C: {e}"))?;
        print(&export(&rehearsal))?;
        ended.recv().await;
        Ok(())
    })
}

fn setup(args: &Args) -> Setup {
    Setup {
        desired: args.tasks,
        deployment_config: args.deployment_config.clone(),
        termination_wait: args.termination_wait,
        ready_wait: args.ready_wait,
        mode: match args.mode {
            Mode::Queued => ExecutionMode::Queued,
            Mode::Superseded => ExecutionMode::Superseded,
        },
        approval: args.approval,
        triggers: args.triggers,
        clock: Clock::scaled(args.speed),
        latency: Duration::from_millis(args.latency),
        listen: args.port,
        ..Setup::of(&args.service)
    }
}

fn export(rehearsal: &Rehearsal) -> String {
    let region = rehearsal.state(|world| world.region().to_owned());
    format!(
        "export AWS_ENDPOINT_URL={}\nexport AWS_REGION={region}\nexport AWS_DEFAULT_REGION={region}\n\
         export AWS_ACCESS_KEY_ID=rehearsal\nexport AWS_SECRET_ACCESS_KEY=rehearsal\n",
        rehearsal.url()
    )
}

/// When the reader has gone there is nobody left to tell: no error.
fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write to standard output: {e}")),
        _ => Ok(()),
    }
}
