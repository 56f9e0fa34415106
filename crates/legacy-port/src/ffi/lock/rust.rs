//! The lock as a module of Rust: bindgen's types with assertions that a build for another layout does not pass.

use std::fmt::Write as _;

use super::{Lock, Module};
use crate::target::DataModel;

/// The whole module.
pub(super) fn module(lock: &Lock) -> String {
    let title = lock.title();
    let mut out = format!(
        "//! Layouts of {name} that must not move, as Rust takes them over. Locked for {title}.\n\
         //!\n\
         //! Written by `legacy-port lock`, the types by bindgen; do not edit it. Put it into a crate as a module (`mod {file};`)\n\
         //! with Rust 1.77 or newer: a type that does not have the locked layout does not compile.\n\
         #![cfg_attr(rustfmt, rustfmt_skip)]\n\
         #![allow(dead_code, missing_docs, non_camel_case_types, non_snake_case, non_upper_case_globals, unreachable_pub)]\n\
         #![allow(clippy::all, clippy::pedantic)]\n",
        name = lock.name,
        file = lock.file_stem(),
    );
    if lock.modules.iter().flat_map(|m| &m.items).any(|item| item.contains("unsafe")) {
        out.push_str("#![allow(unsafe_code, unsafe_op_in_unsafe_fn)] // how bindgen reads and writes bit-fields\n");
    }
    if let [only] = lock.modules.as_slice() {
        if let Some(model) = only.model {
            let _ = write!(
                out,
                "\n#[cfg(not(target_pointer_width = \"{width}\"))]\n\
                 compile_error!(\"`{file}` locks layouts for {title}; pointers of this build do not have {width} bits\");\n",
                file = lock.file_stem(),
                width = width(model),
            );
        }
        out.push('\n');
        only.items.iter().for_each(|item| indented(&mut out, item, ""));
        indented(&mut out, &assertions(only), "");
        return out;
    }
    // What both targets have alike is there once.
    let shared = |item: &&String| lock.modules.iter().all(|m| m.items.contains(item));
    if let Some(first) = lock.modules.first() {
        out.push('\n');
        first.items.iter().filter(shared).for_each(|item| indented(&mut out, item, ""));
    }
    for m in &lock.modules {
        let Some(model) = m.model else { continue };
        let (width, name) = (width(model), model.to_string().to_lowercase());
        let own: Vec<&String> = m.items.iter().filter(|item| !shared(item)).collect();
        let cfg = format!("#[cfg(target_pointer_width = \"{width}\")]");
        if own.is_empty() {
            let _ = write!(out, "\n// As on {}.\n{cfg}", m.title);
            indented(&mut out, &assertions(m), "");
            continue;
        }
        let _ = write!(out, "\n/// As on {}.\n{cfg}\nmod {name} {{\n    use super::*;\n\n", m.title);
        for item in own {
            indented(&mut out, item, "    ");
        }
        indented(&mut out, &assertions(m), "    ");
        let _ = write!(out, "}}\n{cfg}\npub use {name}::*;\n");
    }
    out
}

fn width(model: DataModel) -> u8 {
    if model == DataModel::Lp64 { 64 } else { 32 }
}

/// The assertions of one target.
fn assertions(module: &Module) -> String {
    let mut all = String::from("\nconst _: () = {\n    use ::core::mem::{align_of, offset_of, size_of};\n");
    for (rust, c, figures) in &module.records {
        let (size, align) = (figures.size, figures.align);
        let _ =
            writeln!(all, "    assert!(size_of::<{rust}>() == {size}, \"{c}: `{rust}` no longer has {size} bytes\");");
        let _ = writeln!(
            all,
            "    assert!(align_of::<{rust}>() == {align}, \"{c}: `{rust}` is no longer aligned to {align}\");"
        );
        for (field, at) in &figures.offsets {
            let _ = writeln!(
                all,
                "    assert!(offset_of!({rust}, {field}) == {at}, \"{c}: `{rust}.{field}` is no longer at {at}\");"
            );
        }
    }
    all + "};\n"
}

fn indented(out: &mut String, text: &str, indent: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "{}", format!("{indent}{line}").trim_end());
    }
}
