//! The gate before an image, as `release` and `image build` use it.

use std::path::Path;

use anyhow::Result;
use container::evidence;
use container::gate::{self, Refusal};
use container::plan::Plan;

/// What the gate says.
pub(crate) enum Verdict {
    /// The image may be made; with the evidence that travels with it, and what is worth a word.
    Passed { evidence: Option<String>, words: Vec<String> },
    /// It may not.
    Refused(Vec<Refusal>),
}

/// Asks the gate. `force` is a reason to let the image out although evidence is lacking: it is kept in the evidence and in the
/// image; nothing else can be forced.
pub(crate) fn ask(plan: &mut Plan, file: Option<&Path>, force: Option<&str>) -> Result<Verdict> {
    let mut refusals = gate::check(plan);
    let checked = evidence::check(plan, file)?;
    let mut words = checked.warnings;
    let mut text = checked.text;
    match force {
        Some(reason) if !checked.refusals.is_empty() => {
            text = Some(evidence::forced(plan, text.as_deref(), reason, &checked.refusals)?);
            words.extend(checked.refusals.iter().map(|r| format!("forced: `{}`: {}", r.what, r.why)));
            plan.forced = Some(reason.to_owned());
        }
        _ => refusals.extend(checked.refusals),
    }
    if refusals.is_empty() { Ok(Verdict::Passed { evidence: text, words }) } else { Ok(Verdict::Refused(refusals)) }
}

/// A reason is a sentence, not a shrug.
pub(crate) fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().filter(|c| c.is_alphabetic()).count() < 8 {
        return Err("expected a reason of 8 letters or more: it is kept in the evidence and in the image".into());
    }
    Ok(text.to_owned())
}

/// The refusals, a line each.
pub(crate) fn text(refusals: &[Refusal]) -> String {
    refusals.iter().fold(String::new(), |text, r| format!("{text}{r}\n"))
}
