//! The bundle: what it is made of, read back by others.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use release::bundle::{self, Image, ImageRef, LIMIT};
use release::config::{Config, Environment};
use release::doc;

fn production() -> Environment {
    let text = include_str!("../../../ci/release.toml");
    let config = Config::parse(Path::new("release.toml"), text, &|_| None).unwrap();
    config.environments["production"].clone()
}

fn image() -> ImageRef {
    let digest = format!("sha256:{}", "0a".repeat(32));
    ImageRef::new("123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/auctiond", &digest).unwrap()
}

#[test]
fn a_tag_is_no_digest() {
    for bad in ["latest", "sha256:", "sha256:0A", &format!("sha256:{}", "0A".repeat(32)), &"0a".repeat(32)] {
        assert!(ImageRef::new("r", bad).unwrap_err().contains("64 hexadecimal digits"), "{bad}");
    }
}

#[test]
fn the_files_are_read_back_as_they_were_meant() {
    let environment = production();
    let files = bundle::files(&environment);
    let read = |name: &str| doc::parse(Path::new(name), &files.iter().find(|f| f.0 == name).unwrap().1).unwrap();
    let appspec = read("appspec.yaml");
    let properties = appspec.get("Resources").unwrap().items()[0].at("TargetService.Properties").unwrap();
    assert_eq!(properties.get("TaskDefinition").unwrap().text(), Some("<TASK_DEFINITION>"));
    assert_eq!(properties.at("LoadBalancerInfo.ContainerPort").unwrap().text(), Some("8080"));
    assert_eq!(properties.get("CapacityProviderStrategy").unwrap().items().len(), 2);
    let taskdef = read("taskdef.json");
    assert_eq!(
        taskdef.get("containerDefinitions").unwrap().items()[0].get("image").unwrap().text(),
        Some("<ECR_IMAGE>")
    );
    let exact = bundle::task_definition(&environment, &Image::Exact(image()));
    assert_eq!(exact["containerDefinitions"][0]["image"], image().uri());
    let detail: serde_json::Value = serde_json::from_str(&bundle::image_detail(&image())).unwrap();
    assert_eq!(detail["ImageURI"], image().uri());
    let definitions: serde_json::Value = serde_json::from_str(&bundle::image_definitions("a", &image())).unwrap();
    assert_eq!(definitions[0]["imageUri"], image().uri());
}

/// botocore's own model of `RegisterTaskDefinition` judges the names and types of the fields.
#[test]
fn the_services_model_accepts_the_task_definition() {
    let check = |taskdef: &str| {
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ci-tools/moto/bin/python");
        assert!(python.exists(), "`{}` is not there; ci/setup installs it", python.display());
        let script = "import sys, json, botocore.session, botocore.validate\n\
                      model = botocore.session.get_session().get_service_model('ecs')\n\
                      shape = model.operation_model('RegisterTaskDefinition').input_shape\n\
                      found = botocore.validate.ParamValidator().validate(json.load(sys.stdin), shape)\n\
                      sys.exit(found.generate_report() or 0)\n";
        let mut child = Command::new(python);
        child.args(["-c", script]).stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        child.stdin.take().unwrap().write_all(taskdef.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let good = bundle::task_definition(&production(), &Image::Exact(image())).to_string();
    assert_eq!(check(&good), (true, String::new()));
    let (accepted, why) = check(&good.replace("\"stopTimeout\":30", "\"stopTimeout\":\"30\""));
    assert!(!accepted && why.contains("stopTimeout"), "{why}");
}

#[test]
fn the_archive_is_the_same_bytes_and_unzip_reads_it() {
    let mut files = bundle::files(&production());
    let first = bundle::archive(&files).unwrap();
    files.reverse();
    assert_eq!(first, bundle::archive(&files).unwrap(), "the order of files does not matter");
    let dir = tempfile::tempdir().unwrap();
    let zip = dir.path().join("artifacts.zip");
    std::fs::write(&zip, &first).unwrap();
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n\
                  print([(i.filename, i.date_time[0], i.external_attr >> 16 & 0o777) for i in z.infolist()])\n\
                  print(z.read('taskdef.json').decode(), end='')\n";
    let output = Command::new("python3").args(["-c", script]).arg(&zip).output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let (list, taskdef) = out.split_once('\n').unwrap();
    assert_eq!(list, "[('appspec.yaml', 1980, 420), ('taskdef.json', 1980, 420)]");
    assert_eq!(taskdef, files.iter().find(|f| f.0 == "taskdef.json").unwrap().1);
}

#[test]
fn an_archive_that_the_action_refuses_is_not_made() {
    let error = bundle::archive(&vec![("taskdef.json", " ".repeat(LIMIT))]).unwrap_err().to_string();
    assert!(error.contains("3 MiB"), "{error}");
}
