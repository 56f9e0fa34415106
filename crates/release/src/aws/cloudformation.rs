//! Stacks: change sets, events, resources, drift. What is asked here is asked with names and answered as plain data.

use serde_json::{Value, json};

use super::message::unread;
use super::service::CLOUD_FORMATION;
use super::xml::{Element, result};
use super::{Client, account};
use crate::flow::engine::Caller;
use crate::infra::seen::{Change, ChangeSet, Detail, Event, Resource, Stack};
use crate::{Error, Result};

/// Elements of answers that hold others.
pub(super) const WITHIN: &[&str] = &[
    "Changes",
    "Details",
    "OperationEvents",
    "Outputs",
    "Parameters",
    "PropertyDifferences",
    "ResourceChange",
    "StackEvents",
    "StackResourceDrifts",
    "StackResourceSummaries",
    "Stacks",
    "Tags",
    "Target",
];

/// More pages than any list here has; a list without end is none.
const PAGES: usize = 500;

/// `CloudFormation` of one region.
pub struct CloudFormation {
    client: Client,
}

/// What becomes a change set.
#[derive(Clone, Debug)]
pub struct Proposal<'a> {
    /// Name of the stack.
    pub stack: &'a str,
    /// Whether the stack is there.
    pub there: bool,
    /// The template.
    pub template: &'a str,
    /// Parameters; those without a value stay as they are.
    pub parameters: Vec<(String, Option<String>)>,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// Whether roles may be made.
    pub roles: bool,
}

pub(super) fn no_answer(operation: &str) -> Error {
    unread(CLOUD_FORMATION, operation)
}

/// Whether AWS says that there is no such stack.
fn absent(error: &Error) -> bool {
    matches!(error, Error::Aws(r) if r.code == "ValidationError" && r.message.contains("does not exist"))
}

impl CloudFormation {
    /// Over a client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The client, for what else is there to be asked.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Who asks.
    ///
    /// # Errors
    /// When the credentials are none.
    pub async fn caller(&self) -> Result<Caller> {
        account::caller(&self.client).await
    }

    pub(super) async fn result(&self, operation: &str, input: &Value) -> Result<Element> {
        let answer = self.client.ask(CLOUD_FORMATION, operation, input).await?;
        result(&answer.body, WITHIN).ok_or_else(|| no_answer(operation))
    }

    /// All pages of a list, until `enough` says so of one of its members.
    pub(super) async fn pages(
        &self,
        operation: &str,
        mut input: Value,
        list: &str,
        mut each: impl FnMut(&Element) -> bool,
    ) -> Result<()> {
        for _ in 0..PAGES {
            let page = self.result(operation, &input).await?;
            for member in page.list(list) {
                if !each(member) {
                    return Ok(());
                }
            }
            let Some(next) = page.some("NextToken") else { return Ok(()) };
            input["NextToken"] = next.into();
        }
        Err(Error::Release(format!("CloudFormation, {operation}: the list has no end")))
    }

