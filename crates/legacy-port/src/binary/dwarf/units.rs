//! The one door to gimli: units of debug information -> nodes.

use std::borrow::Cow;
use std::sync::Arc;

use gimli::constants as dw;
use gimli::{
    Abbreviation, Abbreviations, AttributeValue, Dwarf, DwarfSections, EndianSlice, EntriesRaw, Reader as _,
    RunTimeEndian, SectionId, Unit, UnitHeader, UnitOffset, UnitType,
};

use super::graph::{Graph, Id, NONE, Node, Tag, UNSAID};
use super::sections::Wrong;

/// A part of a section.
pub(super) type Slice<'d> = EndianSlice<'d, RunTimeEndian>;
/// Debug information that is loaded.
pub(super) type Loaded<'d> = DwarfSections<Cow<'d, [u8]>>;

/// Where entries of `.debug_types` begin to be counted, so that they differ from those of `.debug_info`.
const TYPES: u64 = 1 << 62;
/// Bits of a place in one file; those above number the file.
const FILE: u32 = 44;
/// The number of the file that others share.
pub(super) const SHARED: u64 = 1 << 17;

/// Loads what is needed through `section`, which gives bytes by name; `split` asks for the parts of a `.dwo` file.
pub(super) fn load<'d>(
    split: bool,
    mut section: impl FnMut(&str) -> Result<Cow<'d, [u8]>, Wrong>,
) -> Result<Loaded<'d>, Wrong> {
    DwarfSections::load(|id| {
        let needed = matches!(
            id,
            SectionId::DebugAbbrev
                | SectionId::DebugAddr
                | SectionId::DebugInfo
                | SectionId::DebugLine
                | SectionId::DebugLineStr
                | SectionId::DebugStr
                | SectionId::DebugStrOffsets
                | SectionId::DebugTypes
        );
        let name = if split { id.dwo_name() } else { Some(id.name()) };
        match name {
            Some(name) if needed => section(name),
            _ => Ok(Cow::Borrowed(&[])),
        }
    })
}

/// What is loaded, to be read.
pub(super) fn open<'d>(loaded: &'d Loaded<'_>, little: bool, split: bool) -> Dwarf<Slice<'d>> {
    let endian = if little { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let mut dwarf = loaded.borrow(|s| EndianSlice::new(s, endian));
    if split {
        dwarf.file_type = gimli::DwarfFileType::Dwo;
    }
    dwarf
}

/// A `.dwp` file that is loaded.
pub(super) type Package<'d> = gimli::DwarfPackageSections<Cow<'d, [u8]>>;
/// The parts of a package: the debug information of a unit, with its number, or of a type.
pub(super) type Packed<'d> = Vec<(Option<u64>, Dwarf<Slice<'d>>)>;

/// Loads a package through `section`.
pub(super) fn load_package<'d>(
    mut section: impl FnMut(&str) -> Result<Cow<'d, [u8]>, Wrong>,
) -> Result<Package<'d>, Wrong> {
    /// What gimli's own errors can become, which a text cannot.
    struct Failed(Wrong);
    impl From<gimli::Error> for Failed {
        fn from(e: gimli::Error) -> Self {
            Self(wrong(e))
        }
    }
    gimli::DwarfPackageSections::load(|id| match id.dwo_name() {
        Some(name) => section(name).map_err(Failed),
        None => Ok(Cow::Borrowed(&[])),
    })
    .map_err(|e: Failed| e.0)
}

