//! The lock as a C header: C89 to C23, nothing but assertions and a table that people and `compare` read.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::{Lock, Locked, Member, Section};
use crate::ffi::bare;
use crate::target::DataModel;

/// The whole header.
pub(super) fn header(lock: &Lock) -> String {
    let file = lock.file_stem();
    let upper = file.to_uppercase();
    let mut out = format!(
        "/*\n\
         \x20* {file}.h: layouts of {name} that must not move.\n\
         \x20* Locked for {title}.\n\
         \x20*\n\
         \x20* Written by `legacy-port lock`; do not edit it. Include it anywhere in the build:\n\
         \x20* it adds nothing, and a record that moves does not compile any more. What C\n\
         \x20* cannot ask is compared by `legacy-port lock --check`: places of bit-fields,\n\
         \x20* and members that were added where there was padding.\n\
         \x20*/\n\
         #ifndef {upper}_H\n#define {upper}_H\n\n#include <limits.h>\n#include <stddef.h>\n\n",
        name = tame(&lock.name),
        title = lock.title(),
    );
    let guarded = match lock.sections.as_slice() {
        [Section { model: Some(model), title, .. }] => {
            let other = if *model == DataModel::Lp64 { "4" } else { "8" };
            let wrong = if *model == DataModel::Lp64 { "<=" } else { ">" };
            let _ = writeln!(
                out,
                "#if ULONG_MAX {wrong} 0xFFFFFFFFUL\n\
                 #error \"{file}.h locks layouts for {title}; in this build `long` has {other} bytes\"\n#else\n"
            );
            true
        }
        _ => false,
    };
    for h in &lock.headers {
        let _ = writeln!(out, "#include \"{h}\"");
    }
    let _ = write!(
        out,
        "\n#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L\n\
         #define {upper}(name, test, text) _Static_assert(test, text)\n\
         #define {upper}_ALIGN(name, type, align, text) _Static_assert(_Alignof(type) == (align), text)\n\
         #else /* an array of -1 elements does not compile; the offset behind a char is the alignment */\n\
         #define {upper}(name, test, text) typedef char name[(test) ? 1 : -1]\n\
         #define {upper}_ALIGN(name, type, align, text) \\\n\
         \x20   struct name##_in {{ char before; type it; }}; \\\n\
         \x20   typedef char name[offsetof(struct name##_in, it) == (align) ? 1 : -1]\n\
         #endif\n"
    );
    if let [old, new] = lock.sections.as_slice() {
        let (wide, narrow) = if new.model == Some(DataModel::Lp64) { (new, old) } else { (old, new) };
        out.push_str("\n#if ULONG_MAX > 0xFFFFFFFFUL\n");
        section(&mut out, lock, wide);
        out.push_str("\n#else\n");
        section(&mut out, lock, narrow);
        out.push_str("\n#endif\n");
    } else {
        lock.sections.iter().for_each(|s| section(&mut out, lock, s));
    }
    let _ = write!(out, "\n#undef {upper}\n#undef {upper}_ALIGN\n");
    if guarded {
        out.push_str("\n#endif\n");
    }
    out.push_str("\n#endif\n");
    out
}

fn section(out: &mut String, lock: &Lock, section: &Section) {
    let _ = writeln!(out, "\n/* ---- {} ---- */", section.title);
    let mut names = Names { prefix: lock.file_stem(), taken: HashSet::new() };
    for record in &section.records {
        table(out, record);
        assertions(out, record, &mut names);
    }
}

/// What `compare` reads again: `offset bytes member type`, a line each.
fn table(out: &mut String, record: &Locked) {
    let _ = write!(
        out,
        "\n/*\n * {}: {} bytes, aligned to {}\n *\n *   offset  bytes  member\n",
        tame(&record.name),
        record.size,
        record.align
    );
    let width = record.members.iter().map(|m| m.path.len()).max().unwrap_or(0);
    for m in &record.members {
        let (at, bits) = place(m);
        let _ = writeln!(out, " *   {at:>6} {bits:>6}  {:width$}  {}", m.path, tame(&m.ty));
    }
    out.push_str(" */\n");
}

/// Offset and width as the table has them: in bytes, `20:3` and `:4` for bit 3 of byte 20 and 4 bits, `-` for an array
/// without a length.
pub(super) fn place(m: &Member) -> (String, String) {
    if m.bit_field {
        let bits = m.bits.map_or("-".into(), |b| format!(":{b}"));
        return (format!("{}:{}", m.offset / 8, m.offset % 8), bits);
    }
    ((m.offset / 8).to_string(), m.bits.map_or("-".into(), |b| (b / 8).to_string()))
}

fn assertions(out: &mut String, record: &Locked, names: &mut Names) {
    let (upper, name, bare) = (names.prefix.to_uppercase(), &record.name, bare(&record.name));
    let id = names.new_one(&format!("{bare}_has_{}", record.size));
    let _ = writeln!(out, "{upper}({id}, sizeof({name}) == {0}, \"{name} no longer has {0} bytes\");", record.size);
    let id = names.new_one(&format!("{bare}_aligned_{}", record.align));
    let align = format!("{upper}_ALIGN({id}, {name}, {0}, \"{name} is no longer aligned to {0}\");\n", record.align);
    // Only what has a size by itself can be a member of the record that C89 asks for the alignment.
    if record.members.iter().any(|m| m.bits.is_none()) {
        let _ = write!(out, "#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L\n{align}#endif\n");
    } else {
        out.push_str(&align);
    }
    for m in record.members.iter().filter(|m| !m.bit_field) {
        let (path, at) = (&m.path, m.offset / 8);
        let id = names.new_one(&format!("{bare}_{path}_at_{at}"));
        let _ =
            writeln!(out, "{upper}({id}, offsetof({name}, {path}) == {at}, \"{name}: {path} is no longer at {at}\");");
        if let Some(bytes) = m.bits.map(|b| b / 8) {
            let id = names.new_one(&format!("{bare}_{path}_has_{bytes}"));
            let _ = writeln!(
                out,
                "{upper}({id}, sizeof((({name} *)0)->{path}) == {bytes}, \"{name}: {path} no longer has {bytes} bytes\");"
            );
        }
    }
}

/// Names that are there once.
struct Names {
    prefix: String,
    taken: HashSet<String>,
}

impl Names {
    fn new_one(&mut self, what: &str) -> String {
        let what: String = what.chars().map(|c| if c == '.' { '_' } else { c }).collect();
        let mut name = format!("{}_{what}", self.prefix);
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        name
    }
}

/// Text that ends no comment, and is one line.
fn tame(text: &str) -> String {
    text.replace("*/", "* /").replace(char::is_control, " ")
}
