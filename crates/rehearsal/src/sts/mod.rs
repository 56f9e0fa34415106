//! AWS Security Token Service: who one is.

use serde_json::{Value, json};

use crate::refusal::{Answer, Refusal};
use crate::world::World;

pub(crate) fn answer(world: &mut World, action: &str, _: &Value) -> Answer {
    match action {
        "GetCallerIdentity" => Ok(json!({
            "Account": world.account,
            "Arn": format!("arn:aws:iam::{}:user/rehearsal", world.account),
            "UserId": "AIDAREHEARSAL",
        })),
        _ => Err(Refusal::unknown(action)),
    }
}
