//! Every file below some folders, in parallel: ELF files, archives and scripts, by their first bytes.
//!
//! Folders are opened below the one that was named without following any link, files by the handle of their folder: no
//! link leads out, and no path is looked up twice. That is why this is no crate for walking, which all go by paths. What
//! is not a regular file is never opened, and file systems that the kernel makes up (`/proc`, `/sys`) are left out.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, ResolveFlags};
use rustix::io::Errno;

use super::content::{self, Content};
use crate::binary::thin::Place;

/// A file of interest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path, below the folder as it was named.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Device and number: what hard links share.
    pub inode: (u64, u64),
    /// How many further names it has in what was looked at.
    pub links: usize,
    /// What it is.
    pub content: Content,
}

/// What a walk gives.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) entries: Vec<Entry>,
    /// Folders and files that could not be read or are damaged, with the reason.
    pub(super) troubles: Vec<(PathBuf, String)>,
    /// File systems that were left out.
    pub(super) left_out: Vec<PathBuf>,
    /// Regular files that were looked at.
    pub(super) files: usize,
}

/// File systems that the kernel makes up: reading there may wait, or change something (`statfs(2)`).
const MADE_UP: [u32; 14] = [
    0x9fa0,      // proc
    0x6265_6572, // sysfs
    0x1cd1,      // devpts
    0x6462_6720, // debugfs
    0x7472_6163, // tracefs
    0x7363_6673, // securityfs
    0x0027_e0eb, // cgroup
    0x6367_7270, // cgroup2
    0xcafe_4a11, // bpf
    0x6265_6570, // configfs
    0x6165_676c, // pstore
    0xde5e_81e4, // efivarfs
    0x1980_0202, // mqueue
    0x4249_4e4d, // binfmt_misc
];

/// Files that one task looks at.
const CHUNK: usize = 128;

/// What the tasks of a walk share.
struct Walk<'a> {
    seen: Mutex<Seen>,
    files: AtomicUsize,
    progress: &'a (dyn Fn(usize) + Sync),
}

/// A folder, and the names of its files.
struct Folder<'r> {
    root: &'r Root,
    handle: OwnedFd,
    path: PathBuf,
    files: Names,
}

/// A folder that was named, and its handle.
struct Root {
    path: PathBuf,
    handle: OwnedFd,
}

pub(super) fn walk(folders: &[PathBuf], progress: &(dyn Fn(usize) + Sync)) -> Seen {
    let walk = Walk { seen: Mutex::default(), files: AtomicUsize::new(0), progress };
    let roots: Vec<Root> = folders.iter().filter_map(|path| walk.root(path)).collect();
    rayon::scope(|scope| {
        for root in &roots {
            let walk = &walk;
            scope.spawn(move |scope| walk.folder(scope, root, Path::new("")));
        }
    });
    let files = walk.files.into_inner();
    let mut seen = walk.seen.into_inner().unwrap_or_default();
    seen.files = files;
    seen
}

impl Walk<'_> {
    fn root(&self, path: &Path) -> Option<Root> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::openat(CWD, path, flags, Mode::empty()) {
            Ok(handle) => Some(Root { path: path.to_owned(), handle }),
            Err(e) => {
                self.trouble(path.to_owned(), io::Error::from(e).to_string());
                None
            }
        }
    }

    fn trouble(&self, path: PathBuf, why: String) {
        if let Ok(mut seen) = self.seen.lock() {
            seen.troubles.push((path, why));
        }
    }

    /// One folder: tasks for those in it, and its files.
    fn folder<'s>(&'s self, scope: &rayon::Scope<'s>, root: &'s Root, path: &Path) {
        let full = if path.as_os_str().is_empty() { root.path.clone() } else { root.path.join(path) };
        let listed = open_below(root, path).and_then(|(folder, entered)| {
            if entered && made_up(&folder)? {
                return Ok(None);
            }
            let list = list(&folder)?;
            Ok(Some((folder, list)))
        });
        let (handle, (folders, files)) = match listed {
            Ok(Some(all)) => all,
            Ok(None) => {
                if let Ok(mut seen) = self.seen.lock() {
                    seen.left_out.push(full);
                }
                return;
            }
            Err(e) => return self.trouble(full, io::Error::from(e).to_string()),
        };
        for name in folders.iter() {
            let below = path.join(os(name));
            scope.spawn(move |scope| self.folder(scope, root, &below));
        }
        let mut chunks = files.chunks();
        let last = chunks.pop();
        let folder = Folder { root, handle, path: full, files };
        if chunks.is_empty() {
            return self.files(&folder, last.unwrap_or_default());
        }
        let folder = Arc::new(folder);
        for chunk in chunks {
            let folder = folder.clone();
            scope.spawn(move |_| self.files(&folder, chunk));
        }
        self.files(&folder, last.unwrap_or_default());
    }

    /// The files of a folder whose names lie in a stretch.
    fn files(&self, folder: &Folder<'_>, names: Range<usize>) {
        let (mut entries, mut troubles, mut count) = (Vec::new(), Vec::new(), 0);
        let path = &folder.path;
        for name in folder.files.within(names) {
            count += 1;
            match look(folder, name) {
                Ok(None) => {}
                Ok(Some(Looked { size, inode, content: Ok((content, missing)) })) => {
                    troubles.extend(missing.into_iter().map(|why| (path.join(os(name)), why)));
                    entries.push(Entry { path: path.join(os(name)), size, inode, links: 0, content });
                }
                Ok(Some(Looked { content: Err(why), .. })) => troubles.push((path.join(os(name)), why)),
                Err(e) => troubles.push((path.join(os(name)), e.to_string())),
            }
        }
        let done = self.files.fetch_add(count, Ordering::Relaxed) + count;
        (self.progress)(done);
        if !(entries.is_empty() && troubles.is_empty())
            && let Ok(mut seen) = self.seen.lock()
        {
            seen.entries.append(&mut entries);
            seen.troubles.append(&mut troubles);
        }
    }
}

