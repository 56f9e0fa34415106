//! One blob to a registry: there already, mounted from another repository, or sent in chunks. What the registry has of it
//! decides where the next chunk begins.

use std::path::Path;

use crate::http::{Method, Url, header};

use super::pull::blob_to;
use super::push::{Lender, MANIFEST, Options};
use super::remote::Remote;
use super::request::{Answer, Payload, Request, Trouble, fail, refused, said};
use super::state::State;
use super::{Event, How};
use crate::Result;
use crate::image::{Blob, Image, put};
use crate::layer::digest;

/// One upload.
pub(super) struct Upload<'a> {
    pub(super) remote: &'a Remote,
    pub(super) repository: &'a str,
    pub(super) blob: &'a Blob,
    pub(super) file: &'a Path,
    pub(super) options: &'a Options,
    pub(super) state: &'a State,
    /// Whether the registry has it, where that is known already.
    pub(super) there: Option<bool>,
}

/// A manifest beside an image, by its URL and bytes, and before it what it names: bytes with their media types, which the
/// image's layout keeps too.
///
/// # Errors
/// When the layout cannot be written, or the registry does not do as it should.
pub(super) async fn small(
    what: &str,
    image: &Image,
    blobs: &[(&[u8], &str)],
    (url, manifest): (Url, Vec<u8>),
    remote: &Remote,
    options: &Options,
) -> Result<()> {
    let state = State::open(options.state.as_deref())?;
    let folder = image.layout.join("blobs/sha256");
    for (bytes, media_type) in blobs {
        put(&folder, bytes)?;
        let blob = Blob { digest: digest(bytes), size: bytes.len() as u64, media_type: (*media_type).to_owned() };
        let (repository, file) = (&image.name, image.path(&blob));
        let upload = Upload { remote, repository, blob: &blob, file: &file, options, state: &state, there: None };
        upload.run().await?;
    }
    let request = Request::new(Method::PUT, url).header(header::CONTENT_TYPE, MANIFEST);
    remote.ask(what, &request.payload(Payload::Bytes(manifest))).await?.expect(what, &[200, 201, 202])?;
    Ok(())
}

/// A place of the registry that takes bytes, and how many it has.
#[derive(Clone, Debug)]
struct Session {
    location: Url,
    offset: u64,
}

/// How a try ended that did not fail.
enum Step {
    Finished(How),
    /// The registry has lost what we had sent, or says that it is something else.
    Lost(String),
}

