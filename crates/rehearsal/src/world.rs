//! Everything that is there, and how time passes in it. No sockets, no clocks: `step` is told what time it is.

use std::collections::VecDeque;

use serde_json::json;

use crate::clock::Time;
use crate::codedeploy::{CodeDeploy, Group};
use crate::codepipeline::{CodePipeline, Pipeline};
use crate::ec2;
use crate::ecr::{Image, Repositories};
use crate::ecs::{Ecs, Service, TaskSetStatus, Wanted};
use crate::elb::{Listener, LoadBalancers, TargetGroup};
use crate::fault::{Dialect, Faults};
use crate::iam::Roles;
use crate::id::Ids;
use crate::logs::Logs;
use crate::refusal::{Answer, Refusal};
use crate::s3::{Bucket, Buckets};
use crate::setup::{Setup, Timing};
use crate::sns::Topic;

/// Operations that are remembered.
const ASKED: usize = 100_000;

/// All services of one account in one region.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) now: Time,
    pub(crate) account: String,
    pub(crate) region: String,
    /// Where the endpoint is; nothing where there is none.
    pub(crate) url: String,
    pub(crate) timing: Timing,
    pub(crate) ids: Ids,
    pub(crate) faults: Faults,
    /// What was asked, and when; the latest last.
    asked: VecDeque<(Time, String)>,
    pub(crate) logs: Logs,
    pub(crate) s3: Buckets,
    pub(crate) ecr: Repositories,
    pub(crate) iam: Roles,
    pub(crate) ecs: Ecs,
    pub(crate) elb: LoadBalancers,
    pub(crate) codedeploy: CodeDeploy,
    pub(crate) codepipeline: CodePipeline,
    pub(crate) sns: Topic,
}

impl World {
    /// The world of a set-up, with a service that runs the first of `images` on blue and has done so for a while.
    pub(crate) fn new(setup: &Setup, images: Vec<Image>, now: Time) -> Answer<Self> {
        let mut world = Self {
            now,
            account: setup.account.clone(),
            region: setup.region.clone(),
            url: String::new(),
            timing: setup.timing.clone(),
            ids: Ids::default(),
            faults: Faults::default(),
            asked: VecDeque::new(),
            logs: Logs::default(),
            s3: Buckets::default(),
            ecr: Repositories::default(),
            iam: Roles::default(),
            ecs: Ecs::default(),
            elb: LoadBalancers::default(),
            codedeploy: CodeDeploy::default(),
            codepipeline: CodePipeline::default(),
            sns: Topic::of(setup),
        };
        for name in [&setup.bucket, &setup.artifacts] {
            let days = if *name == setup.bucket { 180 } else { 30 };
            world.s3.0.insert(name.clone(), Bucket { versioned: true, days: Some(days), ..Bucket::default() });
        }
        let digest = images.first().map_or("", |i| i.digest.as_str());
        let uri = format!("{}/{}@{digest}", world.registry(), setup.repository);
        let images = images.into_iter().map(|image| Image { pushed: now, ..image }).collect();
        world.ecr.0.insert(setup.repository.clone(), images);
        world.balance(setup);
        world.iam = Roles::of(setup, &world);
        world.serve(setup, &uri)?;
        let group = Group::of(setup, &world)?;
        world.codedeploy.groups.push(group);
        let pipeline = Pipeline::of(setup, &world);
        world.codepipeline.pipelines.push(pipeline);
        world.codepipeline.triggers = setup.triggers;
        Ok(world)
    }

    /// Load balancer, two target groups, listeners on the first of them.
    fn balance(&mut self, setup: &Setup) {
        let at = format!("arn:aws:elasticloadbalancing:{}:{}", self.region, self.account);
        let name = &setup.service;
        let balancer = format!("app/{name}/{}", self.ids.short());
        let groups: Vec<TargetGroup> = (1..=2)
            .map(|n| TargetGroup {
                name: format!("{name}-{n}"),
                arn: format!("{at}:targetgroup/{name}-{n}/{}", self.ids.short()),
                port: setup.port,
            })
            .collect();
        let ports: &[u16] = if setup.test_listener { &[443, 8443] } else { &[443] };
        let listeners = ports.iter().map(|port| Listener {
            arn: format!("{at}:listener/{balancer}/{}", self.ids.short()),
            port: *port,
            weights: vec![(groups[0].arn.clone(), 1)],
        });
        let listeners = listeners.collect();
        self.elb =
            LoadBalancers { name: name.clone(), arn: format!("{at}:loadbalancer/{balancer}"), listeners, groups };
    }

