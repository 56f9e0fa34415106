//! The preflight of an account: what must be so before a release, looked for in a picture of what AWS told. Pure; who asks
//! is `aws::picture`. Adding an item is its entry in the file of its theme and its case in `tests/preflight/cases.toml`.

mod account;
mod alarms;
mod bucket;
mod group;
mod health;
mod image;
mod need;
mod network;
mod notifications;
mod permissions;
mod picture;
mod pipeline;
mod place;
mod report;
mod roles;
mod sarif;
mod service;
mod task;
mod traffic;
mod trigger;
mod under_way;

pub use need::{Need, of as needs};
pub use picture::{Answer, Picture, Question};
pub use place::Settings;
pub use report::Report;

/// What an item says is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The resource: an ARN, a name.
    pub resource: String,
    /// What is wrong with it.
    pub what: String,
    /// The key of `release.toml` that says otherwise, below its environment.
    pub key: Option<&'static str>,
}

/// Why an item does not say that all is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bad {
    /// It cannot be looked at, or there is nothing to look at; why.
    Skip(String),
    /// It is not so.
    Faults(Vec<Fault>),
}

/// What an item sees: that it is so, in words, or not.
pub type Seen = Result<String, Bad>;

/// An item: data first, then the function that looks. It does not know other items.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Its name, in every report.
    pub id: &'static str,
    /// AWS's rule.
    pub rule: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// Where AWS says so.
    pub source: &'static str,
    /// Looks.
    pub look: fn(&Picture) -> Seen,
}

/// How an item came out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The theme that it belongs to.
    pub theme: &'static str,
    /// The item.
    pub item: &'static Item,
    /// What it saw.
    pub seen: Seen,
}

macro_rules! themes {
    ($($name:ident,)*) => {
        &[$((stringify!($name), $name::ITEMS)),*]
    };
}

/// All items by their themes, sorted by those.
pub const THEMES: &[(&str, &[Item])] = themes![
    account,
    alarms,
    bucket,
    group,
    health,
    image,
    network,
    notifications,
    permissions,
    pipeline,
    roles,
    service,
    task,
    traffic,
    trigger,
    under_way,
];

/// Asks every item; with credentials of another account only the one that says so, since what is there says nothing.
#[must_use]
pub fn look(picture: &Picture) -> Vec<Outcome> {
    let elsewhere = account::ITEMS.iter().any(|item| matches!((item.look)(picture), Err(Bad::Faults(_))));
    let of = |(theme, items): &(&'static str, &'static [Item])| {
        let theme = *theme;
        let seen = move |item: &Item| {
            if elsewhere && theme != "account" {
                skip("the credentials are not of this account")
            } else {
                (item.look)(picture)
            }
        };
        items.iter().map(move |item| Outcome { theme, item, seen: seen(item) }).collect::<Vec<_>>()
    };
    THEMES.iter().flat_map(of).collect()
}

fn fault(resource: impl Into<String>, what: impl Into<String>) -> Bad {
    Bad::Faults(vec![Fault { resource: resource.into(), what: what.into(), key: None }])
}

/// One that `release.toml` says otherwise.
fn against(key: &'static str, resource: impl Into<String>, what: impl Into<String>) -> Bad {
    Bad::Faults(vec![Fault { resource: resource.into(), what: what.into(), key: Some(key) }])
}

fn skip<T>(why: impl Into<String>) -> Result<T, Bad> {
    Err(Bad::Skip(why.into()))
}

/// All faults together, or that all is well.
fn none_of(faults: Vec<Fault>, well: String) -> Seen {
    if faults.is_empty() { Ok(well) } else { Err(Bad::Faults(faults)) }
}
