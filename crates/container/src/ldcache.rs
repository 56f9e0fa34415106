//! A `ld.so.cache` for libraries in folders that the loader does not search by itself. glibc, `dl-cache.h`: the format
//! `glibc-ld.so.cache1.1`.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::elf;

/// The bytes of a cache that knows `libraries`, name -> path, for one machine.
pub(crate) fn cache(libraries: &BTreeMap<String, PathBuf>, machine: u16) -> Vec<u8> {
    const HEADER: usize = 48;
    const ENTRY: usize = 24;
    // FLAG_ELF_LIBC6 with the flag of the machine's 64-bit libraries.
    let flags: u32 = if machine == elf::AARCH64 { 0x0a03 } else { 0x0303 };
    let mut sorted: Vec<(&String, &PathBuf)> = libraries.iter().collect();
    // The loader searches it by halves, from large to small.
    sorted.sort_by(|a, b| compare(b.0, a.0));
    let mut strings: Vec<u8> = Vec::new();
    let begin = HEADER + ENTRY * sorted.len();
    let mut entries = Vec::new();
    let mut put = |text: &str| {
        let at = u32::try_from(begin + strings.len()).unwrap_or(u32::MAX);
        strings.extend_from_slice(text.as_bytes());
        strings.push(0);
        at
    };
    for (name, path) in &sorted {
        let (key, value) = (put(name), put(&path.to_string_lossy()));
        for field in [flags, key, value, 0, 0, 0] {
            entries.extend_from_slice(&field.to_le_bytes());
        }
    }
    let mut out = b"glibc-ld.so.cache1.1".to_vec();
    for number in [sorted.len(), strings.len()] {
        out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    }
    // Little endian, no extensions.
    out.extend_from_slice(&[2, 0, 0, 0]);
    out.resize(HEADER, 0);
    out.extend(entries);
    out.extend(strings);
    out
}

/// Where the cache goes.
pub(crate) fn path() -> &'static Path {
    Path::new("/etc/ld.so.cache")
}

/// `_dl_cache_libcmp`: runs of digits compare as numbers, and come after everything else.
fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let Some(&first) = a.first() {
        let other = b.first().copied().unwrap_or(0);
        if first.is_ascii_digit() {
            if !other.is_ascii_digit() {
                return Ordering::Greater;
            }
            let (x, y) = (number(&mut a), number(&mut b));
            if x != y {
                return x.cmp(&y);
            }
        } else if other.is_ascii_digit() {
            return Ordering::Less;
        } else if first != other {
            return first.cmp(&other);
        } else {
            (a, b) = (&a[1..], &b[1..]);
        }
    }
    0.cmp(&b.first().copied().unwrap_or(0))
}

fn number(text: &mut &[u8]) -> u64 {
    let mut value = 0_u64;
    while let Some(digit) = text.first().filter(|d| d.is_ascii_digit()) {
        value = value.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        *text = &text[1..];
    }
    value
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process::Command;

    use super::*;

    #[test]
    fn ldconfig_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("cache");
        let names = ["libz.so.1", "liba.so.2", "liba.so.10", "libb-2.so", "libb.so"];
        let libraries: BTreeMap<String, PathBuf> =
            names.iter().map(|n| ((*n).to_owned(), Path::new("/opt/lib").join(n))).collect();
        std::fs::write(&file, cache(&libraries, elf::X86_64)).unwrap();
        let ldconfig = if Path::new("/sbin/ldconfig").exists() { "/sbin/ldconfig" } else { "ldconfig" };
        let output = Command::new(ldconfig).arg("-p").arg("-C").arg(&file).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let told: BTreeSet<&str> = text.lines().skip(1).map(str::trim).collect();
        let want: Vec<String> = names.iter().map(|n| format!("{n} (libc6,x86-64) => /opt/lib/{n}")).collect();
        assert_eq!(told, want.iter().map(String::as_str).collect(), "{text}");
        assert_eq!(compare("liba.so.10", "liba.so.2"), Ordering::Greater);
    }

    /// The loader itself finds a library by nothing but the cache.
    #[test]
    fn a_folder_of_ld_so_conf_is_reached_through_a_cache() {
        use crate::closure::{Start, Why, closure};
        use crate::loader::{How, Loader};
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("conf")).unwrap();
        std::fs::write(at("f.c"), "int f(void) { return 5; }").unwrap();
        std::fs::write(at("main.c"), "int f(void); int main(void) { return f(); }").unwrap();
        let cc =
            |args: &[&str]| assert!(Command::new("cc").args(args).current_dir(dir.path()).status().unwrap().success());
        cc(&["-shared", "-fPIC", "-o", "conf/libf.so.1", "-Wl,-soname,libf.so.1", "f.c"]);
        cc(&["-o", "main", "main.c", "conf/libf.so.1"]);
        let start = Start { host: at("main"), image: "/main".into(), opens: Vec::new(), skips: Vec::new() };
        let mut loader = Loader::new(vec![at("conf")], &std::sync::Arc::default());
        let found = closure(&[start], &mut loader).unwrap();
        let object = found.objects.iter().find(|o| o.why == Why::Needed(How::Conf)).unwrap();
        assert_eq!(object.image, at("conf/libf.so.1"));
        // Nothing but the programs' files and the cache, under another root.
        let root = at("root");
        for object in &found.objects {
            let to = root.join(object.image.strip_prefix("/").unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(&object.host, &to).unwrap();
        }
        std::fs::create_dir_all(root.join("etc")).unwrap();
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let run = || {
            let mut command = Command::new(if is_root { "chroot" } else { "unshare" });
            if !is_root {
                command.args(["--user", "--map-root-user", "chroot"]);
            }
            command.arg(&root).arg("/main").output().unwrap().status.code()
        };
        assert_eq!(run(), Some(127), "without the cache the loader does not find it");
        std::fs::write(root.join("etc/ld.so.cache"), cache(&found.cached, elf::X86_64)).unwrap();
        assert_eq!(run(), Some(5));
    }
}
