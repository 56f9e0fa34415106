//! What is in an image, file by file: SPDX 2.3, JSON (ISO/IEC 5962 has 2.2.1, of which it is a superset).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::explain::architecture;
use crate::image::Image;
use crate::layer::hex;
use crate::plan::{Content, Plan};
use crate::time::rfc3339;
use crate::{Error, Result};

/// The bill of materials of an image that was made of a plan. The same image gives the same bytes.
///
/// # Errors
/// When a file cannot be read any more.
pub fn spdx(plan: &Plan, image: &Image, time: u64) -> Result<String> {
    let mut packages: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut files = Vec::new();
    let mut relationships = Vec::new();
    let mut verification = Vec::new();
    let mut relate = |a: &str, kind: &str, b: &str| {
        relationships.push(json!({"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b}));
    };
    relate("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-image");
    // Of layers the last one counts, as in the image.
    let mut all = BTreeMap::new();
    for (path, entry) in plan.layers.iter().flat_map(|(_, entries)| entries) {
        all.insert(path, entry);
    }
    for (number, (path, entry)) in all.into_iter().filter(|(_, e)| e.content != Content::Folder).enumerate() {
        let id = format!("SPDXRef-file-{number}");
        let (sha1, sha256) = match &entry.content {
            Content::File(from) => {
                let file = File::open(from).map_err(Error::io("cannot read", from))?;
                sums(file).map_err(Error::io("cannot read", from))?
            }
            Content::Bytes(bytes) => sums(&bytes[..]).map_err(Error::io("cannot read", path))?,
            Content::Folder => continue,
        };
        files.push(json!({
            "SPDXID": id, "fileName": format!("./{}", path.display()), "comment": entry.why,
            "checksums": [{"algorithm": "SHA1", "checksumValue": &sha1}, {"algorithm": "SHA256", "checksumValue": sha256}],
            "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION",
        }));
        relate("SPDXRef-image", "CONTAINS", &id);
        verification.push(sha1);
        if let Some(package) = &entry.package {
            packages.entry(package.clone()).or_default().push(id);
        }
    }
    // SPDX 2.3, 7.9: SHA-1 of the sorted SHA-1 of all files.
    verification.sort();
    let code = hex(&Sha1::digest(verification.concat()));
    let arch = architecture(plan.machine);
    let mut listed = vec![json!({
        "SPDXID": "SPDXRef-image", "name": image.name, "versionInfo": image.digest, "downloadLocation": "NOASSERTION",
        "filesAnalyzed": true, "packageVerificationCode": {"packageVerificationCodeValue": code}, "primaryPackagePurpose": "CONTAINER", "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
        "checksums": [{"algorithm": "SHA256", "checksumValue": image.digest.trim_start_matches("sha256:")}],
    })];
    if let Some(base) = &plan.base {
        listed.push(json!({
            "SPDXID": "SPDXRef-base", "name": base.reference.name(), "versionInfo": base.digest, "filesAnalyzed": false,
            "downloadLocation": "NOASSERTION", "primaryPackagePurpose": "CONTAINER", "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
            "checksums": [{"algorithm": "SHA256", "checksumValue": base.digest.trim_start_matches("sha256:")}],
        }));
        relate("SPDXRef-image", "DESCENDANT_OF", "SPDXRef-base");
    }
    let distribution = distribution();
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for ((name, version), contained) in &packages {
        let id = format!("SPDXRef-package-{}", name.replace('+', "-plus-"));
        let licence = licence(name, &mut texts);
        let purl = format!(
            "pkg:deb/{}/{}@{}?arch={arch}&distro={}",
            distribution.0,
            percent(name),
            percent(version),
            percent(&distribution.1)
        );
        listed.push(json!({
            "SPDXID": id, "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": false,
            "licenseConcluded": "NOASSERTION", "licenseDeclared": licence, "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}],
        }));
        relate("SPDXRef-image", "CONTAINS", &id);
        // The image has a part of the package's files, which is no reason to say that the package was looked at.
        for file in contained {
            relate(file, "GENERATED_FROM", &id);
        }
    }
    let extracted: Vec<Value> =
        texts.iter().map(|(id, name)| json!({"licenseId": id, "name": name, "extractedText": format!("{name}, as Debian's copyright file of the package names it")})).collect();
    let mut document = json!({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": image.name,
        "documentNamespace": format!("urn:oci:{}@{}", image.name, image.digest),
        "creationInfo": {"created": rfc3339(time), "creators": [format!("Tool: legacy-port-container-{}", env!("CARGO_PKG_VERSION"))]},
        "packages": listed, "files": files, "relationships": relationships,
    });
    if !extracted.is_empty() {
        document["hasExtractedLicensingInfos"] = extracted.into();
    }
    Ok(format!("{document:#}\n"))
}

fn sums(mut from: impl Read) -> std::io::Result<(String, String)> {
    let (mut sha1, mut sha256, mut piece) = (Sha1::new(), Sha256::new(), vec![0; 1 << 18]);
    loop {
        match from.read(&mut piece)? {
            0 => return Ok((hex(&sha1.finalize()), hex(&sha256.finalize()))),
            n => {
                sha1.update(&piece[..n]);
                sha256.update(&piece[..n]);
            }
        }
    }
}

/// Name and `name-version` of the distribution, as package URLs have them.
fn distribution() -> (String, String) {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('='));
        line.map(|v| v.trim_matches('"').to_owned())
    };
    let id = field("ID").unwrap_or_else(|| "debian".into());
    let version = field("VERSION_ID").map_or_else(|| id.clone(), |v| format!("{id}-{v}"));
    (id, version)
}

/// As package URLs want it.
fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |out, b| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => out + &char::from(b).to_string(),
        _ => format!("{out}%{b:02X}"),
    })
}

