//! Identifiers as the services make them. The same world makes the same ones, so that tests and their failures repeat.

use sha2::{Digest, Sha256};

/// The source of all identifiers of a world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    made: u64,
    requests: u64,
}

impl Ids {
    fn bytes(&mut self) -> [u8; 32] {
        self.made += 1;
        Sha256::digest(self.made.to_le_bytes()).into()
    }

    /// As of requests. Whoever looks more often does not change what is made.
    pub(crate) fn request(&mut self) -> String {
        self.requests += 1;
        let mut apart = Self { made: self.requests | 1 << 63, requests: 0 };
        apart.uuid()
    }

    /// So many characters of an alphabet.
    fn of(&mut self, alphabet: &[u8], length: usize) -> String {
        self.bytes().iter().take(length).map(|b| char::from(alphabet[usize::from(*b) % alphabet.len()])).collect()
    }

    /// 32 hexadecimal digits, as of tasks.
    pub(crate) fn hex(&mut self) -> String {
        self.of(b"0123456789abcdef", 32)
    }

    /// As of pipeline executions.
    pub(crate) fn uuid(&mut self) -> String {
        let hex = self.hex();
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }

    /// As of deployments.
    pub(crate) fn deployment(&mut self) -> String {
        format!("d-{}", self.of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 9))
    }

    /// As of task sets.
    pub(crate) fn task_set(&mut self) -> String {
        format!("ecs-svc/{}", self.of(b"123456789", 19))
    }

    /// As of load balancers and target groups.
    pub(crate) fn short(&mut self) -> String {
        self.of(b"0123456789abcdef", 16)
    }

    /// As of versions in a bucket.
    pub(crate) fn version(&mut self) -> String {
        self.of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._", 32)
    }

    /// A private address of a task.
    pub(crate) fn address(&mut self) -> String {
        let bytes = self.bytes();
        format!("10.0.{}.{}", bytes[0] % 4, 10 + bytes[1] % 240)
    }
}
