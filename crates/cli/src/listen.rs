//! Taking a port, and saying why it cannot be had.

use std::io::ErrorKind;
use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, anyhow};
use tokio::net::{TcpListener, TcpSocket};

use crate::stop::Next;

/// Connections the kernel holds until we take them; as many as `net.core.somaxconn` allows by default.
const BACKLOG: u32 = 4096;

/// Listens at `host:port`; port 0 takes a free one. `how_else` says how to choose another port.
pub fn listen(address: &str, how_else: &str) -> anyhow::Result<TcpListener> {
    let place = resolve(address)?;
    bind(place).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            let what = match holder(place.port()) {
                Some(holder) => format!("port {} is in use by {holder}", place.port()),
                None => format!("port {} is in use by another program", place.port()),
            };
            step(
                anyhow!(what),
                format!("stop that program, or choose another port with {how_else}"),
            )
        }
        ErrorKind::PermissionDenied => step(
            anyhow!("this user may not listen at {place}"),
            "choose a port above 1023, or grant CAP_NET_BIND_SERVICE".to_owned(),
        ),
        ErrorKind::AddrNotAvailable => step(
            anyhow!("this machine has no address {}", place.ip()),
            "use 127.0.0.1, 0.0.0.0 or an address of this machine".to_owned(),
        ),
        _ => step(
            anyhow::Error::new(error).context(format!("cannot listen at {place}")),
            format!("choose another address with {how_else}"),
        ),
    })
}

fn step(error: anyhow::Error, step: String) -> anyhow::Error {
    match Err::<(), _>(error).next(step) {
        Ok(()) => anyhow!("cannot listen"),
        Err(error) => error,
    }
}

fn resolve(address: &str) -> anyhow::Result<SocketAddr> {
    let places = address
        .to_socket_addrs()
        .with_context(|| format!("`{address}` is no address to listen at"));
    places
        .and_then(|mut places| places.next().context("the name has no address"))
        .next("write it as host:port, for example 127.0.0.1:4000")
}

fn bind(place: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if place.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A restart must not wait for the old connections' last minute.
    socket.set_reuseaddr(true)?;
    socket.bind(place)?;
    socket.listen(BACKLOG)
}

/// The program that listens at a port of this machine, as far as this user may see it.
fn holder(port: u16) -> Option<String> {
    let inode = listening_inode(port)?;
    let wanted = format!("socket:[{inode}]");
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let name = process.file_name();
        let Some(pid) = name
            .to_str()
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        else {
            continue;
        };
        let Ok(handles) = std::fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let holds = handles
            .flatten()
            .any(|handle| std::fs::read_link(handle.path()).is_ok_and(|link| link.as_os_str() == wanted.as_str()));
        if holds {
            let command = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("`{}` (process {pid})", command.trim()));
        }
    }
    None
}

/// From the kernel's table: local address, state 0A (listening), inode.
fn listening_inode(port: u16) -> Option<String> {
    let ending = format!(":{port:04X}");
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let Ok(text) = std::fs::read_to_string(table) else {
            continue;
        };
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if let (Some(local), Some(&"0A"), Some(inode)) = (fields.get(1), fields.get(3), fields.get(9))
                && local.ends_with(&ending)
            {
                return Some((*inode).to_owned());
            }
        }
    }
    None
}
