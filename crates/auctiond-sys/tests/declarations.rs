//! What `ffi` declares of C, and offers to it, is what bindgen makes of the port's headers.

use std::collections::BTreeMap;
use std::path::Path;

use legacy_port::ffi::bindings::Wanted;
use legacy_port::ffi::headers::Headers;
use legacy_port::project::Project;

/// Types as wide as they are here: that is how bindings tell signatures.
const WIDTHS: [(&str, &str); 4] = [("c_int", "i32"), ("c_long", "i64"), ("time_t", "i64"), ("usize", "u64")];

/// The functions of `ffi.rs` that stand on either side of the seam, `fn(*const c_void, u64) -> u32`, with C's name.
fn declared() -> Vec<(String, String)> {
    let lines = include_str!("../src/ffi.rs").lines().map(str::trim);
    let between = lines.filter_map(|l| l.strip_prefix("pub(super) fn ").or(l.strip_prefix("unsafe extern \"C\" fn ")));
    let understood = between.map(|l| {
        let (name, rest) = l.split_once('(').unwrap();
        let (arguments, result) = rest.trim_end_matches([';', '{', ' ']).split_once(')').unwrap();
        let types: Vec<&str> = arguments.split(", ").map(|a| a.split_once(": ").unwrap().1).collect();
        let signature = format!("fn({}){result}", types.join(", "));
        let signature = WIDTHS.iter().fold(signature, |s, (c, wide)| s.replace(c, wide));
        (name.strip_prefix("c_").unwrap_or(name).to_owned(), signature)
    });
    understood.collect()
}

#[test]
fn declarations_are_those_of_the_headers() {
    let project = Project::load(&Path::new(env!("OUT_DIR")).join("auctiond")).unwrap();
    let headers = Headers::of(&project).unwrap();
    let functions: BTreeMap<String, String> = headers.bindings(Wanted::Below(&project.root)).unwrap().new.functions;
    let declared = declared();
    assert!(declared.len() > 12, "{declared:?}");
    for moved in ["cksum_words", "cksum_adler"] {
        assert_eq!(declared.iter().filter(|(name, _)| name == moved).count(), 2, "{moved}: C's, and the one for C");
    }
    for (name, signature) in declared {
        assert_eq!(functions.get(&name), Some(&signature), "{name}");
    }
}
