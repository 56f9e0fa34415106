//! A signature over an image in cosign's format: "simple signing" over the digest of the manifest, by ECDSA on P-256.

use std::path::Path;
use std::sync::Arc;

use aws_smithy_types::base64::{decode, encode};
use rustls::SignatureScheme::ECDSA_NISTP256_SHA256;
use rustls::crypto::ring::{default_provider, sign::any_ecdsa_type};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::SigningKey;
use serde_json::json;

use crate::{Error, Result};

/// No key file is larger, in bytes.
const LARGEST_KEY: u64 = 64 << 10;
/// Bytes of a point of P-256 that is not compressed (SEC 1, 2.3.3): it ends a public key as certificates have it.
const POINT: usize = 65;

/// A private key. It is never printed.
#[derive(Clone)]
pub struct Key(Arc<dyn SigningKey>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// Reads a key of P-256 in PEM, PKCS #8 or SEC 1, not encrypted.
    ///
    /// # Errors
    /// When there is none in the file; nothing of its text is told.
    pub fn load(path: &Path) -> Result<Self> {
        let size = std::fs::metadata(path).map_err(Error::io("cannot read", path))?.len();
        let bad = |message: &str| Error::Key { path: path.to_owned(), message: message.to_owned() };
        if size > LARGEST_KEY {
            return Err(bad("is too large for a key"));
        }
        let text = std::fs::read(path).map_err(Error::io("cannot read", path))?;
        let has = |words: &[u8]| memchr::memmem::find(&text, words).is_some();
        if has(b"ENCRYPTED") {
            return Err(bad(
                "is encrypted, which is not read here; `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` \
                 makes a key that is not",
            ));
        }
        let make = "`openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` makes one";
        let der =
            PrivateKeyDer::from_pem_slice(&text).map_err(|_| bad(&format!("has no private key in PEM; {make}")))?;
        let key = any_ecdsa_type(&der).ok().filter(|k| k.choose_scheme(&[ECDSA_NISTP256_SHA256]).is_some());
        key.map(Self).ok_or_else(|| bad(&format!("is no key of ECDSA on P-256; {make}")))
    }

    /// Signs a message: base64 of the signature in DER.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String> {
        let fail = |e: String| Error::Format { what: "signature", message: e };
        let signer = self.0.choose_scheme(&[ECDSA_NISTP256_SHA256]).ok_or_else(|| fail("no scheme".into()))?;
        Ok(encode(signer.sign(message).map_err(|e| fail(e.to_string()))?))
    }

    /// Whether a signature as [`Key::sign`] gives it is this key's over a message.
    pub(crate) fn signed(&self, message: &[u8], signature: &str) -> bool {
        let (Some(public), Ok(signature)) = (self.0.public_key(), decode(signature)) else { return false };
        let Some(point) = public.len().checked_sub(POINT).and_then(|at| public.get(at..)) else { return false };
        let known = default_provider().signature_verification_algorithms.mapping;
        let algorithms = known.iter().filter(|(scheme, _)| *scheme == ECDSA_NISTP256_SHA256).flat_map(|(_, all)| *all);
        // The scheme is listed for other curves too, as TLS 1.2 has it: those refuse the point.
        algorithms.into_iter().any(|a| a.verify_signature(point, message, &signature).is_ok())
    }
}

/// What is signed: that the image of this digest is called so.
pub(crate) fn payload(reference: &str, digest: &str) -> Vec<u8> {
    let identity = json!({"docker-reference": reference});
    let image = json!({"docker-manifest-digest": digest});
    json!({"critical": {"identity": identity, "image": image, "type": "cosign container image signature"}, "optional": null})
        .to_string()
        .into_bytes()
}
