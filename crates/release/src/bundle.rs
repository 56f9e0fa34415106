//! What a pipeline is handed: task definition, appspec, image details, and the archive of the first two. Pure: data in,
//! bytes out, and the same data gives the same bytes.
//!
//! The formats: <https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html>

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::config::{Environment, Task};
use crate::{Error, Result};

/// All input artifacts of a `CodeDeployToECS` action together, in bytes.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html>
pub const LIMIT: usize = 3 * 1024 * 1024;

/// What stands in a task definition where the image goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// The name in angle brackets, which the pipeline replaces.
    Placeholder,
    /// The image itself.
    Exact(ImageRef),
}

/// An image by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    /// Registry and repository, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com/auctiond`.
    pub repository: String,
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: String,
}

impl ImageRef {
    /// An image, when the digest is one.
    ///
    /// # Errors
    /// In words.
    pub fn new(repository: &str, digest: &str) -> std::result::Result<Self, String> {
        let hex = digest.strip_prefix("sha256:").unwrap_or("");
        if hex.len() != 64 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(format!(
                "`{digest}`: expected `sha256:` and 64 hexadecimal digits; a tag may mean another image tomorrow"
            ));
        }
        Ok(Self { repository: repository.to_owned(), digest: digest.to_owned() })
    }

    /// Repository and digest, as ECS pulls it.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("{}@{}", self.repository, self.digest)
    }
}

/// Files of a bundle: names and contents.
pub type Files = Vec<(&'static str, String)>;

/// `taskdef.json` and `appspec.yaml` as the pipeline takes them.
#[must_use]
pub fn files(environment: &Environment) -> Files {
    vec![
        ("appspec.yaml", appspec(&environment.task, "<TASK_DEFINITION>")),
        ("taskdef.json", format!("{:#}\n", task_definition(environment, &Image::Placeholder))),
    ]
}

/// The task definition, as `RegisterTaskDefinition` takes it.
#[must_use]
pub fn task_definition(environment: &Environment, image: &Image) -> Value {
    let task = &environment.task;
    let image = match image {
        Image::Placeholder => format!("<{}>", task.placeholder),
        Image::Exact(image) => image.uri(),
    };
    let env: Vec<Value> = task.env.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    json!({
        "family": task.family,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": task.cpu.to_string(),
        "memory": task.memory.to_string(),
        "runtimePlatform": {"cpuArchitecture": task.architecture, "operatingSystemFamily": "LINUX"},
        "executionRoleArn": task.execution_role.to_string(),
        "taskRoleArn": task.task_role.to_string(),
        "containerDefinitions": [{
            "name": task.container,
            "image": image,
            "essential": true,
            "readonlyRootFilesystem": true,
            "stopTimeout": 30,
            "environment": env,
            "portMappings": [{"containerPort": task.port, "protocol": "tcp"}],
            "logConfiguration": {"logDriver": "awslogs", "options": {
                "awslogs-group": task.log_group.to_string(),
                "awslogs-region": environment.region,
                "awslogs-stream-prefix": task.container,
            }},
        }],
    })
}

/// The appspec for a task definition: an ARN, or `<TASK_DEFINITION>`, which the pipeline replaces.
#[must_use]
pub fn appspec(task: &Task, task_definition: &str) -> String {
    let quoted = |text: &str| Value::from(text).to_string(); // a JSON string is a YAML one
    let mut out = format!(
        "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n        \
         TaskDefinition: {}\n        LoadBalancerInfo:\n          ContainerName: {}\n          ContainerPort: {}\n",
        quoted(task_definition),
        quoted(&task.container),
        task.port
    );
    if !task.capacity.is_empty() {
        // Without it CodeDeploy takes the service's strategy away.
        out.push_str("        CapacityProviderStrategy:\n");
        for (provider, weight) in &task.capacity {
            let base = u32::from(provider == "FARGATE");
            let _ =
                writeln!(out, "          - {{CapacityProvider: {}, Base: {base}, Weight: {weight}}}", quoted(provider));
        }
    }
    out
}

/// `imageDetail.json`, from which `CodeDeployToECS` takes the image.
#[must_use]
pub fn image_detail(image: &ImageRef) -> String {
    format!("{:#}\n", json!({"ImageURI": image.uri()}))
}

/// `imagedefinitions.json`, from which the plain `ECS` action takes it.
#[must_use]
pub fn image_definitions(container: &str, image: &ImageRef) -> String {
    format!("{:#}\n", json!([{"name": container, "imageUri": image.uri()}]))
}

/// The archive: files sorted by name, without times or owners, stored and not compressed, so that no library's version
/// changes a byte.
///
/// # Errors
/// When it is larger than the action takes.
pub fn archive(files: &Files) -> Result<Vec<u8>> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort();
    let options = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Stored).unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, options)?;
        zip.write_all(text.as_bytes()).map_err(zip::result::ZipError::from)?;
    }
    let bytes = zip.finish()?.into_inner();
    if bytes.len() > LIMIT {
        return Err(Error::TooLarge { size: bytes.len() });
    }
    Ok(bytes)
}
