//! One request to AWS: signed, sent, and sent again when there were too many or the answer failed to come.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use container::http::{Answer, Http};
use serde_json::Value;

use super::message::{Call, call, error, read, unread};
use super::service::{Protocol, Service};
use super::sign::{Signer, Unsigned};
use super::{Refusal, xml};
use crate::flow::event::{Event, Tell};
use crate::flow::pace::Pace;
use crate::{Error, Result};

/// A server that is silent for so long is not there.
const SILENCE: Duration = Duration::from_secs(30);
/// The longest wait before a call is made again.
const LONGEST: Duration = Duration::from_secs(30);
/// How often a call is made that finds too many before it.
const THROTTLED: u32 = 9;
/// How often a call is made that is not answered properly, where it may be repeated.
const BROKEN: u32 = 4;

/// Pages of a list that are read; the longest one that a release needs has some dozens.
pub(super) const PAGES: usize = 1000;

/// A list whose pages do not end.
pub(super) fn endless(service: Service, operation: &str) -> Error {
    let service = service.called;
    Error::Release(format!(
        "{service}, {operation}: the list has no end after {PAGES} pages: is the endpoint the right one?"
    ))
}

/// Speaks to the services of one region with one account's credentials.
pub struct Client {
    region: String,
    endpoint: Option<String>,
    /// Whether variables of the environment lead single services elsewhere.
    variables: bool,
    http: Http,
    signer: Signer,
    pace: Arc<dyn Pace>,
    tell: Tell,
}

impl Client {
    /// A client with credentials and endpoint as every AWS tool finds them. It waits as `pace` says, and tells what it does.
    ///
    /// # Errors
    /// When no HTTP client can be set up.
    pub async fn new(region: &str, pace: Arc<dyn Pace>, tell: Tell) -> Result<Self> {
        let settings = container::ecr::settings(region).await;
        let endpoint = settings.endpoint_url().map(str::to_owned);
        let http = Http::new(endpoint.as_deref().unwrap_or("https://amazonaws.com"), SILENCE)?;
        let signer = Signer::new(settings.credentials_provider());
        Ok(Self { region: region.to_owned(), endpoint, variables: true, http, signer, pace, tell })
    }

