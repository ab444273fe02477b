//! The demo's folder: made once, with keys nobody else has, and used again from then on.

use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use vocabulary::Chance;

use crate::config::Config;
use crate::stop::Next;

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// 32 letters of 62: over 190 bits.
const KEY_LETTERS: usize = 32;
const CONFIG: &str = "narupay.toml";

/// Who is where, as the written configuration says it.
pub struct Places {
    /// `host:port` of NaruPay.
    pub listen: String,
    /// The simulator's base address.
    pub simulator: String,
}

/// Loads the folder's configuration, writing it first when there is none.
pub fn prepare(folder: &Path, places: &Places, chance: &Chance) -> anyhow::Result<Config> {
    let file = folder.join(CONFIG);
    if !file.exists() {
        write_all(folder, places, chance)
            .with_context(|| format!("the folder {} cannot be set up", folder.display()))
            .next("choose a folder you may write to with --data DIR")?;
    }
    Config::load(&file, &|name| match name {
        // The demo takes its addresses from its own options.
        "NARUPAY_LISTEN" | "NARUPAY_PUBLIC_URL" | "NARUPAY_DATABASE_URL" => None,
        _ => std::env::var(name).ok(),
    })
}

fn write_all(folder: &Path, places: &Places, chance: &Chance) -> std::io::Result<()> {
    let keys = folder.join("keys");
    DirBuilder::new().recursive(true).mode(0o700).create(&keys)?;
    let signing_key: String = chance.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    write(&keys.join("signing_key"), &signing_key)?;
    write(&keys.join("shop_secret_key"), &format!("sk_test_{}", letters(chance)))?;
    write(&keys.join("toss_secret_key"), &format!("test_sk_{}", letters(chance)))?;
    // Last: whoever finds it finds the keys too.
    let text = text(
        places,
        &format!("ck_test_{}", letters(chance)),
        &format!("test_ck_{}", letters(chance)),
    );
    write(&folder.join(CONFIG), &text)
}

/// Only for this user's eyes, and on the disk when this returns. Replaces what an interrupted start left.
pub fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let part: PathBuf = file.with_extension("part");
    let mut out = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.sync_all()?;
    std::fs::rename(&part, file)
}

fn letters(chance: &Chance) -> String {
    (0..KEY_LETTERS)
        .map(|_| char::from(LETTERS[chance.below(LETTERS.len() as u64) as usize]))
        .collect()
}

/// A configuration that `narupay serve` takes as it is, beside `narupay simulate --config`.
fn text(places: &Places, shop_client_key: &str, toss_client_key: &str) -> String {
    let Places { listen, simulator } = places;
    format!(
        r##"# Written by `narupay demo`, which uses the keys and ignores the addresses: it knows its own.
# To run the parts one by one:
#   narupay simulate --config narupay.toml
#   narupay serve --config narupay.toml

[server]
listen = "{listen}"
public_url = "http://{listen}"
signing_key = {{ file = "keys/signing_key" }}

[database]
url = "sqlite:narupay.db"

[webhooks]
# The sample shop is on this machine.
allow_private_addresses = true

[log]
format = "text"
level = "info"

[[shop]]
slug = "demo"
name = "나루 상점"
accent = "#1c5c58"

[shop.keys.test]
secret_key = {{ file = "keys/shop_secret_key" }}
client_key = "{shop_client_key}"

[[shop.pg_account]]
slug = "toss"
pg = "toss"
mode = "test"
simulator = "{simulator}/toss"

[shop.pg_account.settings]
client_key = "{toss_client_key}"
api_url = "{simulator}/toss"
script_url = "{simulator}/toss/v2/standard"

[shop.pg_account.secrets]
secret_key = {{ file = "keys/toss_secret_key" }}"##
    )
}
