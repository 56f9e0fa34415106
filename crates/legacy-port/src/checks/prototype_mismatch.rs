use crate::check::{Check, FixPromise, Level, Need, Problem};
use crate::source::program;
use crate::source::tree::{Expr, Kind, Shape};

pub(super) const CHECK: Check = Check {
    summary: "a function or variable declared here with widths that its definition has under the old target only",
    why: "`extern int table;` in one file and `long table;` in another, `extern int find();` for a function that returns a \
          pointer, `void f(int)` for `void f(long)`: as long as both had 4 bytes nobody noticed, and no compiler sees both \
          files. Under the new target one side reads and writes other bytes than the other. Silent where widths disagree on \
          both targets alike, and for records. Not followed: functions of one name in several programs of one project, of \
          which the first is compared.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("one declaration in a header that both files include"),
    visits: &[Kind::Function, Kind::Extern],
    look,
};

fn look(e: Expr, problems: &mut Vec<Problem>) {
    let place = e.written();
    let defines = e.children().any(|c| c.kind() == Kind::Compound);
    let external = e.decl().is_some_and(|d| d.new.external);
    if defines || !external || e.is_system(place) {
        return;
    }
    let widths = program::widths(e.tree, e.ty());
    let blind = matches!(e.ty().new.shape, Shape::Function { prototype: false, .. });
    problems.push(Problem {
        place,
        message: format!(
            "`{}` is defined elsewhere with widths that are the same on {{old}} and others on {{new}}; here it is `{}`",
            e.name(),
            e.ty().new.name
        ),
        help: if blind {
            "declare it as it is defined, with its parameters, in a header that both files include".into()
        } else {
            "declare it as it is defined, in a header that both files include".into()
        },
        needs: Some(Need::DefinedOtherwise(e.name().to_owned(), widths)),
        ..Problem::default()
    });
}
