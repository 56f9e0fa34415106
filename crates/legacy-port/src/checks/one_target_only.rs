use crate::check::{Check, FixPromise, Level, Problem};
use crate::source::tree::{Expr, Kind, On};

pub(super) const CHECK: Check = Check {
    summary: "statements, table entries or members that the old target alone compiles, with nothing in their place",
    why: "`#ifdef __i386__` with no `#else`, or `#if LONG_MAX == 0x7FFFFFFF` with one that is empty: what is done there is not \
          done any more, and no compiler says so. What is used and no longer declared does not compile, which is \
          `new_target_error`. Silent where other code takes its place on the new target, for declarations that do nothing \
          by themselves, and for what the system's headers make different. The report lists all such stretches.",
    level: Level::Look,
    fix: FixPromise::ByHand("whether the new target needs it, the author of the condition knew"),
    visits: &[Kind::Compound, Kind::InitList, Kind::Record],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    // The stretches between what both targets have.
    let (mut gone, mut instead) = (None, false);
    for part in e.children() {
        match part.node().on {
            On::OldOnly => gone = gone.or_else(|| Some(part).filter(|p| does_something(*p))),
            // The `;` behind a macro that is empty is nothing.
            On::NewOnly => instead |= part.kind() != Kind::Other || part.node().end > part.id + 1,
            On::Both => {
                tell(e, gone, instead, problems);
                (gone, instead) = (None, false);
            }
        }
    }
    tell(e, gone, instead, problems);
}

/// Whether it is more than a declaration.
fn does_something(part: Expr) -> bool {
    let valued = |v: Expr| v.kind() == Kind::Variable && v.descendants().any(|d| d.kind() == Kind::Call);
    match part.kind() {
        Kind::DeclStatement => part.children().any(valued),
        Kind::Record | Kind::Enum | Kind::Typedef | Kind::Function | Kind::Extern | Kind::TypeName => false,
        _ => true,
    }
}

fn tell(within: Expr, gone: Option<Expr>, instead: bool, problems: &mut Vec<Problem>) {
    let Some(gone) = gone.filter(|_| !instead) else { return };
    let place = gone.written();
    // What does not parse on one side is another story, and stands elsewhere.
    let around = within.node().place;
    let errors = within.tree.errors.as_ref();
    let mut all = errors.old.iter().chain(errors.new).filter_map(|e| e.at);
    let unparsed = all.any(|at| at.file == around.file && (around.start..=around.end).contains(&at.start));
    if unparsed || within.is_system(place) || within.is_system(gone.node().place) {
        return;
    }
    let what = match within.kind() {
        Kind::Compound => "done",
        Kind::InitList => "an element of the table",
        _ => "a member",
    };
    problems.push(Problem {
        place,
        message: format!("{what} on {{old}} alone: nothing takes its place on {{new}}"),
        help: "say what the new target has to do here, if only by a comment in an `#else`".into(),
        ..Problem::default()
    });
}
