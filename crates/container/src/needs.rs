//! What glibc programs look for at run time although no ELF file says so, each by what calls for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::charset::Modules;
use crate::closure::{Closure, Object};
use crate::config::Config;

/// A file, or a folder with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Copy(PathBuf),
    Text(String),
}

/// Something that goes into the image.
#[derive(Clone, Debug)]
pub(crate) struct Extra {
    pub(crate) to: PathBuf,
    pub(crate) what: What,
    /// Who calls for it: a path in the image.
    pub(crate) by: Option<PathBuf>,
    pub(crate) why: String,
}

/// Something that does not go into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What it is, as `add` and `skip` in `image.toml` name it.
    pub what: &'static str,
    /// Why.
    pub why: String,
}

/// The names that `[system] add` and `skip` know.
pub const NAMES: &[&str] = &["services", "certificates", "zoneinfo", "locale", "charsets", "packages"];

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    pub(crate) extras: Vec<Extra>,
    pub(crate) left_out: Vec<LeftOut>,
    pub(crate) warnings: Vec<String>,
    /// Environment that goes with it.
    pub(crate) env: Vec<(String, String)>,
}

/// Where Debian, Fedora and Alpine keep the certificates of authorities in one file.
const CERTIFICATES: &[&str] =
    &["etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/cert.pem"];

struct Look<'a> {
    root: &'a Path,
    closure: &'a Closure,
    config: &'a Config,
    needs: Needs,
}

/// What the programs of a closure need of the system below `root`.
pub(crate) fn needs(root: &Path, closure: &Closure, config: &Config) -> Needs {
    let mut look = Look { root, closure, config, needs: Needs::default() };
    look.services();
    look.certificates();
    look.zoneinfo();
    look.locales();
    look.charsets();
    look.needs
}

/// glibc's own libraries call much of this among themselves; that says nothing of a program.
fn is_of_libc(object: &Object) -> bool {
    let name = object.elf.soname.as_deref().unwrap_or("");
    let stems = ["ld-", "libc.so", "libm.so", "libresolv.", "libpthread.", "librt.", "libdl.", "libnss_", "libgcc_s."];
    stems.iter().any(|s| name.starts_with(s))
}

