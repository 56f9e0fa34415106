//! The time of an image, which is never the clock's.

use crate::{Error, Result};

/// Seconds since 1970 as RFC 3339 in UTC; the days by the civil calendar's 400-year eras.
pub(crate) fn rfc3339(time: u64) -> String {
    let (days, secs) = (time / 86400, time % 86400);
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", secs / 3600, secs % 3600 / 60, secs % 60)
}

/// The time to give an image: `SOURCE_DATE_EPOCH`, else 1970 (reproducible-builds.org).
///
/// # Errors
/// When the variable is there and is no number of seconds that a tar header and RFC 3339 can say.
pub fn source_date_epoch() -> Result<u64> {
    let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") else { return Ok(0) };
    // The last second of the year 2242 fills the eleven digits of a tar header.
    let number = text.parse().ok().filter(|t| *t < 1 << 33);
    number.ok_or_else(|| Error::Format {
        what: "time",
        message: format!("`SOURCE_DATE_EPOCH` is `{text}`, expected seconds since 1970"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(rfc3339(2_147_483_647), "2038-01-19T03:14:07Z");
    }
}
