//! How an image runs, and what its layers are: OCI image specification 1.1, "config". Over a base what it says is the start,
//! and image.toml has the last word.

use std::collections::HashMap;

use oci_spec::image::{
    Arch, ConfigBuilder, History, HistoryBuilder, ImageConfiguration, ImageConfigurationBuilder, Os, RootFsBuilder,
};

use crate::base::Base;
use crate::image::format;
use crate::layer::Layer;
use crate::plan::Plan;
use crate::{Result, elf};

/// The configuration of a plan's image with these layers of its own.
pub(crate) fn configuration(
    plan: &Plan,
    created: String,
    layers: &[Layer],
    own: Vec<History>,
) -> Result<ImageConfiguration> {
    let s = &plan.settings;
    let base = plan.base.as_deref();
    let below = base.and_then(|b| b.configuration.config().as_ref());
    let mut ports: Vec<String> = s.ports.iter().map(|p| format!("{p}/tcp")).collect();
    ports.extend(below.and_then(|c| c.exposed_ports().clone()).unwrap_or_default());
    let mut volumes = s.volumes.clone();
    volumes.extend(below.and_then(|c| c.volumes().clone()).unwrap_or_default());
    for all in [&mut ports, &mut volumes] {
        all.sort();
        all.dedup();
    }
    let folder = below.and_then(|c| c.working_dir().clone()).filter(|d| d.starts_with('/'));
    let mut config = ConfigBuilder::default()
        .entrypoint(s.entrypoint.clone())
        .user(format!("{0}:{0}", s.user))
        .exposed_ports(ports)
        .volumes(volumes)
        .env(s.env.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>())
        .labels(s.labels.clone().into_iter().collect::<HashMap<_, _>>())
        .working_dir(folder.unwrap_or_else(|| "/".to_owned()))
        .build()
        .map_err(format("configuration"))?;
    config.set_stop_signal(below.and_then(|c| c.stop_signal().clone()));
    let mut diff_ids = base.map(|b| b.configuration.rootfs().diff_ids().clone()).unwrap_or_default();
    diff_ids.extend(layers.iter().map(|l| l.diff_id.clone()));
    let mut history = base.map(history).transpose()?.unwrap_or_default();
    history.extend(own);
    let rootfs = RootFsBuilder::default().typ("layers".to_owned()).diff_ids(diff_ids).build();
    let built = ImageConfigurationBuilder::default()
        .created(created)
        .architecture(if plan.machine == elf::AARCH64 { Arch::ARM64 } else { Arch::Amd64 })
        .os(Os::Linux)
        .config(config)
        .rootfs(rootfs.map_err(format("configuration"))?)
        .history(history)
        .build();
    built.map_err(format("configuration"))
}

/// What a base says of its layers; an item for each where it does not say as many.
fn history(base: &Base) -> Result<Vec<History>> {
    let said: Vec<History> = base.configuration.history().clone().unwrap_or_default();
    if said.iter().filter(|h| h.empty_layer() != Some(true)).count() == base.layers.len() {
        return Ok(said);
    }
    let item = || HistoryBuilder::default().created_by(format!("base: {}", base.reference.name())).build();
    base.layers.iter().map(|_| item().map_err(format("history"))).collect()
}
