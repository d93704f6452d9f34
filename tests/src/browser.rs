//! A browser: keeps cookies, sends what Chromium sends, fills forms from the page they are on.

use crate::Answer;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;
use tower::ServiceExt as _;
use web::address::Peer;

/// What parts the pieces of a form that brings a file.
pub const BOUNDARY: &str = "----chartroomtestboundary";

/// A form that brings a file, as Chromium writes it: the fields, then the file.
#[must_use]
pub fn multipart(fields: &[(&str, &str)], (name, content): (&str, &[u8])) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let part = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(part.as_bytes());
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// A browser at one address.
pub struct Browser {
    router: Router,
    cookies: Mutex<BTreeMap<String, String>>,
    csrf: Mutex<Option<String>>,
    /// From where it comes.
    pub from: IpAddr,
}

impl Browser {
    /// A fresh browser.
    #[must_use]
    pub fn new(router: Router) -> Self {
        Self { router, cookies: Mutex::default(), csrf: Mutex::default(), from: IpAddr::from([127, 0, 0, 1]) }
    }

    /// The value of a cookie it holds.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Plants a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Forgets every cookie and token.
    pub fn forget(&self) {
        self.cookies.lock().unwrap().clear();
        *self.csrf.lock().unwrap() = None;
    }

    /// The form token of the last page that had one.
    #[must_use]
    pub fn csrf(&self) -> Option<String> {
        self.csrf.lock().unwrap().clone()
    }

    /// Sets the form token that [`Self::post`] sends.
    pub fn set_csrf(&self, token: &str) {
        *self.csrf.lock().unwrap() = Some(token.to_owned());
    }

    /// Opens an address; does not follow redirects.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    /// Posts a form with the token of the last page; does not follow redirects.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.csrf().unwrap_or_default();
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post_exactly(path, &all, &[("sec-fetch-site", "same-origin"), ("origin", "null")]).await
    }

    /// Posts a form that brings a file, with the token of the last page.
    pub async fn post_file(&self, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
        let token = self.csrf().unwrap_or_default();
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post_multipart(path, multipart(&all, file)).await
    }

    /// Posts a multipart body as it is; its boundary is [`BOUNDARY`].
    pub async fn post_multipart(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .header("sec-fetch-site", "same-origin");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Posts exactly these fields and headers.
    pub async fn post_exactly(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request("POST", path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(serde_urlencoded::to_string(fields).unwrap())).unwrap()).await
    }

    /// A request with this browser's cookies, to be finished and given to [`Self::send`].
    #[must_use]
    pub fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies = self.cookies.lock().unwrap();
        let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8080");
        if !line.is_empty() {
            request = request.header(header::COOKIE, line.join("; "));
        }
        request
    }

    /// Sends a request; takes in its cookies and token.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(Peer(self.from));
        let answer = Answer::of(self.router.clone().oneshot(request).await.unwrap()).await;
        for line in answer.headers.get_all(header::SET_COOKIE) {
            self.take(line.to_str().unwrap());
        }
        if answer.header("content-type").starts_with("text/html")
            && let Some(token) = answer.csrf()
        {
            self.set_csrf(&token);
        }
        answer
    }

    fn take(&self, line: &str) {
        let (pair, flags) = line.split_once(';').unwrap_or((line, ""));
        let (name, value) = pair.split_once('=').unwrap();
        if flags.contains("Max-Age=0") {
            self.cookies.lock().unwrap().remove(name);
        } else {
            self.set_cookie(name, value);
        }
    }
}