fn os(name: &CStr) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()))
}

/// A folder, and whether another file system may begin with it.
fn open_below(root: &Root, path: &Path) -> rustix::io::Result<(OwnedFd, bool)> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    if path.as_os_str().is_empty() {
        return Ok((rustix::fs::openat(&root.handle, c".", flags, Mode::empty())?, true));
    }
    let below = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let open = |resolve| rustix::fs::openat2(&root.handle, path, flags, Mode::empty(), resolve);
    match open(below | ResolveFlags::NO_XDEV) {
        Err(Errno::XDEV) => Ok((open(below)?, true)),
        // Kernels before 5.6, and sandboxes that do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => Ok((rustix::fs::openat(&root.handle, path, flags, Mode::empty())?, true)),
        other => Ok((other?, false)),
    }
}

fn made_up(folder: &OwnedFd) -> rustix::io::Result<bool> {
    let kind = rustix::fs::fstatfs(folder)?.f_type;
    Ok(MADE_UP.iter().any(|&m| i128::from(kind) & 0xffff_ffff == i128::from(m)))
}

/// Names, one behind the other: no allocation for each.
#[derive(Default)]
struct Names(Vec<u8>);

impl Names {
    fn push(&mut self, name: &CStr) {
        self.0.extend_from_slice(name.to_bytes_with_nul());
    }

    fn iter(&self) -> impl Iterator<Item = &CStr> {
        self.within(0..self.0.len())
    }

    /// The names in a stretch that ends where one ends.
    fn within(&self, stretch: Range<usize>) -> impl Iterator<Item = &CStr> {
        let mut rest = self.0.get(stretch).unwrap_or_default();
        std::iter::from_fn(move || {
            let name = CStr::from_bytes_until_nul(rest).ok()?;
            rest = &rest[name.count_bytes() + 1..];
            Some(name)
        })
    }

    /// Stretches of so many names as one task looks at.
    fn chunks(&self) -> Vec<Range<usize>> {
        let ends = memchr::memchr_iter(0, &self.0).map(|at| at + 1);
        let mut out = Vec::new();
        let mut from = 0;
        for to in ends.skip(CHUNK - 1).step_by(CHUNK).chain([self.0.len()]) {
            out.extend((from < to).then_some(from..to));
            from = to;
        }
        out
    }
}

/// The folders and the regular files in a folder.
fn list(folder: &OwnedFd) -> rustix::io::Result<(Names, Names)> {
    let (mut folders, mut files) = (Names::default(), Names::default());
    let mut buffer = [MaybeUninit::uninit(); 16 << 10];
    let mut entries = RawDir::new(folder, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        if [c".", c".."].contains(&name) {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::Unknown => {
                let state = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
                state.map_or(FileType::Unknown, |s| FileType::from_raw_mode(s.st_mode))
            }
            known => known,
        };
        match kind {
            FileType::Directory => folders.push(name),
            FileType::RegularFile => files.push(name),
            _ => {}
        }
    }
    Ok((folders, files))
}

/// A file whose first bytes are of interest.
struct Looked {
    size: u64,
    inode: (u64, u64),
    content: std::result::Result<(Content, Vec<String>), String>,
}

fn look(folder: &Folder<'_>, name: &CStr) -> io::Result<Option<Looked>> {
    // Should it have become a pipe or a terminal since it was listed, opening it must not wait nor change anything.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut file = match rustix::fs::openat(&folder.handle, name, flags, Mode::empty()) {
        Ok(handle) => File::from(handle),
        // It has gone, or become a link.
        Err(Errno::NOENT | Errno::LOOP) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let mut head = [0; content::HEAD];
    let count = file.read(&mut head)?;
    if !content::interesting(&head[..count]) {
        return Ok(None);
    }
    let state = rustix::fs::fstat(&file)?;
    if FileType::from_raw_mode(state.st_mode) != FileType::RegularFile {
        return Ok(None);
    }
    let size = u64::try_from(state.st_size).unwrap_or(0);
    let path = folder.path.join(os(name));
    let place = Place { archive: &path, below: Some(&folder.root.path) };
    let content = content::of(&file, size, &head[..count], place);
    Ok(Some(Looked { size, inode: (state.st_dev, state.st_ino), content }))
}
