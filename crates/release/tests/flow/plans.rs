//! Plans as files. A folder of `tests/plans` has the configuration (`release.toml`), the world (`world.toml`: what the account
//! is like, and `before.toml`: what was released before), and `plan.txt`, which is compared byte for byte.
//!
//! `UPDATE_EXPECTED=1 cargo test -p release --test flow plans` writes the plans anew.

use std::fs;
use std::path::{Path, PathBuf};

use rehearsal::Setup;
use release::bundle;
use release::config::{Config, Environment};
use release::flow::plan;
use release::flow::watch::Until;
use serde::Deserialize;

use crate::stage::{NAME, Stage};

/// What an account is like.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Account {
    /// The deployment group's.
    deployment_config: String,
    termination_wait: u32,
    tasks: u32,
    /// How far `before.toml` was released, where there is one.
    #[serde(default)]
    before: Far,
    /// Whether the image is the one that serves.
    #[serde(default)]
    same_image: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Far {
    #[default]
    Finished,
    Released,
}

fn cases() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let mut all: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all
}

fn environment(file: &Path) -> Environment {
    Config::load(file, &|_| None).unwrap().environment(NAME).unwrap().clone()
}

/// An account in which `before.toml` was released, asked by the configuration of the case. The image that is planned.
async fn world(case: &Path) -> (Stage, String) {
    let account: Account = toml::from_str(&fs::read_to_string(case.join("world.toml")).unwrap()).unwrap();
    let setup = Setup {
        deployment_config: account.deployment_config,
        termination_wait: account.termination_wait,
        desired: account.tasks,
        ..Setup::of("auctiond")
    };
    let (before, config) = (case.join("before.toml"), case.join("release.toml"));
    let first = environment(if before.exists() { &before } else { &config });
    let stage = Stage::with(first, setup).await;
    let old = stage.image("old").await;
    if before.exists() {
        let mut begun = stage.deploy(&old).await.unwrap();
        let until = match account.before {
            Far::Finished => Until::Finished,
            Far::Released => Until::Released,
        };
        assert!(stage.follow(&mut begun, until).await.unwrap().good());
    }
    let image = if account.same_image { old } else { stage.image("new").await };
    (stage.asked_by(environment(&config)).await, image)
}

#[tokio::test]
async fn plans_are_what_their_files_say() {
    let cases = cases();
    assert!(cases.len() >= 5, "{cases:?}");
    for case in cases {
        let (stage, image) = world(&case).await;
        let puts = stage.calls("PutObject");
        let deployments = stage.world.state(rehearsal::World::deployments).len();
        let plan = plan::plan(&stage.engine, NAME, &stage.environment, &image).await.unwrap();
        // The archive by what it is, and not by what somebody once accepted.
        let archive = bundle::archive(&bundle::files(&stage.environment)).unwrap();
        assert_eq!(format!("sha256:{}", plan.archive), crate::stage::digest(&archive));
        let file = case.join("plan.txt");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&file, plan.text()).unwrap();
        }
        assert_eq!(plan.text(), fs::read_to_string(&file).unwrap_or_default(), "{}", file.display());
        // Looking changes nothing.
        assert_eq!(stage.calls("PutObject"), puts);
        assert_eq!(stage.world.state(rehearsal::World::deployments).len(), deployments);
    }
}
