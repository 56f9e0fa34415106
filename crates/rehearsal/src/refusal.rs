//! What a service answers when it does not do what it was asked.

use std::borrow::Cow;

/// An error of a service: its code, in words, and the status of HTTP. Each protocol writes it in its own way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) status: u16,
}

pub(crate) type Answer<T = serde_json::Value> = Result<T, Refusal>;

/// One that is the client's fault.
pub(crate) fn refuse(code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal { code: Cow::Borrowed(code), message: message.into(), status: 400 }
}

impl Refusal {
    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// An operation that this rehearsal lacks, whether or not the service has it.
    pub(crate) fn unknown(operation: &str) -> Self {
        refuse("UnknownOperationException", format!("the rehearsal has no operation `{operation}`"))
    }
}
