//! What looks like a secret, by its name or its shape. The secret itself is never told.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use memchr::memmem::find_iter;

/// Names of files that hold secrets, whatever folder they are in.
const NAMES: &[(&str, &str)] = &[
    ("id_rsa", "a private key of ssh"),
    ("id_dsa", "a private key of ssh"),
    ("id_ecdsa", "a private key of ssh"),
    ("id_ed25519", "a private key of ssh"),
    (".env", "an environment with passwords"),
    (".netrc", "passwords of hosts"),
    (".npmrc", "a token of npm"),
    (".pypirc", "a password of PyPI"),
    (".pgpass", "passwords of PostgreSQL"),
    (".htpasswd", "passwords of a web server"),
    (".git-credentials", "passwords of git"),
    ("shadow", "passwords of a system"),
    ("gshadow", "passwords of a system"),
    ("terraform.tfstate", "the state of Terraform, with what it knows"),
];

/// The same by extension.
const EXTENSIONS: &[(&str, &str)] = &[
    ("key", "a private key"),
    ("p12", "a key store"),
    ("pfx", "a key store"),
    ("jks", "a key store"),
    ("keystore", "a key store"),
    ("kdbx", "a store of passwords"),
    ("ppk", "a private key of ssh"),
];

/// The same by the folder that they are in.
const IN_FOLDERS: &[(&str, &str, &str)] = &[
    (".aws", "credentials", "credentials of AWS"),
    (".docker", "config.json", "passwords of registries"),
    (".kube", "config", "a token of Kubernetes"),
];

/// What a file of this name would be.
pub(crate) fn by_name(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().and_then(Path::file_name).and_then(|f| f.to_str()).unwrap_or("");
    if name == ".git" {
        return Some("the history of a project");
    }
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    let by_folder = IN_FOLDERS.iter().find(|(f, n, _)| *f == folder && *n == name).map(|(_, _, what)| *what);
    let known = NAMES.iter().find(|(n, _)| *n == name).or_else(|| EXTENSIONS.iter().find(|(e, _)| *e == extension));
    by_folder.or(known.map(|(_, what)| *what)).or(name.starts_with(".env.").then_some("an environment with passwords"))
}

/// What a variable of this name would be.
pub(crate) fn by_variable(name: &str, value: &str) -> Option<&'static str> {
    let name = name.to_uppercase();
    let words = ["PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"];
    // A path is where a secret is, not the secret.
    let named = words.iter().any(|w| name.ends_with(w)) && !value.is_empty() && !value.starts_with('/');
    named.then_some("a secret by its name")
}

/// How a secret begins, how many letters of which kind follow, and what it is.
struct Shape {
    begin: &'static str,
    length: usize,
    letter: fn(u8) -> bool,
    what: &'static str,
}

const fn alphanumeric(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

const fn word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

const fn upper(b: u8) -> bool {
    b.is_ascii_uppercase() || b.is_ascii_digit()
}

const SHAPES: &[Shape] = &[
    Shape { begin: "AKIA", length: 16, letter: upper, what: "an access key of AWS" },
    Shape { begin: "ASIA", length: 16, letter: upper, what: "an access key of AWS" },
    Shape { begin: "ghp_", length: 36, letter: alphanumeric, what: "a token of GitHub" },
    Shape { begin: "gho_", length: 36, letter: alphanumeric, what: "a token of GitHub" },
    Shape { begin: "ghs_", length: 36, letter: alphanumeric, what: "a token of GitHub" },
    Shape { begin: "github_pat_", length: 60, letter: word, what: "a token of GitHub" },
    Shape { begin: "glpat-", length: 20, letter: word, what: "a token of GitLab" },
    Shape { begin: "npm_", length: 36, letter: alphanumeric, what: "a token of npm" },
    Shape { begin: "xoxb-", length: 24, letter: word, what: "a token of Slack" },
    Shape { begin: "xoxp-", length: 24, letter: word, what: "a token of Slack" },
    Shape { begin: "sk_live_", length: 24, letter: alphanumeric, what: "a key of Stripe" },
    Shape { begin: "AIza", length: 35, letter: word, what: "a key of Google" },
];

/// The longest that is looked at in one piece.
const LONGEST: usize = 256;
const PIECE: usize = 1 << 20;

/// What a file has in it; `None` also where it cannot be read, which is told when it is packed.
pub(crate) fn in_file(path: &Path) -> Option<&'static str> {
    in_all(&mut File::open(path).ok()?).ok()?
}

/// What all that can be read has in it; it is not read to its end where something was found.
pub(crate) fn in_all(from: &mut impl Read) -> io::Result<Option<&'static str>> {
    let mut piece: Vec<u8> = Vec::with_capacity(PIECE + LONGEST);
    loop {
        let read = from.take(PIECE as u64).read_to_end(&mut piece)?;
        if let Some(what) = in_bytes(&piece) {
            return Ok(Some(what));
        }
        if read < PIECE {
            return Ok(None);
        }
        // What the next piece continues.
        piece.drain(..piece.len() - LONGEST);
    }
}

