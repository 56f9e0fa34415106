//! Where debug information is that is not in the file: named by link or build id, split off, packaged, shared.
//!
//! As GDB looks for it ("Debugging Information in Separate Files"); DWARF 5, appendix F.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::sections::{Image, Wrong};
use super::units::{self, Loaded, Package};

/// Where systems keep debug information, unless another folder is named.
pub(super) const SYSTEM: &str = "/usr/lib/debug";
/// Files that are taken into memory to check them: larger ones are no debug information.
const MOST: u64 = 8 << 30;

/// What a file says of where its debug information is.
pub(super) struct Wanted<'d> {
    /// A file's name, and the checksum that it has.
    pub(super) link: Option<(&'d [u8], u32)>,
    pub(super) build_id: Option<&'d [u8]>,
}

impl Wanted<'_> {
    /// The same for people, to go behind an error.
    pub(super) fn told(&self) -> String {
        match (self.link, self.hex()) {
            (Some((name, _)), _) => format!(", or put `{}` beside it", String::from_utf8_lossy(name)),
            (None, Some(id)) => format!(", or install the debug information of build {id}"),
            _ => String::new(),
        }
    }

    fn hex(&self) -> Option<String> {
        let id = self.build_id.filter(|id| id.len() > 2)?;
        Some(id.iter().flat_map(|b| [b >> 4, b & 15]).filter_map(|d| char::from_digit(d.into(), 16)).collect())
    }
}

/// The file with the debug information of another; `root` is where systems keep it.
pub(super) fn find(path: &Path, wanted: &Wanted, root: &Path) -> Option<PathBuf> {
    let by_id = wanted.hex().and_then(|hex| {
        let file = root.join(".build-id").join(&hex[..2]).join(format!("{}.debug", &hex[2..]));
        file.is_file().then_some(file)
    });
    if by_id.is_some() {
        return by_id;
    }
    let (name, checksum) = wanted.link?;
    let name = Path::new(OsStr::from_bytes(name)).file_name()?;
    let real = path.canonicalize().ok()?;
    let folder = real.parent()?;
    let system = root.join(folder.strip_prefix("/").ok()?);
    let places = [folder.join(name), folder.join(".debug").join(name), system.join(name)];
    places.into_iter().find(|place| *place != real && checksum_of(place) == Some(checksum))
}

/// CRC-32 of a whole file.
fn checksum_of(path: &Path) -> Option<u32> {
    let file = std::fs::File::open(path).ok()?;
    if !file.metadata().ok().is_some_and(|m| m.is_file() && m.len() < MOST) {
        return None;
    }
    let mut reader = flate2::CrcReader::new(file);
    std::io::copy(&mut reader, &mut std::io::sink()).ok()?;
    Some(reader.crc().sum())
}

/// A file that another names, as it stands or from the folder of that other; symbolic links are followed first.
pub(super) fn beside(path: &Path, name: &[u8], root: &Path) -> Option<PathBuf> {
    let name = Path::new(OsStr::from_bytes(name));
    let folder = path.canonicalize().ok()?.parent()?.to_owned();
    [folder.join(name), root.join(".dwz").join(name.file_name()?)].into_iter().find(|p| p.is_file())
}

/// The file that a unit was moved to: where it was built, or else beside the object.
pub(super) fn split(path: &Path, folder: &str, name: &str) -> Option<PathBuf> {
    let beside = path.parent()?;
    let places = [Path::new(folder).join(name), beside.join(name), beside.join(Path::new(name).file_name()?)];
    places.into_iter().find(|p| p.is_file())
}

/// The package with all that was moved out of a program.
pub(super) fn package(path: &Path) -> Option<PathBuf> {
    let mut name = OsString::from(path);
    name.push(".dwp");
    let file = PathBuf::from(name);
    file.is_file().then_some(file)
}

/// The debug information of another file, in memory.
pub(super) fn load(path: &Path, split: bool) -> Result<Loaded<'static>, Wrong> {
    whole(path, |image| units::load(split, |name| Ok(image.section(name)?.into_owned().into())))
}

/// The same of a package.
pub(super) fn load_package(path: &Path) -> Result<Package<'static>, Wrong> {
    whole(path, |image| units::load_package(|name| Ok(image.section(name)?.into_owned().into())))
}

fn whole<T>(
    path: &Path,
    of: impl FnOnce(&Image<&::object::ReadCache<std::fs::File>>) -> Result<T, Wrong>,
) -> Result<T, Wrong> {
    let told = |e: String| format!("`{}`: {e}", path.display());
    let file = std::fs::File::open(path).map_err(|e| told(e.to_string()))?;
    let cache = ::object::ReadCache::new(file);
    Image::parse(&cache).and_then(|image| of(&image)).map_err(told)
}
