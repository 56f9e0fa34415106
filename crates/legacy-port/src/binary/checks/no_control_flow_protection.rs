use crate::binary::check::{Check, Problem};
use crate::binary::object::{Kind, Object};
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "code for x86 without marks for indirect branches and shadow stacks",
    why: "Processors of today can demand that indirect jumps land on an `endbr64` (IBT), and can keep return addresses a second time \
          (SHSTK): Intel's CET. Compilers write the marks with `-fcf-protection`, and the linker sets the GNU property only when \
          every part has them: assembler files and old objects lose it for all. A system uses it where kernel and C library are \
          told to, so this is one to look at. Told of `x86_64` alone: kernels have none for 32-bit programs; \
          and of an archive once, with the number of members that lack it.",
    level: Level::Look,
    fix: FixPromise::ByHand("assembler files need `endbr64` and the property by hand"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(new) = objects.new.filter(|o| o.file.machine == "x86_64" && o.file.bits == 64) else { return };
    if new.flags.branch_targets && new.flags.return_addresses
        || !(new.file.kind.linked() || new.file.kind == Kind::Relocatable)
    {
        return;
    }
    let missing = match (new.flags.branch_targets, new.flags.return_addresses) {
        (false, false) => "`IBT` and `SHSTK`",
        (false, true) => "`IBT`",
        _ => "`SHSTK`",
    };
    out.push(Problem {
        what: "GNU_PROPERTY_X86_FEATURE_1_AND".into(),
        message: format!("the GNU property for control flow lacks {missing}"),
        help: "compile with `-fcf-protection=full`; `-Wl,-z,cet-report=warning` names the objects without".into(),
        ..Problem::default()
    });
}
