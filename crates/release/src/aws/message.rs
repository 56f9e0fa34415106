//! What a request of an operation consists of, and what an answer that is none says.

use std::fmt::Write as _;

use container::http::Answer;
use serde_json::Value;

use super::service::{Protocol, Service};
use super::xml;
use crate::Error;

/// A call of an operation.
pub(super) struct Call {
    pub(super) service: Service,
    pub(super) operation: String,
    pub(super) method: &'static str,
    /// Path and query, as they are sent.
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Whether twice is the same as once.
    pub(super) again: bool,
}

pub(super) fn call(service: Service, operation: &str, input: &Value, again: bool) -> Call {
    let header = |name: &str, value: String| (name.to_owned(), value);
    let json = |version: &str, target: &str| {
        let kind = header("content-type", format!("application/x-amz-json-{version}"));
        (vec![kind, header("x-amz-target", format!("{target}.{operation}"))], input.to_string())
    };
    let (headers, body) = match service.protocol {
        Protocol::Json(target) => json("1.1", target),
        Protocol::Json10(target) => json("1.0", target),
        Protocol::Query(version) | Protocol::Ec2(version) => {
            let member = if matches!(service.protocol, Protocol::Ec2(_)) { "" } else { ".member" };
            let mut body = form_urlencoded::Serializer::new(String::new());
            body.append_pair("Action", operation).append_pair("Version", version);
            for (name, value) in input.as_object().into_iter().flatten() {
                fields(name, value, member, &mut body);
            }
            let kind = "application/x-www-form-urlencoded; charset=utf-8";
            (vec![header("content-type", kind.to_owned())], body.finish())
        }
        Protocol::Rest => (Vec::new(), String::new()),
    };
    let (operation, path) = (operation.to_owned(), "/".to_owned());
    Call { service, operation, method: "POST", path, headers, body: body.into_bytes(), again }
}

/// A value of the query protocol: lists by number, structures by name.
fn fields(name: &str, value: &Value, member: &str, body: &mut form_urlencoded::Serializer<'_, String>) {
    match value {
        Value::Array(all) => {
            for (n, value) in (1..).zip(all) {
                fields(&format!("{name}{member}.{n}"), value, member, body);
            }
        }
        Value::Object(all) => {
            for (inner, value) in all {
                fields(&format!("{name}.{inner}"), value, member, body);
            }
        }
        // What is not said is not sent.
        Value::Null => {}
        Value::String(text) => drop(body.append_pair(name, text)),
        value => drop(body.append_pair(name, &value.to_string())),
    }
}

pub(super) fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// An answer that is another one than what was asked for.
pub(super) fn unread(service: Service, operation: &str) -> Error {
    let service = service.called;
    Error::Release(format!("{service} answered {operation} with something else: is the endpoint the right one?"))
}

/// Code and message of an answer that is none.
pub(super) fn error(answer: &Answer) -> (String, String) {
    let value = read(answer);
    let named = value["__type"].as_str().or(value["code"].as_str()).or(answer.header("x-amzn-errortype"));
    if let Some(code) = named {
        // Some services put a name space before, or an address behind.
        let code = code.rsplit('#').next().unwrap_or(code).split(':').next().unwrap_or(code);
        let message = value["message"].as_str().or(value["Message"].as_str()).unwrap_or("");
        return (code.to_owned(), message.to_owned());
    }
    let rows = xml::rows(&answer.body, "Error", &["Code", "Message"]);
    if let Some(row) = rows.into_iter().find(|r| r.contains_key("Code")) {
        return (row["Code"].clone(), row.get("Message").cloned().unwrap_or_default());
    }
    let mut text = String::new();
    if let Some(id) = answer.header("x-amzn-requestid").or(answer.header("x-amz-request-id")) {
        let _ = write!(text, "request {id}");
    }
    (format!("status {}", answer.status), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::service::{BALANCING, EC2, ECS};

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn errors_of_all_protocols() {
        let json =
            answer(400, r#"{"__type":"com.amazonaws.ecs#ClusterNotFoundException","message":"Cluster not found."}"#);
        assert_eq!(error(&json), ("ClusterNotFoundException".into(), "Cluster not found.".into()));
        let query = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
        assert_eq!(error(&answer(400, query)), ("Throttling".into(), "Rate exceeded".into()));
        assert_eq!(error(&answer(404, "")), ("status 404".into(), String::new()));
    }

    #[test]
    fn requests_of_both_protocols() {
        let json = call(ECS, "DescribeTaskSets", &serde_json::json!({"cluster": "a"}), true);
        assert_eq!(json.headers[1].1, "AmazonEC2ContainerServiceV20141113.DescribeTaskSets");
        let query = call(BALANCING, "DescribeListeners", &serde_json::json!({"ListenerArns": ["a:b", "c"]}), true);
        let body = String::from_utf8(query.body).unwrap();
        assert_eq!(
            body,
            "Action=DescribeListeners&Version=2015-12-01&ListenerArns.member.1=a%3Ab&ListenerArns.member.2=c"
        );
        let body = String::from_utf8(call(EC2, "X", &serde_json::json!({"GroupId": ["a"]}), true).body).unwrap();
        assert_eq!(body, "Action=X&Version=2016-11-15&GroupId.1=a");
        let nested = serde_json::json!({"E": [{"K": "a", "U": true, "V": ["b", "c"], "W": 7, "X": null, "Y": 1.5}]});
        let body = String::from_utf8(call(BALANCING, "X", &nested, true).body).unwrap();
        assert!(
            body.ends_with("&E.member.1.K=a&E.member.1.U=true&E.member.1.V.member.1=b&E.member.1.V.member.2=c&E.member.1.W=7&E.member.1.Y=1.5"),
            "{body}"
        );
    }
}
