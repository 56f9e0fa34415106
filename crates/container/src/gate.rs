//! Why a plan must not become an image. Each refusal says what to do.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::base::{Base, Kind};
use crate::closure::{self, Closure, Start};
use crate::elf::{kind, machine_name};
use crate::explain::architecture;
use crate::loader::{Loader, head};
use crate::plan::{Content, Plan, files_of};
use crate::secret;

/// A reason against an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Which rule: `class`, `library`, `version`, `setuid`, `secret`, `evidence`, `base`.
    pub rule: &'static str,
    /// A path in the image, or what else it is about.
    pub what: String,
    /// What is wrong with it.
    pub why: String,
    /// What to do.
    pub todo: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused[{}]: `{}`: {}; {}", self.rule, self.what, self.why, self.todo)
    }
}

/// Looks at everything but the evidence, for which there is [`crate::evidence::check`].
#[must_use]
pub fn check(plan: &Plan) -> Vec<Refusal> {
    let mut found = BTreeSet::new();
    classes(plan, &mut found);
    libraries(plan, &mut found);
    permissions(plan, &mut found);
    secrets(plan, &mut found);
    if let Some(base) = &plan.base {
        of_base(plan, base, &mut found);
    }
    found.into_iter().collect()
}

fn shown(path: &Path) -> String {
    Path::new("/").join(path).display().to_string()
}

/// Nothing of another class or machine is left, loaded by a program or not.
fn classes(plan: &Plan, found: &mut BTreeSet<Refusal>) {
    let name = machine_name(plan.machine);
    let platform = format!("linux/{}", architecture(plan.machine));
    if let Some(wanted) = plan.settings.platform.as_ref().filter(|p| **p != platform) {
        found.insert(Refusal {
            rule: "class",
            what: plan.settings.name.clone(),
            why: format!("image.toml wants `{wanted}`, and the programs are built for `{platform}`"),
            todo: "build them for that platform, or correct `platform`".into(),
        });
    }
    for (path, file) in plan.layers.iter().flat_map(|(_, entries)| files_of(entries)) {
        let Some((bits, machine)) = head(file).as_deref().and_then(kind) else { continue };
        if (bits, machine) != (64, plan.machine) {
            found.insert(Refusal {
                rule: "class",
                what: shown(path),
                why: format!("is {bits}-bit {}, the image is 64-bit {name}", machine_name(machine)),
                todo: format!("build it for {name}, or take `{}` out of image.toml", file.display()),
            });
        }
    }
}

/// What the loader of the image will say, with the files of the image alone.
fn libraries(plan: &Plan, found: &mut BTreeSet<Refusal>) {
    let mut loader = Loader::new(Vec::new(), &plan.facts);
    loader.machine_too = false;
    loader.cached.clone_from(&plan.cached);
    let search = plan.settings.env.get("LD_LIBRARY_PATH").into_iter().flat_map(|p| p.split(':'));
    loader.environment = search.filter(|f| !f.is_empty()).map(str::to_owned).collect();
    for (path, file) in plan.layers.iter().flat_map(|(_, entries)| files_of(entries)) {
        loader.own.insert(Path::new("/").join(path), file.to_owned());
    }
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    let programs: Vec<PathBuf> = plan.programs.iter().map(|p| Path::new("/").join(p)).collect();
    let others: Vec<PathBuf> = loader.own.keys().filter(|p| !programs.contains(p)).cloned().collect();
    for image in programs.iter().chain(&others) {
        let Some(host) = loader.own.get(image).cloned() else { continue };
        if seen.contains(image) || head(&host).as_deref().and_then(kind) != Some((64, plan.machine)) {
            continue;
        }
        let start = Start { host: host.clone(), image: image.clone(), opens: Vec::new(), skips: Vec::new() };
        match closure::closure(std::slice::from_ref(&start), &mut loader) {
            Ok(closure) => {
                seen.extend(closure.objects.iter().map(|o| o.image.clone()));
                versions(&closure, found);
            }
            Err(e) => {
                let (what, why) = match e {
                    crate::Error::Elf { path, message } => {
                        let known = loader.own.iter().find(|(_, host)| **host == path);
                        (known.map_or(path.clone(), |(image, _)| image.clone()), message)
                    }
                    other => (image.clone(), other.to_string()),
                };
                found.insert(Refusal {
                    rule: "library",
                    what: what.display().to_string(),
                    why,
                    todo: "so the program would not start".into(),
                });
            }
        }
    }
}

