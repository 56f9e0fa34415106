//! The entries of a unit that say something of types -> nodes. All others are skipped, by the bytes that their abbreviation has.

use std::sync::Arc;

use gimli::constants as dw;
use gimli::{Abbreviation, Abbreviations, AttributeValue, EntriesRaw, Reader as _, Unit, UnitOffset};

use super::raw::Raw;
use super::{FILE, Part, SHARED, Slice, TYPES};
use crate::binary::dwarf::graph::{Id, NONE, Node, Tag, UNSAID};

/// How entries of one abbreviation are read.
#[derive(Clone, Copy)]
enum Plan {
    Unseen,
    /// Skipped: that many bytes; and whether entries below follow.
    Fixed(u32, bool),
    /// Skipped, with a length that must be read.
    Skip,
    Keep(Tag),
}

/// A unit that is being read.
pub(super) struct Walk<'a, 'u, 'd> {
    part: &'a Part<'a, 'd>,
    unit: &'u Unit<Slice<'d>>,
    base: u64,
    number: u32,
    out: &'a mut Raw<'d>,
    plans: Vec<Plan>,
}

/// Deeper nesting than that is not followed: the rest of the unit is left out.
const DEEP: usize = 1 << 12;

impl<'a, 'u, 'd> Walk<'a, 'u, 'd> {
    /// Of the unit with this number in the graph.
    pub(super) fn new(part: &'a Part<'a, 'd>, unit: &'u Unit<Slice<'d>>, number: u32, out: &'a mut Raw<'d>) -> Self {
        Self { part, unit, base: part.base, number, out, plans: Vec::new() }
    }

    /// All of it; when it is damaged, what lies before the damage is there.
    pub(super) fn run(&mut self) -> gimli::Result<()> {
        let abbreviations: Arc<Abbreviations> = Arc::clone(&self.unit.abbreviations);
        let header = &self.part.header;
        let root = header.root_offset();
        let mut input = header.range_from(root..)?;
        let end = root.0 + input.len();
        // For each open entry the node that it is or that is around it.
        let mut open: Vec<(Id, bool)> = Vec::new();
        while !input.is_empty() {
            let at = end - input.len();
            let code = input.read_uleb128()?;
            if code == 0 {
                if let Some((id, true)) = open.pop() {
                    self.close(id);
                }
                if open.is_empty() {
                    break;
                }
                continue;
            }
            let slot = usize::try_from(code).unwrap_or(usize::MAX);
            let known = self.plans.get(slot).copied().unwrap_or(Plan::Unseen);
            let around = open.last().map_or(NONE, |o| o.0);
            if let Plan::Fixed(n, has_children) = known {
                input.skip(n as usize)?;
                if has_children {
                    open.push((around, false));
                }
                if open.len() > DEEP {
                    break;
                }
                continue;
            }
            let a = abbreviations.get(code).ok_or(gimli::Error::InvalidAbbreviationCode(code))?;
            let has_children = a.has_children();
            let plan = if matches!(known, Plan::Unseen) { self.plan(slot, a) } else { known };
            let mut this = (around, false);
            match plan {
                Plan::Fixed(n, _) => input.skip(n as usize)?,
                Plan::Keep(tag) if self.wanted(tag, around) => {
                    let mut raw =
                        EntriesRaw::new(input, self.unit.encoding(), &abbreviations, UnitOffset(end - input.len()));
                    let id = self.keep(tag, at, around, a, &mut raw)?;
                    input.skip(raw.next_offset().0 - (end - input.len()))?;
                    this = (id, true);
                }
                _ => {
                    let mut raw =
                        EntriesRaw::new(input, self.unit.encoding(), &abbreviations, UnitOffset(end - input.len()));
                    raw.skip_attributes(a.attributes())?;
                    input.skip(raw.next_offset().0 - (end - input.len()))?;
                }
            }
            if has_children {
                if open.len() >= DEEP {
                    break;
                }
                open.push(this);
            } else if this.1 {
                self.close(this.0);
            }
        }
        while let Some((id, own)) = open.pop() {
            if own {
                self.close(id);
            }
        }
        Ok(())
    }

