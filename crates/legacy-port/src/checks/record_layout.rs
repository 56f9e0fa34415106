use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::tree::{Expr, Kind, Record, Shape};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a structure or union whose size, alignment or an offset differs between the targets",
    why: "Harmless as long as it stays in the process. It must not be written to a file, sent, mapped or shared with a \
          program of the other kind: then what one wrote the other reads elsewhere. Silent where size, alignment and all \
          offsets agree, whatever the types of the members are called.",
    level: Level::Look,
    fix: FixPromise::ByHand("whether the layout must stay is a question of who else reads it"),
    visits: &[Kind::Record],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let Some(records) = e
        .ty()
        .zip(e.tree.sides.as_ref())
        .map(|(ty, side)| match ty.shape {
            Shape::Record(id) => side.records.get(id.0 as usize),
            _ => None,
        })
        .both()
    else {
        return;
    };
    // A declaration is not the place, the definition is.
    if records.new.place != Some(e.node().place) {
        return;
    }
    let sizes = records.map(|r| (r.size, r.align));
    let notes = moved(records);
    if !sizes.differs() && notes.is_empty() {
        return;
    }
    let bytes = records.map(|r| r.size.unwrap_or(0));
    let message = if bytes.differs() {
        format!("`{}` has {} bytes on {{old}} and {} on {{new}}", records.new.name, bytes.old, bytes.new)
    } else if notes.is_empty() {
        let align = records.map(|r| r.align.unwrap_or(0));
        format!("`{}` is aligned to {} on {{old}} and to {} on {{new}}", records.new.name, align.old, align.new)
    } else {
        format!("`{}` has {} bytes on both, but members at other offsets", records.new.name, bytes.new)
    };
    problems.push(Problem {
        place: e.node().place,
        message,
        help: "where its bytes leave the process, use types of fixed width (<stdint.h>) and explicit padding".into(),
        notes,
    });
}

/// The first member that lies elsewhere: those behind it follow from it.
fn moved(records: Pair<&Record>) -> Vec<Note> {
    let fields = records.old.fields.iter().zip(&records.new.fields);
    let first = fields.into_iter().find(|(o, n)| o.offset != n.offset);
    let note = first.map(|(o, n)| Note {
        place: n.place,
        text: format!("`{}` is at offset {} on {{old}}, at {} on {{new}}", n.name, bytes(o.offset), bytes(n.offset)),
    });
    note.into_iter().collect()
}

/// An offset in bytes, and bits where it is none.
fn bytes(bits: Option<u64>) -> String {
    match bits {
        Some(b) if b % 8 == 0 => (b / 8).to_string(),
        Some(b) => format!("{} bit {}", b / 8, b % 8),
        None => "?".into(),
    }
}
