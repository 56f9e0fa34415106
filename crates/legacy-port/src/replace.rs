//! A file in the place of another: it is written beside it and renamed, so that what is there stays whole until then.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::{Error, Result};

/// Writes a file anew. One that is there keeps its permissions, a link leads where it led, a pipe or a device is written to.
///
/// # Errors
/// When it cannot be written; what was there is as it was.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |e| Error::io("cannot write", path)(e);
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|m| !m.is_file()) {
        return fs::write(path, bytes).map_err(fail);
    }
    let to = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let dir = to.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Readable for whom the umask lets, as any other file; temporary ones are private.
    let open = fs::Permissions::from_mode(0o666);
    let mut file = tempfile::Builder::new().permissions(open).tempfile_in(dir).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    if let Some(there) = there {
        fs::set_permissions(file.path(), there.permissions()).map_err(fail)?;
    }
    file.persist(&to).map_err(|e| fail(e.error))?;
    Ok(())
}