    /// Cluster, first task definition, service, a primary task set that is well.
    fn serve(&mut self, setup: &Setup, image: &str) -> Answer<()> {
        let name = &setup.service;
        self.register_task_definition(&json!({
            "family": format!("{name}-first"), "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512",
            "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
            "executionRoleArn": self.role(&format!("{name}-ExecutionRole")),
            "taskRoleArn": self.role(&format!("{name}-TaskRole")),
            "containerDefinitions": [{
                "name": name, "image": image, "essential": true,
                "portMappings": [{"containerPort": setup.port, "protocol": "tcp"}],
            }],
        }))?;
        self.ecs.clusters.push(name.clone());
        let network = json!({"awsvpcConfiguration": {
            "subnets": ec2::SUBNETS, "securityGroups": [ec2::TASKS], "assignPublicIp": "DISABLED",
        }});
        let strategy = json!([
            {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
            {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 1},
        ]);
        let settings = json!({
            "networkConfiguration": network, "capacityProviderStrategy": strategy, "platformVersion": "LATEST",
        });
        self.ecs.services.push(Service {
            name: name.clone(),
            arn: self.service_arn(name, name),
            cluster: name.clone(),
            desired: setup.desired,
            controller: setup.controller.clone(),
            settings: json!({"healthCheckGracePeriodSeconds": 300, "networkConfiguration": network, "platformVersion": "LATEST"}),
            sets: Vec::new(),
            events: Vec::new(),
            created: self.now,
        });
        let wanted = Wanted {
            task_definition: format!("{name}-first"),
            container: name.clone(),
            port: u64::from(setup.port),
            target_group: self.elb.groups[0].arn.clone(),
            external: None,
            settings,
        };
        let id = self.create_task_set(name, name, wanted)?;
        self.make_primary(name, name, &id);
        // It has been there for long.
        for task in &mut self.ecs.tasks {
            task.starts = Some(self.now);
            task.healthy = Some(self.now);
        }
        Ok(())
    }

    /// Lets time pass until `now`: what is due happens in its order, each at its own time. Time does not run backwards.
    pub(crate) fn step(&mut self, now: Time) {
        while let Some(due) = self.next().filter(|due| *due <= now) {
            self.now = self.now.max(due);
            self.forget_task_sets();
            self.replace_tasks();
            self.step_deployments();
            self.step_pipelines();
        }
        self.now = self.now.max(now);
        self.forget_task_sets();
    }

    /// An operation was asked for. Why it is not answered at all.
    pub(crate) fn asked(&mut self, operation: &str, dialect: Dialect) -> Option<Refusal> {
        if self.asked.len() == ASKED {
            self.asked.pop_front();
        }
        self.asked.push_back((self.now, operation.to_owned()));
        self.faults.call(operation, dialect)
    }

    /// When something happens next by itself.
    fn next(&self) -> Option<Time> {
        [self.next_replacement(), self.next_deployment(), self.next_pipeline()].into_iter().flatten().min()
    }

    /// Operations that were asked for, each with its time, the latest last; of very many the latest alone.
    pub fn requests(&self) -> impl Iterator<Item = (Time, &str)> {
        self.asked.iter().map(|(at, operation)| (*at, operation.as_str()))
    }

    /// The region that it is in.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Host of the account's image registry.
    #[must_use]
    pub fn registry(&self) -> String {
        format!("{}.dkr.ecr.{}.amazonaws.com", self.account, self.region)
    }

    pub(crate) fn role(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:role/{name}", self.account)
    }

    pub(crate) fn cluster_arn(&self, name: &str) -> String {
        format!("arn:aws:ecs:{}:{}:cluster/{name}", self.region, self.account)
    }

    pub(crate) fn service_arn(&self, cluster: &str, name: &str) -> String {
        format!("arn:aws:ecs:{}:{}:service/{cluster}/{name}", self.region, self.account)
    }
}

/// A task set, as tests look at it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskSetView {
    /// Its id.
    pub id: String,
    /// What it is to the service.
    pub status: TaskSetStatus,
    /// ARN of its task definition.
    pub task_definition: String,
    /// Images of its containers.
    pub images: Vec<String>,
    /// Name of its target group.
    pub target_group: String,
    /// Hundredths of production's traffic that it gets.
    pub share: f64,
}

impl World {
    /// What time it is there.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// The task sets of all services, the oldest first.
    #[must_use]
    pub fn task_sets(&self) -> Vec<TaskSetView> {
        let production = self.elb.listeners.first().map_or("", |l| l.arn.as_str());
        let sets = self.ecs.services.iter().flat_map(|s| &s.sets);
        sets.map(|set| {
            let definition = self.ecs.definition(&set.task_definition);
            let images = definition.map(|d| d.images().into_iter().map(|(_, i)| i.to_owned()).collect());
            TaskSetView {
                id: set.id.clone(),
                status: set.status,
                task_definition: set.task_definition.clone(),
                images: images.unwrap_or_default(),
                target_group: self.elb.group(&set.target_group).map(|g| g.name.clone()).unwrap_or_default(),
                share: self.elb.share(production, &set.target_group),
            }
        })
        .collect()
    }

    /// Each listener's port, with the names of target groups and their hundredths of its traffic.
    #[must_use]
    pub fn listeners(&self) -> Vec<(u16, Vec<(String, f64)>)> {
        let weights = |l: &Listener| {
            let groups = l.weights.iter().filter_map(|(arn, _)| self.elb.group(arn));
            groups.map(|g| (g.name.clone(), self.elb.share(&l.arn, &g.arn))).collect()
        };
        self.elb.listeners.iter().map(|l| (l.port, weights(l))).collect()
    }

    /// Subject and text of each message that was sent to the topic, in their order.
    #[must_use]
    pub fn published(&self) -> Vec<(String, String)> {
        self.sns.published.clone()
    }

    /// Ids and statuses of all deployments, in their order.
    #[must_use]
    pub fn deployments(&self) -> Vec<(String, &'static str)> {
        self.codedeploy.deployments.iter().map(|d| (d.id.clone(), d.status.name())).collect()
    }
}