/// The units of these numbers, and all types; and how many units are not there.
pub(super) fn open_package<'d>(
    loaded: &'d Package<'_>,
    little: bool,
    ids: &[u64],
) -> Result<(Packed<'d>, usize), Wrong> {
    let endian = if little { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let package = loaded.borrow(|s| EndianSlice::new(s, endian), EndianSlice::new(&[], endian)).map_err(wrong)?;
    let parent = Dwarf::default();
    let mut all = Vec::new();
    for id in ids {
        if let Some(dwarf) = package.find_cu(gimli::DwoId(*id), &parent).map_err(wrong)? {
            all.push((Some(*id), dwarf));
        }
    }
    let lacking = ids.len() - all.len();
    for row in 1..=package.tu_index.unit_count() {
        all.push((None, package.tu_sections(row, &parent).map_err(wrong)?));
    }
    Ok((all, lacking))
}

/// The path of a file by its number.
pub(super) type Files<'a> = &'a (dyn Fn(u32) -> Option<String> + Sync);

/// A unit, and the debug information that it lies in.
pub(super) struct Part<'a, 'd> {
    dwarf: &'a Dwarf<Slice<'d>>,
    header: UnitHeader<Slice<'d>>,
    /// What the places of entries are counted from.
    base: u64,
    /// The unit that tells file names, where this one has none.
    lines: Option<Files<'a>>,
}

/// The `.dwo` file that a unit was moved to.
pub(super) struct Moved {
    pub(super) name: String,
    pub(super) folder: String,
    pub(super) id: u64,
}

/// All units, and what is damaged, if something is: what lies before it is still told. `number` is that of the file, where
/// several are read together.
pub(super) fn parts<'a, 'd>(
    dwarf: &'a Dwarf<Slice<'d>>,
    number: u64,
    lines: Option<Files<'a>>,
) -> (Vec<Part<'a, 'd>>, Option<Wrong>) {
    let mut all = Vec::new();
    let mut units = dwarf.units();
    let mut types = dwarf.type_units();
    let mut first = true;
    loop {
        let next = if first { units.next() } else { types.next() };
        match next {
            Ok(Some(header)) => {
                let at = header.offset().0 as u64;
                let base = if header.section() == SectionId::DebugTypes { TYPES | at } else { at };
                all.push(Part { dwarf, header, base: base.saturating_add(number << FILE), lines });
            }
            Ok(None) if first => first = false,
            Ok(None) => return (all, None),
            Err(e) => return (all, Some(format!("damaged debug information: {e}"))),
        }
    }
}

impl<'d> Part<'_, 'd> {
    /// How long it is.
    pub(super) fn bytes(&self) -> usize {
        self.header.length_including_self()
    }

    /// The number by which a unit that was moved out and what stayed know each other.
    pub(super) fn id(&self) -> Option<u64> {
        match self.header.type_() {
            UnitType::SplitCompilation(id) => Some(id.0),
            UnitType::Compilation => Some(self.unit().ok()?.dwo_id?.0),
            _ => None,
        }
    }

    fn unit(&self) -> Result<Unit<Slice<'d>>, gimli::Error> {
        self.dwarf.unit(self.header)
    }

    /// The unit with its first entry read.
    pub(super) fn open(&self) -> Result<Opened<'_, 'd>, Wrong> {
        Ok(Opened { part: self, unit: self.unit().map_err(wrong)? })
    }

    /// Whether types of it are told by reference to other units.
    pub(super) fn refers_out(&self) -> bool {
        if matches!(self.header.type_(), UnitType::Type { .. } | UnitType::SplitType { .. } | UnitType::Partial) {
            return true;
        }
        let Ok(all) = self.dwarf.abbreviations(&self.header) else { return false };
        // Codes are given from 1 on by all compilers; where they are not, the units are taken together.
        let refers = |a: &Abbreviation| {
            a.attributes().iter().any(|s| {
                matches!(s.name(), dw::DW_AT_type | dw::DW_AT_specification | dw::DW_AT_signature)
                    && matches!(s.form(), dw::DW_FORM_ref_addr | dw::DW_FORM_ref_sig8 | dw::DW_FORM_GNU_ref_alt)
            })
        };
        (1..).map_while(|code| all.get(code)).any(refers)
    }

    /// Where the unit's entries are, if they were moved out of the file.
    pub(super) fn moved(&self) -> Option<Moved> {
        // Compilers of GNU's own split form say so with an attribute only; both are asked for by it.
        if matches!(
            self.header.type_(),
            UnitType::Type { .. } | UnitType::SplitType { .. } | UnitType::SplitCompilation(_)
        ) {
            return None;
        }
        let unit = self.unit().ok()?;
        let name = unit.dwo_name().ok()??;
        let name = self.dwarf.attr_string(&unit, name).ok()?;
        let text = |s: Slice| String::from_utf8_lossy(s.slice()).into_owned();
        Some(Moved { name: text(name), folder: unit.comp_dir.map(text).unwrap_or_default(), id: unit.dwo_id?.0 })
    }
}

/// A unit that is being read.
pub(super) struct Opened<'a, 'd> {
    part: &'a Part<'a, 'd>,
    unit: Unit<Slice<'d>>,
}

impl<'d> Opened<'_, 'd> {
    /// The entries that say something of types, as nodes that refer by place (`key`) and not by index yet. When it is
    /// damaged, what lies before the damage is there.
    pub(super) fn read(&self, number: u32, out: &mut Raw<'d>) -> Result<(), Wrong> {
        let base = self.part.base;
        let mut walk = Walk { part: self.part, unit: &self.unit, base, number, out, plans: Vec::new() };
        let result = walk.run().map_err(wrong);
        if let UnitType::Type { type_signature, type_offset } | UnitType::SplitType { type_signature, type_offset } =
            self.part.header.type_()
        {
            out.signatures.push((type_signature.0, base.saturating_add(type_offset.0 as u64)));
        }
        result
    }

    /// The path of a file that the unit's declarations name by number.
    pub(super) fn file(&self, number: u32) -> Option<String> {
        let Some(program) = self.unit.line_program.as_ref() else {
            return self.part.lines?(number);
        };
        let header = program.header();
        let entry = header.file(u64::from(number))?;
        let text = |v: AttributeValue<Slice<'d>>| {
            let text = self.part.dwarf.attr_string(&self.unit, v).ok()?;
            Some(String::from_utf8_lossy(text.slice()).into_owned())
        };
        let name = text(entry.path_name())?;
        let directory = entry.directory(header).and_then(text).unwrap_or_default();
        let folder = self.unit.comp_dir.map(|s| String::from_utf8_lossy(s.slice()).into_owned()).unwrap_or_default();
        let path = std::path::Path::new(&folder).join(directory).join(name);
        Some(path.to_string_lossy().into_owned())
    }
}