    fn close(&mut self, id: Id) {
        let end = u32::try_from(self.out.nodes.len()).unwrap_or(NONE);
        if let Some(node) = self.out.nodes.get_mut(id as usize) {
            node.end = end;
        }
    }

    /// Parameters are those of function types, members and dimensions those of types too; all others are of variables.
    fn wanted(&self, tag: Tag, around: Id) -> bool {
        match tag {
            Tag::Parameter | Tag::Variadic => {
                self.out.nodes.get(around as usize).is_some_and(|n| n.tag == Tag::Function)
            }
            _ => true,
        }
    }

    fn plan(&mut self, slot: usize, a: &Abbreviation) -> Plan {
        let tag = match a.tag() {
            dw::DW_TAG_base_type => Some(Tag::Base),
            dw::DW_TAG_pointer_type => Some(Tag::Pointer),
            dw::DW_TAG_reference_type | dw::DW_TAG_rvalue_reference_type => Some(Tag::Reference),
            dw::DW_TAG_ptr_to_member_type => Some(Tag::MemberPointer),
            dw::DW_TAG_const_type => Some(Tag::Const),
            dw::DW_TAG_volatile_type => Some(Tag::Volatile),
            dw::DW_TAG_restrict_type => Some(Tag::Restrict),
            dw::DW_TAG_atomic_type => Some(Tag::Atomic),
            dw::DW_TAG_typedef => Some(Tag::Typedef),
            dw::DW_TAG_array_type => Some(Tag::Array),
            dw::DW_TAG_subrange_type | dw::DW_TAG_generic_subrange => Some(Tag::Range),
            dw::DW_TAG_enumeration_type => Some(Tag::Enum),
            dw::DW_TAG_structure_type => Some(Tag::Struct),
            dw::DW_TAG_class_type | dw::DW_TAG_interface_type => Some(Tag::Class),
            dw::DW_TAG_union_type => Some(Tag::Union),
            dw::DW_TAG_member => Some(Tag::Member),
            dw::DW_TAG_inheritance => Some(Tag::Inherits),
            dw::DW_TAG_subroutine_type => Some(Tag::Function),
            dw::DW_TAG_formal_parameter => Some(Tag::Parameter),
            dw::DW_TAG_unspecified_parameters => Some(Tag::Variadic),
            dw::DW_TAG_unspecified_type => Some(Tag::Unspecified),
            dw::DW_TAG_namespace => Some(Tag::Namespace),
            _ => None,
        };
        let plan = if let Some(tag) = tag {
            Plan::Keep(tag)
        } else {
            let sizes = a.attributes().iter().map(|s| s.size(&self.part.header));
            let total = sizes.sum::<Option<usize>>().and_then(|n| u32::try_from(n).ok());
            total.map_or(Plan::Skip, |n| Plan::Fixed(n, a.has_children()))
        };
        // Compilers count from 1: a larger table is not worth its memory.
        if slot < 1 << 14 {
            if self.plans.len() <= slot {
                self.plans.resize(slot + 1, Plan::Unseen);
            }
            self.plans[slot] = plan;
        }
        plan
    }

