//! Amazon ECR's scan of an image: waited for, and its findings read. `DescribeImageScanFindings`, Amazon ECR API reference.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_ecr::Client;
use aws_sdk_ecr::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_ecr::operation::describe_image_scan_findings::DescribeImageScanFindingsOutput;
use aws_sdk_ecr::types::{
    EnhancedImageScanFinding, ImageIdentifier, ImageScanFinding, ImageScanningConfiguration,
    PackageVulnerabilityDetails, ScanFrequency, ScanStatus, ScanType,
};

use super::client;
use super::findings::{Finding, Findings, Scanner, Severity};
use crate::{Error, Result};

/// More findings than these are counted and not kept; code scanning takes no more either.
const MOST: usize = 25_000;
/// A list that goes on longer than this does not end.
const PAGES: usize = 1_000;

/// How long a scan is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Between two questions.
    pub every: Duration,
    /// In all.
    pub longest: Duration,
}

impl Patience {
    /// So many seconds in all.
    #[must_use]
    pub fn of(seconds: u64) -> Self {
        Self { every: Duration::from_secs(3), longest: Duration::from_secs(seconds) }
    }
}

/// What became of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// None is made.
    Off,
    /// It ended.
    Done(Findings),
    /// It ended without a result: why, and what to do.
    Failed(String),
    /// It has not ended in time; its last state.
    Late(String),
}

/// Who is told in which state a scan is that is waited for.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// Waits for the scan of an image that was pushed, with the account's own credentials.
///
/// # Errors
/// When ECR refuses to tell.
pub async fn wait(region: &str, repository: &str, digest: &str, patience: Patience, tell: &Tell) -> Result<Outcome> {
    with(&client(region).await, region, repository, digest, patience, tell).await
}

/// The same with a client, wherever that leads.
///
/// # Errors
/// As for [`wait`].
pub async fn with(
    client: &Client,
    region: &str,
    repository: &str,
    digest: &str,
    patience: Patience,
    tell: &Tell,
) -> Result<Outcome> {
    let scan = Scan { client, region, repository, digest };
    let begin = Instant::now();
    let (mut known_on, mut state) = (false, String::new());
    loop {
        let now = match scan.page(None).await? {
            Some(first) => {
                let status = first.image_scan_status().and_then(|s| s.status()).cloned();
                let words = first.image_scan_status().and_then(|s| s.description()).unwrap_or("").trim().to_owned();
                match status {
                    Some(ScanStatus::Complete | ScanStatus::Active) => {
                        return Ok(Outcome::Done(scan.findings(first).await?));
                    }
                    Some(status @ (ScanStatus::InProgress | ScanStatus::Pending)) => status.as_str().to_owned(),
                    other => return Ok(Outcome::Failed(failed(other.as_ref(), &words))),
                }
            }
            // It may not have begun yet.
            None if known_on || scan.is_on().await? => {
                known_on = true;
                "not begun".to_owned()
            }
            None => return Ok(Outcome::Off),
        };
        if now != state {
            tell(&now);
            state = now;
        }
        if begin.elapsed() + patience.every > patience.longest {
            return Ok(Outcome::Late(state));
        }
        tokio::time::sleep(patience.every).await;
    }
}

fn failed(status: Option<&ScanStatus>, words: &str) -> String {
    let name = status.map_or("no status", ScanStatus::as_str);
    let hint = match status {
        Some(ScanStatus::UnsupportedImage) => {
            "; the scanner knows no distribution or package in it: is `packages` in `skip` of [system]?"
        }
        Some(ScanStatus::Failed) => "; push again after some time, or `aws ecr start-image-scan`",
        Some(ScanStatus::LimitExceeded) => "; the account's quota of scans is used up for today",
        Some(ScanStatus::FindingsUnavailable | ScanStatus::ScanEligibilityExpired) => {
            "; Amazon Inspector does not look at this image any more"
        }
        _ => "",
    };
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    format!("{name}{words}{hint}")
}

struct Scan<'a> {
    client: &'a Client,
    region: &'a str,
    repository: &'a str,
    digest: &'a str,
}

