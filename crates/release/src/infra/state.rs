//! What the status of a stack means, and what to do about it.

/// What can be done with a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is none, but perhaps a change set that would make it.
    None,
    /// It is there, and can be updated.
    Good,
    /// Something goes on.
    Busy,
    /// It can only be deleted.
    Dead,
    /// An update failed, and so did taking it back.
    Stuck,
}

/// What a status means.
#[must_use]
pub fn state(status: &str) -> State {
    match status {
        "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE" => State::None,
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" | "IMPORT_ROLLBACK_FAILED" => {
            State::Dead
        }
        "UPDATE_ROLLBACK_FAILED" | "UPDATE_FAILED" => State::Stuck,
        s if s.ends_with("_IN_PROGRESS") => State::Busy,
        _ => State::Good,
    }
}

/// Whether a status is one that does not change by itself.
#[must_use]
pub fn ended(status: &str) -> bool {
    !status.ends_with("_IN_PROGRESS")
}

/// Whether a status says that what was asked for was done.
#[must_use]
pub fn good(status: &str) -> bool {
    matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" | "DELETE_COMPLETE")
}

/// The status in words, with the next step; none where there is nothing to do.
#[must_use]
pub fn next(stack: &str, status: &str) -> Option<String> {
    let delete = "take it away (`infra destroy`)";
    Some(match status {
        "REVIEW_IN_PROGRESS" => {
            "it is not there yet: a change set waits to be executed; `infra apply` makes its own and goes on".into()
        }
        "ROLLBACK_COMPLETE" => format!(
            "its creation failed and was taken back; such a stack can only be deleted: look at the cause above or with \
             `infra status`, then {delete}, and `infra apply`"
        ),
        "CREATE_FAILED" => {
            format!("its creation failed and was not taken back: mend the cause, then {delete}, and `infra apply`")
        }
        "ROLLBACK_FAILED" => format!(
            "its creation failed, and not everything could be taken back: delete by hand what the events name, then \
             {delete}, and `infra apply`"
        ),
        "DELETE_FAILED" => {
            "not everything could be deleted: mend what the events name, then `infra destroy` again".into()
        }
        "UPDATE_ROLLBACK_FAILED" => format!(
            "an update failed, and so did taking it back: mend the cause that the events name, then \
             `aws cloudformation continue-update-rollback --stack-name {stack}`, with `--resources-to-skip` for what \
             cannot be mended; after that `infra apply`"
        ),
        "UPDATE_FAILED" => format!(
            "an update failed and was not taken back: `aws cloudformation rollback-stack --stack-name {stack}` does, \
             then `infra apply`"
        ),
        "UPDATE_ROLLBACK_COMPLETE" => "the last update failed and was taken back: the stack is as it was before".into(),
        s if s.ends_with("_IN_PROGRESS") => {
            "something goes on: `infra apply` or `infra status` again when it has ended".into()
        }
        _ => return None,
    })
}