/// Names that Debian's machine-readable copyright files have and SPDX spells otherwise.
const SPELLED: &[(&str, &str)] = &[
    ("GPL-1+", "GPL-1.0-or-later"),
    ("GPL-2", "GPL-2.0-only"),
    ("GPL-2+", "GPL-2.0-or-later"),
    ("GPL-3", "GPL-3.0-only"),
    ("GPL-3+", "GPL-3.0-or-later"),
    ("LGPL-2", "LGPL-2.0-only"),
    ("LGPL-2+", "LGPL-2.0-or-later"),
    ("LGPL-2.1", "LGPL-2.1-only"),
    ("LGPL-2.1+", "LGPL-2.1-or-later"),
    ("LGPL-3+", "LGPL-3.0-or-later"),
    ("Expat", "MIT"),
    ("MIT", "MIT"),
    ("BSD-2-clause", "BSD-2-Clause"),
    ("BSD-3-clause", "BSD-3-Clause"),
    ("Apache-2.0", "Apache-2.0"),
    ("Zlib", "Zlib"),
    ("zlib", "Zlib"),
    ("ISC", "ISC"),
    ("CC0-1.0", "CC0-1.0"),
];

/// The licences of a package, where its copyright file is machine-readable (DEP-5). What SPDX has no name for is a
/// `LicenseRef`, kept in `texts`.
fn licence(package: &str, texts: &mut BTreeMap<String, String>) -> String {
    let file = Path::new("/usr/share/doc").join(package).join("copyright");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    if !text.starts_with("Format: http") {
        return "NOASSERTION".into();
    }
    let named = text.lines().filter_map(|l| l.strip_prefix("License:")).map(str::trim);
    let words = named
        .flat_map(|l| l.split([' ', ',', '\t']))
        .filter(|w| !matches!(*w, "" | "and" | "or" | "with" | "exception"));
    let found: BTreeSet<String> = words
        .map(|word| {
            if let Some((_, spdx)) = SPELLED.iter().find(|(debian, _)| *debian == word) {
                return (*spdx).to_owned();
            }
            let letter = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
            let id = format!("LicenseRef-Debian-{}", word.chars().map(letter).collect::<String>());
            texts.insert(id.clone(), word.to_owned());
            id
        })
        .collect();
    if found.is_empty() { "NOASSERTION".into() } else { found.into_iter().collect::<Vec<_>>().join(" AND ") }
}
