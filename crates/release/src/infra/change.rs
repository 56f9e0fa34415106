//! A change set in words: what is added, changed, replaced because of what, removed; what loses data, what interrupts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::kinds;
use super::seen::{Change, Detail};
use super::template::Template;

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It is made.
    Add,
    /// It is changed where it is.
    Change,
    /// Another one may take its place: AWS knows when it does it.
    MayReplace,
    /// Another one takes its place.
    Replace,
    /// It goes.
    Remove,
    /// It leaves the stack and stays.
    Leave,
}

/// What becomes of a resource, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What.
    pub what: What,
    /// Logical name.
    pub name: String,
    /// Type.
    pub kind: String,
    /// The resource that is there.
    pub physical: Option<String>,
    /// Properties that say so, each with what it was and will be.
    pub because: Vec<String>,
    /// What is lost.
    pub loses: Option<String>,
    /// What stays although nothing owns it any more.
    pub leaves: Option<String>,
    /// What the service feels.
    pub interrupts: Option<String>,
}

/// The lines of a change set: what loses data first, then by what becomes of them and by name.
#[must_use]
pub fn lines(changes: &[Change], old: Option<&Template>, new: &Template) -> Vec<Line> {
    let mut out: Vec<Line> = changes.iter().map(|c| line(c, old, new)).collect();
    out.sort_by(|a, b| {
        let key = |l: &Line| (l.loses.is_none(), std::cmp::Reverse(l.what), l.name.clone());
        key(a).cmp(&key(b))
    });
    out
}

/// The lines of a stack that is not there and cannot be asked about: everything is added.
#[must_use]
pub fn all_new(template: &Template) -> Vec<Line> {
    let added = |r: super::template::Resource| Change {
        action: "Add".into(),
        name: r.name.to_owned(),
        kind: r.kind.to_owned(),
        ..Change::default()
    };
    lines(&template.resources().map(added).collect::<Vec<_>>(), None, template)
}

fn line(change: &Change, old: Option<&Template>, new: &Template) -> Line {
    let kept = |t: Option<&Template>, replaced: bool| {
        let found = t.and_then(|t| t.resource(&change.name));
        found.is_some_and(|r| if replaced { r.kept_when_replaced } else { r.kept })
    };
    let said = change.policy.as_deref().map(|p| p.contains("Retain") || p.contains("Snapshot"));
    let (what, stays) = match (change.action.as_str(), change.replacement.as_deref()) {
        ("Add" | "Import", _) => (What::Add, true),
        ("Remove", _) => {
            let stays = said.unwrap_or_else(|| kept(old, false));
            (if stays { What::Leave } else { What::Remove }, stays)
        }
        (_, Some("True")) => (What::Replace, said.unwrap_or_else(|| kept(old, true) && kept(Some(new), true))),
        (_, Some("Conditional")) => {
            (What::MayReplace, said.unwrap_or_else(|| kept(old, true) && kept(Some(new), true)))
        }
        // What AWS will only know later may be anything.
        ("Dynamic", _) => (What::MayReplace, kept(old, true) && kept(Some(new), true)),
        _ => (What::Change, true),
    };
    let goes = matches!(what, What::Replace | What::MayReplace | What::Remove | What::Leave);
    let data = kinds::holds(&change.kind).filter(|_| goes);
    let interrupts = kinds::interrupts(&change.kind).filter(|_| goes && what != What::Leave);
    Line {
        what,
        name: change.name.clone(),
        kind: change.kind.clone(),
        physical: change.physical.clone(),
        because: because(&change.details),
        loses: data.filter(|_| !stays).map(str::to_owned),
        leaves: data.filter(|_| stays).map(str::to_owned),
        interrupts: interrupts.map(str::to_owned),
    }
}

/// Each property once: those that make for a replacement first.
fn because(details: &[Detail]) -> Vec<String> {
    let mut all: BTreeMap<(u8, String), (&Detail, Option<&str>)> = BTreeMap::new();
    for detail in details {
        let name = detail.property.clone().unwrap_or_else(|| detail.attribute.clone());
        let rank = match detail.recreation.as_deref() {
            Some("Always") => 0,
            Some("Conditionally") => 1,
            _ => 2,
        };
        let entry = all.entry((rank, name)).or_insert((detail, None));
        // AWS tells a parameter and the change that it makes one after the other.
        entry.1 = entry.1.or(detail.cause.as_deref());
        if entry.0.before.is_none() && entry.0.after.is_none() {
            entry.0 = detail;
        }
    }
    let text = |((rank, name), (detail, cause)): ((u8, String), (&Detail, Option<&str>))| {
        let mut text = name;
        match (&detail.before, &detail.after) {
            (None, None) => {}
            (before, after) => {
                let value = |v: &Option<String>| v.as_deref().map_or("nothing".to_owned(), short);
                let _ = write!(text, ": {} -> {}", value(before), value(after));
            }
        }
        text += match rank {
            0 => ", which cannot be changed in place",
            1 => ", which can perhaps not be changed in place",
            _ => "",
        };
        cause.map_or(text.clone(), |c| format!("{text} (from `{c}`)"))
    };
    all.into_iter().map(text).collect()
}

/// A value, not longer than a line.
fn short(value: &str) -> String {
    const MOST: usize = 60;
    let flat: String = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= MOST {
        return format!("`{flat}`");
    }
    format!("`{}...`", flat.chars().take(MOST).collect::<String>())
}
