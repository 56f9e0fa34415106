//! The files of a release together, ours or other people's, as rules look at them.
//!
//! Names differ in case between `CloudFormation` and the API, and a value may be a parameter: both are evened out here, so
//! that a rule sees a task definition, wherever it stands.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::doc::{self, Node, Value};
use crate::{Error, Result};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `RegisterTaskDefinition`'s input.
    TaskDefinition,
    /// `CodeDeploy`'s appspec for ECS.
    AppSpec,
    /// A `CloudFormation` template.
    Template,
    /// `CreateDeploymentGroup`'s input.
    Group,
    /// What `GetPipeline` returns.
    Pipeline,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct File {
    /// As it is told to people.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Its contents.
    pub root: Node,
}

/// All files, and what is known of the parameters of templates.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// In the order given.
    pub files: Vec<File>,
    /// Values of parameters; the default of a template holds where there is none.
    pub parameters: BTreeMap<String, String>,
}

/// A resource of a template, or a file of its own.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Where it stands.
    pub file: &'a File,
    /// Its logical name; empty for a file of its own.
    pub name: &'a str,
    /// Line of its name.
    pub line: usize,
    /// Its properties.
    pub node: &'a Node,
    /// The whole resource.
    pub whole: &'a Node,
}

static NOTHING: Node = Node { line: 0, value: Value::Null };

impl World {
    /// Reads files; what each is, its contents say.
    ///
    /// # Errors
    /// When one cannot be read, or is nothing of a release.
    pub fn load(paths: &[PathBuf], parameters: BTreeMap<String, String>) -> Result<Self> {
        let mut world = Self { files: Vec::new(), parameters };
        for path in paths {
            world.add(path, doc::read(path)?)?;
        }
        Ok(world)
    }

    /// Adds a file that was read.
    ///
    /// # Errors
    /// When it is nothing of a release.
    pub fn add(&mut self, path: &Path, root: Node) -> Result<()> {
        // What the API returns is wrapped once.
        let inner = ["taskDefinition", "deploymentGroupInfo", "pipeline"].iter().find_map(|k| root.get(k)).cloned();
        let root = inner.filter(|n| !n.entries().is_empty()).unwrap_or(root);
        let has = |key: &str| root.get(key).is_some();
        let kind = if has("AWSTemplateFormatVersion") || root.get("Resources").is_some_and(|r| !r.entries().is_empty())
        {
            Kind::Template
        } else if has("Resources") {
            Kind::AppSpec
        } else if has("containerDefinitions") {
            Kind::TaskDefinition
        } else if has("stages") {
            Kind::Pipeline
        } else if has("deploymentGroupName") {
            Kind::Group
        } else {
            return Err(Error::File {
                path: path.to_owned(),
                line: None,
                message: "is no task definition, appspec, deployment group, pipeline or CloudFormation template".into(),
            });
        };
        self.files.push(File { path: path.to_owned(), kind, root });
        Ok(())
    }

