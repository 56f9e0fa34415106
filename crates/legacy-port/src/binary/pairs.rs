//! Which symbols of two builds are compared.

use super::object::{Object, Symbol, SymbolKind};

/// Names that compilers and linkers make: they differ between architectures, rightly.
const MADE: [&str; 14] = [
    "_init",
    "_fini",
    "_start",
    "__bss_start",
    "_edata",
    "_end",
    "__data_start",
    "data_start",
    "_IO_stdin_used",
    "__x86.",
    "__dso_handle",
    "_GLOBAL_OFFSET_TABLE_",
    "__TMC_END__",
    "_fp_hw",
];

/// Names of C++ that hold tables, which grow with pointers: of virtual functions, of types and their names, of guards.
const TABLES: [&str; 6] = ["_ZTV", "_ZTI", "_ZTS", "_ZTT", "_ZGV", "_ZTC"];

/// Whether a symbol was written by a person.
pub(super) fn of_program(s: &Symbol) -> bool {
    // The symbol that stands for a version is called as it.
    if s.version.as_ref() == Some(&s.name) {
        return false;
    }
    let made = MADE.iter().any(|m| s.name == *m || m.ends_with('.') && s.name.starts_with(m));
    !made && !TABLES.iter().any(|t| s.name.starts_with(t)) && s.kind != SymbolKind::Other
}

/// The variables whose size is compared. What has a version of the C library is a copy of one of its variables.
pub(super) fn data(object: &Object) -> impl Iterator<Item = &Symbol> {
    let copied = |s: &Symbol| s.version.as_ref().is_some_and(|v| v.starts_with("GLIBC"));
    let library = object.file.soname.as_ref().is_some_and(|s| s.starts_with("libc.so"));
    let data = |s: &&Symbol| matches!(s.kind, SymbolKind::Data | SymbolKind::ThreadData) && of_program(s);
    object.exports().filter(data).filter(move |s| library || !copied(s))
}
