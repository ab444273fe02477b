//! The smallest HTTP/1.1 client that can drive the server: the generator runs on the same cores, so
//! what it costs is taken from what it measures.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ANSWER_BYTES_MAX: usize = 256 * 1024;
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// One connection that is kept open.
pub struct Connection {
    address: String,
    stream: Option<TcpStream>,
    out: Vec<u8>,
    read: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Ours and the PG's part, from `Server-Timing`.
    pub total: Duration,
    pub pg: Duration,
    pub location: Option<String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn own(&self) -> Duration {
        self.total.saturating_sub(self.pg)
    }
}

impl Connection {
    pub fn to(address: &str) -> Connection {
        Connection {
            address: address.to_owned(),
            stream: None,
            out: Vec::with_capacity(2048),
            read: Vec::with_capacity(8192),
        }
    }

    /// `headers` are whole lines with their line ends.
    pub async fn ask(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> anyhow::Result<Answer> {
        self.out.clear();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{headers}\r\n",
            self.address,
            body.len()
        );
        self.out.extend_from_slice(head.as_bytes());
        self.out.extend_from_slice(body);
        match tokio::time::timeout(ANSWER_WITHIN, self.exchange()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.stream = None;
                Err(error)
            }
            Err(_) => {
                self.stream = None;
                bail!("no answer in {} s", ANSWER_WITHIN.as_secs())
            }
        }
    }

    async fn exchange(&mut self) -> anyhow::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.address).await.context("no connection")?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(&self.out).await?;
        self.read.clear();
        let end = loop {
            more(&mut stream, &mut self.read).await?;
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end;
            }
        };
        let head = std::str::from_utf8(&self.read[..end]).context("headers that are not text")?;
        let (mut answer, length) = head_of(head)?;
        let whole = end + 4 + length;
        while self.read.len() < whole {
            more(&mut stream, &mut self.read).await?;
        }
        answer.body = self.read[end + 4..whole].to_vec();
        self.stream = Some(stream);
        Ok(answer)
    }
}

async fn more(stream: &mut TcpStream, read: &mut Vec<u8>) -> anyhow::Result<()> {
    if read.len() > ANSWER_BYTES_MAX {
        bail!("an answer over {ANSWER_BYTES_MAX} bytes");
    }
    if stream.read_buf(read).await? == 0 {
        bail!("the server closed the connection");
    }
    Ok(())
}

/// The answer without its body, and how long that is.
fn head_of(head: &str) -> anyhow::Result<(Answer, usize)> {
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok());
    let mut answer = Answer {
        status: status.context("an answer without a status")?,
        total: Duration::ZERO,
        pg: Duration::ZERO,
        location: None,
        body: Vec::new(),
    };
    let mut length = 0;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().context("a length that is none")?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("an answer in pieces, which this client does not read");
        } else if name.eq_ignore_ascii_case("location") {
            answer.location = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("server-timing") {
            answer.total = timing(value, "total");
            answer.pg = timing(value, "pg");
        }
    }
    Ok((answer, length))
}

/// `total;dur=1.5, pg;dur=0.7`, in milliseconds.
fn timing(value: &str, name: &str) -> Duration {
    let part = value
        .split(',')
        .map(str::trim)
        .find(|part| part.split(';').next() == Some(name));
    let text = part.and_then(|part| part.split_once("dur=")).map(|(_, millis)| millis);
    let millis = text.and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    Duration::from_secs_f64((millis / 1000.0).clamp(0.0, 3600.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_its_timing() {
        let head = "HTTP/1.1 201 Created\r\nContent-Length: 12\r\nServer-Timing: total;dur=2.5, pg;dur=0.75, db;dur=1\r\nLocation: /x";
        let (answer, length) = head_of(head).unwrap();
        assert_eq!(
            (answer.status, length, answer.location.as_deref()),
            (201, 12, Some("/x"))
        );
        assert_eq!(answer.own(), Duration::from_micros(1750));
        assert!(head_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked").is_err());
    }
}
