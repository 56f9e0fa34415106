//! One load balancer, its listeners and target groups.

/// A target group of addresses.
#[derive(Clone, Debug)]
pub(crate) struct TargetGroup {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) port: u16,
}

/// A listener and how much each target group gets of what comes to it.
#[derive(Clone, Debug)]
pub(crate) struct Listener {
    pub(crate) arn: String,
    pub(crate) port: u16,
    /// ARNs of target groups; a single one has all, whatever its weight.
    pub(crate) weights: Vec<(String, u32)>,
}

/// Everything of load balancing.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoadBalancers {
    /// The name and ARN of the one that is there.
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) listeners: Vec<Listener>,
    pub(crate) groups: Vec<TargetGroup>,
}

impl LoadBalancers {
    pub(crate) fn listener(&self, arn: &str) -> Option<&Listener> {
        self.listeners.iter().find(|l| l.arn == arn)
    }

    pub(crate) fn group(&self, arn: &str) -> Option<&TargetGroup> {
        self.groups.iter().find(|g| g.arn == arn)
    }

    pub(crate) fn group_named(&self, name: &str) -> Option<&TargetGroup> {
        self.groups.iter().find(|g| g.name == name)
    }

    /// Gives so many hundredths of the traffic to `green` and the rest to `blue`. Who gets all stands alone.
    pub(crate) fn shift(&mut self, listener: &str, blue: &str, green: &str, percent: u32) {
        let Some(listener) = self.listeners.iter_mut().find(|l| l.arn == listener) else { return };
        listener.weights = match percent {
            0 => vec![(blue.to_owned(), 100)],
            100.. => vec![(green.to_owned(), 100)],
            _ => vec![(blue.to_owned(), 100 - percent), (green.to_owned(), percent)],
        };
    }

    /// The hundredths of a listener's traffic that a target group gets.
    pub(crate) fn share(&self, listener: &str, group: &str) -> f64 {
        let Some(listener) = self.listener(listener) else { return 0.0 };
        let of = |group: Option<&str>| -> u32 {
            listener.weights.iter().filter(|(g, _)| group.is_none_or(|x| x == g)).map(|(_, w)| w).sum()
        };
        let all = of(None);
        if all == 0 { 0.0 } else { f64::from(of(Some(group))) * 100.0 / f64::from(all) }
    }
}
