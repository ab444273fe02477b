use vocabulary::{EndpointId, Scope, Secret};

use crate::seal::{Place, Sealer};
use crate::store::Store;
use crate::value::{Row, Value, scope};
use crate::write::{Op, W};
use crate::{Endpoint, Fault};

const STORING: &str = "storing a webhook endpoint";

pub(crate) fn op(before: Option<&Endpoint>, after: &Endpoint) -> Op {
    let [shop, mode] = scope(after.scope);
    let kinds = serde_json::to_string(&after.kinds).unwrap_or_default();
    let (old_secret, until) = match &after.old_secret {
        Some((secret, until)) => (Value::text(secret.reveal_for(STORING)), (*until).into()),
        None => (Value::Null, Value::Null),
    };
    let version = Value::from(before.map_or(0, |before| before.version) + 1);
    let mut what = vec![
        version,
        Value::text(&after.url),
        Value::from(kinds),
        Value::text(after.secret.reveal_for(STORING)),
        old_secret,
        until,
        Value::Int(after.disabled.into()),
    ];
    let id = Value::from(after.id.uuid());
    match before {
        None => {
            let mut values = vec![shop, mode, id];
            values.append(&mut what);
            values.push(after.created_at.into());
            Op {
                write: W::EndpointInsert,
                values,
            }
        }
        Some(before) => {
            what.extend([shop, mode, id, before.version.into()]);
            Op {
                write: W::EndpointUpdate,
                values: what,
            }
        }
    }
}

impl Store {
    /// All of a shop's endpoints, disabled ones too, oldest first.
    pub async fn endpoints(&self, of: Scope) -> Result<Vec<Endpoint>, Fault> {
        let [shop, mode] = scope(of);
        let rows = self
            .rows(
                "SELECT endpoint_id, version, url, kinds, secret, old_secret, old_secret_until, disabled, created_at
                 FROM endpoints WHERE shop_id = $1 AND mode = $2 ORDER BY endpoint_id",
                vec![shop, mode],
            )
            .await?;
        rows.into_iter().map(|row| decode(self.sealer(), of, row)).collect()
    }

    pub async fn endpoint(&self, of: Scope, id: EndpointId) -> Result<Option<Endpoint>, Fault> {
        let [shop, mode] = scope(of);
        let row = self
            .row(
                "SELECT endpoint_id, version, url, kinds, secret, old_secret, old_secret_until, disabled, created_at
                 FROM endpoints WHERE shop_id = $1 AND mode = $2 AND endpoint_id = $3",
                vec![shop, mode, id.uuid().into()],
            )
            .await?;
        row.map(|row| decode(self.sealer(), of, row)).transpose()
    }
}

fn decode(sealer: &Sealer, of: Scope, mut row: Row) -> Result<Endpoint, Fault> {
    let id = EndpointId::from_uuid(row.uuid()?);
    let version = row.small()?;
    let url = row.text()?;
    let kinds = row.text()?;
    let kinds = serde_json::from_str(&kinds).map_err(|_| Fault::corrupt(format!("the kinds of {id}")))?;
    let key = [Value::from(id.uuid())];
    let place = |column| Place {
        table: "endpoints",
        column,
        scope: of,
        row: &key,
    };
    let secret = Secret::new(sealer.open(&place("secret"), &row.text()?)?);
    let old_secret = match row.opt_text()? {
        Some(sealed) => Some(sealer.open(&place("old_secret"), &sealed)?),
        None => None,
    };
    let until = row.opt_time()?;
    Ok(Endpoint {
        id,
        scope: of,
        url,
        kinds,
        secret,
        old_secret: old_secret
            .zip(until)
            .map(|(secret, until)| (Secret::new(secret), until)),
        disabled: row.flag()?,
        version,
        created_at: row.time()?,
    })
}
