//! A message to the topic that is told of releases.

use serde_json::{Value, json};

use super::service::SNS;
use super::{BlueGreen, Client};
use crate::{Error, Result};

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// ARN of the topic.
    pub topic: String,
    /// SNS's own id of the message.
    pub message: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// How many have subscribed and said that they want to be told; none where these credentials may not ask.
    pub subscribers: Option<u64>,
}

impl BlueGreen {
    /// Sends a message to the topic of the environment. Subjects have no line breaks and 100 characters of ASCII at most.
    /// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
    ///
    /// # Errors
    /// When `release.toml` names no topic, or SNS refuses.
    pub async fn notify(&self, subject: &str, text: &str) -> Result<Sent> {
        let Some(topic) = self.environment().topic.as_ref().map(ToString::to_string) else {
            return Err(Error::Release(
                "release.toml has no `topic` here: it is the ARN of the SNS topic that pipeline and deployments tell, \
                 `${output:STACK.TopicArn}` with our templates"
                    .into(),
            ));
        };
        let subscribers = subscribers(self.client(), &topic).await?;
        let input = json!({"TopicArn": topic, "Subject": subject, "Message": text});
        // Not to be repeated blindly: people would get it twice.
        let told = self.client().query_once(SNS, "Publish", &input).await?;
        let Some(message) = told["MessageId"].as_str().map(str::to_owned) else {
            return Err(Error::Release(format!("SNS took a message for `{topic}` and told no id of it")));
        };
        Ok(Sent { topic, message, subject: subject.to_owned(), text: text.to_owned(), subscribers })
    }
}

/// A map of the query protocol: entries of key and value, or one entry.
pub(crate) fn attribute<'a>(told: &'a Value, name: &str) -> Option<&'a str> {
    let entry = &told["Attributes"]["entry"];
    let one = std::slice::from_ref(entry);
    entry.as_array().map_or(one, Vec::as_slice).iter().find(|e| e["key"] == *name)?["value"].as_str()
}

async fn subscribers(client: &Client, topic: &str) -> Result<Option<u64>> {
    match client.query(SNS, "GetTopicAttributes", &json!({"TopicArn": topic})).await {
        Ok(told) => Ok(attribute(&told, "SubscriptionsConfirmed").and_then(|n| n.parse().ok())),
        // Who may publish need not be allowed to look.
        Err(Error::Aws(r))
            if matches!(r.code.as_str(), "AuthorizationError" | "AccessDenied" | "AuthorizationErrorException") =>
        {
            Ok(None)
        }
        Err(e) => Err(e),
    }
}
