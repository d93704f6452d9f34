//! How failed sign-ins slow down the next: by user name, whether or not anybody has it, and by address.

use jiff::{SignedDuration, Timestamp};
use std::net::IpAddr;
use store::accounts::Failures;

/// Failures of one user name before it must wait.
const FREE_BY_NAME: u32 = 5;
/// Failures from one address before it must wait: a practice shares one.
const FREE_BY_ADDRESS: u32 = 30;
/// The longest wait: a stranger can keep somebody out for no longer than they go on trying.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// Under what failures of a user name are counted.
#[must_use]
pub fn by_name(username: &str) -> String {
    format!("user:{}", username.to_lowercase())
}

/// Under what failures from an address are counted: an IPv6 client owns its /64.
#[must_use]
pub fn by_address(from: Option<IpAddr>) -> Option<String> {
    from.map(|address| match address {
        IpAddr::V4(address) => format!("address:{address}"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    })
}

/// Until when a sign-in must wait, if at all.
#[must_use]
pub fn wait(name: Failures, address: Failures, now: Timestamp) -> Option<Timestamp> {
    [until(name, FREE_BY_NAME), until(address, FREE_BY_ADDRESS)].into_iter().flatten().filter(|end| *end > now).max()
}

/// After the free ones each failure doubles the wait: 30 s, 1, 2, 4, 8, 15 minutes.
fn until(failures: Failures, free: u32) -> Option<Timestamp> {
    let beyond = failures.count.checked_sub(free)?;
    let wait = SignedDuration::from_secs(30 << beyond.min(10)).min(LONGEST);
    failures.last?.checked_add(wait).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(count: u32, seconds: i64) -> Option<i64> {
        let last = Timestamp::UNIX_EPOCH;
        let now = Timestamp::from_second(seconds).expect("time");
        wait(Failures { count, last: Some(last) }, Failures::default(), now).map(Timestamp::as_second)
    }

    #[test]
    fn the_fifth_failure_waits_and_each_more_doubles_up_to_a_quarter_of_an_hour() {
        assert_eq!(after(4, 0), None);
        assert_eq!(after(5, 0), Some(30));
        assert_eq!(after(5, 30), None);
        assert_eq!(after(6, 0), Some(60));
        assert_eq!(after(10, 0), Some(900));
        assert_eq!(after(u32::MAX, 0), Some(900));
    }

    #[test]
    fn an_ipv6_client_cannot_change_its_last_half() {
        let one = by_address("2001:db8:1:2:aaaa::1".parse().ok());
        assert_eq!(one, by_address("2001:db8:1:2:bbbb::2".parse().ok()));
        assert_ne!(one, by_address("2001:db8:1:3:aaaa::1".parse().ok()));
    }
}