    /// The files of a kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |f| f.kind == kind)
    }

    /// The resources of a type in all templates.
    pub fn resources<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = Part<'a>> {
        self.of(Kind::Template)
            .flat_map(File::resources)
            .filter(move |p| p.whole.get("Type").and_then(Node::text) == Some(kind))
    }

    /// Files of a kind and resources of a type, alike.
    fn both<'a>(&'a self, kind: Kind, resource: &'a str) -> impl Iterator<Item = Part<'a>> {
        self.of(kind).map(File::part).chain(self.resources(resource))
    }

    /// Task definitions.
    pub fn task_definitions(&self) -> impl Iterator<Item = Part<'_>> {
        self.both(Kind::TaskDefinition, "AWS::ECS::TaskDefinition")
    }

    /// Containers with the task definition that they are of.
    pub fn containers(&self) -> impl Iterator<Item = (Part<'_>, &Node)> {
        self.task_definitions().flat_map(|t| t.list("containerDefinitions").iter().map(move |c| (t, c)))
    }

    /// Deployment groups.
    pub fn groups(&self) -> impl Iterator<Item = Part<'_>> {
        self.both(Kind::Group, "AWS::CodeDeploy::DeploymentGroup")
    }

    /// Pipelines.
    pub fn pipelines(&self) -> impl Iterator<Item = Part<'_>> {
        self.both(Kind::Pipeline, "AWS::CodePipeline::Pipeline")
    }

    /// Actions of a provider with the pipeline that they are of.
    pub fn actions<'a>(&'a self, provider: &'a str) -> impl Iterator<Item = (Part<'a>, &'a Node)> {
        self.pipelines().flat_map(|p| p.list("Stages").iter().map(move |s| (p, s))).flat_map(move |(p, stage)| {
            let actions = stage.get("Actions").map_or(&[][..], Node::items);
            let of = move |a: &&Node| a.at("ActionTypeId.Provider").and_then(Node::text) == Some(provider);
            actions.iter().filter(of).map(move |a| (p, a))
        })
    }

    /// Services that `CodeDeploy` releases.
    pub fn services(&self) -> impl Iterator<Item = Part<'_>> {
        let ours = |p: &Part| self.known(p, "DeploymentController.Type").as_deref() == Some("CODE_DEPLOY");
        self.resources("AWS::ECS::Service").filter(ours)
    }

    /// `Properties` of the appspecs' services.
    pub fn targets(&self) -> impl Iterator<Item = (&File, &Node)> {
        self.of(Kind::AppSpec).flat_map(|f| {
            let resources = f.root.get("Resources").map_or(&[][..], Node::items);
            resources.iter().filter_map(move |r| Some((f, r.entries().first()?.1.get("Properties")?)))
        })
    }

    /// `EventBridge` rules that look at a source such as `aws.s3`.
    pub fn event_rules<'a>(&'a self, source: &'a str) -> impl Iterator<Item = Part<'a>> {
        let of = move |p: &Part| {
            let sources = p.node.at("EventPattern.source").map_or(&[][..], Node::each);
            sources.iter().any(|s| s.text() == Some(source))
        };
        self.resources("AWS::Events::Rule").filter(of)
    }

    /// The value of a property, as far as files and parameters tell it.
    #[must_use]
    pub fn known(&self, part: &Part, path: &str) -> Option<String> {
        self.value(part.file, part.node.at(path)?)
    }

    /// A value, when it is known: text, a parameter, or a text with parameters in it.
    #[must_use]
    pub fn value(&self, file: &File, node: &Node) -> Option<String> {
        match &node.value {
            Value::Scalar { text, .. } => (!text.contains("${output:")).then(|| text.clone()),
            Value::Map(entries) => match &entries[..] {
                [(key, of)] if key.name == "Ref" => self.parameter(file, of.text()?),
                [(key, of)] if key.name == "Fn::Sub" => self.substituted(file, of.text()?),
                _ => None,
            },
            _ => None,
        }
    }

    fn parameter(&self, file: &File, name: &str) -> Option<String> {
        let parameter = file.root.get("Parameters")?.get(name)?;
        let default = || parameter.get("Default")?.text().map(str::to_owned);
        self.parameters.get(name).cloned().or_else(default)
    }

    fn substituted(&self, file: &File, text: &str) -> Option<String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let (name, end) = after.split_once('}')?;
            out += before;
            out += &self.parameter(file, name)?;
            rest = end;
        }
        Some(out + rest)
    }
}

impl File {
    /// The whole file as one part.
    #[must_use]
    pub fn part(&self) -> Part<'_> {
        Part { file: self, name: "", line: self.root.line, node: &self.root, whole: &self.root }
    }

    /// The resources of a template.
    pub fn resources(&self) -> impl Iterator<Item = Part<'_>> {
        let all = self.root.get("Resources").map_or(&[][..], Node::entries);
        all.iter().map(|(key, whole)| {
            let node = whole.get("Properties").unwrap_or(&NOTHING);
            Part { file: self, name: &key.name, line: key.line, node, whole }
        })
    }
}

impl<'a> Part<'a> {
    /// The elements of a list below a path.
    #[must_use]
    pub fn list(&self, path: &str) -> &'a [Node] {
        self.node.at(path).map_or(&[], Node::items)
    }

    /// The line of the last key of a path that is there; that of the part when none is.
    #[must_use]
    pub fn line_of(&self, path: &str) -> usize {
        if path.split('.').next().is_some_and(|k| self.node.get(k).is_some()) {
            self.node.line_of(path)
        } else {
            self.line
        }
    }

    /// What it is called in messages.
    #[must_use]
    pub fn title(&self) -> String {
        if self.name.is_empty() { "it".to_owned() } else { format!("`{}`", self.name) }
    }
}

/// The resource that `Ref` or `Fn::GetAtt` names.
#[must_use]
pub fn reference(node: &Node) -> Option<&str> {
    let [(key, of)] = node.entries() else { return None };
    match key.name.as_str() {
        "Ref" => of.text(),
        "Fn::GetAtt" => of.text().and_then(|t| t.split('.').next()).or_else(|| of.items().first()?.text()),
        _ => None,
    }
}

/// Names in `${...}` of a text, without those that are meant as they stand (`${!...}`).
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|t| t.split_once('}')).map(|t| t.0).filter(|n| !n.starts_with('!'))
}
