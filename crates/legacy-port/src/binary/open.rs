//! From a path to what the file there says of itself.

use std::fs::{self, File};
use std::path::Path;

use super::bytes::{self, Bytes};
use super::object::{ElfFile, Object};
use super::thin::Place;
use super::{archive, read, system};
use crate::report::plain;
use crate::target::{DataModel, Target};
use crate::{Error, Result};

/// Reads the least of one ELF file.
///
/// # Errors
/// When it cannot be read, or is not ELF.
pub fn read(path: &Path) -> Result<ElfFile> {
    with_file(path, read::brief)
}

/// Reads one ELF file with all that checks ask for, and looks for its libraries on this system.
///
/// # Errors
/// As [`read`].
pub fn object(path: &Path) -> Result<Object> {
    let mut object = with_file(path, read::object)?;
    path.clone_into(&mut object.path);
    system::look_for_libraries(&mut object);
    Ok(object)
}

/// Reads every ELF member of an archive, of a thin one those that lie below a folder, where one is named. Members of a thin
/// archive that cannot be read are told, each in a sentence.
///
/// # Errors
/// As [`read`]; also when a member of an archive that holds its members is damaged.
pub(super) fn members(path: &Path, below: Option<&Path>) -> Result<(Vec<Object>, Vec<String>)> {
    let place = Place { archive: path, below };
    let (mut objects, troubles) = with_file(path, |bytes| read::objects(bytes, Some(place)))?;
    for object in &mut objects {
        path.clone_into(&mut object.path);
        system::look_for_libraries(object);
    }
    Ok((objects, troubles.iter().map(|t| plain(t).into_owned()).collect()))
}

/// The same of bytes in memory, without a look at this system: what hostile files are tried on.
///
/// # Errors
/// What is wrong with them.
pub fn objects_in(bytes: &[u8]) -> std::result::Result<Vec<Object>, String> {
    read::objects(&Bytes::memory(bytes), None).map(|found| found.0).map_err(|reason| plain(&reason).into_owned())
}

/// Whether a file is an archive, by its first bytes.
pub(super) fn is_archive(path: &Path) -> Result<bool> {
    with_file(path, |bytes| Ok(archive::begins(&bytes.up_to("the header", 0, archive::MAGIC.len() as u64)?)))
}

fn with_file<T>(path: &Path, f: impl FnOnce(&Bytes) -> bytes::Result<T>) -> Result<T> {
    let cannot = |e| Error::io("cannot read", path)(e);
    // Opening a pipe would wait for its writer.
    if !fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(Error::Elf { path: path.to_owned(), message: "not a file and not a folder".into() });
    }
    let file = File::open(path).map_err(cannot)?;
    let len = file.metadata().map_err(cannot)?.len();
    let fail = |reason: String| Error::Elf { path: path.to_owned(), message: plain(&reason).into_owned() };
    f(&Bytes::file(&file, len, &[])).map_err(fail)
}

/// Checks that an object, a program or every member of an archive is of the target's class and machine.
///
/// # Errors
/// [`Error::Elf`] that names the file (and the member) and both classes.
pub fn expect_class(path: &Path, target: &Target) -> Result<()> {
    let check = |what: &str, bytes: &Bytes| {
        let file = read::brief(bytes).map_err(|m| format!("{what}{m}"))?;
        let bits = if target.model() == Some(DataModel::Ilp32) { 32 } else { 64 };
        if file.bits == bits && file.machine == target.short() {
            return Ok(());
        }
        Err(format!(
            "{what}is a {}-bit object for {}, the target `{}` needs {bits} bits and {}; build it anew from source, \
             or leave it out",
            file.bits,
            file.machine,
            target.triple,
            target.short()
        ))
    };
    let place = Place { archive: path, below: None };
    with_file(path, |bytes| {
        let mut wrong = None;
        let each = archive::each(bytes, Some(place), &mut |name, member| {
            let said = check(&format!("member `{name}` "), member).err();
            wrong = wrong.take().or(said);
            Ok(())
        })?;
        match (wrong, each) {
            (Some(wrong), _) => Err(wrong),
            (None, None) => check("", bytes),
            (None, Some(troubles)) => troubles.into_iter().next().map_or(Ok(()), Err),
        }
    })
}
