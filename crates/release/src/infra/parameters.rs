//! Values of a stack's parameters as they are sent: known, told by other stacks, or left as they are.

use std::collections::BTreeMap;

use super::prepare::Ask;
use super::seen;
use super::stack::{Stack, Wanted};
use crate::Result;
use crate::setting::Setting;

/// Values, none for those that stay; or what they wait for.
pub(super) type Values = std::result::Result<Vec<(String, Option<String>)>, String>;

impl Ask<'_> {
    /// Values of a stack's parameters. `with` gets the outputs of other stacks that are among them.
    pub(super) async fn values(
        &self,
        stack: &Stack,
        live: Option<&seen::Stack>,
        with: &mut BTreeMap<(String, String), String>,
    ) -> Result<Values> {
        let mut told: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
        for from in stack.takes_from() {
            if !told.contains_key(from) {
                let found = self.aws.stack(from).await?.map(|s| s.outputs).unwrap_or_default();
                told.insert(from, found);
            }
        }
        let mut out = Vec::new();
        for (name, value) in &stack.parameters {
            let value = match &value.setting {
                Wanted::Setting(Setting::Known(known)) => Some(known.clone()),
                Wanted::Setting(Setting::Output { stack, name }) => {
                    let Some(value) = told.get(stack.as_str()).and_then(|o| o.get(name)) else {
                        return Ok(Err(format!(
                            "it takes `{name}` of the stack `{stack}`, which does not tell it yet"
                        )));
                    };
                    with.insert((stack.clone(), name.clone()), value.clone());
                    Some(value.clone())
                }
                Wanted::Image => {
                    match self.image(stack, live.is_some_and(|l| l.parameters.contains_key(name))).await? {
                        Ok(image) => image,
                        Err(waits) => return Ok(Err(waits)),
                    }
                }
            };
            out.push((name.clone(), value));
        }
        Ok(Ok(out))
    }

    /// The image to begin with; none where the stack has one.
    async fn image(&self, stack: &Stack, has: bool) -> Result<std::result::Result<Option<String>, String>> {
        let repository = match stack.parameters.get("RepositoryName").map(|v| &v.setting) {
            Some(Wanted::Setting(Setting::Known(name))) => name.clone(),
            Some(Wanted::Setting(Setting::Output { stack, name })) => {
                let found = self.aws.stack(stack).await?.and_then(|s| s.outputs.get(name).cloned());
                found.unwrap_or_default()
            }
            _ => String::new(),
        };
        Ok(match self.image.or(self.first.filter(|_| !has)) {
            None if has => Ok(None),
            None => Err("it needs an image to begin with: `--image sha256:...`, of one that the repository has".into()),
            Some(digest) if self.aws.has_image(&repository, digest).await? => Ok(Some(digest.to_owned())),
            Some(digest) => Err(format!(
                "it needs an image to begin with, and the repository `{repository}` does not have {digest} yet: \
                 `infra apply --only repository` makes the repository, `cargo xtask image push` pushes the image"
            )),
        })
    }
}
