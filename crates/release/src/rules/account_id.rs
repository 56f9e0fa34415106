use crate::rules::{Level, Rule};
use crate::setting::is_account;
use crate::verify::Found;
use crate::world::World;

pub(super) const RULE: Rule = Rule {
    level: Level::Stops,
    summary: "an ARN or image with an account id that is none",
    why: "Account ids have 12 digits; everything that takes the ARN refuses it.",
    remedy: "write the account's 12 digits, in a template `${AWS::AccountId}`",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
    look,
};

fn look(world: &World, found: &mut Found) {
    for file in &world.files {
        file.root.walk(&mut |node| {
            let Some(text) = node.text() else { return };
            let account = if text.starts_with("arn:") {
                text.split(':').nth(4)
            } else {
                text.split_once(".dkr.ecr.").map(|(account, _)| account)
            };
            let digits = account.filter(|a| !a.is_empty() && a.bytes().all(|b| b.is_ascii_digit()));
            if let Some(account) = digits.filter(|a| !is_account(a)) {
                found.at(file, node.line, format!("the account `{account}` has {} digits, not 12", account.len()));
            }
        });
    }
}