impl Upload<'_> {
    fn what(&self) -> String {
        format!("blob {}", self.blob.digest)
    }

    /// Brings the blob to the registry.
    ///
    /// # Errors
    /// When the registry refuses it, or nothing gets through for as long as patience lasts.
    pub(super) async fn run(&self) -> Result<How> {
        let what = self.what();
        let there = match self.there {
            Some(there) => there,
            None => self.is_there().await?,
        };
        let how = if there { How::There } else { self.send(&what).await? };
        self.state.remove(&self.remote.base, self.repository, &self.blob.digest);
        let (digest, size) = (self.blob.digest.clone(), self.blob.size);
        (self.remote.tell)(&Event::Done { digest, size, how });
        Ok(how)
    }

    fn restarts(&self, why: String) {
        (self.remote.tell)(&Event::Restarts { digest: self.blob.digest.clone(), why });
    }

    async fn is_there(&self) -> Result<bool> {
        let url = self.remote.url(self.repository, &format!("blobs/{}", self.blob.digest))?;
        let answer = self.remote.ask(&self.what(), &Request::new(Method::HEAD, url)).await?;
        match answer.status.as_u16() {
            200 => {
                let size = answer.header("content-length").and_then(|l| l.parse::<u64>().ok());
                // A registry that has other bytes under this digest is broken, and a push would hide that.
                match size.filter(|s| *s != self.blob.size) {
                    Some(other) => Err(fail(
                        &self.what(),
                        format!("the registry has it with {other} bytes instead of {}", self.blob.size),
                    )),
                    None => Ok(true),
                }
            }
            404 => Ok(false),
            _ => Err(refused(&self.what(), &answer)),
        }
    }

    async fn send(&self, what: &str) -> Result<How> {
        let kept = self.state.get(&self.remote.base, self.repository, &self.blob.digest);
        let mut session = match &kept {
            Some(location) => self.where_is(location).await,
            None => None,
        };
        if kept.is_some() && session.is_none() {
            self.restarts("the registry does not go on with the upload of an earlier run".into());
        }
        let (mut failures, mut restarts) = (0, 0);
        loop {
            let before = session.as_ref().map_or(0, |s| s.offset);
            match self.go_on(&mut session, what).await {
                Ok(Step::Finished(how)) => return Ok(how),
                Ok(Step::Lost(why)) => {
                    restarts += 1;
                    if restarts > 3 {
                        return Err(fail(what, format!("{why}, again and again")));
                    }
                    session = None;
                    self.restarts(why);
                }
                Err(Trouble::Fatal(e)) => return Err(e),
                Err(Trouble::Later { why, asked, cut }) => {
                    let begun = session.is_some();
                    if cut && !begun {
                        self.repository_exists().await?;
                    }
                    session = match session {
                        Some(s) => self.where_is(&s.location).await,
                        None => None,
                    };
                    let progress = session.as_ref().is_some_and(|s| s.offset > before);
                    failures = if progress { 1 } else { failures + 1 };
                    self.remote.pause(what, why.clone(), failures, asked).await?;
                    if begun && session.is_none() {
                        // The last answer may have been lost, and not the blob.
                        if self.is_there().await? {
                            return Ok(How::Sent);
                        }
                        self.restarts(why);
                    }
                }
            }
        }
    }

    /// Asks the registry how much of an upload it has; `None` where it does not know it or cannot say.
    async fn where_is(&self, location: &Url) -> Option<Session> {
        let answer = self.remote.ask(&self.what(), &Request::new(Method::GET, location.clone())).await.ok()?;
        if !matches!(answer.status.as_u16(), 200 | 202 | 204) {
            return None;
        }
        let offset = received(&answer)?;
        let location = place(&answer).unwrap_or_else(|| location.clone());
        (offset <= self.blob.size).then_some(Session { location, offset })
    }

    /// From where the session is to the end.
    async fn go_on(&self, session: &mut Option<Session>, what: &str) -> std::result::Result<Step, Trouble> {
        if session.is_none() {
            match self.begin(what).await? {
                Some(begun) => *session = Some(begun),
                None => return Ok(Step::Finished(How::Mounted)),
            }
        }
        self.bring().await?;
        let Some(at) = session.as_mut() else { return Ok(Step::Lost("no upload".into())) };
        let (digest, size) = (&self.blob.digest, self.blob.size);
        (self.remote.tell)(&Event::Begins { digest: digest.clone(), size, from: at.offset });
        let part = |from, to| Payload::Part(self.file.to_owned(), digest.clone(), from, to);
        let whole = at.offset == 0 && size <= self.options.chunk;
        while !whole && at.offset < size {
            let end = (at.offset + self.options.chunk).min(size);
            let request = Request::new(Method::PATCH, at.location.clone())
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .header(header::CONTENT_RANGE, format!("{}-{}", at.offset, end - 1))
                .payload(part(at.offset, end));
            let answer = self.remote.once(what, &request).await?;
            match answer.status.as_u16() {
                // The specification has 202; Amazon ECR answers 201.
                201 | 202 | 204 => {}
                404 => {
                    return Ok(Step::Lost(format!(
                        "the registry does not know the upload any more: {}",
                        said(&answer.body)
                    )));
                }
                // What it has is not what we think it has: it is asked.
                416 => return Err(Trouble::Later { why: "answered 416".into(), asked: None, cut: false }),
                _ => return Err(Trouble::Fatal(refused(what, &answer))),
            }
            let got = received(&answer).unwrap_or(end);
            if got <= at.offset || got > end {
                return Ok(Step::Lost(format!("the registry says it has {got} bytes after it was sent {end}")));
            }
            at.offset = got;
            at.location = place(&answer).unwrap_or_else(|| at.location.clone());
            self.state.put(&self.remote.base, self.repository, digest, &at.location).map_err(Trouble::Fatal)?;
            (self.remote.tell)(&Event::Kept { digest: digest.clone(), bytes: got });
        }
        let mut url = at.location.clone();
        url.query_pairs_mut().append_pair("digest", digest);
        let mut request = Request::new(Method::PUT, url).header(header::CONTENT_TYPE, "application/octet-stream");
        if whole {
            request = request.payload(part(0, size));
        }
        let answer = self.remote.once(what, &request).await?;
        match answer.status.as_u16() {
            201 | 204 => {}
            404 => return Ok(Step::Lost("the registry does not know the upload any more".into())),
            // Of what was put together in several runs a part may be from elsewhere; the whole at once is what we have.
            400 if !whole => {
                return Ok(Step::Lost(format!("the registry put it together wrongly: {}", said(&answer.body))));
            }
            _ => return Err(Trouble::Fatal(refused(what, &answer))),
        }
        match answer.header("docker-content-digest").filter(|d| *d != *digest) {
            Some(other) => Err(Trouble::Fatal(fail(what, format!("the registry keeps it as `{other}`")))),
            None => Ok(Step::Finished(How::Sent)),
        }
    }

    /// The repository of this registry that may lend the blob.
    fn lent_by(&self) -> Option<&str> {
        let here = |l: &&Lender| l.remote.base.origin() == self.remote.base.origin() && l.repository != self.repository;
        let lender = self.options.lender.as_ref().filter(|l| l.has(self.blob)).filter(here);
        lender.map(|l| l.repository.as_str()).or(self.options.mount_from.as_deref())
    }

    /// Fetches a layer of the base image that is not here.
    async fn bring(&self) -> std::result::Result<(), Trouble> {
        let Some(lender) = self.options.lender.as_ref().filter(|l| l.has(self.blob)) else { return Ok(()) };
        let Some(folder) = self.file.parent().filter(|_| !self.file.exists()) else { return Ok(()) };
        blob_to(&lender.remote, &lender.repository, self.blob, folder).await.map_err(Trouble::Fatal)
    }

    /// Begins an upload; `None` when the registry took the blob from another repository.
    async fn begin(&self, what: &str) -> std::result::Result<Option<Session>, Trouble> {
        let mut url = self.remote.url(self.repository, "blobs/uploads/").map_err(Trouble::Fatal)?;
        if let Some(from) = self.lent_by() {
            url.query_pairs_mut().append_pair("mount", &self.blob.digest).append_pair("from", from);
        }
        let answer = self.remote.once(what, &Request::new(Method::POST, url)).await?;
        match answer.status.as_u16() {
            201 => return Ok(None),
            202 => {}
            _ => return Err(Trouble::Fatal(refused(what, &answer))),
        }
        let Some(location) = place(&answer) else {
            return Err(Trouble::Fatal(fail(what, "no place to upload to in the answer")));
        };
        self.state.put(&self.remote.base, self.repository, &self.blob.digest, &location).map_err(Trouble::Fatal)?;
        Ok(Some(Session { location, offset: 0 }))
    }

    /// Amazon ECR cuts the connection where there is no such repository; it says so when it is asked for its tags.
    async fn repository_exists(&self) -> Result<()> {
        let url = self.remote.url(self.repository, "tags/list")?;
        let answer = self.remote.ask("repository", &Request::new(Method::GET, url)).await?;
        if answer.status.as_u16() == 404 && said(&answer.body).contains("NAME_UNKNOWN") {
            let host = self.remote.base.host_str().unwrap_or("");
            let place = crate::ecr::account_and_region(host)
                .map_or_else(|| format!("at `{host}`"), |(account, region)| format!("in account {account}, {region}"));
            let repository = self.repository;
            return Err(fail(
                "push",
                format!(
                    "repository `{repository}` does not exist {place}; make it, or let `--create-repository` do it"
                ),
            ));
        }
        Ok(())
    }
}

/// How many bytes a registry has, by its `Range: 0-<last>`. `0-0` is what some say of nothing.
fn received(answer: &Answer) -> Option<u64> {
    let range = answer.header("range")?;
    let (first, last) = range.trim_start_matches("bytes=").split_once('-')?;
    let last: u64 = last.trim().parse().ok()?;
    (first.trim() == "0").then(|| if last == 0 { 0 } else { last.saturating_add(1) })
}

fn place(answer: &Answer) -> Option<Url> {
    let url = answer.url.join(answer.header("location")?).ok()?;
    // Nothing of ours goes in the clear because a registry says so.
    (url.scheme() == answer.url.scheme() || url.scheme() == "https").then_some(url)
}
