//! Deployment configurations: how traffic moves.
//! <https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html>

use std::time::Duration;

use serde_json::{Value, json};

/// How traffic moves, with percents and minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    AllAtOnce,
    Canary { percent: u32, minutes: u32 },
    Linear { percent: u32, minutes: u32 },
}

/// The predefined ones for ECS.
const CONFIGS: [(&str, Shift); 5] = [
    ("CodeDeployDefault.ECSAllAtOnce", Shift::AllAtOnce),
    ("CodeDeployDefault.ECSCanary10Percent5Minutes", Shift::Canary { percent: 10, minutes: 5 }),
    ("CodeDeployDefault.ECSCanary10Percent15Minutes", Shift::Canary { percent: 10, minutes: 15 }),
    ("CodeDeployDefault.ECSLinear10PercentEvery1Minutes", Shift::Linear { percent: 10, minutes: 1 }),
    ("CodeDeployDefault.ECSLinear10PercentEvery3Minutes", Shift::Linear { percent: 10, minutes: 3 }),
];

impl Shift {
    pub(super) fn of(name: &str) -> Option<Self> {
        CONFIGS.iter().find(|(n, _)| *n == name).map(|(_, shift)| *shift)
    }

    pub(super) fn names() -> Vec<&'static str> {
        CONFIGS.iter().map(|(n, _)| *n).collect()
    }

    /// Percents of traffic for the new tasks, each with the time from the beginning of the shift.
    pub(super) fn steps(self) -> Vec<(Duration, u32)> {
        let after = |minutes: u32| Duration::from_mins(u64::from(minutes));
        match self {
            Self::AllAtOnce => vec![(Duration::ZERO, 100)],
            Self::Canary { percent, minutes } => vec![(Duration::ZERO, percent), (after(minutes), 100)],
            Self::Linear { percent, minutes } => {
                let steps = 100_u32.div_ceil(percent.max(1));
                (1..=steps).map(|n| (after(minutes * (n - 1)), (percent * n).min(100))).collect()
            }
        }
    }

    pub(super) fn shown(self) -> Value {
        match self {
            Self::AllAtOnce => json!({"type": "AllAtOnce"}),
            Self::Canary { percent, minutes } => json!({
                "type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": percent, "canaryInterval": minutes},
            }),
            Self::Linear { percent, minutes } => json!({
                "type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": percent, "linearInterval": minutes},
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_moves_as_the_names_say() {
        let steps = |name| {
            let all = Shift::of(name).map(Shift::steps).unwrap_or_default();
            all.into_iter().map(|(t, p)| (t.as_secs(), p)).collect::<Vec<_>>()
        };
        assert_eq!(steps("CodeDeployDefault.ECSAllAtOnce"), [(0, 100)]);
        assert_eq!(steps("CodeDeployDefault.ECSCanary10Percent15Minutes"), [(0, 10), (900, 100)]);
        let linear = steps("CodeDeployDefault.ECSLinear10PercentEvery3Minutes");
        assert_eq!((linear.len(), linear[1], linear[9]), (10, (180, 20), (1620, 100)));
        assert!(Shift::of("CodeDeployDefault.OneAtATime").is_none());
    }
}