impl Look<'_> {
    /// The first file that calls one of these.
    fn caller(&self, calls: &[&str]) -> Option<(PathBuf, String)> {
        self.closure.objects.iter().filter(|o| !is_of_libc(o)).find_map(|o| {
            let call = calls.iter().find(|c| o.elf.calls.contains(**c))?;
            Some((o.image.clone(), format!("calls {call}")))
        })
    }

    /// Who asks for something and why; `None` where it is left out, which is then said.
    fn asked(&mut self, what: &'static str, found: Option<(PathBuf, String)>, trigger: &str) -> Option<Asked> {
        let system = &self.config.system;
        if system.skip.iter().any(|s| s == what) {
            self.left_out(what, "image.toml skips it".into());
            return None;
        }
        if let Some((by, why)) = found {
            return Some((Some(by), why));
        }
        if system.add.iter().any(|s| s == what) {
            return Some((None, "image.toml adds it".into()));
        }
        self.left_out(what, format!("nothing {trigger}"));
        None
    }

    fn left_out(&mut self, what: &'static str, why: String) {
        self.needs.left_out.push(LeftOut { what, why });
    }

    fn copy(&mut self, from: PathBuf, to: &str, (by, why): &Asked) {
        self.needs.extras.push(Extra { to: to.into(), what: What::Copy(from), by: by.clone(), why: why.clone() });
    }

    fn services(&mut self) {
        let calls =
            ["getservbyname", "getservbyport", "getservent", "getprotobyname", "getaddrinfo", "getservbyname_r"];
        let found = self.caller(&calls);
        let Some(asked) = self.asked("services", found, "calls getaddrinfo or getservbyname") else { return };
        for name in ["etc/services", "etc/protocols"] {
            let file = self.root.join(name);
            if file.is_file() {
                self.copy(file, name, &asked);
            } else {
                self.left_out("services", format!("no `/{name}` on this machine; on Debian install `netbase`"));
            }
        }
    }

    fn certificates(&mut self) {
        let libraries = ["libssl.", "libgnutls.", "libcurl.", "libcurl-gnutls.", "libmbedtls."];
        let tls = self.closure.objects.iter().find_map(|o| {
            let name = o.elf.soname.clone()?;
            let found = libraries.iter().any(|l| name.starts_with(l));
            found.then(|| (o.image.clone(), format!("{name} speaks TLS")))
        });
        let Some(asked) = self.asked("certificates", tls, "speaks TLS") else { return };
        let found = CERTIFICATES.iter().map(|c| self.root.join(c)).find(|c| c.is_file());
        let Some(file) = found else {
            self.needs.warnings.push(
                "no certificates of authorities on this machine, so TLS connections of the program will fail; on Debian \
                 install `ca-certificates`"
                    .into(),
            );
            return;
        };
        self.copy(file, CERTIFICATES[0], &asked);
        self.needs.env.push(("SSL_CERT_FILE".into(), format!("/{}", CERTIFICATES[0])));
    }

    fn zoneinfo(&mut self) {
        let calls = ["tzset", "localtime", "localtime_r", "mktime", "timelocal"];
        let found = self.caller(&calls);
        let called = found.is_some();
        let zone = self.config.image.env.get("TZ").map(|z| z.trim_start_matches(':').to_owned());
        let mut zones: BTreeSet<String> = self.config.system.zones.iter().cloned().collect();
        let Some(asked) = self.asked("zoneinfo", found, "calls localtime or mktime") else { return };
        let mut why = String::new();
        match zone {
            Some(zone) if is_zone(self.root, &zone) => {
                zones.insert(zone);
            }
            Some(zone) if is_rule(&zone) => why = format!("`TZ` is the rule `{zone}`, which needs no file"),
            Some(zone) => self.needs.warnings.push(format!(
                "`TZ` in image.toml is `{zone}`, which is no zone on this machine: the program would silently take UTC; on \
                 Debian install `tzdata`, or correct it"
            )),
            None => why = "no `TZ` in image.toml: times are UTC; for others add `zones = [\"Europe/Berlin\"]`".into(),
        }
        if zones.is_empty() && !called {
            zones.insert("all".into());
        }
        if zones.is_empty() && !why.is_empty() {
            self.left_out("zoneinfo", why);
        }
        if zones.contains("all") {
            return self.all_zones(&asked);
        }
        for zone in zones {
            if is_zone(self.root, &zone) {
                let to = format!("usr/share/zoneinfo/{zone}");
                self.copy(self.root.join(&to), &to, &asked);
            } else {
                self.needs
                    .warnings
                    .push(format!("`zones` names `{zone}`, which is not on this machine; on Debian install `tzdata`"));
            }
        }
    }

    fn all_zones(&mut self, asked: &Asked) {
        // `posix` and `right` are the same zones again, without and with leap seconds.
        let folder = self.root.join("usr/share/zoneinfo");
        let mut names: Vec<_> = fs::read_dir(&folder).into_iter().flatten().flatten().map(|e| e.file_name()).collect();
        names.retain(|n| n != "posix" && n != "right" && n != "localtime");
        names.sort();
        for name in names {
            self.copy(folder.join(&name), &format!("usr/share/zoneinfo/{}", name.to_string_lossy()), asked);
        }
    }

    fn locales(&mut self) {
        let found = self.caller(&["setlocale", "newlocale"]);
        let Some(asked) = self.asked("locale", found, "calls setlocale or newlocale") else { return };
        let env = ["LC_ALL", "LANG"].iter().filter_map(|n| self.config.image.env.get(*n)).cloned();
        let listed = self.config.system.locales.iter().cloned();
        let mut names: BTreeSet<String> = env.chain(listed).map(|n| normal(&n)).collect();
        names.insert("C.utf8".into());
        for name in names.iter().filter(|n| !matches!(n.as_str(), "C" | "POSIX" | "")) {
            let to = format!("usr/lib/locale/{name}");
            let from = self.root.join(&to);
            if from.is_dir() && !name.contains('/') {
                self.copy(from, &to, &asked);
            } else {
                self.needs.warnings.push(format!(
                    "the locale `{name}` is not in `/usr/lib/locale`; make it there: \
                     localedef --no-archive -i {} -f UTF-8 {name}",
                    name.split('.').next().unwrap_or(name)
                ));
            }
        }
    }

    fn charsets(&mut self) {
        let found = self.caller(&["iconv_open"]);
        let Some(asked) = self.asked("charsets", found, "calls iconv_open") else { return };
        let libc = self.closure.objects.iter().find(|o| o.elf.soname.as_deref() == Some("libc.so.6"));
        let beside = libc.and_then(|l| l.image.parent()).unwrap_or(Path::new("/usr/lib"));
        let below = beside.strip_prefix("/usr").or_else(|_| beside.strip_prefix("/")).unwrap_or(beside);
        let folder = Path::new("usr").join(below).join("gconv");
        let modules = Modules::read(&self.root.join(&folder));
        let mut sets = BTreeSet::new();
        for name in &self.config.system.charsets {
            match modules.resolve(name) {
                Some(set) => _ = sets.insert(set.to_owned()),
                None => self.needs.warnings.push(format!(
                    "`charsets` names `{name}`, for which there is no module in `{}`; see `iconv -l`",
                    modules.folder.display()
                )),
            }
        }
        for object in self.closure.objects.iter().filter(|o| o.elf.calls.contains("iconv_open") && !is_of_libc(o)) {
            sets.extend(modules.named_in(&fs::read(&object.host).unwrap_or_default()));
        }
        if sets.is_empty() {
            let why = "iconv_open is called and no character set is named; libc has UTF-8, UTF-16 and ASCII itself, for others \
                       add `charsets = [\"ISO-8859-1\"]`";
            return self.left_out("charsets", why.into());
        }
        let (files, text) = modules.select(&sets);
        let to = |name: &str| folder.join(name);
        for file in files {
            let from = modules.folder.join(&file);
            self.needs.extras.push(Extra {
                to: to(&file),
                what: What::Copy(from),
                by: asked.0.clone(),
                why: asked.1.clone(),
            });
        }
        self.needs.extras.push(Extra {
            to: to("gconv-modules"),
            what: What::Text(text),
            by: asked.0,
            why: format!("{}: {}", asked.1, sets.into_iter().collect::<Vec<_>>().join(", ")),
        });
    }
}

