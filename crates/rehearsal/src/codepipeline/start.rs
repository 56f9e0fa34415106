//! How runs begin: by a call, or by a new archive or image where rules are set up for that.
//! <https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-trigger-source-overrides.html>

use std::collections::BTreeMap;

use super::state::{Execution, Override, Pipeline, Place, Status};
use crate::world::World;

/// A run that is asked for.
pub(super) struct Asked {
    pub(super) trigger: (&'static str, String),
    pub(super) token: Option<String>,
    pub(super) variables: Vec<(String, String)>,
    pub(super) overrides: Vec<Override>,
}

impl World {
    /// Adds a run, which waits for the first stage. Its id.
    pub(super) fn add_run(&mut self, p: &mut Pipeline, asked: Asked) -> String {
        let id = self.ids.uuid();
        p.executions.push(Execution {
            id: id.clone(),
            status: Status::InProgress,
            place: Place::Before(0),
            order: 0,
            started: self.now,
            updated: self.now,
            trigger: asked.trigger,
            token: asked.token,
            variables: asked.variables,
            overrides: asked.overrides,
            revisions: Vec::new(),
            artifacts: BTreeMap::new(),
            runs: Vec::new(),
            stop_reason: None,
        });
        let last = p.executions.len() - 1;
        self.wait(p, last, 0);
        id
    }

    /// A version was put into a bucket.
    pub(crate) fn archive_put(&mut self, bucket: &str, key: &str, version: &str) {
        self.triggered("S3_OBJECT_VERSION_ID", version, &[("S3Bucket", bucket), ("S3ObjectKey", key)]);
    }

    /// An image was pushed.
    pub(crate) fn image_pushed(&mut self, repository: &str, tag: Option<&str>, digest: &str) {
        let tag = tag.unwrap_or("");
        self.triggered("IMAGE_DIGEST", digest, &[("RepositoryName", repository), ("ImageTag", tag)]);
    }

    /// Pipeline, action and settings of each source.
    pub(crate) fn sources(&self) -> Vec<(String, String, serde_json::Value)> {
        let mut out = Vec::new();
        for p in &self.codepipeline.pipelines {
            let sources = p.stages.iter().flat_map(|s| &s.actions).filter(|a| a.kind["category"] == "Source");
            out.extend(sources.map(|a| (p.name.clone(), a.name.clone(), a.configuration.clone())));
        }
        out
    }

    /// Starts the pipelines with a source that has these settings, with the very revision.
    fn triggered(&mut self, kind: &str, value: &str, settings: &[(&str, &str)]) {
        for index in 0..self.codepipeline.pipelines.len() {
            let mut p = self.codepipeline.pipelines[index].clone();
            let mut sources = p.stages.iter().flat_map(|s| &s.actions).filter(|a| a.kind["category"] == "Source");
            let source = sources.find(|a| settings.iter().all(|(name, value)| a.setting(name) == Some(value)));
            let Some(action) = source.map(|a| a.name.clone()).filter(|_| self.codepipeline.triggers) else { continue };
            let rule = format!("arn:aws:events:{}:{}:rule/{}-{action}", self.region, self.account, p.name);
            let overrides = vec![Override { action, kind: kind.to_owned(), value: value.to_owned() }];
            let asked = Asked { trigger: ("CloudWatchEvent", rule), token: None, variables: Vec::new(), overrides };
            self.add_run(&mut p, asked);
            self.codepipeline.pipelines[index] = p;
        }
        self.step_pipelines();
    }
}
