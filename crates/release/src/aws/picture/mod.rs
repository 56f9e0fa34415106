//! The picture of an account: every question of the preflight, those that need no other's answer all at once. Nothing but
//! calls that read.

mod image;
mod roles;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::service::{BALANCING, CLOUD_WATCH, CODE_DEPLOY, CODE_PIPELINE, EC2, ECS, EVENTS, SNS, STS};
use super::{BlueGreen, Client, storage};
use crate::config::Environment;
use crate::preflight::{Answer, Picture, Question};

/// Answers as they come in.
type Answers = Vec<(Question, Answer)>;

fn not_asked(why: &str) -> Answer {
    Answer::NotAsked(why.to_owned())
}

/// Asks for one environment.
struct Asker<'a> {
    client: &'a Client,
    environment: &'a Environment,
}

impl BlueGreen {
    /// What the account tells of all that a release of `image`, a digest, needs.
    pub async fn picture(&self, image: Option<&str>) -> Picture {
        let asker = Asker { client: self.client(), environment: self.environment() };
        // What the group, the service and the pipeline name is asked about as soon as they are known. All of it is a large
        // future.
        let everything = async {
            tokio::join!(
                asker.query(STS, "GetCallerIdentity", json!({})),
                asker.image(image),
                asker.service(),
                asker.group(),
                asker.pipeline(),
                asker.bucket(),
                asker.task_roles(),
                asker.topic(),
            )
        };
        let (caller, of_image, of_service, of_group, of_pipeline, of_bucket, of_task, topic) =
            Box::pin(everything).await;
        let all = [of_image, of_service, of_group, of_pipeline, of_bucket, of_task];
        let mut answers: BTreeMap<Question, Answer> = all.into_iter().flatten().collect();
        answers.insert(Question::Caller, caller);
        answers.insert(Question::Topic, topic);
        answers.insert(Question::Trial, not_asked("the image was not run on this machine"));
        Picture { environment: self.environment().clone(), image: image.map(str::to_owned), answers }
    }
}

