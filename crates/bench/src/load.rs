//! A small load generator: keep-alive HTTP/1.1 connections that send prepared requests and time each answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request, ready to be sent.
#[derive(Clone)]
pub struct Request {
    bytes: Vec<u8>,
    /// The status a right answer has.
    expect: u16,
}

impl Request {
    /// A request with these header lines (each ended by `\r\n`) and body.
    pub fn new(method: &str, path: &str, headers: &str, body: &[u8], expect: u16) -> Self {
        let mut bytes =
            format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: {}\r\n\r\n", body.len())
                .into_bytes();
        bytes.extend_from_slice(body);
        Self { bytes, expect }
    }
}

/// One answer.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its header block.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// One keep-alive connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects to a server on this machine.
    pub async fn open(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(1 << 16) })
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&mut self, request: &Request) -> std::io::Result<Answer> {
        self.stream.write_all(&request.bytes).await?;
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.fill().await?;
        };
        let head = String::from_utf8_lossy(self.buffer.get(..head_end).unwrap_or_default()).into_owned();
        let status = head.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let length = header(&head, "content-length").and_then(|text| text.parse::<usize>().ok());
        let chunked = header(&head, "transfer-encoding").is_some_and(|text| text.eq_ignore_ascii_case("chunked"));
        let body = match (length, chunked) {
            (Some(length), _) => {
                while self.buffer.len() < head_end + length {
                    self.fill().await?;
                }
                let body = self.buffer.get(head_end..head_end + length).unwrap_or_default().to_vec();
                self.buffer.drain(..head_end + length);
                body
            }
            (None, true) => self.chunks(head_end).await?,
            (None, false) => {
                self.buffer.drain(..head_end);
                Vec::new()
            }
        };
        Ok(Answer { status, head, body })
    }

    async fn chunks(&mut self, mut at: usize) -> std::io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line_end = loop {
                if let Some(end) = self.buffer.get(at..).and_then(|rest| find(rest, b"\r\n")) {
                    break at + end;
                }
                self.fill().await?;
            };
            let line = String::from_utf8_lossy(self.buffer.get(at..line_end).unwrap_or_default()).into_owned();
            let size = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
            let end = line_end + 2 + size + 2;
            while self.buffer.len() < end {
                self.fill().await?;
            }
            body.extend_from_slice(self.buffer.get(line_end + 2..line_end + 2 + size).unwrap_or_default());
            at = end;
            if size == 0 {
                self.buffer.drain(..end);
                return Ok(body);
            }
        }
    }

    async fn fill(&mut self) -> std::io::Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await?;
        if read == 0 { Err(std::io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// A header of an answer's head.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// What a run measured.
pub struct Measured {
    /// Answers per second.
    pub per_second: f64,
    /// Latencies, sorted.
    pub latencies: Vec<Duration>,
    /// Answers with another status than expected.
    pub wrong: usize,
}

impl Measured {
    /// A percentile in milliseconds.
    pub fn percentile(&self, percent: f64) -> f64 {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index into what is there"
        )]
        let at = (self.latencies.len() as f64 * percent / 100.0) as usize;
        self.latencies.get(at.min(self.latencies.len().saturating_sub(1))).map_or(0.0, |d| d.as_secs_f64() * 1000.0)
    }
}

/// Sends every request once, in order, over so many connections at once.
pub async fn run(address: &str, connections: usize, requests: Arc<Vec<Request>>) -> std::io::Result<Measured> {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (next, requests, address) = (next.clone(), requests.clone(), address.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let (mut latencies, mut wrong) = (Vec::new(), 0);
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = Instant::now();
                let answer = connection.send(request).await?;
                latencies.push(sent.elapsed());
                wrong += usize::from(answer.status != request.expect);
            }
            std::io::Result::Ok((latencies, wrong))
        }));
    }
    let (mut latencies, mut wrong) = (Vec::with_capacity(requests.len()), 0);
    for task in tasks {
        let (theirs, bad) = task.await.map_err(std::io::Error::other)??;
        latencies.extend(theirs);
        wrong += bad;
    }
    let seconds = begun.elapsed().as_secs_f64();
    latencies.sort_unstable();
    #[allow(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let per_second = latencies.len() as f64 / seconds;
    Ok(Measured { per_second, latencies, wrong })
}