#[allow(clippy::needless_pass_by_value)] // for `map_err`
fn wrong(e: gimli::Error) -> Wrong {
    format!("damaged debug information: {e}")
}

/// Nodes that refer to each other by key: the place of an entry in its section.
#[derive(Default)]
pub(super) struct Raw<'d> {
    nodes: Vec<Node<'d>>,
    keys: Vec<u64>,
    /// For each node the keys of `ty` and `same`; [`UNSAID`] for none.
    refers: Vec<(u64, u64)>,
    /// Signatures of types, and the key of the type.
    signatures: Vec<(u64, u64)>,
    /// References by signature, to be looked up when all units were read.
    by_signature: Vec<(Id, bool, u64)>,
}

impl<'d> Raw<'d> {
    /// Puts what another unit has behind what is here.
    pub(super) fn append(&mut self, other: Self) {
        let shift = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let moved = |id: Id| if id == NONE { NONE } else { id.saturating_add(shift) };
        self.nodes.extend(other.nodes.into_iter().map(|n| Node { end: moved(n.end), parent: moved(n.parent), ..n }));
        self.keys.extend(other.keys);
        self.refers.extend(other.refers);
        self.signatures.extend(other.signatures);
        self.by_signature.extend(other.by_signature.into_iter().map(|(id, same, s)| (moved(id), same, s)));
    }

    /// References by index.
    pub(super) fn resolve(mut self) -> Graph<'d> {
        self.signatures.sort_unstable();
        for &(id, same, signature) in &self.by_signature {
            let Ok(at) = self.signatures.binary_search_by_key(&signature, |s| s.0) else { continue };
            let key = self.signatures[at].1;
            if let Some(refers) = self.refers.get_mut(id as usize) {
                if same { refers.1 = key } else { refers.0 = key }
            }
        }
        if !self.keys.is_sorted() {
            // A partial unit may lie behind; the order of nodes must stay, so the keys are sorted with their index.
            return self.resolve_unsorted();
        }
        let keys = &self.keys;
        let find = |key: u64| {
            if key == UNSAID {
                NONE
            } else {
                keys.binary_search(&key).map_or(NONE, |i| u32::try_from(i).unwrap_or(NONE))
            }
        };
        for (node, refers) in self.nodes.iter_mut().zip(&self.refers) {
            (node.ty, node.same) = (find(refers.0), find(refers.1));
        }
        self.finish()
    }

    fn resolve_unsorted(mut self) -> Graph<'d> {
        let mut index: Vec<(u64, Id)> = self.keys.iter().copied().zip(0..).collect();
        index.sort_unstable();
        let find = |key: u64| index.binary_search_by_key(&key, |i| i.0).map_or(NONE, |i| index[i].1);
        for (node, refers) in self.nodes.iter_mut().zip(&self.refers) {
            (node.ty, node.same) = (find(refers.0), find(refers.1));
        }
        self.finish()
    }

    /// Names and places around of what is defined apart from its declaration.
    fn finish(mut self) -> Graph<'d> {
        for i in 0..self.nodes.len() {
            let node = self.nodes[i];
            if node.same == NONE || node.declared {
                continue;
            }
            // A definition that points back at its declaration: the definition is the type.
            let declaration = self.nodes.get(node.same as usize).copied();
            let this = u32::try_from(i).unwrap_or(NONE);
            if let Some(d) = declaration.filter(|_| node.same != this) {
                let n = &mut self.nodes[i];
                (n.name, n.parent) = (if n.name.is_empty() { d.name } else { n.name }, d.parent);
                n.same = NONE;
                if d.declared && d.same == NONE {
                    self.nodes[node.same as usize].same = this;
                }
            } else {
                self.nodes[i].same = NONE;
            }
        }
        Graph::new(self.nodes)
    }
}

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

struct Walk<'a, 'u, 'd> {
    part: &'a Part<'a, 'd>,
    unit: &'u Unit<Slice<'d>>,
    base: u64,
    number: u32,
    out: &'a mut Raw<'d>,
    plans: Vec<Plan>,
}

/// Deeper nesting than that is not followed: the rest of the unit is left out.
const DEEP: usize = 1 << 12;

impl<'d> Walk<'_, '_, 'd> {
    fn run(&mut self) -> gimli::Result<()> {
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