impl Asker<'_> {
    async fn json(&self, service: super::service::Service, operation: &str, input: Value) -> Answer {
        Answer::of(self.client.json(service, operation, &input).await)
    }

    async fn query(&self, service: super::service::Service, operation: &str, input: Value) -> Answer {
        Answer::of(self.client.query(service, operation, &input).await)
    }

    async fn service(&self) -> Answers {
        let cluster = self.environment.cluster.to_string();
        let of_service = async {
            let input = json!({"cluster": cluster, "services": [self.environment.service.to_string()]});
            let service = self.json(ECS, "DescribeServices", input).await;
            let (running, security, subnets) = tokio::join!(
                async {
                    match primary(&service)["taskDefinition"].as_str() {
                        Some(arn) => self.json(ECS, "DescribeTaskDefinition", json!({"taskDefinition": arn})).await,
                        None => not_asked("the service has no primary task set"),
                    }
                },
                self.security(&network(&service)["securityGroups"]),
                self.subnets(&network(&service)["subnets"]),
            );
            [service, running, security, subnets]
        };
        let of_cluster = self.json(ECS, "DescribeClusters", json!({"clusters": [cluster]}));
        let (cluster, of_service) = tokio::join!(of_cluster, of_service);
        let questions = [Question::Service, Question::Running, Question::TaskSecurity, Question::Subnets];
        questions.into_iter().zip(of_service).chain([(Question::Cluster, cluster)]).collect()
    }

    async fn security(&self, groups: &Value) -> Answer {
        match groups.as_array() {
            Some(all) if !all.is_empty() => self.query(EC2, "DescribeSecurityGroups", json!({"GroupId": groups})).await,
            _ => not_asked("there are no security groups"),
        }
    }

    async fn subnets(&self, subnets: &Value) -> Answer {
        match subnets.as_array() {
            Some(all) if !all.is_empty() => self.query(EC2, "DescribeSubnets", json!({"SubnetId": subnets})).await,
            _ => not_asked("the service names no subnets"),
        }
    }

    async fn group(&self) -> Answers {
        let (application, name) =
            (self.environment.application.to_string(), self.environment.deployment_group.to_string());
        let by_name = json!({"applicationName": application, "deploymentGroupName": name});
        let mut running = by_name.clone();
        running["includeOnlyStatuses"] = json!(["Created", "Queued", "InProgress", "Baking", "Ready"]);
        let (deployments, mut answers) = tokio::join!(self.json(CODE_DEPLOY, "ListDeployments", running), async {
            let group = self.json(CODE_DEPLOY, "GetDeploymentGroup", by_name).await;
            let mut answers = Box::pin(self.of_group(&group)).await;
            answers.push((Question::Group, group));
            answers
        });
        answers.push((Question::Deployments, deployments));
        answers
    }

    /// What the group names.
    async fn of_group(&self, group: &Answer) -> Answers {
        let questions = [
            Question::FirstTargets,
            Question::SecondTargets,
            Question::Listener,
            Question::TestListener,
            Question::Balancer,
            Question::BalancerSecurity,
            Question::Alarms,
            Question::DeploymentConfig,
            Question::DeployRole,
            Question::DeployMay,
        ];
        let Answer::Told(told) = group else {
            let why = "the deployment group is not known";
            return questions.into_iter().map(|q| (q, not_asked(why))).collect();
        };
        let told = &told["deploymentGroupInfo"];
        let pair = &told["loadBalancerInfo"]["targetGroupPairInfoList"][0];
        let listener = |route: &str| pair[route]["listenerArns"][0].as_str().unwrap_or("").to_owned();
        let (production, test) = (listener("prodTrafficRoute"), listener("testTrafficRoute"));
        let names = told["alarmConfiguration"]["alarms"].as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(|a| a["name"].as_str()).collect();
        // The action of a pipeline names no configuration: the group's counts.
        let config = match self.environment.pipeline {
            Some(_) => told["deploymentConfigName"].clone(),
            None => json!(self.environment.deployment_config),
        };
        let role = told["serviceRoleArn"].as_str().unwrap_or("");
        let (first, second, production, test, (balancer, security), alarms, config, role, may) = tokio::join!(
            self.targets(&pair["targetGroups"][0]["name"]),
            self.targets(&pair["targetGroups"][1]["name"]),
            self.listener(&production),
            self.listener(&test),
            self.balancer(&production),
            self.alarms(&names),
            self.json(CODE_DEPLOY, "GetDeploymentConfig", json!({"deploymentConfigName": config})),
            self.role(role),
            self.may(Question::DeployMay, role, told),
        );
        let all = [first, second, production, test, balancer, security, alarms, config, role, may];
        questions.into_iter().zip(all).collect()
    }

    async fn targets(&self, name: &Value) -> Answer {
        match name.as_str() {
            Some(name) => self.query(BALANCING, "DescribeTargetGroups", json!({"Names": [name]})).await,
            None => not_asked("the deployment group names no target group here"),
        }
    }

    async fn listener(&self, arn: &str) -> Answer {
        if !arn.contains(":listener/") {
            return not_asked("the deployment group names no listener here");
        }
        self.query(BALANCING, "DescribeListeners", json!({"ListenerArns": [arn]})).await
    }

    /// The load balancer of a listener, whose ARN has the other's in it, and its security groups.
    async fn balancer(&self, listener: &str) -> (Answer, Answer) {
        let Some((before, path)) = listener.split_once(":listener/") else {
            let why = "the listener of the deployment group is not known";
            return (not_asked(why), not_asked(why));
        };
        let path: Vec<&str> = path.split('/').take(3).collect();
        let arn = format!("{before}:loadbalancer/{}", path.join("/"));
        let balancer = self.query(BALANCING, "DescribeLoadBalancers", json!({"LoadBalancerArns": [arn]})).await;
        let security = match &balancer {
            Answer::Told(told) => self.security(&told["LoadBalancers"][0]["SecurityGroups"]).await,
            _ => not_asked("the load balancer is not known"),
        };
        (balancer, security)
    }

    async fn alarms(&self, names: &[&str]) -> Answer {
        if names.is_empty() {
            return not_asked("the deployment group watches no alarms");
        }
        let types = ["MetricAlarm", "CompositeAlarm"];
        self.json(CLOUD_WATCH, "DescribeAlarms", json!({"AlarmNames": names, "AlarmTypes": types})).await
    }

    async fn pipeline(&self) -> Answers {
        let questions = [
            Question::Pipeline,
            Question::PipelineState,
            Question::Executions,
            Question::PipelineRole,
            Question::PipelineMay,
            Question::Triggers,
        ];
        let Some(name) = self.environment.pipeline.as_ref().map(ToString::to_string) else {
            let why = "release.toml has no `pipeline`: CodeDeploy is asked straight";
            return questions.into_iter().map(|q| (q, not_asked(why))).collect();
        };
        let ((pipeline, role, may, triggers), state, executions) = tokio::join!(
            async {
                let pipeline = self.json(CODE_PIPELINE, "GetPipeline", json!({"name": name})).await;
                let Answer::Told(told) = &pipeline else {
                    let why = "the pipeline is not known";
                    return (pipeline, not_asked(why), not_asked(why), not_asked(why));
                };
                let arn = told["pipeline"]["roleArn"].as_str().unwrap_or("").to_owned();
                let (role, may, triggers) = tokio::join!(
                    self.role(&arn),
                    self.may(Question::PipelineMay, &arn, &Value::Null),
                    self.triggers(&told["metadata"]["pipelineArn"]),
                );
                (pipeline, role, may, triggers)
            },
            self.json(CODE_PIPELINE, "GetPipelineState", json!({"name": name})),
            self.json(CODE_PIPELINE, "ListPipelineExecutions", json!({"pipelineName": name})),
        );
        questions.into_iter().zip([pipeline, state, executions, role, may, triggers]).collect()
    }

    /// The rules that have a pipeline as their target, as one answer; few have more than two.
    async fn triggers(&self, pipeline: &Value) -> Answer {
        if !pipeline.is_string() {
            return not_asked("the ARN of the pipeline is not known");
        }
        let named = self.json(EVENTS, "ListRuleNamesByTarget", json!({"TargetArn": pipeline})).await;
        let Answer::Told(told) = named else { return named };
        let mut rules = Vec::new();
        for name in told["RuleNames"].as_array().into_iter().flatten() {
            match self.json(EVENTS, "DescribeRule", json!({"Name": name})).await {
                Answer::Told(rule) => rules.push(rule),
                other => return other,
            }
        }
        Answer::Told(json!({"rules": rules}))
    }

    async fn topic(&self) -> Answer {
        match &self.environment.topic {
            Some(topic) => self.query(SNS, "GetTopicAttributes", json!({"TopicArn": topic.to_string()})).await,
            None => not_asked("release.toml has no `topic`"),
        }
    }

    async fn bucket(&self) -> Answers {
        let bucket = self.environment.bucket.to_string();
        let (location, versioning, lifecycle, notification) = tokio::join!(
            storage::setting(self.client, &bucket, "location"),
            storage::setting(self.client, &bucket, "versioning"),
            storage::setting(self.client, &bucket, "lifecycle"),
            storage::setting(self.client, &bucket, "notification"),
        );
        vec![
            (Question::Location, Answer::of(location)),
            (Question::Versioning, Answer::of(versioning)),
            (Question::Lifecycle, Answer::of(lifecycle)),
            (Question::Notification, Answer::of(notification)),
        ]
    }
}

/// The task set that serves.
fn primary(service: &Answer) -> &Value {
    let Answer::Told(told) = service else { return &Value::Null };
    let sets = told["services"][0]["taskSets"].as_array();
    sets.and_then(|all| all.iter().find(|s| s["status"] == "PRIMARY")).unwrap_or(&Value::Null)
}

/// Subnets and security groups of the tasks.
fn network(service: &Answer) -> &Value {
    let own = &primary(service)["networkConfiguration"]["awsvpcConfiguration"];
    match service {
        Answer::Told(told) if own.is_null() => &told["services"][0]["networkConfiguration"]["awsvpcConfiguration"],
        _ => own,
    }
}