    /// A stack by name or ARN; none when it is not there. One that was deleted is found by its ARN only.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn stack(&self, name: &str) -> Result<Option<Stack>> {
        let found = match self.result("DescribeStacks", &json!({"StackName": name})).await {
            Err(e) if absent(&e) => return Ok(None),
            other => other?,
        };
        let Some(s) = found.list("Stacks").next() else { return Ok(None) };
        let pairs = |list: &str, key: &str, value: &str| {
            s.list(list).filter_map(|m| Some((m.some(key)?, m.text(value)))).collect()
        };
        Ok(Some(Stack {
            id: s.text("StackId"),
            name: s.text("StackName"),
            status: s.text("StackStatus"),
            reason: s.some("StackStatusReason"),
            parameters: pairs("Parameters", "ParameterKey", "ParameterValue"),
            outputs: pairs("Outputs", "OutputKey", "OutputValue"),
            tags: pairs("Tags", "Key", "Value"),
            protected: s.text("EnableTerminationProtection") == "true",
        }))
    }

    /// Makes a change set, which changes nothing yet. Its ARN, and the stack's.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn propose(&self, name: &str, of: &Proposal<'_>) -> Result<(String, String)> {
        let parameters = of.parameters.iter().map(|(key, value)| match value {
            Some(value) => json!({"ParameterKey": key, "ParameterValue": value}),
            None => json!({"ParameterKey": key, "UsePreviousValue": true}),
        });
        let mut input = json!({
            "StackName": of.stack, "ChangeSetName": name, "TemplateBody": of.template,
            "ChangeSetType": if of.there { "UPDATE" } else { "CREATE" },
            "Parameters": parameters.collect::<Vec<_>>(),
            "Tags": of.tags.iter().map(|(k, v)| json!({"Key": k, "Value": v})).collect::<Vec<_>>(),
        });
        if of.roles {
            input["Capabilities"] = json!(["CAPABILITY_IAM"]);
        }
        let answer = self.client.act(CLOUD_FORMATION, "CreateChangeSet", &input).await?;
        let made = result(&answer.body, WITHIN).ok_or_else(|| no_answer("CreateChangeSet"))?;
        match (made.some("Id"), made.some("StackId")) {
            (Some(id), Some(stack)) => Ok((id, stack)),
            _ => Err(no_answer("CreateChangeSet")),
        }
    }

    /// A change set, all of it.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn change_set(&self, id: &str) -> Result<ChangeSet> {
        let mut input = json!({"ChangeSetName": id, "IncludePropertyValues": true});
        let mut out: Option<ChangeSet> = None;
        for _ in 0..PAGES {
            let page = self.result("DescribeChangeSet", &input).await?;
            let set = out.get_or_insert_with(|| ChangeSet {
                id: page.text("ChangeSetId"),
                stack: page.text("StackId"),
                status: page.text("Status"),
                reason: page.some("StatusReason"),
                changes: Vec::new(),
            });
            set.changes.extend(page.list("Changes").filter_map(|c| c.get("ResourceChange")).map(change));
            match page.some("NextToken") {
                Some(next) => input["NextToken"] = next.into(),
                None => return Ok(out.unwrap_or_default()),
            }
        }
        Err(Error::Release("CloudFormation, DescribeChangeSet: the list has no end".into()))
    }

    /// What AWS found wrong with a change set before it was one.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn found_wrong(&self, id: &str) -> Result<Vec<String>> {
        let mut out = Vec::new();
        let input = json!({"ChangeSetName": id, "Filters": {"FailedEvents": true}});
        self.pages("DescribeEvents", input, "OperationEvents", |e| {
            if let Some(reason) = e.some("ValidationStatusReason") {
                let (name, kind, path) =
                    (e.text("LogicalResourceId"), e.text("ResourceType"), e.text("ValidationPath"));
                out.push(format!("`{name}` ({kind}) {path}: {reason}"));
            }
            true
        })
        .await?;
        Ok(out)
    }

    /// Does what a change set says.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn execute(&self, id: &str) -> Result<()> {
        self.client.act(CLOUD_FORMATION, "ExecuteChangeSet", &json!({"ChangeSetName": id})).await.map(drop)
    }

    /// Takes a change set away; one that is gone is none.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn forget(&self, id: &str) -> Result<()> {
        match self.client.ask(CLOUD_FORMATION, "DeleteChangeSet", &json!({"ChangeSetName": id})).await {
            Err(Error::Aws(r)) if r.code == "ChangeSetNotFound" || r.code == "ChangeSetNotFoundException" => Ok(()),
            other => other.map(drop),
        }
    }

    /// Events of a stack that are newer than `known`, the first that was first.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn events(&self, stack: &str, known: Option<&str>) -> Result<Vec<Event>> {
        let mut out = Vec::new();
        let input = json!({"StackName": stack});
        self.pages("DescribeStackEvents", input, "StackEvents", |e| {
            if known == Some(&e.text("EventId")) {
                return false;
            }
            out.push(event(e));
            true
        })
        .await?;
        out.reverse();
        Ok(out)
    }

    /// The newest event of a stack.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn last_event(&self, stack: &str) -> Result<Option<Event>> {
        let page = self.result("DescribeStackEvents", &json!({"StackName": stack})).await?;
        Ok(page.list("StackEvents").next().map(event))
    }

    /// Resources of a stack.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn resources(&self, stack: &str) -> Result<Vec<Resource>> {
        let mut out = Vec::new();
        self.pages("ListStackResources", json!({"StackName": stack}), "StackResourceSummaries", |r| {
            out.push(Resource {
                name: r.text("LogicalResourceId"),
                physical: r.text("PhysicalResourceId"),
                kind: r.text("ResourceType"),
                status: r.text("ResourceStatus"),
            });
            true
        })
        .await?;
        Ok(out)
    }

    /// The template of a stack, as it was sent.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn template(&self, stack: &str) -> Result<String> {
        let input = json!({"StackName": stack, "TemplateStage": "Original"});
        Ok(self.result("GetTemplate", &input).await?.text("TemplateBody"))
    }

    /// Begins to delete a stack.
    ///
    /// # Errors
    /// When AWS refuses.
    pub async fn delete(&self, stack: &str) -> Result<()> {
        self.client.act(CLOUD_FORMATION, "DeleteStack", &json!({"StackName": stack})).await.map(drop)
    }
}

fn event(e: &Element) -> Event {
    Event {
        id: e.text("EventId"),
        time: e.text("Timestamp"),
        name: e.text("LogicalResourceId"),
        physical: e.text("PhysicalResourceId"),
        kind: e.text("ResourceType"),
        status: e.text("ResourceStatus"),
        reason: e.some("ResourceStatusReason"),
    }
}

fn change(c: &Element) -> Change {
    let detail = |d: &Element| {
        let target = d.get("Target").cloned().unwrap_or_default();
        Detail {
            attribute: target.text("Attribute"),
            property: target.some("Name"),
            recreation: target.some("RequiresRecreation"),
            before: target.some("BeforeValue"),
            after: target.some("AfterValue"),
            cause: d.some("CausingEntity"),
        }
    };
    Change {
        action: c.text("Action"),
        name: c.text("LogicalResourceId"),
        physical: c.some("PhysicalResourceId"),
        kind: c.text("ResourceType"),
        replacement: c.some("Replacement"),
        policy: c.some("PolicyAction"),
        details: c.list("Details").map(detail).collect(),
    }
}
