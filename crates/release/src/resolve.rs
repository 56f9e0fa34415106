//! What stacks tell, put into an environment.

use std::collections::BTreeSet;

use crate::config::Environment;
use crate::setting::Setting;

impl Environment {
    /// The settings that a stack may tell.
    fn settings(&mut self) -> Vec<&mut Setting> {
        let task = &mut self.task;
        let mut all = vec![
            &mut self.cluster,
            &mut self.service,
            &mut self.repository,
            &mut self.bucket,
            &mut self.application,
            &mut self.deployment_group,
            &mut task.execution_role,
            &mut task.task_role,
            &mut task.log_group,
        ];
        all.extend(&mut self.pipeline);
        all.extend(&mut self.topic);
        all
    }

    /// The stacks that tell something of it.
    #[must_use]
    pub fn stacks(&self) -> BTreeSet<String> {
        let mut copy = self.clone();
        let stack = |s: &mut Setting| match s {
            Setting::Output { stack, .. } => Some(stack.clone()),
            Setting::Known(_) => None,
        };
        copy.settings().into_iter().filter_map(stack).collect()
    }

    /// The same with everything known; `output` says what a stack tells under a name.
    ///
    /// # Errors
    /// In words, when a stack does not tell it.
    pub fn resolved(&self, output: &dyn Fn(&str, &str) -> Option<String>) -> std::result::Result<Self, String> {
        let mut out = self.clone();
        for setting in out.settings() {
            if let Setting::Output { stack, name } = setting {
                let value = output(stack, name).ok_or_else(|| format!("the stack `{stack}` has no output `{name}`"))?;
                *setting = Setting::Known(value);
            }
        }
        Ok(out)
    }
}
