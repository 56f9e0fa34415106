//! What is said of an image: bill of materials, provenance, evidence; in the registry and read by others.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use container::config::Config;
use container::image::{Image, Options};
use container::plan::{Machine, Plan};
use container::registry::{Quirks, Registry};
use container::transfer::{self, Artifact, By};
use container::{archive, provenance, sbom};
use serde_json::Value;
use support::{Heard, chunks, image, remote, skopeo};

fn artifacts() -> Vec<Artifact> {
    let one = |kind, text: &str| Artifact { kind, annotations: vec![("a", "b".into())], bytes: text.into() };
    vec![one("application/spdx+json", "{\"spdx\":1}"), one("application/vnd.in-toto+json", "{\"in-toto\":1}")]
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_api_or_by_a_tag() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 61);
    // Amazon ECR sends the header of the API without having it.
    for (quirks, by) in [
        (Quirks { referrers: true, ..Quirks::default() }, By::Api),
        (Quirks::default(), By::Tag),
        (Quirks::ecr(&["test/case"]), By::Tag),
    ] {
        let registry = Registry::start_as(quirks).await.unwrap();
        let remote = remote(&registry.url(), &Heard::default());
        transfer::push(&image, &remote, "v1", &chunks()).await.unwrap();
        assert_eq!(transfer::attach(&image, &artifacts()[..1], &remote, &chunks()).await.unwrap(), (by, 1));
        // Only what is new goes, and what was there stays.
        assert_eq!(transfer::attach(&image, &artifacts(), &remote, &chunks()).await.unwrap(), (by, 1));
        let before = registry.requests();
        assert_eq!(transfer::attach(&image, &artifacts(), &remote, &chunks()).await.unwrap(), (by, 0));
        assert!(registry.requests() - before <= 2, "nothing new is one question, or two");
        let mut found = transfer::attached(&image, &remote).await.unwrap();
        found.sort();
        let mut want: Vec<(String, Vec<u8>)> = artifacts().into_iter().map(|a| (a.kind.to_owned(), a.bytes)).collect();
        want.sort();
        assert_eq!(found, want);
        let tag = image.digest.replace(':', "-");
        assert_eq!(registry.digest_of("test/case", &tag).is_some(), by == By::Tag);
        assert_eq!(registry.digest_of("test/case", "v1").as_ref(), Some(&image.digest), "the image is as it was");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_is_somebody_elses_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 100, 62);
    let registry = Registry::start().await.unwrap();
    let remote = remote(&registry.url(), &Heard::default());
    transfer::push(&image, &remote, &image.digest.replace(':', "-"), &chunks()).await.unwrap();
    let error = transfer::attach(&image, &artifacts(), &remote, &chunks()).await.unwrap_err().to_string();
    assert!(error.contains("is no list of referrers"), "{error}");
}

fn plan(dir: &Path) -> Plan {
    fs::write(dir.join("data"), "x").unwrap();
    let text = "[image]\nname = \"case\"\nentrypoint = [\"/bin/true\"]\n[[program]]\nfrom = \"/bin/true\"\nto = \"/bin/true\"\n\
        ported = false\n[[file]]\nfrom = \"data\"\nto = \"/data\"\n";
    fs::write(dir.join("image.toml"), text).unwrap();
    let folders = BTreeMap::new();
    Plan::new(&Config::load(&dir.join("image.toml")).unwrap(), &Machine { root: dir, folders: &folders }).unwrap()
}

#[test]
fn a_bill_of_materials_that_others_read() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let image = Image::build(&plan, &Options::default(), &dir.path().join("layout")).unwrap();
    let text = sbom::spdx(&plan, &image, 0).unwrap();
    assert_eq!(text, sbom::spdx(&plan, &image, 0).unwrap());
    let file = dir.path().join("case.spdx.json");
    fs::write(&file, &text).unwrap();
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ci-tools/spdx/bin/pyspdxtools");
    let output = Command::new(&tool).arg("-i").arg(&file).output().expect("pyspdxtools; ci/setup installs it");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("ERROR"), "{said}");
    let bill: Value = serde_json::from_str(&text).unwrap();
    let files = bill["files"].as_array().unwrap();
    for file in files {
        let name = file["fileName"].as_str().unwrap().trim_start_matches('.');
        let (program, algorithm) = [("sha1sum", 0), ("sha256sum", 1)][usize::from(name.len() % 2 == 0)];
        if !name.starts_with("/lib") && !name.starts_with("/bin") {
            continue;
        }
        let told = Command::new(program).arg(name).output().unwrap();
        let want = String::from_utf8(told.stdout).unwrap();
        assert_eq!(file["checksums"][algorithm]["checksumValue"].as_str(), want.split(' ').next(), "{name}");
    }
    assert!(files.iter().any(|f| f["fileName"] == "./data"));
    let packages = bill["packages"].as_array().unwrap();
    let libc = packages.iter().find(|p| p["name"] == "libc6").unwrap();
    let version = Command::new("dpkg-query").args(["-W", "-f", "${Version}", "libc6"]).output().unwrap();
    assert_eq!(libc["versionInfo"].as_str().unwrap().as_bytes(), version.stdout);
    let purl = libc["externalRefs"][0]["referenceLocator"].as_str().unwrap();
    assert!(purl.starts_with("pkg:deb/debian/libc6@2.") && purl.contains("?arch=amd64&distro=debian-"), "{purl}");
}

#[test]
fn provenance_names_the_image_and_no_machine() {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path());
    let options = Options::default();
    let image = Image::build(&plan, &options, &dir.path().join("layout")).unwrap();
    let text = provenance::provenance(&plan, &image, &options, "the text", &BTreeMap::new());
    let said: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(said["subject"][0]["digest"]["sha256"].as_str(), image.digest.strip_prefix("sha256:"));
    assert_eq!(said["predicate"]["buildDefinition"]["externalParameters"]["config"], "the text");
    assert!(!text.contains(dir.path().to_str().unwrap()));
    assert!(text.contains("libdeflate-sys"), "the bytes depend on it");
}

#[test]
fn one_file_for_oci_and_docker() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(dir.path(), 1000, 63);
    let file = dir.path().join("image.tar");
    archive::write(&image, "v1", &file).unwrap();
    let first = fs::read(&file).unwrap();
    archive::write(&image, "v1", &file).unwrap();
    assert_eq!(fs::read(&file).unwrap(), first);
    let source = format!("oci-archive:{}", file.display());
    assert_eq!(skopeo(&["inspect", "--raw", &source]).as_bytes(), image.manifest);
    // `docker load` reads the other description of it; every layer is read and unpacked on the way.
    let docker = format!("docker-archive:{}", file.display());
    let copy = dir.path().join("copy");
    skopeo(&["copy", "--insecure-policy", &docker, &format!("oci:{}:v1", copy.display())]);
    let config = skopeo(&["inspect", "--config", &format!("oci:{}:v1", copy.display())]);
    let ours = fs::read_to_string(image.path(&image.blobs[0])).unwrap();
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(parse(&config)["rootfs"], parse(&ours)["rootfs"], "the same layers");
}
