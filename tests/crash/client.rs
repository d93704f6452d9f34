//! Requests of an API client, by hand.

use bench::load::{Answer, Connection, Request};
use serde_json::Value;

/// A connection that speaks for a token.
pub struct Client {
    connection: Connection,
    token: String,
}

/// A request that can be sent again as it was.
#[derive(Clone)]
pub struct Asked {
    pub method: &'static str,
    pub path: String,
    pub key: Option<String>,
    pub based_on: Option<u32>,
    pub body: Option<Value>,
}

impl Client {
    pub async fn open(address: &str, token: &str) -> std::io::Result<Self> {
        Ok(Self { connection: Connection::open(address).await?, token: token.to_owned() })
    }

    /// The answer; an error when the connection ended first.
    pub async fn send(&mut self, asked: &Asked) -> std::io::Result<Answer> {
        let mut headers = format!("Authorization: Bearer {}\r\nContent-Type: application/fhir+json\r\n", self.token);
        if let Some(key) = &asked.key {
            headers += &format!("Idempotency-Key: {key}\r\n");
        }
        if let Some(version) = asked.based_on {
            headers += &format!("If-Match: W/\"{version}\"\r\n");
        }
        let body = asked.body.as_ref().map(|body| serde_json::to_vec(body).expect("JSON")).unwrap_or_default();
        self.connection.send(&Request::new(asked.method, &asked.path, &headers, &body, 0)).await
    }

    /// A reading of JSON that must succeed.
    pub async fn get(&mut self, path: &str) -> Value {
        let asked = Asked { method: "GET", path: path.to_owned(), key: None, based_on: None, body: None };
        let answer = self.send(&asked).await.expect("the server answers");
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).expect("JSON")
    }
}
