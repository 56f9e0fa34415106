//! One HTTP request. It runs in a process of its own that has entered the container's network namespace, since a
//! namespace is entered by processes and not by the threads of an async runtime.

use std::time::Duration;

use crate::Result;

/// What a service answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// As a probe prints it: the status in the first line, then the body.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}", self.status, self.body)
    }

    /// Reads what [`Answer::to_text`] made.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let (status, body) = text.split_once('\n')?;
        Some(Self { status: status.parse().ok()?, body: body.to_owned() })
    }
}

/// Asks for a URL.
///
/// # Errors
/// When there is no answer within five seconds.
pub async fn get(url: &str) -> Result<Answer> {
    let (status, body) = container::http::get(url, Duration::from_secs(5)).await?;
    Ok(Answer { status, body })
}
