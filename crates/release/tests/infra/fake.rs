//! An endpoint that answers as `CloudFormation` is documented to, as far as `infra` asks, and as badly as a test wants: stacks
//! whose events come one a look, change sets in the form of AWS's own, refusals, answers that are none.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_credential_types::Credentials;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use release::aws::{Client, CloudFormation};
use release::flow::pace::Wall;

pub(crate) type Form = BTreeMap<String, String>;

#[derive(Clone, Default)]
pub(crate) struct Stack {
    pub(crate) status: String,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) protected: bool,
    /// Logical name, the resource, type.
    pub(crate) resources: Vec<(String, String, String)>,
    pub(crate) template: String,
    pub(crate) events: Vec<Occurs>,
    pub(crate) coming: VecDeque<Occurs>,
}

/// Logical name, type, status, reason.
pub(crate) type Occurs = (String, String, String, String);

#[derive(Default)]
pub(crate) struct World {
    pub(crate) stacks: BTreeMap<String, Stack>,
    /// What a change set of a stack says; the inside of `Changes`.
    pub(crate) changes: BTreeMap<String, String>,
    /// Why a change set of a stack fails.
    pub(crate) fails: BTreeMap<String, String>,
    /// What happens when a stack is changed or deleted.
    pub(crate) happens: BTreeMap<String, Vec<Occurs>>,
    /// Answers to operations, before anything else; the first that was put first.
    pub(crate) answers: VecDeque<(&'static str, u16, String)>,
    /// What was asked.
    pub(crate) calls: Vec<(String, Form)>,
    /// `DescribeStackResourceDrifts`.
    pub(crate) drifts: String,
    /// Answers to JSON operations.
    pub(crate) json: BTreeMap<&'static str, String>,
    /// Target group that every listener forwards to.
    pub(crate) forwards: String,
}

#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) url: String,
    world: Arc<Mutex<World>>,
}

pub(crate) fn occurs(name: &str, kind: &str, status: &str, reason: &str) -> Occurs {
    (name.into(), kind.into(), status.into(), reason.into())
}

/// An event of the stack itself.
pub(crate) fn own(name: &str, status: &str) -> Occurs {
    occurs(name, "AWS::CloudFormation::Stack", status, "")
}

pub(crate) fn arn(stack: &str) -> String {
    format!("arn:aws:cloudformation:ap-northeast-1:123456789012:stack/{stack}/0")
}

fn name(arn: &str) -> String {
    arn.split('/').nth(1).unwrap_or(arn).to_owned()
}

pub(crate) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let each = text.chars().map(|c| if c.is_control() { format!("&#x{:x};", u32::from(c)) } else { c.to_string() });
    each.collect()
}

impl Fake {
    pub(crate) async fn start(world: World) -> Self {
        let world = Arc::new(Mutex::new(world));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(answer).with_state(Arc::clone(&world));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, world }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(crate) fn aws(&self) -> CloudFormation {
        let keys = Credentials::new("test", "test", None, None, "test");
        let pace = Arc::new(Wall::default());
        CloudFormation::new(Client::with("ap-northeast-1", &self.url, keys, pace, Arc::new(|_| {})).unwrap())
    }

    pub(crate) fn called(&self, operation: &str) -> Vec<Form> {
        self.world().calls.iter().filter(|(o, _)| o == operation).map(|(_, f)| f.clone()).collect()
    }
}

async fn answer(State(world): State<Arc<Mutex<World>>>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let mut world = world.lock().unwrap();
    let (status, text) = world.answer(&headers, &body);
    (StatusCode::from_u16(status).unwrap(), text)
}

fn pairs(list: &str, key: &str, value: &str, all: &BTreeMap<String, String>) -> String {
    let each = all.iter().map(|(k, v)| format!("<member><{key}>{k}</{key}><{value}>{}</{value}></member>", escaped(v)));
    format!("<{list}>{}</{list}>", each.collect::<Vec<_>>().concat())
}

fn refusal(code: &str, message: &str) -> (u16, String) {
    (400, format!("<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"))
}

