//! The cookies: the session's, the one that ties a form shown before sign-in to the browser it was shown to, and the word for what was
//! just saved, on its way to the page that says it.
//!
//! All are `__Host-` cookies: `Secure`, bound to this host, for every path. On plain-http loopback, which the demo uses, Chromium
//! and Firefox take them too, as they trust an address that never leaves the machine (Safari does not: use TLS there).

use axum::http::{HeaderMap, HeaderValue, header};

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// The session's secret.
    Session,
    /// Before sign-in: what the form's token is derived from.
    Form,
    /// What was just saved, as one word of [`crate::said`].
    Said,
}

impl Cookie {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "__Host-chartroom",
            Self::Form => "__Host-chartroom-form",
            Self::Said => "__Host-chartroom-said",
        }
    }

    /// Its value in a request; `None` when absent or sent twice (then somebody planted one).
    #[must_use]
    pub fn read(self, headers: &HeaderMap) -> Option<&str> {
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == self.name())
            .map(|(_, value)| value);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The `Set-Cookie` that sets it (a session cookie: it ends with the browser). Values are base64url, which a header takes.
    #[must_use]
    pub fn set(self, value: &str) -> HeaderValue {
        self.line(value, "")
    }

    /// The `Set-Cookie` that removes it.
    #[must_use]
    pub fn clear(self) -> HeaderValue {
        self.line("", "; Max-Age=0")
    }

    fn line(self, value: &str, extra: &str) -> HeaderValue {
        let line = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Secure{extra}", self.name());
        HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_sent_twice_is_no_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; __Host-chartroom=one; c=d".parse().expect("header"));
        assert_eq!(Cookie::Session.read(&headers), Some("one"));
        headers.append(header::COOKIE, "__Host-chartroom=two".parse().expect("header"));
        assert_eq!(Cookie::Session.read(&headers), None);
    }

    #[test]
    fn every_flag_is_set() {
        let line = Cookie::Session.set("abc");
        assert_eq!(line.to_str().expect("text"), "__Host-chartroom=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
    }
}