    /// A client for an endpoint with credentials in hand; what the environment says of endpoints does not count.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with(
        region: &str,
        endpoint: &str,
        credentials: aws_credential_types::Credentials,
        pace: Arc<dyn Pace>,
        tell: Tell,
    ) -> Result<Self> {
        let provider = aws_credential_types::provider::SharedCredentialsProvider::new(credentials);
        let http = Http::new(endpoint, SILENCE)?;
        let (region, endpoint) = (region.to_owned(), Some(endpoint.to_owned()));
        Ok(Self { region, endpoint, variables: false, http, signer: Signer::new(Some(provider)), pace, tell })
    }

    /// Its region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Where the services are, if not at their own addresses.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    pub(super) fn say(&self, event: &Event) {
        (self.tell)(event);
    }

    pub(super) fn address(&self, service: Service) -> String {
        let own = std::env::var(service.variable()).ok().filter(|v| self.variables && !v.is_empty());
        let address = own.or_else(|| self.endpoint.clone()).unwrap_or_else(|| service.address(&self.region));
        address.trim_end_matches('/').to_owned()
    }

    /// All pages of a list in a JSON answer, each page given to `each`.
    pub(super) async fn pages(
        &self,
        service: Service,
        operation: &str,
        input: &Value,
        mut each: impl FnMut(&mut Value),
    ) -> Result<()> {
        let mut input = input.clone();
        for _ in 0..PAGES {
            let mut page = self.json(service, operation, &input).await?;
            each(&mut page);
            let next = page["nextToken"].take();
            if !next.is_string() {
                return Ok(());
            }
            input["nextToken"] = next;
        }
        Err(endless(service, operation))
    }

    /// An operation by AWS JSON 1.1 or the query protocol that may be repeated.
    pub(super) async fn ask(&self, service: Service, operation: &str, input: &Value) -> Result<Answer> {
        self.call(&call(service, operation, input, true)).await
    }

    /// The same with a JSON answer.
    pub(super) async fn json(&self, service: Service, operation: &str, input: &Value) -> Result<Value> {
        Ok(read(&self.ask(service, operation, input).await?))
    }

    /// The same with an answer by the query protocol, as a value.
    pub(super) async fn query(&self, service: Service, operation: &str, input: &Value) -> Result<Value> {
        Self::result(service, operation, &self.ask(service, operation, input).await?)
    }

    /// The same for an operation that must not be done twice.
    pub(super) async fn query_once(&self, service: Service, operation: &str, input: &Value) -> Result<Value> {
        Self::result(service, operation, &self.act(service, operation, input).await?)
    }

    fn result(service: Service, operation: &str, answer: &Answer) -> Result<Value> {
        let mut whole = xml::tree(&answer.body).ok_or_else(|| unread(service, operation))?;
        // EC2 has no element between the outermost one and what it tells.
        Ok(if matches!(service.protocol, Protocol::Ec2(_)) {
            whole
        } else {
            whole[format!("{operation}Result")].take()
        })
    }

    /// What is at an address that a service gave out, which carries its own permission.
    pub(super) async fn fetch(&self, url: &str) -> std::result::Result<Vec<u8>, String> {
        let answer = self.http.send("GET", url, &[], Vec::new()).await?;
        if answer.status == 200 { Ok(answer.body) } else { Err(format!("status {}", answer.status)) }
    }

    /// The same for an operation that must not be done twice.
    pub(super) async fn once(&self, service: Service, operation: &str, input: &Value) -> Result<Value> {
        Ok(read(&self.act(service, operation, input).await?))
    }

    /// The same with the answer as it came.
    pub(super) async fn act(&self, service: Service, operation: &str, input: &Value) -> Result<Answer> {
        self.call(&call(service, operation, input, false)).await
    }

    /// Makes a call until it is answered, or there is no hope.
    pub(super) async fn call(&self, call: &Call) -> Result<Answer> {
        let mut times = 0;
        let mut renewed = false;
        loop {
            times += 1;
            let refusal = match self.attempt(call).await? {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            if refusal.expired() && !renewed {
                // A profile or a role may have new ones by now.
                renewed = true;
                self.signer.forget();
                continue;
            }
            let broken = refusal.code == "NoAnswer" || refusal.code.starts_with("Internal") || unavailable(&refusal);
            let most = if refusal.throttled() { THROTTLED } else { BROKEN };
            if times >= most || !(refusal.throttled() || broken && call.again) {
                return Err(Error::Aws(refusal));
            }
            let wait = back_off(times);
            (self.tell)(&Event::Throttled {
                service: call.service.called,
                operation: call.operation.clone(),
                code: refusal.code,
                seconds: wait.as_secs_f64(),
            });
            self.pace.sleep(wait).await;
        }
    }

    async fn attempt(&self, call: &Call) -> Result<std::result::Result<Answer, Refusal>> {
        let url = format!("{}{}", self.address(call.service), call.path);
        let refuse = |code: &str, message: &str| Refusal {
            service: call.service.called,
            operation: call.operation.clone(),
            code: code.to_owned(),
            message: self.signer.scrubbed(message),
        };
        let begun = std::time::Instant::now();
        let unsigned = Unsigned { method: call.method, url: &url, headers: &call.headers, body: &call.body };
        let signature = self.signer.sign(call.service.region(&self.region), call.service.signing, &unsigned).await;
        let mut headers = signature.map_err(Error::Release)?;
        headers.extend_from_slice(&call.headers);
        let answer = match self.http.send(call.method, &url, &headers, call.body.clone()).await {
            Ok(answer) => answer,
            Err(why) => return Ok(Err(refuse("NoAnswer", &why))),
        };
        (self.tell)(&Event::Call {
            service: call.service.called,
            operation: call.operation.clone(),
            status: answer.status,
            millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        if (200..300).contains(&answer.status) {
            return Ok(Ok(answer));
        }
        let (code, message) = error(&answer);
        Ok(Err(refuse(&code, &message)))
    }
}

fn unavailable(refusal: &Refusal) -> bool {
    matches!(
        refusal.code.as_str(),
        "ServiceUnavailable"
            | "ServiceUnavailableException"
            | "ServerException"
            | "status 500"
            | "status 502"
            | "status 503"
            | "status 504"
    )
}

/// One second, two, four ... each shortened by up to half, so that many who wait do not come back together.
fn back_off(times: u32) -> Duration {
    let full = Duration::from_secs(1 << times.saturating_sub(1).min(6)).min(LONGEST);
    let dice = u32::try_from(RandomState::new().build_hasher().finish() % 1000).unwrap_or(0);
    full.saturating_sub(full / 2 * dice / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        for times in 1..40 {
            let wait = back_off(times);
            assert!(wait <= LONGEST && wait >= Duration::from_millis(500), "{times}: {wait:?}");
        }
        assert!(back_off(5) > back_off(1));
    }
}