    fn keep(
        &mut self,
        tag: Tag,
        at: usize,
        around: Id,
        a: &Abbreviation,
        raw: &mut EntriesRaw<'_, Slice<'d>>,
    ) -> gimli::Result<Id> {
        let id = u32::try_from(self.out.nodes.len()).unwrap_or(NONE);
        let mut node = Node { tag, parent: around, end: id.saturating_add(1), unit: self.number, ..Node::EMPTY };
        let (mut ty, mut same) = (UNSAID, UNSAID);
        let (mut upper, mut lower) = (None, 0);
        let (mut external, mut storage) = (false, UNSAID);
        for spec in a.attributes() {
            let value = raw.read_attribute(*spec)?.value();
            match spec.name() {
                dw::DW_AT_name => node.name = self.text(value),
                dw::DW_AT_byte_size if tag == Tag::Member => storage = value.udata_value().unwrap_or(UNSAID),
                dw::DW_AT_byte_size | dw::DW_AT_count => node.size = value.udata_value().unwrap_or(UNSAID),
                dw::DW_AT_type => ty = self.key(value, id, false),
                dw::DW_AT_signature | dw::DW_AT_specification => same = self.key(value, id, true),
                dw::DW_AT_alignment => node.align = value.udata_value().unwrap_or(0),
                dw::DW_AT_encoding => {
                    node.encoding = match value {
                        AttributeValue::Encoding(e) => e.0,
                        _ => 0,
                    }
                }
                dw::DW_AT_data_member_location => match location(value, self.unit) {
                    Some(bits) => node.offset = bits,
                    // Worked out when the program runs, as that of a virtual base class.
                    None => node.declared = true,
                },
                dw::DW_AT_data_bit_offset => node.offset = value.udata_value().unwrap_or(UNSAID),
                dw::DW_AT_bit_size => node.bits = value.udata_value().unwrap_or(UNSAID),
                dw::DW_AT_bit_offset => node.from_top = value.udata_value().unwrap_or(UNSAID),
                dw::DW_AT_upper_bound => upper = bound(&value),
                dw::DW_AT_lower_bound => lower = bound(&value).unwrap_or(0),
                dw::DW_AT_declaration => node.declared |= value == AttributeValue::Flag(true),
                dw::DW_AT_external => external = value == AttributeValue::Flag(true),
                dw::DW_AT_GNU_vector => node.vector = true,
                dw::DW_AT_decl_file => {
                    node.file = match value {
                        AttributeValue::FileIndex(n) => u32::try_from(n).unwrap_or(0),
                        _ => 0,
                    }
                }
                dw::DW_AT_decl_line => {
                    node.line = value.udata_value().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
                }
                _ => {}
            }
        }
        if let Some(upper) = upper.filter(|_| tag == Tag::Range && node.size == UNSAID) {
            node.size = u64::wrapping_sub(upper, lower).wrapping_add(1);
        }
        if tag == Tag::Member {
            node.declared |= external;
            node.size = storage;
        }
        self.out.nodes.push(node);
        self.out.keys.push(self.base + at as u64);
        self.out.refers.push((ty, same));
        Ok(id)
    }

    fn text(&self, value: AttributeValue<Slice<'d>>) -> &'d [u8] {
        self.part.dwarf.attr_string(self.unit, value).map_or(&[][..], |s| s.slice())
    }

    /// The key of the entry that an attribute refers to.
    fn key(&mut self, value: AttributeValue<Slice<'d>>, id: Id, same: bool) -> u64 {
        match value {
            AttributeValue::UnitRef(o) => self.base + o.0 as u64,
            AttributeValue::DebugInfoRef(o) => (self.base & !TYPES) >> FILE << FILE | o.0 as u64,
            AttributeValue::DebugInfoRefSup(o) => SHARED << FILE | o.0 as u64,
            AttributeValue::DebugTypesRef(signature) => {
                self.out.by_signature.push((id, same, signature.0));
                UNSAID
            }
            _ => UNSAID,
        }
    }
}

/// The last index of a dimension; an array without elements has -1, which old compilers wrote in 4 bytes.
fn bound(value: &AttributeValue<Slice>) -> Option<u64> {
    match value {
        AttributeValue::Data4(u32::MAX) => Some(u64::MAX),
        AttributeValue::Sdata(n) => Some(n.cast_unsigned()),
        other => other.udata_value(),
    }
}

/// The place of a member in bits. Compilers of DWARF 2 tell it as an expression: add a constant.
fn location(value: AttributeValue<Slice>, unit: &Unit<Slice>) -> Option<u64> {
    let bytes = match value {
        AttributeValue::Exprloc(e) => {
            let mut operations = e.operations(unit.encoding());
            match (operations.next(), operations.next()) {
                (Ok(Some(gimli::Operation::PlusConstant { value })), Ok(None)) => Some(value),
                _ => None,
            }
        }
        AttributeValue::Block(b) => {
            let mut operations = gimli::Expression(b).operations(unit.encoding());
            match (operations.next(), operations.next()) {
                (Ok(Some(gimli::Operation::PlusConstant { value })), Ok(None)) => Some(value),
                _ => None,
            }
        }
        other => other.udata_value(),
    };
    bytes.and_then(|b| b.checked_mul(8))
}
