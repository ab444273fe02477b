use std::time::Duration;

/// What strangers may take of us. Every number is a limit.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections; one more waits until another ends.
    pub connections_max: usize,
    /// From the connection to the end of the first request's headers, and from one request to the next.
    pub header_read_ms_max: u64,
    pub header_bytes_max: usize,
    pub headers_max: usize,
    /// Requests side by side on one HTTP/2 connection.
    pub http2_streams_max: u32,
    /// From the headers to the end of the body.
    pub body_read_ms_max: u64,
    /// How long a peer may read nothing of what it is sent.
    pub write_stall_ms_max: u64,
    /// Requests being worked on; one more is told to come again.
    pub in_flight_max: usize,
    /// How long requests in flight may take to end after the server was told to stop.
    pub drain_ms_max: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections_max: 8_192,
            header_read_ms_max: 10_000,
            header_bytes_max: 32 * 1024,
            headers_max: 64,
            http2_streams_max: 128,
            body_read_ms_max: 10_000,
            write_stall_ms_max: 30_000,
            in_flight_max: 4_096,
            drain_ms_max: 30_000,
        }
    }
}

impl Limits {
    pub(crate) fn header_read(&self) -> Duration {
        Duration::from_millis(self.header_read_ms_max)
    }

    pub(crate) fn body_read(&self) -> Duration {
        Duration::from_millis(self.body_read_ms_max)
    }

    pub(crate) fn write_stall(&self) -> Duration {
        Duration::from_millis(self.write_stall_ms_max)
    }

    pub(crate) fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms_max)
    }
}

/// Bytes of a JSON body of the API.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a form of the checkout page.
pub(crate) const FORM_BYTES_MAX: usize = 8 * 1024;
/// Bytes of the form with which a PG sends the browser back.
pub(crate) const RETURN_BYTES_MAX: usize = 32 * 1024;