impl World {
    fn answer(&mut self, headers: &HeaderMap, body: &str) -> (u16, String) {
        if let Some(target) = headers.get("x-amz-target") {
            let operation = target.to_str().unwrap().rsplit('.').next().unwrap().to_owned();
            self.calls.push((operation.clone(), Form::new()));
            return match self.json.get(operation.as_str()) {
                Some(text) => (200, text.clone()),
                None => (400, r#"{"__type":"DeploymentGroupDoesNotExistException","message":"none"}"#.into()),
            };
        }
        let form: Form = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let operation = form["Action"].clone();
        self.calls.push((operation.clone(), form.clone()));
        if let Some(at) = self.answers.iter().position(|(o, ..)| *o == operation) {
            let (_, status, text) = self.answers.remove(at).unwrap();
            return (status, text);
        }
        match self.of(&operation, &form) {
            Ok(text) => (
                200,
                format!(
                    "<{operation}Response><{operation}Result>{text}</{operation}Result><ResponseMetadata><RequestId>r\
                     </RequestId></ResponseMetadata></{operation}Response>"
                ),
            ),
            Err(refusal) => refusal,
        }
    }

    fn of(&mut self, operation: &str, form: &Form) -> Result<String, (u16, String)> {
        let stack = name(form.get("StackName").map_or("", String::as_str));
        let missing = || refusal("ValidationError", &format!("Stack with id {stack} does not exist"));
        Ok(match operation {
            "GetCallerIdentity" => "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/a</Arn>".into(),
            "DescribeStacks" => {
                let s = self.stacks.get(&stack).ok_or_else(missing)?;
                let gone = s.status == "DELETE_COMPLETE" && !form["StackName"].starts_with("arn:");
                if gone {
                    return Err(missing());
                }
                format!(
                    "<Stacks><member><StackId>{}</StackId><StackName>{stack}</StackName><StackStatus>{}</StackStatus>\
                     <EnableTerminationProtection>{}</EnableTerminationProtection>{}{}{}</member></Stacks>",
                    arn(&stack),
                    s.status,
                    s.protected,
                    pairs("Outputs", "OutputKey", "OutputValue", &s.outputs),
                    pairs("Parameters", "ParameterKey", "ParameterValue", &s.parameters),
                    pairs("Tags", "Key", "Value", &s.tags),
                )
            }
            "CreateChangeSet" => {
                if form["ChangeSetType"] == "CREATE" {
                    let new = Stack { status: "REVIEW_IN_PROGRESS".into(), ..Stack::default() };
                    self.stacks.entry(stack.clone()).or_insert(new).status = "REVIEW_IN_PROGRESS".into();
                }
                format!("<Id>arn:aws:cloudformation:r:1:changeSet/{stack}/0</Id><StackId>{}</StackId>", arn(&stack))
            }
            "DescribeChangeSet" => {
                let stack = name(&form["ChangeSetName"]);
                let (status, reason) = match self.fails.get(&stack) {
                    Some(reason) => ("FAILED", escaped(reason)),
                    None => ("CREATE_COMPLETE", String::new()),
                };
                let changes = self.changes.get(&stack).cloned().unwrap_or_default();
                let (id, arn) = (&form["ChangeSetName"], arn(&stack));
                format!(
                    "<ChangeSetId>{id}</ChangeSetId><StackId>{arn}</StackId><Status>{status}</Status>\
                     <StatusReason>{reason}</StatusReason><Changes>{changes}</Changes>"
                )
            }
            "ExecuteChangeSet" => {
                self.begin(&name(&form["ChangeSetName"]));
                String::new()
            }
            "DeleteStack" => {
                let review = self.stacks.get(&stack).is_some_and(|s| s.status == "REVIEW_IN_PROGRESS");
                if review {
                    self.stacks.remove(&stack);
                } else {
                    self.begin(&stack);
                }
                String::new()
            }
            "DescribeStackEvents" => self.events(&stack).ok_or_else(missing)?,
            "ListStackResources" => {
                let s = self.stacks.get(&stack).ok_or_else(missing)?;
                let each = s.resources.iter().map(|(name, physical, kind)| {
                    format!(
                        "<member><LogicalResourceId>{name}</LogicalResourceId><PhysicalResourceId>{physical}\
                         </PhysicalResourceId><ResourceType>{kind}</ResourceType><ResourceStatus>CREATE_COMPLETE\
                         </ResourceStatus></member>"
                    )
                });
                format!("<StackResourceSummaries>{}</StackResourceSummaries>", each.collect::<Vec<_>>().concat())
            }
            "GetTemplate" => {
                let s = self.stacks.get(&stack).ok_or_else(missing)?;
                format!("<TemplateBody>{}</TemplateBody>", escaped(&s.template))
            }
            "DetectStackDrift" => "<StackDriftDetectionId>d</StackDriftDetectionId>".into(),
            "DescribeStackDriftDetectionStatus" => "<DetectionStatus>DETECTION_COMPLETE</DetectionStatus>".into(),
            "DescribeStackResourceDrifts" => format!("<StackResourceDrifts>{}</StackResourceDrifts>", self.drifts),
            "DescribeListeners" => format!(
                "<Listeners><member><DefaultActions><member><Type>forward</Type><TargetGroupArn>{}</TargetGroupArn></member>\
                 </DefaultActions></member></Listeners>",
                self.forwards
            ),
            "DeleteChangeSet" | "ModifyLoadBalancerAttributes" => String::new(),
            other => return Err(refusal("InvalidAction", other)),
        })
    }

    fn begin(&mut self, stack: &str) {
        let happens = self.happens.remove(stack).unwrap_or_else(|| panic!("nothing happens with `{stack}`"));
        self.stacks.entry(stack.to_owned()).or_default().coming.extend(happens);
    }

    /// One more each time; newest first, as AWS has them.
    fn events(&mut self, stack: &str) -> Option<String> {
        let s = self.stacks.get_mut(stack)?;
        if let Some(next) = s.coming.pop_front() {
            if next.1 == "AWS::CloudFormation::Stack" {
                s.status.clone_from(&next.2);
            }
            s.events.push(next);
        }
        let mut out = String::new();
        for (n, (logical, kind, status, reason)) in s.events.iter().enumerate().rev() {
            let physical = if kind == "AWS::CloudFormation::Stack" { arn(stack) } else { format!("{logical}-0") };
            let _ = write!(
                out,
                "<member><EventId>{n}</EventId><Timestamp>2026-01-01T00:00:{n:02}Z</Timestamp><LogicalResourceId>{logical}\
                 </LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId><ResourceType>{kind}</ResourceType>\
                 <ResourceStatus>{status}</ResourceStatus><ResourceStatusReason>{}</ResourceStatusReason></member>",
                escaped(reason)
            );
        }
        Some(format!("<StackEvents>{out}</StackEvents>"))
    }
}