/// What bytes have in them. A search for each beginning runs at the speed of memory, and is quicker than one for all of them.
pub(crate) fn in_bytes(bytes: &[u8]) -> Option<&'static str> {
    if find_iter(bytes, b"PRIVATE KEY-----").any(|at| is_key(bytes, at)) {
        return Some("a private key");
    }
    if find_iter(bytes, b"aws_secret_access_key").any(|at| is_aws_secret(&bytes[at + 21..])) {
        return Some("a secret key of AWS");
    }
    let found = SHAPES.iter().find(|s| find_iter(bytes, s.begin.as_bytes()).any(|at| s.is_at(bytes, at)));
    found.map(|s| s.what)
}

impl Shape {
    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|b| bytes.get(b)).is_some_and(|b| word(*b));
        let rest = &bytes[at + self.begin.len()..];
        let length = rest.iter().take(LONGEST).take_while(|b| (self.letter)(**b)).count();
        // Tokens of words and dashes vary in length, the others do not.
        let fits = if (self.letter)(b'-') { length >= self.length } else { length == self.length };
        // Amazon's documentation has keys that end so.
        let example = rest[..length].ends_with(b"EXAMPLE");
        let varied = rest[..length].iter().any(|b| *b != rest[0]);
        fits && !before && !example && varied
    }
}

/// A header alone is text of a program that reads keys; a key has base64 after it.
fn is_key(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[at.saturating_sub(40)..at];
    let rest = &bytes[at + 16..];
    let text: Vec<u8> = rest.iter().take(LONGEST - 60).copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let base64 = text.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')).count();
    let begun = rest.first().is_some_and(|b| matches!(b, b'\r' | b'\n' | b'\\'));
    memchr::memmem::find(before, b"-----BEGIN ").is_some() && begun && (base64 >= 32 || text.starts_with(b"Proc-Type"))
}

fn is_aws_secret(rest: &[u8]) -> bool {
    let skip = rest.iter().take_while(|b| matches!(b, b' ' | b'=' | b':' | b'"' | b'\'')).count();
    let value = &rest[skip.min(rest.len())..];
    let length =
        value.iter().take(LONGEST).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).count();
    skip > 0 && length == 40 && !value[..length].ends_with(b"EXAMPLEKEY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let key = |header: &str, body: &str| format!("x\n-----BEGIN {header}PRIVATE KEY-----\n{body}\n");
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
        let secrets = [
            key("", body),
            key("RSA ", body),
            key("OPENSSH ", body),
            key("RSA ", "Proc-Type: 4,ENCRYPTED"),
            format!("id={}{}", "AKIA", "QYLPMN5HHHFPZAM2"),
            format!("aws_secret_access_key = {}", "kl/9AbcdEFGhijKLMnop+QRStuvWXYz0123456aB"),
            format!("{}_{}", "ghp", "16C7e42F292c6912E7710c838347Ae178B4a"),
            format!("{}-{}", "glpat", "zXy123AbC456dEf789Gh"),
        ];
        for text in &secrets {
            assert!(in_bytes(text.as_bytes()).is_some(), "{text}");
        }
        let harmless = [
            "-----BEGIN PRIVATE KEY-----\0-----END PRIVATE KEY-----",
            "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7",
            "AKIAIOSFODNN7EXAMPLE",
            "AKIA and other words",
            "XAKIAQYLPMN5HHHFPZAM2",
            "aws_secret_access_key = %s",
            "ghp_",
            "",
        ];
        for text in harmless {
            assert_eq!(in_bytes(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_secret_on_the_border_of_two_pieces_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("f");
        let token = format!("{}{}", "AKIA", "QYLPMN5HHHFPZAM2");
        for at in [0, PIECE - 10, PIECE, 2 * PIECE - 1, 3 * PIECE] {
            let mut bytes = vec![b' '; at];
            bytes.extend_from_slice(token.as_bytes());
            std::fs::write(&file, &bytes).unwrap();
            assert!(in_file(&file).is_some(), "{at}");
        }
        std::fs::write(&file, vec![b' '; 2 * PIECE]).unwrap();
        assert_eq!(in_file(&file), None);
    }

    #[test]
    fn names() {
        for name in
            ["home/x/.aws/credentials", "root/.ssh/id_rsa", "app/.env", "app/.env.local", "a/tls.key", "etc/shadow"]
        {
            assert!(by_name(Path::new(name)).is_some(), "{name}");
        }
        for name in ["root/.ssh/id_rsa.pub", "etc/passwd", "app/environment", "credentials", "a/keys", "a/ca.pem"] {
            assert_eq!(by_name(Path::new(name)), None, "{name}");
        }
        assert!(by_variable("DB_PASSWORD", "x").is_some());
        assert_eq!(
            by_variable("DB_PASSWORD", "").or(by_variable("DB_PASSWORD", "/run/x")).or(by_variable("TOKENS", "3")),
            None
        );
    }
}
