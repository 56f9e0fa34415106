use crate::binary::check::{Check, Problem};
use crate::binary::object::Object;
use crate::check::{FixPromise, Level};
use crate::target::Pair;

pub(super) const CHECK: Check = Check {
    summary: "folders to search for libraries that others may write to",
    why: "`DT_RPATH` and `DT_RUNPATH` name folders in which the loader looks before those of the system. An entry that is empty or \
          relative means the current folder, and one below `/tmp`, `/var/tmp`, `/dev/shm` or `/home` is a folder that others may \
          fill: a library of theirs runs with the rights of the program. Paths with `$ORIGIN` and folders of the system are silent. \
          Both are often left behind by a build in another place.",
    level: Level::May,
    fix: FixPromise::ByHand("the folder that is right in production is for a person to say"),
    look,
};

fn look(objects: Pair<Option<&Object>>, out: &mut Vec<Problem>) {
    let Some(new) = objects.new else { return };
    for (tag, folders) in [("DT_RPATH", &new.file.rpath), ("DT_RUNPATH", &new.file.runpath)] {
        for folder in folders.iter().filter(|f| insecure(f)) {
            let why = match folder.as_str() {
                "" => "an empty entry, which is the current folder".into(),
                f if !f.starts_with('/') => format!("`{f}`, which is below the current folder"),
                f => format!("`{f}`, where others may put files"),
            };
            out.push(Problem {
                what: format!("{tag} {folder}"),
                message: format!("libraries are searched for in {why}: `{tag}`"),
                help:
                    "link without `-rpath`, or with `-Wl,-rpath,'$ORIGIN/...'`; `patchelf --remove-rpath` takes it out"
                        .into(),
                ..Problem::default()
            });
        }
    }
}

fn insecure(folder: &str) -> bool {
    const OPEN: [&str; 5] = ["/tmp", "/var/tmp", "/dev/shm", "/home", "/run/user"];
    let below = |base: &str| folder.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let own = ["$ORIGIN", "${ORIGIN}", "$LIB", "${LIB}"].iter().any(|v| folder.starts_with(v));
    !own && !folder.starts_with('/') || OPEN.iter().any(|base| below(base))
}