impl Scan<'_> {
    fn fail(&self, what: &str, e: &dyn std::fmt::Display, code: Option<&str>) -> Error {
        let hint = if code == Some("AccessDeniedException") {
            format!("; may these credentials ecr:{what}?")
        } else {
            String::new()
        };
        let (region, repository) = (self.region, self.repository);
        Error::Registry {
            what: format!("Amazon ECR in {region}, {what} of `{repository}`"),
            message: format!("{e}{hint}"),
        }
    }

    /// One page of findings; `None` where there is no scan.
    async fn page(&self, token: Option<&str>) -> Result<Option<DescribeImageScanFindingsOutput>> {
        const WHAT: &str = "DescribeImageScanFindings";
        let asked = self
            .client
            .describe_image_scan_findings()
            .repository_name(self.repository)
            .image_id(ImageIdentifier::builder().image_digest(self.digest).build())
            .max_results(1000)
            .set_next_token(token.map(str::to_owned))
            .send()
            .await;
        match asked {
            Ok(page) => Ok(Some(page)),
            Err(e) if e.code() == Some("ScanNotFoundException") => Ok(None),
            Err(e) => Err(self.fail(WHAT, &DisplayErrorContext(&e), e.code())),
        }
    }

    /// Whether a push to the repository leads to a scan, by the registry's rules or the repository's own older setting.
    async fn is_on(&self) -> Result<bool> {
        let rules =
            self.client.batch_get_repository_scanning_configuration().repository_names(self.repository).send().await;
        // Who may not read the rules is told by the older setting.
        let by_rule = rules.is_ok_and(|r| {
            let first = r.scanning_configurations().first();
            first.is_some_and(|c| {
                c.scan_on_push()
                    || matches!(c.scan_frequency(), Some(ScanFrequency::ScanOnPush | ScanFrequency::ContinuousScan))
            })
        });
        if by_rule {
            return Ok(true);
        }
        let told = self.client.describe_repositories().repository_names(self.repository).send().await;
        let told = told.map_err(|e| self.fail("DescribeRepositories", &DisplayErrorContext(&e), e.code()))?;
        let setting = told.repositories().first().and_then(|r| r.image_scanning_configuration());
        Ok(setting.is_some_and(ImageScanningConfiguration::scan_on_push))
    }

    /// All pages, from the first one on.
    async fn findings(&self, first: DescribeImageScanFindingsOutput) -> Result<Findings> {
        let active = first.image_scan_status().and_then(|s| s.status()) == Some(&ScanStatus::Active);
        let (mut list, mut told, mut enhanced) = (Vec::new(), BTreeMap::new(), active);
        let mut page = first;
        for _ in 0..PAGES {
            if let Some(found) = page.image_scan_findings() {
                for (severity, count) in found.finding_severity_counts().into_iter().flatten() {
                    let most: &mut u64 = told.entry(Severity::of(severity.as_str())).or_default();
                    *most = (*most).max(u64::try_from(*count).unwrap_or(0));
                }
                enhanced |= !found.enhanced_findings().is_empty();
                list.extend(found.findings().iter().map(basic));
                list.extend(found.enhanced_findings().iter().flat_map(by_inspector));
                list.truncate(MOST);
            }
            let token = page.next_token().filter(|t| !t.is_empty()).map(str::to_owned);
            let Some(token) = token.filter(|_| list.len() < MOST) else {
                let scanner = if enhanced || self.is_enhanced().await { Scanner::Enhanced } else { Scanner::Basic };
                return Ok(Findings::new(scanner, told, list));
            };
            page = match self.page(Some(&token)).await? {
                Some(page) => page,
                None => return Err(self.fail("DescribeImageScanFindings", &"the scan went away meanwhile", None)),
            };
        }
        Err(self.fail("DescribeImageScanFindings", &format!("the list does not end after {PAGES} pages"), None))
    }

    /// Without findings only the registry's setting tells. Who may not read it has to take the usual one.
    async fn is_enhanced(&self) -> bool {
        let asked = self.client.get_registry_scanning_configuration().send().await;
        asked.is_ok_and(|a| {
            a.scanning_configuration().and_then(|c| c.scan_type()).is_some_and(|t| *t == ScanType::Enhanced)
        })
    }
}

fn basic(found: &ImageScanFinding) -> Finding {
    let attribute = |key: &str| {
        let found = found.attributes().iter().find(|a| a.key() == key).and_then(|a| a.value());
        found.map(plain).filter(|v| !v.is_empty())
    };
    Finding {
        name: plain(found.name().unwrap_or("without a name")),
        severity: Severity::of(found.severity().map_or("", |s| s.as_str())),
        package: attribute("package_name").map(|name| (name, attribute("package_version").unwrap_or_default())),
        fixed: None,
        description: plain(found.description().unwrap_or("")),
        uri: found.uri().map(plain).filter(|u| !u.is_empty()),
    }
}

/// One finding for each package that Inspector names.
fn by_inspector(found: &EnhancedImageScanFinding) -> Vec<Finding> {
    let details = found.package_vulnerability_details();
    let name = details.and_then(|d| d.vulnerability_id()).or(found.title()).unwrap_or("without a name");
    let one = |package: Option<(String, String)>, fixed: Option<String>| Finding {
        name: plain(name),
        severity: Severity::of(found.severity().unwrap_or("")),
        package,
        fixed,
        description: plain(found.description().unwrap_or("")),
        uri: details.and_then(|d| d.source_url()).map(plain),
    };
    let packages = details.map(PackageVulnerabilityDetails::vulnerable_packages).unwrap_or_default();
    if packages.is_empty() {
        return vec![one(None, None)];
    }
    let named = |p: &aws_sdk_ecr::types::VulnerablePackage| {
        let version = match (p.version(), p.release()) {
            (Some(v), Some(r)) => format!("{v}-{r}"),
            (v, _) => v.unwrap_or("").to_owned(),
        };
        one(
            Some((plain(p.name().unwrap_or("")), plain(&version))),
            p.fixed_in_version().map(plain).filter(|v| !v.is_empty() && v != "NotAvailable"),
        )
    };
    packages.iter().map(named).collect()
}

/// What others wrote, as one line that moves no cursor.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(4000).collect::<String>().trim().to_owned()
}
