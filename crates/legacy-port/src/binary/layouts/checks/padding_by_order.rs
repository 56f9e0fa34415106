use crate::binary::layouts::check::{Check, Leaves, Problem};
use crate::check::{FixPromise, Level};

pub(super) const CHECK: Check = Check {
    summary: "records that grew, and would be smaller with their members in another order",
    why: "Wider pointers and `long`s ask for padding before them. With members sorted by alignment, the widest first, there is none \
          but at the end. Silent for records whose bytes leave the process, whose order is not the program's to choose, for \
          unions, and for records with bit-fields, attributes or an array without a length. That code relies on the order, by \
          a list of initial values or by a cast to what the first member is, is not seen.",
    level: Level::Look,
    fix: FixPromise::ByHand("initial values without names and casts go by the order"),
    look: |s| {
        let change = s.change.filter(|c| s.leaves != Leaves::Yes && c.growth() > 0)?;
        let best = change.reordered.as_ref()?;
        let size = change.layouts.new.size;
        let saved = size.checked_sub(best.size)?;
        let mut notes = vec![format!("in this order: {}", listed(&best.order))];
        if let Some(count) = s.count {
            notes.push(format!("{count} of them: {} bytes less", u128::from(saved) * u128::from(count)));
        }
        Some(Problem {
            message: format!(
                "`{}` has {size} bytes on {}, and {} with its members sorted by alignment",
                s.name, s.names.new, best.size
            ),
            help: format!("where there are many of them, sort the members: {saved} bytes less each"),
            notes,
            calm: false,
        })
    },
};

/// Names that are told of an order.
const TOLD: usize = 40;

fn listed(order: &[String]) -> String {
    let named = |n: &String| if n.is_empty() { "(unnamed)".to_owned() } else { format!("`{n}`") };
    let mut all: Vec<String> = order.iter().take(TOLD).map(named).collect();
    if order.len() > TOLD {
        all.push(format!("and {} more", order.len() - TOLD));
    }
    all.join(", ")
}
