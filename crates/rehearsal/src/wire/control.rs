//! What a person can do to the world from outside: move its clock, let something go wrong.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::{Shared, reply};

/// The farthest that time is moved at once, in seconds: thirty days.
const MOST: u64 = 30 * 24 * 3600;

pub(super) fn answer(shared: &Shared, method: &Method, verb: &str, body: &[u8]) -> Response {
    let input: Value = serde_json::from_slice(body).unwrap_or_default();
    let done = match (method.as_str(), verb) {
        ("POST", "advance") => match input["seconds"].as_u64().filter(|s| *s <= MOST) {
            Some(seconds) => {
                shared.clock.advance(Duration::from_secs(seconds));
                Ok(json!({"now": shared.clock.now().iso()}))
            }
            None => Err(format!("expected `{{\"seconds\": 600}}`, and at most {MOST}")),
        },
        // `{"fault": "throttle", "operation": "CreateDeployment", "times": 2}` and the like; serde names what there is.
        ("POST", "faults") => serde_json::from_value(input).map_err(|e| e.to_string()).map(|fault| {
            shared.world().faults.add(fault);
            json!({})
        }),
        ("DELETE", "faults") => {
            shared.world().faults.clear();
            Ok(json!({}))
        }
        _ => Err(format!("no `{method} {verb}`; there are `POST advance`, `POST faults` and `DELETE faults`")),
    };
    let (status, body) = match done {
        Ok(value) => (StatusCode::OK, value),
        Err(message) => (StatusCode::BAD_REQUEST, json!({"message": message})),
    };
    reply(status, &[("content-type", "application/json")], body.to_string())
}
