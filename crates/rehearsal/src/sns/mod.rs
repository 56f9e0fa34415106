//! Amazon Simple Notification Service, as thin as a release needs it: the topic that is told of releases. Nobody is told in
//! truth; messages are kept for whoever looks at the world.

use serde_json::{Value, json};

use crate::refusal::{Answer, Refusal, refuse};
use crate::setup::Setup;
use crate::world::World;

/// The longest subject, in characters. <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
const SUBJECT: usize = 100;
/// The largest message, in bytes.
const MESSAGE: usize = 256 << 10;

/// The account's topic.
#[derive(Clone, Debug, Default)]
pub(crate) struct Topic {
    pub(crate) arn: String,
    subscribers: u32,
    /// Subject and text of each message.
    pub(crate) published: Vec<(String, String)>,
}

impl Topic {
    pub(crate) fn of(setup: &Setup) -> Self {
        let arn = format!("arn:aws:sns:{}:{}:{}", setup.region, setup.account, setup.topic);
        Self { arn, subscribers: setup.subscribers, published: Vec::new() }
    }
}

pub(crate) fn answer(world: &mut World, action: &str, input: &Value) -> Answer {
    let arn = input["TopicArn"].as_str().unwrap_or("");
    match action {
        "Publish" | "GetTopicAttributes" if arn != world.sns.arn => {
            Err(refuse("NotFound", "Topic does not exist").status(404))
        }
        "Publish" => publish(world, input),
        "GetTopicAttributes" => Ok(json!({"Attributes": {"entry": attributes(world)}})),
        _ => Err(Refusal::unknown(action)),
    }
}

fn publish(world: &mut World, input: &Value) -> Answer {
    let told = |name: &str| input[name].as_str().unwrap_or("").to_owned();
    let (subject, message) = (told("Subject"), told("Message"));
    let printable = |c: char| c == ' ' || c.is_ascii_graphic();
    if message.is_empty() || message.len() > MESSAGE {
        return Err(refuse("InvalidParameter", "Invalid parameter: Message"));
    }
    if subject.chars().count() > SUBJECT || !subject.chars().all(printable) {
        return Err(refuse("InvalidParameter", "Invalid parameter: Subject"));
    }
    world.sns.published.push((subject, message));
    Ok(json!({"MessageId": world.ids.uuid()}))
}

/// Its policy is that of the templates.
fn attributes(world: &World) -> Vec<Value> {
    let arn = &world.sns.arn;
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "TellFromThisAccount", "Effect": "Allow", "Action": "sns:Publish", "Resource": arn,
        "Principal": {"Service": [
            "cloudwatch.amazonaws.com", "events.amazonaws.com", "codestar-notifications.amazonaws.com",
        ]},
        "Condition": {"StringEquals": {"aws:SourceAccount": world.account}},
    }]});
    let all = [
        ("TopicArn", arn.clone()),
        ("Owner", world.account.clone()),
        ("Policy", policy.to_string()),
        ("SubscriptionsConfirmed", world.sns.subscribers.to_string()),
        ("SubscriptionsPending", "0".to_owned()),
    ];
    all.into_iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}
