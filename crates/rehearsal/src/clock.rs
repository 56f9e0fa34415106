//! The time of the rehearsed world, which is not that of this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::Value;

/// A moment of the rehearsed world, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(i64);

impl Time {
    /// So many milliseconds after 1970 began.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This moment and some time.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(millis(time)))
    }

    /// How the JSON protocols write it: seconds since 1970, with a fraction.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // milliseconds of our time are far below 2^53
    pub fn json(self) -> Value {
        Value::from(self.0 as f64 / 1000.0)
    }

    /// How the XML protocols write it (ISO 8601).
    #[must_use]
    pub fn iso(self) -> String {
        DateTime::from_millis(self.0).fmt(Format::DateTime).unwrap_or_default()
    }

    /// How headers write it (RFC 9110).
    #[must_use]
    pub fn http(self) -> String {
        DateTime::from_secs(self.0.div_euclid(1000)).fmt(Format::HttpDate).unwrap_or_default()
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Where the world's time comes from. Copies are the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Time,
    begun: Instant,
    /// How many seconds pass here in a second there; 0 when it only moves by hand.
    speed: u32,
    ahead: Arc<AtomicI64>,
}

impl Clock {
    fn new(start: Time, speed: u32) -> Self {
        Self { start, begun: Instant::now(), speed, ahead: Arc::default() }
    }

    /// One that stands until it is advanced; it begins with the year 2026.
    #[must_use]
    pub fn by_hand() -> Self {
        Self::new(Time(1_767_225_600_000), 0)
    }

    /// One that begins now and runs so many times as fast as the wall clock.
    #[must_use]
    pub fn scaled(speed: u32) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::new(Time(millis(now)), speed)
    }

    /// The wall clock.
    #[must_use]
    pub fn real() -> Self {
        Self::scaled(1)
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Time {
        let run = millis(self.begun.elapsed().saturating_mul(self.speed));
        Time(self.start.0.saturating_add(run).saturating_add(self.ahead.load(Ordering::SeqCst)))
    }

    /// Moves it on by some of the world's time.
    pub fn advance(&self, time: Duration) {
        let millis = millis(time);
        // A clock at the end of time stays there.
        let _ = self.ahead.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |a| Some(a.saturating_add(millis)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_by_hand_moves_only_when_told() {
        let clock = Clock::by_hand();
        let before = clock.now();
        assert_eq!(clock.now(), before);
        clock.clone().advance(Duration::from_mins(5));
        assert_eq!(clock.now(), before.after(Duration::from_mins(5)));
        assert_eq!(clock.now().iso(), "2026-01-01T00:05:00Z");
        assert_eq!(clock.now().http(), "Thu, 01 Jan 2026 00:05:00 GMT");
        assert_eq!(clock.now().json().to_string(), "1767225900.0");
    }
}
