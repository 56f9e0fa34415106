//! The one door to bindgen: headers and a target in, plain data out, and the types as Rust.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use bindgen::{Builder, Formatter, RustEdition, RustTarget};
use syn::{BinOp, Expr, ForeignItem, Item, Lit, Stmt};

use super::signature::Names;
use crate::target::DataModel;
use crate::{Error, Result};

/// What of the headers is taken over; what that needs comes along.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// All that files in this folder declare.
    Below(&'a Path),
    /// These structures, unions and typedefs.
    Types(&'a [String]),
}

/// Size, alignment and offsets of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Bytes.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// Members in the order of the source with their bytes from the start; bit-fields are not among them.
    pub offsets: Vec<(String, u64)>,
    /// Bit-fields by their paths, each with its bits from the start and its width in bits. bindgen asserts nothing of them:
    /// they are libclang's, and are there only after an audit.
    pub bit_fields: Vec<(String, u64, u64)>,
}

/// What Rust would take headers for under one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings {
    /// By their name in Rust.
    pub records: BTreeMap<String, Figures>,
    /// Macros and enumerators with a value.
    pub constants: BTreeMap<String, String>,
    /// Functions with their types as wide as they are, `fn(*const c_void, i32) -> u32`.
    pub functions: BTreeMap<String, String>,
    /// The types and what belongs to them, an item each, formatted; no assertions.
    pub items: Vec<String>,
}

impl Bindings {
    /// Lets bindgen read the headers, the last of which may rely on those before; `arguments` are libclang's.
    ///
    /// # Errors
    /// What libclang or bindgen do not take in them.
    pub fn read(headers: &[PathBuf], arguments: &[String], model: DataModel, wanted: Wanted) -> Result<Self> {
        let last = headers.last().cloned().unwrap_or_default();
        let fail = |message: String| Error::Ffi { path: last.clone(), message };
        // The oldest with `offset_of!`; what it takes newer ones and editions take too.
        let rust = RustTarget::stable(77, 0).map_err(|e| fail(format!("bindgen has no Rust 1.77: {e}")))?;
        let mut builder = Builder::default()
            .clang_args(arguments)
            .detect_include_paths(false)
            .use_core()
            .layout_tests(true)
            .generate_comments(false)
            .disable_header_comment()
            .rust_target(rust)
            .rust_edition(RustEdition::Edition2021)
            .formatter(Formatter::None);
        for header in headers {
            builder = builder.header(header.to_str().ok_or_else(|| fail("its path is not UTF-8".into()))?);
        }
        builder = match wanted {
            Wanted::Below(dir) => {
                let dir = dir.to_str().ok_or_else(|| fail("its folder's path is not UTF-8".into()))?;
                builder.allowlist_file(format!("{}/.*", quoted(dir)))
            }
            Wanted::Types(names) => names.iter().fold(builder, |b, name| b.allowlist_type(quoted(name))),
        };
        // It ends with a panic where it does not know what to do with a declaration.
        let made = panic::catch_unwind(AssertUnwindSafe(|| builder.generate())).map_err(|_| {
            fail("bindgen gave up on it; leave the header out, or the declaration that it names".into())
        })?;
        let text = made.map_err(|e| fail(format!("bindgen cannot read it: {e}")))?.to_string();
        let file = syn::parse_file(&text).map_err(|e| fail(format!("bindgen wrote Rust that does not parse: {e}")))?;
        Ok(Self::of(file, model))
    }

    fn of(file: syn::File, model: DataModel) -> Self {
        let mut out = Self::default();
        let names = Names::of(&file.items, model);
        for item in &file.items {
            match item {
                Item::Const(c) if c.ident == "_" => out.assertions(&c.expr),
                Item::Const(c) => {
                    if let Some(value) = value(&c.expr) {
                        out.constants.insert(c.ident.to_string(), value);
                    }
                }
                Item::ForeignMod(block) => {
                    for item in &block.items {
                        if let ForeignItem::Fn(f) = item {
                            out.functions.insert(f.sig.ident.to_string(), names.signature(&f.sig));
                        }
                    }
                }
                _ => {}
            }
        }
        let kept = file.items.into_iter().filter(|item| !matches!(item, Item::Const(c) if c.ident == "_"));
        let alone = |item| syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] };
        out.items = kept.map(|item| prettyplease::unparse(&alone(item))).collect();
        out
    }

    /// `["Size of sale"][size_of::<sale>() - 104usize];`: bindgen's assertions, a statement each.
    fn assertions(&mut self, block: &Expr) {
        let Expr::Block(block) = block else { return };
        for statement in &block.block.stmts {
            let Stmt::Expr(Expr::Index(e), _) = statement else { continue };
            let (Expr::Array(told), Expr::Binary(difference)) = (&*e.expr, &*e.index) else { continue };
            let Some(Expr::Lit(told)) = told.elems.first() else { continue };
            let (Lit::Str(told), Expr::Lit(number), BinOp::Sub(_)) = (&told.lit, &*difference.right, difference.op)
            else {
                continue;
            };
            let Lit::Int(number) = &number.lit else { continue };
            let (told, Ok(number)) = (told.value(), number.base10_parse()) else { continue };
            if let Some(name) = told.strip_prefix("Size of ") {
                self.records.entry(name.to_owned()).or_default().size = number;
            } else if let Some(name) = told.strip_prefix("Alignment of ") {
                self.records.entry(name.to_owned()).or_default().align = number;
            } else if let Some((name, field)) = told.strip_prefix("Offset of field: ").and_then(|s| s.split_once("::"))
            {
                self.records.entry(name.to_owned()).or_default().offsets.push((field.to_owned(), number));
            }
        }
    }

    /// All that is asserted of records, constants and functions, a line each, sorted.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        let records = self.records.iter().flat_map(|(name, figures)| figures.list(name));
        let constants = self.constants.iter().map(|(name, value)| format!("const {name} = {value}"));
        let functions = self.functions.iter().map(|(name, signature)| format!("fn {name}: {signature}"));
        records.chain(constants).chain(functions).collect()
    }
}

impl Figures {
    /// What is asserted of it, as Rust, a line each; bit-fields, which Rust has not, in words.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let whole =
            [format!("size_of::<{name}>() == {}", self.size), format!("align_of::<{name}>() == {}", self.align)];
        let offsets = self.offsets.iter().map(|(field, offset)| format!("offset_of!({name}, {field}) == {offset}"));
        let bits = self.bit_fields.iter().map(|(path, at, bits)| format!("{name}.{path}: {bits} bits from bit {at}"));
        whole.into_iter().chain(offsets).chain(bits).collect()
    }
}

/// What a constant says: a number, or the text of a string.
fn value(e: &Expr) -> Option<String> {
    match e {
        Expr::Lit(lit) => Some(match &lit.lit {
            Lit::Int(i) => i.base10_digits().to_owned(),
            Lit::Float(f) => f.base10_digits().to_owned(),
            Lit::Bool(b) => b.value.to_string(),
            Lit::ByteStr(s) => {
                format!("{:?}", String::from_utf8_lossy(s.value().strip_suffix(b"\0").unwrap_or(&s.value())))
            }
            _ => return None,
        }),
        Expr::Unary(unary) => Some(format!("-{}", value(&unary.expr)?)),
        Expr::Group(group) => value(&group.expr),
        Expr::Paren(paren) => value(&paren.expr),
        _ => None,
    }
}

/// A text as a regular expression that matches it alone, in the words that bindgen's engine knows.
fn quoted(text: &str) -> String {
    let special = |c: char| c.is_ascii_punctuation() && !matches!(c, '/' | '_' | '<' | '>');
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}
