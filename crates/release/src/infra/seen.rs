//! What AWS tells of stacks, as plain data.

use std::collections::BTreeMap;

use serde::Serialize;

/// A stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stack {
    /// Its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// Why, where AWS says so.
    pub reason: Option<String>,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// What it tells.
    pub outputs: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Whether it is protected from being deleted.
    pub protected: bool,
}

/// What an update or a creation would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: String,
    /// ARN of its stack.
    pub stack: String,
    /// `CREATE_COMPLETE` and `FAILED` are final.
    pub status: String,
    /// Why it failed.
    pub reason: Option<String>,
    /// What changes.
    pub changes: Vec<Change>,
}

/// What becomes of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// `Add`, `Modify`, `Remove`, `Import`, `Dynamic`.
    pub action: String,
    /// Logical name.
    pub name: String,
    /// The resource that is there.
    pub physical: Option<String>,
    /// Type, such as `AWS::S3::Bucket`.
    pub kind: String,
    /// `True`, `False`, `Conditional`, for what is modified.
    pub replacement: Option<String>,
    /// `Delete`, `Retain`, `ReplaceAndRetain` and such, where AWS says it.
    pub policy: Option<String>,
    /// Which properties, and why.
    pub details: Vec<Detail>,
}

/// One reason of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// `Properties`, `Tags`, `Metadata`, `DeletionPolicy` and such.
    pub attribute: String,
    /// Name of the property.
    pub property: Option<String>,
    /// `Never`, `Conditionally`, `Always`.
    pub recreation: Option<String>,
    /// Its value now.
    pub before: Option<String>,
    /// Its value then.
    pub after: Option<String>,
    /// Parameter or resource that it comes from.
    pub cause: Option<String>,
}

/// An event of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// When, as AWS writes it.
    pub time: String,
    /// Logical name; of the stack's own events that of the stack.
    pub name: String,
    /// The resource.
    pub physical: String,
    /// Type.
    pub kind: String,
    /// Status, such as `CREATE_FAILED`.
    pub status: String,
    /// Why.
    pub reason: Option<String>,
}

/// A resource of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// Logical name.
    pub name: String,
    /// The resource.
    pub physical: String,
    /// Type.
    pub kind: String,
    /// Status.
    pub status: String,
}

/// A resource that is not as the template has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drifted {
    /// Logical name.
    pub name: String,
    /// The resource.
    pub physical: String,
    /// Type.
    pub kind: String,
    /// `MODIFIED` or `DELETED`.
    pub status: String,
    /// How.
    pub differences: Vec<Difference>,
}

/// A property that is not as the template has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where, such as `/DefaultActions/0/TargetGroupArn`.
    pub path: String,
    /// As the template has it.
    pub expected: String,
    /// As it is.
    pub actual: String,
}