/// Who asks, and why.
type Asked = (Option<PathBuf>, String);

fn is_zone(root: &Path, zone: &str) -> bool {
    let plain = !zone.is_empty() && !zone.starts_with('/') && zone.split('/').all(|p| p != ".." && p != ".");
    plain && root.join("usr/share/zoneinfo").join(zone).is_file()
}

/// A rule of POSIX such as `CET-1CEST` says all by itself: at least three letters, then an offset.
fn is_rule(zone: &str) -> bool {
    if matches!(zone, "UTC" | "GMT") {
        return true;
    }
    let rest = match zone.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>').map_or("", |(_, rest)| rest),
        None => zone.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
    };
    let name = zone.len() - rest.len();
    name >= 3 && rest.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit())
}

/// As glibc spells the folder of a locale: `C.UTF-8` is in `C.utf8`.
fn normal(name: &str) -> String {
    match name.split_once('.') {
        Some((language, set)) => {
            let set: String = set.chars().filter(char::is_ascii_alphanumeric).collect();
            format!("{language}.{}", set.to_lowercase())
        }
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_and_rules() {
        for rule in ["UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "<+0330>-3:30", "UTC", "EST5EDT"] {
            assert!(is_rule(rule), "{rule}");
        }
        for other in ["Europe/Berlin", "CET", "", "5", "<abc", "AB1"] {
            assert!(!is_rule(other), "{other}");
        }
        assert_eq!((normal("C.UTF-8"), normal("de_DE")), ("C.utf8".into(), "de_DE".into()));
    }
}
