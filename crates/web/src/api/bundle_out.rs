//! Bundles put together from stored bytes: no body is parsed or written anew.

use bytes::Bytes;
use fhir::Key;
use store::record::Stored;

/// A Bundle in the making.
pub struct BundleOut {
    out: Vec<u8>,
    entries: usize,
}

impl BundleOut {
    /// Begins a Bundle of this type. `total` is left out when it is not known.
    #[must_use]
    pub fn new(kind: &str, total: Option<u64>, links: &[(&str, String)]) -> Self {
        let mut out = Vec::with_capacity(4096);
        out.extend_from_slice(br#"{"resourceType":"Bundle","type":""#);
        out.extend_from_slice(kind.as_bytes());
        out.push(b'"');
        if let Some(total) = total {
            out.extend_from_slice(format!(r#","total":{total}"#).as_bytes());
        }
        for (n, (relation, url)) in links.iter().enumerate() {
            out.extend_from_slice(if n == 0 { br#","link":[{"relation":""# } else { br#",{"relation":""# });
            out.extend_from_slice(relation.as_bytes());
            out.extend_from_slice(br#"","url":"#);
            put_text(&mut out, url);
            out.push(b'}');
        }
        if !links.is_empty() {
            out.push(b']');
        }
        Self { out, entries: 0 }
    }

    /// One entry: its members as ready JSON, each such as `"search":{"mode":"match"}`.
    pub fn entry(&mut self, full_url: Option<&str>, resource: Option<&[u8]>, rest: &str) {
        self.out.extend_from_slice(if self.entries == 0 { b",\"entry\":[{" } else { b",{" });
        self.entries += 1;
        let mut comma = false;
        if let Some(url) = full_url {
            self.out.extend_from_slice(br#""fullUrl":"#);
            put_text(&mut self.out, url);
            comma = true;
        }
        if let Some(resource) = resource {
            self.out.extend_from_slice(if comma { br#","resource":"# } else { br#""resource":"# });
            self.out.extend_from_slice(resource);
            comma = true;
        }
        if !rest.is_empty() {
            if comma {
                self.out.push(b',');
            }
            self.out.extend_from_slice(rest.as_bytes());
        }
        self.out.push(b'}');
    }

    /// Takes the room these will need, so that a long bundle is not copied while it grows.
    pub fn make_room(&mut self, base: &str, rows: &[Stored]) {
        // An id has up to 64 characters, a type up to 35; the members around a body have fewer.
        let around = base.len() + 200;
        self.out.reserve_exact(rows.iter().map(|stored| stored.body.len() + around).sum());
    }

    /// How long it is by now.
    #[must_use]
    pub fn length(&self) -> usize {
        self.out.len()
    }

    /// A resource a search found.
    pub fn found(&mut self, base: &str, stored: &Stored, body: &[u8], mode: &str) {
        self.entry(Some(&full_url(base, &stored.key)), Some(body), &format!(r#""search":{{"mode":"{mode}"}}"#));
    }

    /// The finished Bundle.
    #[must_use]
    pub fn finish(mut self) -> Bytes {
        self.out.extend_from_slice(if self.entries == 0 { b"}" } else { b"]}" });
        Bytes::from(self.out)
    }
}

/// The address of a resource.
#[must_use]
pub fn full_url(base: &str, key: &Key) -> String {
    format!("{base}/{key}")
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&fhir::json::write(&serde_json::Value::from(text)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_are_json_whatever_they_hold() {
        let mut bundle =
            BundleOut::new("searchset", Some(2), &[("self", "http://h/fhir/Patient?name=\"x\"".to_owned())]);
        bundle.entry(
            Some("http://h/fhir/Patient/1"),
            Some(br#"{"resourceType":"Patient","id":"1"}"#),
            r#""search":{"mode":"match"}"#,
        );
        bundle.entry(None, None, r#""response":{"status":"204"}"#);
        let value = fhir::json::parse(&bundle.finish()).expect("json");
        assert_eq!(value["total"].to_string(), "2");
        assert_eq!(value["link"][0]["url"], "http://h/fhir/Patient?name=\"x\"");
        assert_eq!(value["entry"][0]["resource"]["id"], "1");
        assert_eq!(value["entry"][1]["response"]["status"], "204");
        let empty = fhir::json::parse(&BundleOut::new("history", None, &[]).finish()).expect("json");
        assert_eq!(empty, serde_json::json!({"resourceType": "Bundle", "type": "history"}));
    }
}
