//! An image to send about, without a compiler.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use container::config::Config;
use container::ecr::Credentials;
use container::image::{Image, Options};
use container::plan::{Machine, Plan};
use container::transfer::{Event, Login, Patience, Remote, Tell};

/// Bytes that do not compress, the same for the same seed.
pub(crate) fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    (0..size.div_ceil(8)).flat_map(|_| random.next().to_le_bytes()).take(size).collect()
}

/// Marsaglia's xorshift: seeded, so that a failure can be repeated.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    #[allow(dead_code)] // not in every test
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
}

/// An image with a layer of so many bytes that do not compress.
#[allow(dead_code)] // not in every test
pub(crate) fn image(dir: &Path, size: usize, seed: u64) -> Image {
    fs::write(dir.join("noise"), noise(size, seed)).unwrap();
    let file = dir.join("image.toml");
    let text = "[image]\nname = \"test/case\"\nentrypoint = [\"/bin/true\"]\n\
        [[program]]\nfrom = \"/bin/true\"\nto = \"/bin/true\"\nported = false\n\
        [[file]]\nfrom = \"noise\"\nto = \"/noise\"\n";
    fs::write(&file, text).unwrap();
    let folders = BTreeMap::new();
    let plan = Plan::new(&Config::load(&file).unwrap(), &Machine { root: dir, folders: &folders }).unwrap();
    let options = Options { compression: "gzip:1".parse().unwrap(), ..Options::default() };
    Image::build(&plan, &options, &dir.join(format!("layout-{seed}"))).unwrap()
}

/// Short waits.
pub(crate) fn quick() -> Patience {
    let ms = Duration::from_millis;
    Patience { tries: 6, first: ms(5), longest: ms(40), silence: Duration::from_secs(5) }
}

/// What happened.
#[derive(Clone, Default)]
pub(crate) struct Heard(pub(crate) Arc<Mutex<Vec<Event>>>);

#[allow(dead_code)] // not in every test
impl Heard {
    pub(crate) fn tell(&self) -> Tell {
        let events = Arc::clone(&self.0);
        Arc::new(move |event| events.lock().unwrap().push(event.clone()))
    }

    pub(crate) fn all(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }

    /// How often a blob began to be sent, and from which byte.
    pub(crate) fn begins(&self, wanted: &str) -> Vec<u64> {
        let from = |e: &Event| match e {
            Event::Begins { digest, from, .. } if digest == wanted => Some(*from),
            _ => None,
        };
        self.all().iter().filter_map(from).collect()
    }

    pub(crate) fn waits(&self) -> Vec<String> {
        let why = |e: &Event| match e {
            Event::Waits { why, .. } => Some(why.clone()),
            _ => None,
        };
        self.all().iter().filter_map(why).collect()
    }

    pub(crate) fn restarts(&self) -> usize {
        self.all().iter().filter(|e| matches!(e, Event::Restarts { .. })).count()
    }
}

#[allow(dead_code)] // not in every test
pub(crate) fn remote(url: &str, heard: &Heard) -> Remote {
    Remote::with(url, Login::Nobody, quick(), heard.tell()).unwrap()
}

#[allow(dead_code)] // not in every test
pub(crate) fn who(password: &str) -> Credentials {
    Credentials { user: "AWS".into(), password: password.into() }
}

#[allow(dead_code)] // not in every test
pub(crate) fn skopeo(args: &[&str]) -> String {
    let output = Command::new("skopeo").args(args).output().expect("skopeo; ci/setup installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The blob with the most bytes.
#[allow(dead_code)] // not in every test
pub(crate) fn largest(image: &Image) -> &container::image::Blob {
    image.blobs.iter().max_by_key(|b| b.size).unwrap()
}

#[allow(dead_code)] // not in every test
pub(crate) fn state(dir: &Path) -> container::transfer::Options {
    let state: Option<PathBuf> = Some(dir.join("state"));
    container::transfer::Options { state, ..chunks() }
}

/// Chunks that are small enough for a blob to have several.
#[allow(dead_code)] // not in every test
pub(crate) fn chunks() -> container::transfer::Options {
    container::transfer::Options { chunk: 8 << 20, ..container::transfer::Options::default() }
}
