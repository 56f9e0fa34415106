//! The image, and what is said of it.

use serde_json::{Value, json};

use super::{Answers, Asker, not_asked};
use crate::aws::service::ECR;
use crate::preflight::{Answer, Question};

/// Media types of manifests and of lists of them.
const MANIFESTS: [&str; 4] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

impl Asker<'_> {
    pub(super) async fn image(&self, digest: Option<&str>) -> Answers {
        let questions = [Question::Image, Question::Manifest, Question::ImageConfig, Question::Referrers];
        let Some(digest) = digest else {
            let why = "no image was named: --image DIGEST";
            return questions.into_iter().map(|q| (q, not_asked(why))).collect();
        };
        let repository = self.environment.repository.to_string();
        let ids = json!([{"imageDigest": digest}]);
        let (image, (manifest, config), referrers) = tokio::join!(
            self.json(ECR, "DescribeImages", json!({"repositoryName": repository, "imageIds": ids})),
            async {
                let input = json!({"repositoryName": repository, "imageIds": ids, "acceptedMediaTypes": MANIFESTS});
                let manifest = self.json(ECR, "BatchGetImage", input).await;
                let config = self.image_config(&repository, &manifest).await;
                (manifest, config)
            },
            self.referrers(&repository, digest),
        );
        questions.into_iter().zip([image, manifest, config, referrers]).collect()
    }

    /// The configuration of an image; an index has none, it names platforms itself.
    async fn image_config(&self, repository: &str, manifest: &Answer) -> Answer {
        let Answer::Told(told) = manifest else { return not_asked("the image's manifest is not known") };
        let text = told["images"][0]["imageManifest"].as_str().unwrap_or("");
        let manifest: Value = serde_json::from_str(text).unwrap_or_default();
        let Some(config) = manifest["config"]["digest"].as_str() else {
            return not_asked("the image's manifest names no configuration");
        };
        let input = json!({"repositoryName": repository, "layerDigest": config});
        match self.json(ECR, "GetDownloadUrlForLayer", input).await {
            Answer::Told(told) => match self.client.fetch(told["downloadUrl"].as_str().unwrap_or("")).await {
                Ok(bytes) => Answer::Told(serde_json::from_slice(&bytes).unwrap_or_default()),
                Err(why) => {
                    Answer::Refused { code: "NoAnswer".into(), text: format!("the image's configuration: {why}") }
                }
            },
            other => other,
        }
    }

    /// All pages, as one answer.
    async fn referrers(&self, repository: &str, digest: &str) -> Answer {
        let mut all = Vec::new();
        let input = json!({"repositoryName": repository, "subjectId": {"imageDigest": digest}});
        let keep =
            |page: &mut Value| all.extend(page["referrers"].as_array_mut().map(std::mem::take).unwrap_or_default());
        let read = self.client.pages(ECR, "ListImageReferrers", &input, keep).await;
        Answer::of(read.map(|()| json!({"referrers": all})))
    }
}
