//! Whose account it is.

use super::picture::text;
use super::{Item, Picture, Question, Seen, against, fault};

pub(super) const ITEMS: &[Item] = &[Item {
    id: "credentials",
    rule: "a call is made in the account of its credentials, whatever the caller meant",
    remedy: "use credentials of the account of the environment: AWS_PROFILE, or a role there",
    source: "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
    look,
}];

/// What STS answers to credentials that are none.
const NONE: [&str; 6] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
    "Failed",
];

fn look(p: &Picture) -> Seen {
    if p.code(Question::Caller).is_some_and(|code| NONE.contains(&code))
        && let Some(super::Answer::Refused { text, .. }) = p.answers.get(&Question::Caller)
    {
        return Err(fault("credentials", text.clone()));
    }
    let caller = p.told(Question::Caller)?;
    let (account, arn) = (text(&caller["Account"]), text(&caller["Arn"]));
    let meant = &p.environment.account;
    if account != meant {
        let what = format!("the credentials are of the account {account}, release.toml has {meant}");
        return Err(against("account", arn, what));
    }
    Ok(format!("{arn} in {account}"))
}
