use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "code that compiles for the old target and not for the new",
    why: "An address in the initializer of an `int`, a `va_list` that is assigned, a header or a register that the new target \
          does not have, an `#error` for systems that the author did not know. The compiler says so as well; it is told \
          here so that one list has everything. Errors that both targets have are no difference and stand in the coverage of \
          the audit.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("depends on what does not compile"),
    visits: &[Kind::Unit],
    look,
};

fn look(unit: Expr, problems: &mut Vec<Problem>) {
    let errors = unit.tree.errors.as_ref();
    let new = errors.new.iter().filter(|e| !errors.old.iter().any(|o| o.place == e.place && o.text == e.text));
    for (i, error) in new.enumerate() {
        // What was declared in code that is not compiled is missed wherever it is used: told once, at the first.
        let follows = error.text.starts_with("use of undeclared") || error.text.starts_with("unknown type name");
        let Some(place) = error.at.filter(|_| i == 0 || !follows) else { continue };
        problems.push(Problem {
            place,
            message: format!("compiles for {{old}} and not for {{new}}: {}", error.text),
            help: "see what the other findings at this place say".into(),
            ..Problem::default()
        });
    }
}
