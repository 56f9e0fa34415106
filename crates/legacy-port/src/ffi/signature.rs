//! Types of bindgen's as wide as they are: aliases followed, C's own types as the data model has them.

use std::collections::HashMap;

use syn::{GenericArgument, Item, PathArguments, PointerMutability, ReturnType, Signature, Type};

use crate::target::DataModel;

/// The aliases of one module, and the data model that it is for.
pub(super) struct Names<'a> {
    aliases: HashMap<String, &'a Type>,
    model: DataModel,
}

/// How deep types are followed: no header of this world nests them further, and a cycle ends here.
const DEPTH: usize = 32;

impl<'a> Names<'a> {
    pub(super) fn of(items: &'a [Item], model: DataModel) -> Self {
        let aliases = items.iter().filter_map(|item| match item {
            Item::Type(t) => Some((t.ident.to_string(), &*t.ty)),
            _ => None,
        });
        Self { aliases: aliases.collect(), model }
    }

    /// `fn(*const c_void, i32) -> u32`
    pub(super) fn signature(&self, f: &Signature) -> String {
        let mut inputs: Vec<String> = f
            .inputs
            .iter()
            .map(|input| match input {
                syn::FnArg::Typed(t) => self.shown(&t.ty, 0),
                syn::FnArg::Receiver(_) => "self".into(),
            })
            .collect();
        inputs.extend(f.variadic.as_ref().map(|_| "...".to_owned()));
        format!("fn({}){}", inputs.join(", "), self.result(&f.output, 0))
    }

    fn result(&self, output: &ReturnType, depth: usize) -> String {
        match output {
            ReturnType::Default => String::new(),
            ReturnType::Type(_, ty) => format!(" -> {}", self.shown(ty, depth)),
        }
    }

    fn shown(&self, ty: &Type, depth: usize) -> String {
        if depth > DEPTH {
            return "...".into();
        }
        let depth = depth + 1;
        match ty {
            Type::Path(path) => {
                let Some(last) = path.path.segments.last() else { return "?".into() };
                let name = last.ident.to_string();
                if let Some(alias) = self.aliases.get(&name) {
                    return self.shown(alias, depth);
                }
                match &last.arguments {
                    PathArguments::AngleBracketed(args) => {
                        let args: Vec<String> = args
                            .args
                            .iter()
                            .filter_map(|a| match a {
                                GenericArgument::Type(ty) => Some(self.shown(ty, depth)),
                                _ => None,
                            })
                            .collect();
                        format!("{name}<{}>", args.join(", "))
                    }
                    _ => self.basic(&name).map_or(name, str::to_owned),
                }
            }
            Type::Ptr(p) => {
                let to = if matches!(p.mutability, PointerMutability::Mut(_)) { "*mut" } else { "*const" };
                format!("{to} {}", self.shown(&p.elem, depth))
            }
            Type::Array(a) => {
                let len = match &a.len {
                    syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(n), .. }) => n.base10_digits().to_owned(),
                    _ => "_".into(),
                };
                format!("[{}; {len}]", self.shown(&a.elem, depth))
            }
            Type::FnPtr(f) => {
                let mut inputs: Vec<String> = f.inputs.iter().map(|i| self.shown(&i.ty, depth)).collect();
                inputs.extend(f.variadic.as_ref().map(|_| "...".to_owned()));
                format!("fn({}){}", inputs.join(", "), self.result(&f.output, depth))
            }
            Type::Paren(p) => self.shown(&p.elem, depth),
            Type::Group(g) => self.shown(&g.elem, depth),
            Type::Never(_) => "!".into(),
            Type::Tuple(_) => "()".into(),
            _ => "?".into(),
        }
    }

    /// A type of C as the data model has it; `core::ffi` names it for the machine that Rust builds for.
    fn basic(&self, name: &str) -> Option<&'static str> {
        let wide = self.model == DataModel::Lp64;
        Some(match name {
            "c_long" | "isize" => ["i32", "i64"][usize::from(wide)],
            "c_ulong" | "usize" => ["u32", "u64"][usize::from(wide)],
            "c_schar" => "i8",
            "c_uchar" => "u8",
            "c_short" => "i16",
            "c_ushort" => "u16",
            "c_int" => "i32",
            "c_uint" => "u32",
            "c_longlong" => "i64",
            "c_ulonglong" => "u64",
            "c_float" => "f32",
            "c_double" => "f64",
            _ => return None,
        })
    }
}