/// Each symbol version that is wanted is there.
fn versions(closure: &Closure, found: &mut BTreeSet<Refusal>) {
    for object in &closure.objects {
        for version in &object.elf.wants {
            let library = closure.objects.iter().find(|o| {
                let name = o.image.file_name().and_then(|n| n.to_str());
                o.elf.soname.as_deref() == Some(&*version.library) || name == Some(&*version.library)
            });
            // A library that is not there has been told already.
            let Some(library) = library else { continue };
            if !library.elf.versions.contains(&version.name) {
                found.insert(Refusal {
                    rule: "version",
                    what: object.image.display().to_string(),
                    why: format!("wants `{}` of `{}`, which has it not", version.name, library.image.display()),
                    todo: "build it with the libraries that go into the image, or make the image where it was built"
                        .into(),
                });
            }
        }
    }
}

fn permissions(plan: &Plan, found: &mut BTreeSet<Refusal>) {
    for (path, entry) in plan.layers.iter().flat_map(|(_, entries)| entries) {
        if entry.mode & 0o6000 != 0 {
            found.insert(Refusal {
                rule: "setuid",
                what: shown(path),
                why: format!("has permissions {:04o}: whoever runs it gets another user or group", entry.mode),
                todo: "give it `mode = \"0755\"`".into(),
            });
        }
    }
}

/// Nothing in the base, as a runtime sees it, is what may not be in our own layers. What ours replace is not there any more.
fn of_base(plan: &Plan, base: &Base, found: &mut BTreeSet<Refusal>) {
    let replaced = match plan.stored() {
        Ok(layers) => layers.iter().flat_map(|(_, entries)| entries.keys().cloned()).collect::<BTreeSet<_>>(),
        Err(e) => {
            let (what, todo) = (base.reference.to_string(), "take another base, or another path".into());
            found.insert(Refusal { rule: "base", what, why: e.to_string(), todo });
            return;
        }
    };
    let name = machine_name(plan.machine);
    let other = || format!("take another base than `{}` that has none such, as distroless ones", base.reference.name());
    for (path, item) in base.files().filter(|(path, _)| !replaced.contains(*path)) {
        let what = shown(path);
        let mut refuse = |rule, why, todo| found.insert(Refusal { rule, what: what.clone(), why, todo });
        if let Kind::File { elf: Some((bits, machine)), .. } = item.kind
            && (bits, machine) != (64, plan.machine)
        {
            let why = format!("of the base is {bits}-bit {}, the image is 64-bit {name}", machine_name(machine));
            refuse("class", why, other());
        }
        if item.mode & 0o6000 != 0 && matches!(item.kind, Kind::File { .. }) || item.capable {
            let has = if item.capable { "capabilities".into() } else { format!("permissions {:04o}", item.mode) };
            let why = format!("of the base has {has}: whoever runs it gets more than their own rights");
            refuse("setuid", why, other());
        }
        let by_name = secret::by_name(path).filter(|_| item.kind != Kind::Folder);
        let in_it = match &item.kind {
            Kind::File { secret, .. } => secret.as_deref(),
            _ => None,
        };
        if let Some(of) = in_it.or(by_name).filter(|_| !plan.allowed.contains(&what)) {
            let begin = if in_it.is_some() { "of the base has" } else { "of the base is named as" };
            let todo =
                format!("{}; if it is none, say so by [[allow]] with `secret = \"{what}\"` and a `reason`", other());
            refuse("secret", format!("{begin} {of}"), todo);
        }
    }
}

fn secrets(plan: &Plan, found: &mut BTreeSet<Refusal>) {
    let mut refuse = |what: String, why: String, todo: &str| {
        if !plan.allowed.contains(&what) {
            let todo = format!("{todo}; if it is none, say so by [[allow]] with `secret = \"{what}\"` and a `reason`");
            found.insert(Refusal { rule: "secret", what, why, todo });
        }
    };
    let leave = "leave it out, and give it at run time (`secrets` of the task definition)";
    for (path, entry) in plan.layers.iter().flat_map(|(_, entries)| entries) {
        if let Some(what) = secret::by_name(path) {
            refuse(shown(path), format!("is named as {what} is"), leave);
        }
        let shape = match &entry.content {
            // What a package has is known to everyone.
            Content::File(file) if entry.package.is_none() => plan.facts.secret(file),
            Content::Bytes(bytes) => secret::in_bytes(bytes).map(str::to_owned),
            _ => None,
        };
        if let Some(what) = shape {
            refuse(shown(path), format!("has {what} in it"), leave);
        }
    }
    let env = plan.settings.env.iter().map(|(n, v)| (n, v, "environment"));
    for (name, value, of) in env.chain(plan.settings.labels.iter().map(|(n, v)| (n, v, "labels"))) {
        let what = secret::in_bytes(value.as_bytes()).or_else(|| secret::by_variable(name, value));
        if let Some(what) = what {
            refuse(name.clone(), format!("looks like {what}, and the {of} of an image can be read by all"), leave);
        }
    }
}
