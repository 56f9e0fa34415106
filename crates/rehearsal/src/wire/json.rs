//! AWS JSON 1.1, and 1.0: the operation in `X-Amz-Target`, a JSON document each way.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

use super::{reply, signed, text};
use crate::fault::Dialect;
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;
use crate::{cloudwatch, codedeploy, codepipeline, ecr, ecs, events, logs};

type Service = fn(&mut World, &str, &Value) -> Answer;

/// Services by the first part of their targets.
const SERVICES: [(&str, Service); 7] = [
    ("AWSEvents", events::answer),
    ("AmazonEC2ContainerRegistry_V20150921", ecr::protocol::answer),
    ("AmazonEC2ContainerServiceV20141113", ecs::protocol::answer),
    ("CodeDeploy_20141006", codedeploy::protocol::answer),
    ("CodePipeline_20150709", codepipeline::protocol::answer),
    ("GraniteServiceVersion20100801", cloudwatch::answer),
    ("Logs_20140328", logs::protocol::answer),
];

pub(super) fn answer(world: &mut World, parts: &Parts, target: &str, body: &[u8]) -> Response {
    let id = world.ids.request();
    let answer = call(world, parts, target, body);
    let (status, body) = match answer {
        Ok(value) => (StatusCode::OK, value),
        Err(Refusal { code, message, status }) => (
            StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            json!({"__type": code, "message": message}),
        ),
    };
    let kind = text(&parts.headers, "content-type").filter(|k| *k == "application/x-amz-json-1.0");
    let headers = [("content-type", kind.unwrap_or("application/x-amz-json-1.1")), ("x-amzn-requestid", id.as_str())];
    // An operation without output has no body at all, as the models say.
    reply(status, &headers, if body.is_null() { String::new() } else { body.to_string() })
}

fn call(world: &mut World, parts: &Parts, target: &str, body: &[u8]) -> Answer {
    let (prefix, operation) = target.split_once('.').unwrap_or((target, ""));
    if !signed(parts) {
        return Err(refuse("MissingAuthenticationTokenException", "Missing Authentication Token"));
    }
    let Some((_, service)) = SERVICES.iter().find(|(p, _)| *p == prefix) else {
        return Err(Refusal::unknown(target));
    };
    if let Some(refusal) = world.asked(operation, Dialect::Json) {
        return Err(refusal);
    }
    let input: Value = if body.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(body).map_err(|e| refuse("SerializationException", e.to_string()))?
    };
    if !input.is_object() {
        return Err(refuse("SerializationException", "the body is no JSON object"));
    }
    service(world, operation, &input)
}
