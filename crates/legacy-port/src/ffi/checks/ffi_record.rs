use crate::check::{FixPromise, Level};
use crate::ffi::bindings::{Bindings, Figures};
use crate::ffi::check::{Check, Problem, What, differing, on_one};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "a record of a header that must not move, with another size, alignment, offset or bit-field under the new target",
    why: "What is in files, packets or shared memory is read by programs that were built for the other target, and by \
          other languages that wrote the layout down. `records` in `[ffi]` of `legacy-port.toml` names the records of which \
          that is so. Of all others it is told at level `look`: bindings have to be made for each target; and so it is where only \
          the alignment differs, which moves what has such a record as a member. The two lists of \
          assertions are bindgen's, which computes them from the headers alone; what they say of bit-fields, for which \
          bindgen asserts nothing, is libclang's.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("types of fixed width (<stdint.h>), and explicit padding and alignment"),
    look,
};

fn look(bindings: Pair<&Bindings>, problems: &mut Vec<Problem>) {
    for (name, both) in differing(bindings.map(|b| &b.records)) {
        let one = on_one("the record", name, &both);
        let (message, notes) = match (one, both.both()) {
            (Some(one), _) => (one, Vec::new()),
            (None, Some(figures)) => (message(name, figures), notes(name, figures)),
            (None, None) => continue,
        };
        problems.push(Problem {
            what: What::Record,
            name: name.clone(),
            message,
            help:
                "use types of fixed width (<stdint.h>) in the layout that is to stay; `legacy-port lock` then keeps it"
                    .into(),
            notes,
            calm: both.both().is_some_and(|f| !moves(f)),
        });
    }
}

fn message(name: &str, figures: Pair<&Figures>) -> String {
    let size = figures.map(|f| f.size);
    if size.differs() {
        return format!("`{name}` has {} bytes on {{old}} and {} on {{new}}", size.old, size.new);
    }
    if !moves(figures) {
        let align = figures.map(|f| f.align);
        return format!("`{name}` is aligned to {} bytes on {{old}} and to {} on {{new}}", align.old, align.new);
    }
    let what = if figures.map(|f| &f.offsets).differs() { "members at other offsets" } else { "other bit-fields" };
    format!("`{name}` has {} bytes on both, but {what}", size.new)
}

/// Whether more than the alignment differs.
fn moves(figures: Pair<&Figures>) -> bool {
    figures.map(|f| f.size).differs() || figures.map(|f| (&f.offsets, &f.bit_fields)).differs()
}

/// What both lists say where they differ.
fn notes(name: &str, figures: Pair<&Figures>) -> Vec<String> {
    let lists = figures.map(|f| f.list(name));
    let side = |target: &str, list: &[String], other: &[String]| {
        let differ: Vec<&str> = list.iter().filter(|line| !other.contains(line)).map(String::as_str).collect();
        let more = differ.len().saturating_sub(TOLD);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        format!("{target}: {}{more}", differ[..differ.len().min(TOLD)].join(", "))
    };
    vec![side("{old}", &lists.old, &lists.new), side("{new}", &lists.new, &lists.old)]
}

/// How many assertions are told of each list; `legacy-port ffi --lists` writes all.
const TOLD: usize = 8;
