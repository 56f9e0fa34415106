//! The rules over the files of a release, one file each. Adding one is its file, its case below `tests/rules/`, and two lines
//! here.

use crate::verify::Found;
use crate::world::World;

mod account_id;
mod appspec_capacity;
mod appspec_shape;
mod artifact_names;
mod automatic_rollback;
mod awslogs_options;
mod bucket_versioning;
mod capacity_provider_association;
mod circuit_breaker;
mod confused_deputy;
mod container_hardening;
mod container_logs;
mod container_name;
mod deployment_config;
mod deployment_controller;
mod deployment_events;
mod execution_role;
mod family_owner;
mod fargate_size;
mod fixed_bucket_name;
mod group_names_service;
mod group_outside_stack;
mod listener_arn;
mod literal_log_bucket;
mod moving_tag;
mod network_mode;
mod old_runtime;
mod open_bucket;
mod pipeline_trigger;
mod pipeline_type;
mod placeholder_pairs;
mod polling;
mod public_tasks;
mod ready_option;
mod release_alarms;
mod required_fields;
mod runtime_platform;
mod scaling;
mod serial_sources;
mod short_history;
mod spot_base;
mod stack_outputs;
mod target_group_pair;
mod target_type;
mod task_definition_revision;
mod test_traffic;
mod tls_policy;
mod unchecked_name;
mod unquoted_boolean;
mod unresolved_reference;
mod wide_policy;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The release does not go through.
    Stops,
    /// A later release or a rollback breaks.
    Breaks,
    /// A door that is open wider than it has to be.
    Risk,
    /// It could be better.
    Quality,
}

impl Level {
    /// The levels with what they are called.
    pub const NAMES: [(Self, &str); 4] =
        [(Self::Stops, "stops"), (Self::Breaks, "breaks"), (Self::Risk, "risk"), (Self::Quality, "quality")];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].1
    }
}

/// A rule: data first, then the function that looks. It does not know its name, nor other rules.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// How bad it is.
    pub level: Level,
    /// What it finds.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// Where AWS says so.
    pub source: &'static str,
    /// Looks.
    pub look: fn(&World, &mut Found),
}

/// A rule with its name: of the file, the case, the rule in every report.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// The rule.
    pub rule: &'static Rule,
}

macro_rules! entries {
    ($($name:ident,)*) => {
        &[$(Entry { name: stringify!($name), rule: &$name::RULE }),*]
    };
}

/// All rules, sorted by name.
pub const ALL: &[Entry] = entries![
    account_id,
    appspec_capacity,
    appspec_shape,
    artifact_names,
    automatic_rollback,
    awslogs_options,
    bucket_versioning,
    capacity_provider_association,
    circuit_breaker,
    confused_deputy,
    container_hardening,
    container_logs,
    container_name,
    deployment_config,
    deployment_controller,
    deployment_events,
    execution_role,
    family_owner,
    fargate_size,
    fixed_bucket_name,
    group_names_service,
    group_outside_stack,
    listener_arn,
    literal_log_bucket,
    moving_tag,
    network_mode,
    old_runtime,
    open_bucket,
    pipeline_trigger,
    pipeline_type,
    placeholder_pairs,
    polling,
    public_tasks,
    ready_option,
    release_alarms,
    required_fields,
    runtime_platform,
    scaling,
    serial_sources,
    short_history,
    spot_base,
    stack_outputs,
    target_group_pair,
    target_type,
    task_definition_revision,
    test_traffic,
    tls_policy,
    unchecked_name,
    unquoted_boolean,
    unresolved_reference,
    wide_policy,
];
