//! The templates of this crate, and what of a template, ours or one that AWS gives back, has to be known.

use std::path::Path;

use crate::Result;
use crate::doc::{self, Node};

/// One of the stacks of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The image repository, which is first: the service needs an image to begin with.
    Repository,
    /// Load balancer, service, scaling, alarms, `CodeDeploy`.
    Service,
    /// The pipeline.
    Pipeline,
}

impl Part {
    /// All, in the order in which they are made.
    pub const ALL: [Self; 3] = [Self::Repository, Self::Service, Self::Pipeline];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["repository", "service", "pipeline"][self as usize]
    }

    /// The file of its template.
    #[must_use]
    pub fn file(self) -> &'static str {
        ["repository.yaml", "service.yaml", "pipeline.yaml"][self as usize]
    }

    /// Its template, as it is sent.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Repository => include_str!("../../templates/repository.yaml"),
            Self::Service => include_str!("../../templates/service.yaml"),
            Self::Pipeline => include_str!("../../templates/pipeline.yaml"),
        }
    }

    /// Its template, read.
    ///
    /// # Errors
    /// When it is no template, which a test excludes.
    pub fn template(self) -> Result<Template> {
        Template::parse(self.file(), self.text())
    }
}

/// A template.
#[derive(Clone, Debug)]
pub struct Template {
    root: Node,
    parameters: Vec<Parameter>,
}

/// A parameter of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is, in the template's words.
    pub description: String,
    /// What it is when nobody says it.
    pub default: Option<String>,
    allowed: Vec<String>,
    number: bool,
    least: Option<String>,
    most: Option<String>,
}

/// A resource of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource<'a> {
    /// Its logical name.
    pub name: &'a str,
    /// Its type, such as `AWS::S3::Bucket`.
    pub kind: &'a str,
    /// Whether it is left behind when it leaves the stack.
    pub kept: bool,
    /// Whether the old one is left behind when it is replaced.
    pub kept_when_replaced: bool,
    /// Its properties.
    pub properties: Option<&'a Node>,
}

impl Template {
    /// Reads a template; `name` is what errors say.
    ///
    /// # Errors
    /// With the line, when it is neither YAML nor JSON.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let root = doc::parse(Path::new(name), text)?;
        let all = root.get("Parameters").map_or(&[][..], Node::entries);
        let parameters = all.iter().map(|(key, node)| Parameter::read(&key.name, node)).collect();
        Ok(Self { root, parameters })
    }

    /// Its parameters, as they stand in it.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// A parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.name == name)
    }

    /// Its resources, as they stand in it. Some of them may hang on a condition.
    pub fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        let all = self.root.get("Resources").map_or(&[][..], Node::entries);
        all.iter().map(|(key, node)| {
            let text = |k: &str| node.get(k).and_then(Node::text);
            let keeps = |k: &str| matches!(text(k), Some("Retain" | "RetainExceptOnCreate" | "Snapshot"));
            Resource {
                name: &key.name,
                kind: text("Type").unwrap_or(""),
                kept: keeps("DeletionPolicy"),
                kept_when_replaced: keeps("UpdateReplacePolicy"),
                properties: node.get("Properties"),
            }
        })
    }

    /// A resource.
    #[must_use]
    pub fn resource(&self, name: &str) -> Option<Resource<'_>> {
        self.resources().find(|r| r.name == name)
    }

    /// Whether it makes roles, which wants to be said.
    #[must_use]
    pub fn makes_roles(&self) -> bool {
        self.resources().any(|r| r.kind.starts_with("AWS::IAM::"))
    }
}

impl Parameter {
    fn read(name: &str, node: &Node) -> Self {
        let text = |k: &str| node.get(k).and_then(Node::text).map(str::to_owned);
        let allowed = node.get("AllowedValues").map_or(&[][..], Node::items);
        Self {
            name: name.to_owned(),
            description: text("Description").unwrap_or_default(),
            default: text("Default"),
            allowed: allowed.iter().filter_map(Node::text).map(str::to_owned).collect(),
            number: text("Type").as_deref() == Some("Number"),
            least: text("MinValue"),
            most: text("MaxValue"),
        }
    }

    /// Whether a value can be its own; its pattern, and whether what it names is there, `CloudFormation` looks at.
    ///
    /// # Errors
    /// In words.
    pub fn takes(&self, value: &str) -> std::result::Result<(), String> {
        if !self.allowed.is_empty() && !self.allowed.iter().any(|a| a == value) {
            return Err(format!("expected one of `{}`", self.allowed.join("`, `")));
        }
        if !self.number {
            return Ok(());
        }
        let number: f64 = value.parse().map_err(|_| "expected a number".to_owned())?;
        let bound = |b: &Option<String>| b.as_ref().and_then(|b| b.parse::<f64>().ok());
        match (bound(&self.least), bound(&self.most)) {
            (Some(least), _) if number < least => Err(format!("expected {least} or more")),
            (_, Some(most)) if number > most => Err(format!("expected {most} or less")),
            _ if !number.is_finite() => Err("expected a number".to_owned()),
            _ => Ok(()),
        }
    }
}
