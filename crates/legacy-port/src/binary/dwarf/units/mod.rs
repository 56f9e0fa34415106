//! The one door to gimli: what is loaded, and its units. `walk` reads the entries of a unit, `raw` is what they give.

mod raw;
mod walk;

use std::borrow::Cow;

use gimli::constants as dw;
use gimli::{
    Abbreviation, AttributeValue, Dwarf, DwarfSections, EndianSlice, RunTimeEndian, SectionId, Unit, UnitHeader,
    UnitType,
};

use super::sections::Wrong;
pub(super) use raw::Raw;
use walk::Walk;

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
        let result = Walk::new(self.part, &self.unit, number, out).run().map_err(wrong);
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
