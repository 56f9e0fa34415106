//! The command: what it prints, how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

fn rehearsal(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the answer to a fault is.
fn ask(address: &str, body: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    let head = format!("POST /_rehearsal/faults HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    write!(connection, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_says_what_to_export_and_ends_on_ctrl_c() {
    let mut child = rehearsal(&["--speed", "60"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut lines = Vec::new();
    while lines.len() < 5 {
        let mut line = String::new();
        assert!(out.read_line(&mut line).unwrap() > 0, "it ended after {lines:?}");
        lines.push(line.trim_end().to_owned());
    }
    let address = lines[0].strip_prefix("export AWS_ENDPOINT_URL=http://").unwrap();
    assert!(lines.iter().all(|l| l.starts_with("export AWS_")), "{lines:?}");
    // The help names every fault that there is.
    let help = rehearsal(&["--help"]).output().unwrap().stdout;
    let said = ask(address, "{\"fault\": \"none\"}");
    let names: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
    assert!(names.len() == 8 && names.contains(&"hook-fails"), "{said}");
    for name in names {
        assert!(String::from_utf8_lossy(&help).contains(name), "`{name}` is not in the help");
    }
    assert!(ask(address, "{\"fault\": \"throttle\"}").contains("missing field `operation`"));
    assert!(ask(address, "{\"fault\": \"throttle\", \"operation\": \"GetRole\"}").starts_with("HTTP/1.1 200 "));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn what_cannot_be_is_said_with_status_2() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, want) in [
        (["--deployment-config", "CodeDeployDefault.OneAtATime"], "No deployment configuration found for name"),
        (["--port", port.as_str()], "error: cannot listen on 127.0.0.1:"),
        (["--speed", "fast"], "invalid value 'fast'"),
    ] {
        let output = rehearsal(&arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(want) && output.stdout.is_empty(), "{text}");
    }
}
