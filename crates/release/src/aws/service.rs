//! Where a service is and how it is spoken to.

/// How an operation is named in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.1, with the first part of `X-Amz-Target`.
    Json(&'static str),
    /// The same in its version 1.0.
    Json10(&'static str),
    /// The query protocol, with its version; answers are XML.
    Query(&'static str),
    /// The query protocol as EC2 has it, where lists have no `member`.
    Ec2(&'static str),
    /// S3's own.
    Rest,
}

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// As people call it.
    pub called: &'static str,
    /// As a signature names it.
    pub signing: &'static str,
    /// The first part of its host.
    host: &'static str,
    /// The end of `AWS_ENDPOINT_URL_...`, which leads elsewhere.
    variable: &'static str,
    /// How it is spoken to.
    pub protocol: Protocol,
}

const fn service(
    called: &'static str,
    signing: &'static str,
    host: &'static str,
    variable: &'static str,
    protocol: Protocol,
) -> Service {
    Service { called, signing, host, variable, protocol }
}

/// Security Token Service.
pub const STS: Service = service("STS", "sts", "sts", "STS", Protocol::Query("2011-06-15"));
/// Simple Storage Service.
pub const S3: Service = service("S3", "s3", "s3", "S3", Protocol::Rest);
/// `CloudFormation`.
pub const CLOUD_FORMATION: Service =
    service("CloudFormation", "cloudformation", "cloudformation", "CLOUDFORMATION", Protocol::Query("2010-05-15"));
/// Elastic Load Balancing, version 2.
pub const BALANCING: Service = service(
    "Elastic Load Balancing",
    "elasticloadbalancing",
    "elasticloadbalancing",
    "ELASTIC_LOAD_BALANCING_V2",
    Protocol::Query("2015-12-01"),
);
/// Elastic Compute Cloud.
pub const EC2: Service = service("EC2", "ec2", "ec2", "EC2", Protocol::Ec2("2016-11-15"));
/// Identity and Access Management.
pub const IAM: Service = service("IAM", "iam", "iam", "IAM", Protocol::Query("2010-05-08"));
/// `EventBridge`.
pub const EVENTS: Service = service("EventBridge", "events", "events", "EVENTBRIDGE", Protocol::Json("AWSEvents"));
/// Simple Notification Service.
pub const SNS: Service = service("SNS", "sns", "sns", "SNS", Protocol::Query("2010-03-31"));
/// Elastic Container Registry.
pub const ECR: Service =
    service("ECR", "ecr", "api.ecr", "ECR", Protocol::Json("AmazonEC2ContainerRegistry_V20150921"));
/// Elastic Container Service.
pub const ECS: Service = service("ECS", "ecs", "ecs", "ECS", Protocol::Json("AmazonEC2ContainerServiceV20141113"));
/// `CodeDeploy`.
pub const CODE_DEPLOY: Service =
    service("CodeDeploy", "codedeploy", "codedeploy", "CODEDEPLOY", Protocol::Json("CodeDeploy_20141006"));
/// `CodePipeline`.
pub const CODE_PIPELINE: Service =
    service("CodePipeline", "codepipeline", "codepipeline", "CODEPIPELINE", Protocol::Json("CodePipeline_20150709"));
/// `CloudWatch`.
pub const CLOUD_WATCH: Service =
    service("CloudWatch", "monitoring", "monitoring", "CLOUDWATCH", Protocol::Json10("GraniteServiceVersion20100801"));
/// `CloudWatch Logs`.
pub const LOGS: Service =
    service("CloudWatch Logs", "logs", "logs", "CLOUDWATCH_LOGS", Protocol::Json("Logs_20140328"));

impl Service {
    /// The variable that leads this service alone elsewhere, as every AWS tool knows it.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("AWS_ENDPOINT_URL_{}", self.variable)
    }

    /// The region that its signatures name: IAM has one for all regions of a partition.
    /// <https://docs.aws.amazon.com/general/latest/gr/iam-service.html>
    #[must_use]
    pub fn region<'a>(&self, region: &'a str) -> &'a str {
        match region.split('-').next() {
            _ if self.signing != "iam" => region,
            Some("cn") => "cn-north-1",
            _ if region.starts_with("us-gov-") => "us-gov-west-1",
            _ => "us-east-1",
        }
    }

    /// Its own address in a region.
    #[must_use]
    pub fn address(&self, region: &str) -> String {
        if self.signing == "iam" {
            return match self.region(region) {
                "cn-north-1" => "https://iam.cn-north-1.amazonaws.com.cn".to_owned(),
                "us-gov-west-1" => "https://iam.us-gov.amazonaws.com".to_owned(),
                _ => "https://iam.amazonaws.com".to_owned(),
            };
        }
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://{}.{region}.{domain}", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(ECR.address("eu-west-1"), "https://api.ecr.eu-west-1.amazonaws.com");
        assert_eq!(S3.address("cn-north-1"), "https://s3.cn-north-1.amazonaws.com.cn");
        assert_eq!(
            (IAM.address("eu-west-1"), IAM.region("eu-west-1")),
            ("https://iam.amazonaws.com".into(), "us-east-1")
        );
        assert_eq!(IAM.address("us-gov-east-1"), "https://iam.us-gov.amazonaws.com");
        assert_eq!((IAM.region("cn-northwest-1"), S3.region("cn-northwest-1")), ("cn-north-1", "cn-northwest-1"));
        assert_eq!(BALANCING.variable(), "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2");
    }
}
