//! Secrets at rest. Whoever reads the database, or a backup of it, without the key learns none of them, and a
//! sealed value opens only in the row and column it was written to.
//!
//! A sealed value is the base 64 of: one byte for the form, 12 of nonce, and what AES-256-GCM makes of the text.
//! Nonces are random, so a key must not seal more than 2^32 values: change it once a year.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use vocabulary::{Chance, Scope, Secret};

use crate::rows::attempt_detail;
use crate::value::{Value, scope};
use crate::write::{Op, W};
use crate::{ChangeSet, Fault, Options};

/// AES-256-GCM with a random nonce.
const FORM: u8 = 1;

/// Where a sealed value lies. It is part of what is sealed.
pub(crate) struct Place<'a> {
    pub table: &'static str,
    pub column: &'static str,
    pub scope: Scope,
    /// The rest of the row's key.
    pub row: &'a [Value],
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{}.{}\n", self.table, self.column).into_bytes();
        for value in scope(self.scope).iter().chain(self.row) {
            match value {
                Value::Null => {}
                Value::Int(number) => bytes.extend(number.to_be_bytes()),
                Value::Id(id) => bytes.extend(id.as_bytes()),
                // Only ever the last part of a key, so its end needs no mark.
                Value::Text(text) => bytes.extend(text.as_bytes()),
                Value::Bytes(more) => bytes.extend(more),
            }
        }
        bytes
    }
}

pub(crate) struct Sealer {
    key: LessSafeKey,
    /// Still read, no longer written.
    old: Vec<LessSafeKey>,
    chance: Chance,
}

impl Sealer {
    pub fn new(options: &Options) -> Result<Sealer, Fault> {
        let key = |secret: &Secret<[u8; 32]>| {
            let key = UnboundKey::new(&AES_256_GCM, secret.reveal_for("sealing secrets at rest"));
            key.map(LessSafeKey::new)
                .map_err(|_| Fault::Config("the sealing key is not one".to_owned()))
        };
        Ok(Sealer {
            key: key(&options.sealing_key)?,
            old: options.old_sealing_keys.iter().map(key).collect::<Result<_, _>>()?,
            chance: options.chance.clone(),
        })
    }

