//! Types of resources that hold what cannot be made again, and those that the service runs through.

/// What a type holds that is gone with it; none for what a template makes again as it was.
#[must_use]
pub fn holds(kind: &str) -> Option<&'static str> {
    DATA.iter().find(|(k, _)| *k == kind).map(|(_, what)| *what)
}

/// What happens to the service while a resource of a type is replaced, or when it goes.
#[must_use]
pub fn interrupts(kind: &str) -> Option<&'static str> {
    SERVICE.iter().find(|(k, _)| *k == kind).map(|(_, what)| *what)
}

const DATA: &[(&str, &str)] = &[
    ("AWS::Backup::BackupVault", "backups"),
    ("AWS::Cognito::UserPool", "users"),
    ("AWS::DynamoDB::GlobalTable", "items"),
    ("AWS::DynamoDB::Table", "items"),
    ("AWS::EC2::Volume", "a disk"),
    ("AWS::ECR::Repository", "images"),
    ("AWS::EFS::FileSystem", "files"),
    ("AWS::ElastiCache::ReplicationGroup", "cached values"),
    ("AWS::KMS::Key", "the key of all that is encrypted with it"),
    ("AWS::Kinesis::Stream", "records"),
    ("AWS::Logs::LogGroup", "log lines"),
    ("AWS::OpenSearchService::Domain", "indexes"),
    ("AWS::RDS::DBCluster", "databases"),
    ("AWS::RDS::DBInstance", "databases"),
    ("AWS::S3::Bucket", "objects, with all their versions"),
    ("AWS::SNS::Topic", "subscriptions"),
    ("AWS::SQS::Queue", "messages"),
    ("AWS::SSM::Parameter", "a value"),
    ("AWS::SecretsManager::Secret", "a secret"),
];

const SERVICE: &[(&str, &str)] = &[
    ("AWS::CodeDeploy::Application", "no release can run meanwhile, and the list of deployments is lost"),
    ("AWS::CodeDeploy::DeploymentGroup", "no release can run meanwhile, and the list of deployments is lost"),
    ("AWS::CodePipeline::Pipeline", "no release can run meanwhile, and the list of executions is lost"),
    ("AWS::EC2::SecurityGroup", "connections can fail until everything has the new one"),
    ("AWS::ECS::Cluster", "all tasks are stopped"),
    ("AWS::ECS::Service", "all tasks are stopped, and new ones begin with the first image"),
    ("AWS::ElasticLoadBalancingV2::Listener", "requests are refused until the new one is there"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "the address changes: requests fail until names lead to the new one"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "tasks leave it, and CodeDeploy no longer knows which one serves"),
];
