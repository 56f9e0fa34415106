use crate::check::{Check, FixPromise, Level, Note, Problem};
use crate::source::flow;
use crate::source::tree::{DeclId, Expr, Kind};

pub(super) const CHECK: Check = Check {
    summary: "a `va_list` that is used a second time without being started or copied anew",
    why: "Under the old target a `va_list` is a pointer and a function gets a copy of it: whoever calls `vfprintf(f, s, ap)` \
          twice prints the same twice. Under the new target it is an array, the function takes arguments out of the \
          caller's, and the second call gets those behind them, or rubbish. Found where one function hands a `va_list` to \
          two calls of which the second can follow the first, or to one in a loop, with no `va_start`, `va_copy` or `va_end` \
          of it in between.",
    level: Level::Breaks,
    fix: FixPromise::ByHand("`va_copy` before the first use, and `va_end` of the copy behind it"),
    visits: &[Kind::Function],
    look,
};

fn look(function: Expr, problems: &mut Vec<Problem>) {
    // Under targets where both pass it alike nothing changes.
    let mut used: Vec<(DeclId, Expr)> = Vec::new();
    for call in function.descendants().filter(|e| e.kind() == Kind::Call) {
        let name = call.callee().map_or("", |c| &c.new.name);
        let starts = ["va_start", "va_copy", "va_end"].iter().any(|f| name.trim_start_matches("__builtin_") == *f);
        for argument in call.arguments() {
            let Some(list) = list_in(argument) else { continue };
            if starts {
                used.retain(|(decl, _)| *decl != list);
                continue;
            }
            let before = used.iter().find(|(decl, _)| *decl == list).map(|(_, before)| *before);
            let again = before.filter(|b| flow::can_follow(*b, call)).or_else(|| repeats(call, list).then_some(call));
            if let Some(before) = again.filter(|_| !call.is_system(call.written())) {
                problems.push(Problem {
                    place: call.written(),
                    message: format!(
                        "`{}` was used before: on {{old}} that was a copy, on {{new}} it is where that use left it",
                        argument.bare().name()
                    ),
                    help: "make a copy with `va_copy` for each use but the last".into(),
                    notes: vec![Note { place: before.written(), text: "used here".into() }],
                    ..Problem::default()
                });
            }
            used.retain(|(decl, _)| *decl != list);
            used.push((list, call));
        }
    }
}

/// The `va_list` that an argument is, where the two targets pass it in different ways.
fn list_in(argument: Expr) -> Option<DeclId> {
    let name = argument.bare();
    let ty = name.ty();
    let named = ty.new.name.contains("va_list");
    let differs = ty.old.is_address() && ty.old.size != ty.new.size && ty.old.size == Some(4);
    name.decl_id().new.filter(|_| named && differs && name.kind() == Kind::Name)
}

/// Whether a use is in a loop that neither starts nor ends the list.
fn repeats(call: Expr, list: DeclId) -> bool {
    let mut up = call.parent();
    while !matches!(up.kind(), Kind::Function | Kind::Unit) {
        if up.kind() == Kind::Loop {
            let again = up.descendants().filter(|e| e.kind() == Kind::Call).any(|c| {
                let name = c.callee().map_or("", |d| d.new.name.trim_start_matches("__builtin_"));
                matches!(name, "va_start" | "va_copy" | "va_end")
                    && c.arguments().any(|a| a.bare().decl_id().new == Some(list))
            });
            return !again && flow::can_follow(call, call);
        }
        up = up.parent();
    }
    false
}
