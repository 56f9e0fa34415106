//! The query protocol: a form comes in, XML goes out.
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Map, Value};

use super::{reply, signed, xml};
use crate::fault::Dialect;
use crate::refusal::{Answer, Refusal, refuse};
use crate::world::World;
use crate::{cloudwatch, ec2, elb, iam, sns, sts};

/// The deepest name in a form, such as `A.member.1.B`.
const DEPTH: usize = 16;

type Service = fn(&mut World, &str, &Value) -> Answer;

/// The version of EC2, which has a dialect of its own.
/// <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>
const EC2: &str = "2016-11-15";

/// Services by the version that their requests name, with the namespace of their answers.
const SERVICES: [(&str, &str, Service); 6] = [
    ("2010-03-31", "http://sns.amazonaws.com/doc/2010-03-31/", sns::answer),
    ("2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/", iam::protocol::answer),
    ("2010-08-01", "http://monitoring.amazonaws.com/doc/2010-08-01/", cloudwatch::answer),
    ("2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/", sts::answer),
    (EC2, "http://ec2.amazonaws.com/doc/2016-11-15/", ec2::answer),
    ("2015-12-01", "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/", elb::protocol::answer),
];

pub(super) fn answer(world: &mut World, parts: &Parts, body: &[u8]) -> Response {
    let form = form(body);
    let named = |name: &str| form[name].as_str().unwrap_or("").to_owned();
    let (action, version) = (named("Action"), named("Version"));
    let id = world.ids.request();
    let service = SERVICES.iter().find(|(v, ..)| *v == version);
    let space = service.map_or("", |(_, s, _)| *s);
    let own = version == EC2;
    let (status, text) = match call(world, parts, &action, service.map(|s| s.2), &form) {
        Ok(value) if own => {
            let inner = xml::inner(&value, "item");
            (200, format!("<{action}Response xmlns=\"{space}\"><requestId>{id}</requestId>{inner}</{action}Response>"))
        }
        Ok(value) => {
            let inner = format!("<{action}Result>{}</{action}Result>", xml::content(&value));
            let meta = format!("<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>");
            (200, format!("<{action}Response xmlns=\"{space}\">{inner}{meta}</{action}Response>"))
        }
        Err(Refusal { code, message, status }) => {
            let kind = if status < 500 { "Sender" } else { "Receiver" };
            let (code, message) = (xml::escape(&code), xml::escape(&message));
            if own {
                let error = format!("<Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>");
                let text = format!("<Response>{error}<RequestID>{id}</RequestID></Response>");
                return reply(
                    StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
                    &[("content-type", "text/xml"), ("x-amzn-requestid", &id)],
                    text,
                );
            }
            let error = format!("<Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>");
            (status, format!("<ErrorResponse xmlns=\"{space}\">{error}<RequestId>{id}</RequestId></ErrorResponse>"))
        }
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    reply(status, &[("content-type", "text/xml"), ("x-amzn-requestid", &id)], text)
}

fn call(world: &mut World, parts: &Parts, action: &str, service: Option<Service>, form: &Value) -> Answer {
    if !signed(parts) {
        return Err(refuse("MissingAuthenticationToken", "Request is missing Authentication Token").status(403));
    }
    // The name goes into tags of the answer: it is a name or nothing.
    let known = service.filter(|_| !action.is_empty() && action.bytes().all(|b| b.is_ascii_alphanumeric()));
    let Some(service) = known else { return Err(unknown(action)) };
    if let Some(refusal) = world.asked(action, Dialect::Query) {
        return Err(refusal);
    }
    service(world, action, form).map_err(|r| if r.code == "UnknownOperationException" { unknown(action) } else { r })
}

fn unknown(action: &str) -> Refusal {
    refuse("InvalidAction", format!("the rehearsal has no action `{action}`"))
}

/// `A.member.1.B=x` as the value that it stands for. All scalars are text.
fn form(body: &[u8]) -> Value {
    let mut root = Value::Object(Map::new());
    for (name, value) in form_urlencoded::parse(body) {
        let parts: Vec<&str> = name.split('.').filter(|p| *p != "member").collect();
        if parts.len() <= DEPTH {
            put(&mut root, &parts, value.into_owned());
        }
    }
    lists(root)
}

fn put(at: &mut Value, parts: &[&str], value: String) {
    let Value::Object(map) = at else { return };
    match parts {
        [] => {}
        [last] => {
            map.insert((*last).to_owned(), Value::String(value));
        }
        [first, rest @ ..] => {
            put(map.entry((*first).to_owned()).or_insert_with(|| Value::Object(Map::new())), rest, value);
        }
    }
}

/// Objects whose names are numbers are lists in that order.
fn lists(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let index = |k: &String| k.parse::<u32>().ok();
    if map.is_empty() || map.keys().any(|k| index(k).is_none()) {
        return Value::Object(map.into_iter().map(|(k, v)| (k, lists(v))).collect());
    }
    let mut items: Vec<(u32, Value)> = map.into_iter().filter_map(|(k, v)| Some((index(&k)?, lists(v)))).collect();
    items.sort_by_key(|(i, _)| *i);
    Value::Array(items.into_iter().map(|(_, v)| v).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_the_value_it_stands_for() {
        let body = b"Action=X&Names.member.2=b%26&Names.member.1=a&Filter.member.1.Key=k&Names.member.10=z";
        let want = json!({"Action": "X", "Names": ["a", "b&", "z"], "Filter": [{"Key": "k"}]});
        assert_eq!(form(body), want);
        // A name that is both a value and a parent keeps the value.
        assert_eq!(form(b"A=1&A.B=2"), json!({"A": "1"}));
    }
}
