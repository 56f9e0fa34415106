//! How an image was made: an in-toto v1 Statement with SLSA provenance v1. There is no time of the build and no path of
//! the machine in it: the same input gives the same bytes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::compress::LIBRARIES;
use crate::image::{Image, Options};
use crate::plan::Plan;
use crate::time::rfc3339;

/// The provenance of an image. `config` is the text of `image.toml`, `sources` what the caller knows of where the programs
/// came from: name and SHA-256 in hex.
#[must_use]
pub fn provenance(
    plan: &Plan,
    image: &Image,
    options: &Options,
    config: &str,
    sources: &BTreeMap<String, String>,
) -> String {
    let libraries: BTreeMap<&str, &str> = LIBRARIES.iter().copied().collect();
    let entries = plan.layers.iter().flat_map(|(_, entries)| entries.values());
    let packages: std::collections::BTreeSet<_> = entries.filter_map(|e| e.package.as_ref()).collect();
    let mut dependencies: Vec<Value> =
        packages.iter().map(|(name, version)| json!({"name": name, "annotations": {"version": version}})).collect();
    dependencies.extend(sources.iter().map(|(name, digest)| json!({"name": name, "digest": {"sha256": digest}})));
    dependencies.extend(plan.base.iter().map(|base| {
        let sum = |digest: &str| json!({"sha256": digest.trim_start_matches("sha256:")});
        json!({"name": "base", "uri": format!("oci://{}", base.reference.name()), "digest": sum(&base.digest),
            "annotations": {"asked": base.reference.to_string(), "resolved": base.wanted}})
    }));
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": image.name, "digest": {"sha256": image.digest.trim_start_matches("sha256:")}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:legacy-port:container:v1",
                "externalParameters": {"config": config, "forced": plan.forced},
                // Of these the bytes depend, and not of the machine.
                "internalParameters": {"sourceDateEpoch": rfc3339(options.time), "compression": format!("{:?}", options.compression),
                    "compressors": libraries},
                "resolvedDependencies": dependencies,
            },
            "runDetails": {"builder": {"id": "urn:legacy-port:container", "version": {"container": env!("CARGO_PKG_VERSION")}}},
        },
    });
    format!("{statement:#}\n")
}