    pub fn seal(&self, place: &Place, plain: &str) -> Result<String, Fault> {
        let nonce: [u8; NONCE_LEN] = self.chance.bytes();
        let mut bytes = plain.as_bytes().to_vec();
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.bytes()),
                &mut bytes,
            )
            .map_err(|_| Fault::corrupt("a secret too long to be sealed"))?;
        let sealed = [&[FORM][..], &nonce, &bytes, tag.as_ref()].concat();
        Ok(STANDARD_NO_PAD.encode(sealed))
    }

    /// Errors: [`Fault::Corrupt`] for what was sealed with another key or for another place, or was changed.
    pub fn open(&self, place: &Place, sealed: &str) -> Result<String, Fault> {
        let unreadable = |why: &str| Fault::corrupt(format!("{}.{}, {why}", place.table, place.column));
        let bytes = STANDARD_NO_PAD
            .decode(sealed)
            .map_err(|_| unreadable("which was never sealed"))?;
        let (form, rest) = bytes.split_first().ok_or_else(|| unreadable("which is empty"))?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE_LEN>()
            .filter(|_| *form == FORM)
            .ok_or_else(|| unreadable("sealed in a form that this program does not know"))?;
        for key in std::iter::once(&self.key).chain(&self.old) {
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let mut plain = sealed.to_vec();
            if let Ok(plain) = key.open_in_place(nonce, Aad::from(place.bytes()), &mut plain) {
                return String::from_utf8(plain.to_vec()).map_err(|_| unreadable("which holds no text"));
            }
        }
        Err(unreadable(
            "which was sealed with another key, moved or changed; was the signing key replaced?",
        ))
    }

    /// Seals every secret of a change set; nothing else may hand one to a database.
    pub fn seal_set(&self, set: &mut ChangeSet) -> Result<(), Fault> {
        let scope = set.scope;
        for op in &mut set.ops {
            match op.write {
                W::EndpointInsert | W::EndpointUpdate => {
                    self.seal_column(op, scope, "secret", &["endpoint_id"], seal_whole)?;
                    self.seal_column(op, scope, "old_secret", &["endpoint_id"], seal_whole)?;
                }
                W::RememberedInsert | W::RememberedAnswer => {
                    self.seal_column(op, scope, "answer", &["key"], seal_whole)?;
                }
                W::AttemptInsert | W::AttemptUpdate => {
                    self.seal_column(op, scope, "detail", &["payment_id", "position"], attempt_detail::seal)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn seal_column(
        &self,
        op: &mut Op,
        scope: Scope,
        column: &'static str,
        row: &[&str],
        seal: fn(&Sealer, &Place, &str) -> Result<String, Fault>,
    ) -> Result<(), Fault> {
        let at = |name: &str| op.statement().columns().position(|column| column.name == name);
        let row: Vec<Value> = row
            .iter()
            .filter_map(|name| at(name).map(|at| op.values[at].clone()))
            .collect();
        let place = Place {
            table: op.statement().table,
            column,
            scope,
            row: &row,
        };
        if let Some(at) = at(column)
            && let Value::Text(plain) = &op.values[at]
        {
            op.values[at] = Value::from(seal(self, &place, plain)?);
        }
        Ok(())
    }
}

fn seal_whole(sealer: &Sealer, place: &Place, plain: &str) -> Result<String, Fault> {
    sealer.seal(place, plain)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;
    use vocabulary::{Mode, ShopId, TestClock, Timestamp};

    use super::*;

    fn sealer(key: u8, old: &[u8]) -> Sealer {
        let clock = Arc::new(TestClock::at(Timestamp::from_seconds(0)));
        let mut options = Options::new(clock, Chance::seeded(1), Secret::new([key; 32]));
        options.old_sealing_keys = old.iter().map(|key| Secret::new([*key; 32])).collect();
        Sealer::new(&options).unwrap()
    }

    fn place<'a>(column: &'static str, mode: Mode, row: &'a [Value]) -> Place<'a> {
        let shop = ShopId::from_uuid(Uuid::nil());
        Place {
            table: "endpoints",
            column,
            scope: Scope { shop, mode },
            row,
        }
    }

    fn refused(opened: Result<String, Fault>, why: &str) {
        match opened {
            Err(Fault::Corrupt { what, .. }) => assert!(what.contains(why), "{what}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_in_its_place_only() {
        let (row, other_row) = ([Value::Int(7)], [Value::Int(8)]);
        let here = place("secret", Mode::Test, &row);
        let sealed = sealer(1, &[]).seal(&here, "whsec_비밀").unwrap();
        assert!(!sealed.contains("whsec"));
        assert_eq!(sealer(1, &[]).open(&here, &sealed).unwrap(), "whsec_비밀");
        assert_eq!(
            sealer(2, &[3, 1]).open(&here, &sealed).unwrap(),
            "whsec_비밀",
            "an old key"
        );
        refused(sealer(2, &[3]).open(&here, &sealed), "sealed with another key");
        for moved in [
            place("old_secret", Mode::Test, &row),
            place("secret", Mode::Live, &row),
            place("secret", Mode::Test, &other_row),
        ] {
            refused(sealer(1, &[]).open(&moved, &sealed), "moved or changed");
        }
    }

    #[test]
    fn a_changed_bit_anywhere_is_seen() {
        let row = [Value::Int(7)];
        let here = place("secret", Mode::Test, &row);
        let ours = sealer(1, &[]);
        let sealed = STANDARD_NO_PAD.decode(ours.seal(&here, "whsec_a").unwrap()).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            refused(ours.open(&here, &STANDARD_NO_PAD.encode(changed)), "endpoints.secret, ");
        }
        refused(ours.open(&here, "whsec_plain"), "never sealed");
        refused(ours.open(&here, ""), "empty");
    }

    #[test]
    fn the_same_twice_looks_different() {
        let row = [Value::Int(7)];
        let here = place("secret", Mode::Test, &row);
        let ours = sealer(1, &[]);
        assert_ne!(
            ours.seal(&here, "whsec_a").unwrap(),
            ours.seal(&here, "whsec_a").unwrap()
        );
    }
}
