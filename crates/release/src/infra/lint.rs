//! The rules of `release verify` over what is sent: templates with their parameters, and the bundle of the same environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::stack::{Stack, Wanted};
use crate::config::Environment;
use crate::rules::{ALL, Level};
use crate::setting::Setting;
use crate::verify::{self, Finding};
use crate::world::World;
use crate::{Result, bundle, doc};

/// The files that rules look at: the templates, and the bundle.
///
/// # Errors
/// When one cannot be read, which tests exclude.
pub fn world(environment: &Environment, stacks: &[Stack]) -> Result<World> {
    let mut parameters = BTreeMap::new();
    for (name, value) in stacks.iter().flat_map(|s| &s.parameters) {
        if let Wanted::Setting(Setting::Known(known)) = &value.setting {
            parameters.insert(name.clone(), known.clone());
        }
    }
    let mut world = World { files: Vec::new(), parameters };
    for stack in stacks {
        let path = PathBuf::from(stack.part.file());
        world.add(&path, doc::parse(&path, stack.part.text())?)?;
    }
    for (name, text) in bundle::files(environment) {
        world.add(Path::new(name), doc::parse(Path::new(name), &text)?)?;
    }
    Ok(world)
}

/// What the rules find, and whether it stops a release.
///
/// # Errors
/// As [`world`].
pub fn lint(environment: &Environment, stacks: &[Stack]) -> Result<(Vec<Finding>, usize, bool)> {
    let world = world(environment, stacks)?;
    let findings = verify::verify(&world);
    let stops = |f: &Finding| ALL.iter().any(|e| e.name == f.rule && e.rule.level == Level::Stops);
    let stop = findings.iter().any(stops);
    Ok((findings, world.files.len(), stop))
}
