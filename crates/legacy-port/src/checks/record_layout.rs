use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::tree::{Expr, Kind, Record, Shape};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a structure or union whose size or the offset of a member differs between the targets",
    why: "Harmless as long as it stays in the process. It must not be written to a file, sent, mapped or shared with a \
          program of the other kind: then what one wrote the other reads elsewhere. Silent where size and all offsets \
          agree, whatever the types of the members are called.",
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
    let bytes = records.map(|r| r.size.unwrap_or(0));
    let mut notes = moved(records);
    // An alignment alone moves nothing; it shows in a record that has this one as a member.
    if !bytes.differs() && notes.is_empty() {
        return;
    }
    notes.extend(widened(e, records));
    let name = &records.new.name;
    let message = if bytes.differs() {
        format!("`{name}` has {} bytes on {{old}} and {} on {{new}}", bytes.old, bytes.new)
    } else {
        format!("`{name}` has {} bytes on both, but members at other offsets", bytes.new)
    };
    problems.push(Problem {
        place: e.node().place,
        message,
        help: "where its bytes leave the process, use types of fixed width (<stdint.h>) and explicit padding".into(),
        notes,
        layout: e.tree.record_id(e.ty()),
        ..Problem::default()
    });
}

/// The first member that lies elsewhere: those behind it follow from it.
fn moved(records: Pair<&Record>) -> Vec<Note> {
    let fields = records.old.fields.iter().zip(&records.new.fields);
    let first = fields.into_iter().find(|(o, n)| o.offset != n.offset);
    let note = first.map(|(o, n)| Note {
        place: n.place,
        text: format!("{} is at offset {} on {{old}}, at {} on {{new}}", n.shown(), bytes(o.offset), bytes(n.offset)),
    });
    note.into_iter().collect()
}

/// How many widened members are told.
const WIDENED: usize = 32;

/// The numbers that became wider: for a pointer that is its nature, for a number somebody chose the type.
fn widened(e: Expr, records: Pair<&Record>) -> Vec<Note> {
    let sides = e.tree.sides.as_ref();
    let fields = records.old.fields.iter().zip(&records.new.fields);
    let notes = fields.filter_map(|(old, new)| {
        let ty = Pair { old, new }.zip(sides).map(|(f, side)| side.types.get(f.ty.0 as usize)).both()?;
        let size = ty.map(|t| t.integer().map(|(size, _)| size)).both().filter(Pair::differs)?;
        let text = format!("`{}` has {} bytes on {{old}} and {} on {{new}}", new.name, size.old, size.new);
        Some(Note { place: new.place, text })
    });
    notes.take(WIDENED).collect()
}

/// An offset in bytes, and bits where it is none.
fn bytes(bits: Option<u64>) -> String {
    match bits {
        Some(b) if b % 8 == 0 => (b / 8).to_string(),
        Some(b) => format!("{} bit {}", b / 8, b % 8),
        None => "?".into(),
    }
}
