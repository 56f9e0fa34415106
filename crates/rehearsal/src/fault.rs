//! What goes wrong on demand.

use serde::Deserialize;

use crate::refusal::{Refusal, refuse};

/// Something that goes wrong from now on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// The next so many calls of an operation, such as `CreateDeployment`, are refused because there were too many.
    Throttle {
        /// Name of the operation.
        operation: String,
        /// How often.
        #[serde(default = "once")]
        times: usize,
    },
    /// The next so many calls of an operation are answered with status 500.
    ServerError {
        /// Name of the operation.
        operation: String,
        /// How often.
        #[serde(default = "once")]
        times: usize,
    },
    /// An operation is not allowed to anybody.
    Denied {
        /// Name of the operation.
        operation: String,
    },
    /// All credentials have expired: every call is refused.
    ExpiredCredentials,
    /// Tasks that start from now on fail their health checks.
    NeverHealthy,
    /// The program of tasks that start from now on writes these lines and ends by itself.
    Crashes {
        /// The status that it ends with.
        #[serde(default = "failure")]
        exit: i32,
        /// What it writes, which nobody looks at before.
        #[serde(default)]
        lines: Vec<String>,
    },
    /// The hook of a lifecycle event, such as `AfterAllowTestTraffic`, fails. It does so where the appspec names one.
    HookFails {
        /// The lifecycle event.
        event: String,
    },
    /// An alarm of `CloudWatch` is in the state ALARM.
    Alarm {
        /// Its name.
        name: String,
    },
}

fn once() -> usize {
    1
}

fn failure() -> i32 {
    1
}

/// Which errors a protocol has for the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Json,
    Query,
    S3,
}

/// All that goes wrong now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn remove(&mut self, fault: &Fault) {
        self.0.retain(|f| f != fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Why a call is not answered at all.
    pub(crate) fn call(&mut self, operation: &str, dialect: Dialect) -> Option<Refusal> {
        if self.0.contains(&Fault::ExpiredCredentials) {
            return Some(expired(dialect));
        }
        for fault in &mut self.0 {
            match fault {
                Fault::Denied { operation: o } if o == operation => return Some(denied(operation, dialect)),
                Fault::Throttle { operation: o, times } if o == operation && *times > 0 => {
                    *times -= 1;
                    return Some(throttled(dialect));
                }
                Fault::ServerError { operation: o, times } if o == operation && *times > 0 => {
                    *times -= 1;
                    return Some(broken(dialect));
                }
                _ => {}
            }
        }
        None
    }

    pub(crate) fn never_healthy(&self) -> bool {
        self.0.contains(&Fault::NeverHealthy)
    }

    pub(crate) fn crashes(&self) -> Option<(i32, &[String])> {
        self.0.iter().find_map(|f| match f {
            Fault::Crashes { exit, lines } => Some((*exit, lines.as_slice())),
            _ => None,
        })
    }

    pub(crate) fn hook_fails(&self, event: &str) -> bool {
        self.0.iter().any(|f| matches!(f, Fault::HookFails { event: e } if e == event))
    }

    pub(crate) fn alarm(&self, name: &str) -> bool {
        self.0.iter().any(|f| matches!(f, Fault::Alarm { name: n } if n == name))
    }
}

fn expired(dialect: Dialect) -> Refusal {
    match dialect {
        Dialect::Json => refuse("ExpiredTokenException", "The security token included in the request is expired"),
        Dialect::Query => refuse("ExpiredToken", "The security token included in the request is expired").status(403),
        Dialect::S3 => refuse("ExpiredToken", "The provided token has expired."),
    }
}

fn denied(operation: &str, dialect: Dialect) -> Refusal {
    let text = format!("User is not authorized to perform: {operation} because no identity-based policy allows it");
    match dialect {
        Dialect::Json => refuse("AccessDeniedException", text),
        Dialect::Query => refuse("AccessDenied", text).status(403),
        Dialect::S3 => refuse("AccessDenied", "Access Denied").status(403),
    }
}

fn throttled(dialect: Dialect) -> Refusal {
    match dialect {
        Dialect::Json => refuse("ThrottlingException", "Rate exceeded"),
        Dialect::Query => refuse("Throttling", "Rate exceeded"),
        Dialect::S3 => refuse("SlowDown", "Please reduce your request rate.").status(503),
    }
}

fn broken(dialect: Dialect) -> Refusal {
    match dialect {
        Dialect::S3 => refuse("InternalError", "We encountered an internal error. Please try again.").status(500),
        _ => refuse("InternalFailure", "The request processing has failed because of an unknown error.").status(500),
    }
}
