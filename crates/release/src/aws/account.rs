//! Who asks, and what stacks tell.

use std::collections::BTreeMap;

use serde_json::json;

use super::service::{CLOUD_FORMATION, STS};
use super::{Client, xml};
use crate::flow::engine::Caller;
use crate::{Error, Result};

/// `GetCallerIdentity`, which needs no permission.
pub(super) async fn caller(client: &Client) -> Result<Caller> {
    let answer = client.ask(STS, "GetCallerIdentity", &json!({})).await?;
    let rows = xml::rows(&answer.body, "GetCallerIdentityResult", &["Account", "Arn"]);
    let row = rows.into_iter().next().filter(|r| r.contains_key("Account") && r.contains_key("Arn"));
    let row = row.ok_or_else(|| Error::Release("STS answered without an account".into()))?;
    Ok(Caller { account: row["Account"].clone(), arn: row["Arn"].clone() })
}

/// Outputs of a stack by their names.
pub(super) async fn outputs(client: &Client, stack: &str) -> Result<BTreeMap<String, String>> {
    let answer = client.ask(CLOUD_FORMATION, "DescribeStacks", &json!({"StackName": stack})).await?;
    let rows = xml::rows(&answer.body, "member", &["OutputKey", "OutputValue"]);
    Ok(rows.into_iter().filter_map(|mut r| Some((r.remove("OutputKey")?, r.remove("OutputValue")?))).collect())
}
