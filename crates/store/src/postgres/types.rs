use std::error::Error as StdError;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::Fault;
use crate::value::{Row, Value};

type Refused = Box<dyn StdError + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            // Literals in shared SQL are `integer` to PostgreSQL, and so is what is compared with them.
            Value::Int(value) if *wanted == Type::INT4 => i32::try_from(*value)?.to_sql(wanted, out),
            Value::Int(value) => value.to_sql(wanted, out),
            Value::Id(id) => id.to_sql(wanted, out),
            Value::Text(text) => text.as_ref().to_sql(wanted, out),
            Value::Bytes(bytes) => bytes.as_slice().to_sql(wanted, out),
        }
    }

    /// The statements and the rows are both ours; PostgreSQL itself checks the lengths.
    fn accepts(_wanted: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(found: &Type, raw: &'a [u8]) -> Result<Value, Refused> {
        Ok(match *found {
            Type::INT8 => Value::Int(i64::from_sql(found, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(found, raw)?.into()),
            Type::UUID => Value::Id(Uuid::from_sql(found, raw)?),
            Type::BYTEA => Value::Bytes(raw.to_vec()),
            Type::TEXT | Type::VARCHAR => Value::Text(String::from_sql(found, raw)?.into()),
            _ => return Err(format!("a column of type {found}").into()),
        })
    }

    fn from_sql_null(_found: &Type) -> Result<Value, Refused> {
        Ok(Value::Null)
    }

    fn accepts(_found: &Type) -> bool {
        true
    }
}

pub(super) fn row(row: &tokio_postgres::Row) -> Result<Row, Fault> {
    let values: Result<Vec<Value>, tokio_postgres::Error> = (0..row.len()).map(|place| row.try_get(place)).collect();
    Ok(Row::new(values.map_err(fault)?))
}

/// The connection is gone, or the server is on its way out: what was under way is lost or unknown.
pub(super) fn is_cut(error: &tokio_postgres::Error) -> bool {
    match error.code() {
        None => true,
        Some(code) => {
            *code == SqlState::ADMIN_SHUTDOWN
                || *code == SqlState::CRASH_SHUTDOWN
                || *code == SqlState::CANNOT_CONNECT_NOW
                || *code == SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
                || code.code().starts_with("08")
        }
    }
}

/// The set itself lost: a guard did not hold, a key is taken, or another transaction was in the way.
/// Data that PostgreSQL refuses belongs here too, for it is one set's and not the group's.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        let class = &code.code()[..2];
        matches!(class, "22" | "23") || is_passing(error)
    })
}

/// Two transactions were in each other's way; the same again may do.
pub(super) fn is_passing(error: &tokio_postgres::Error) -> bool {
    error
        .code()
        .is_some_and(|code| *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED)
}

/// What PostgreSQL's word means to us, for a statement that did nothing.
pub(super) fn fault(error: tokio_postgres::Error) -> Fault {
    let Some(code) = error.code().cloned() else {
        return Fault::unavailable("the server does not answer", error);
    };
    if code == SqlState::UNDEFINED_TABLE {
        return Fault::NotMigrated;
    }
    let why = match &code.code()[..2] {
        _ if code == SqlState::DISK_FULL => "the server's disk is full",
        _ if code == SqlState::READ_ONLY_SQL_TRANSACTION => "the server takes no writes (a replica?)",
        "08" | "57" => "the server is starting or stopping",
        "28" => "the server refuses our name or password",
        "3D" => "the server has no such database",
        "53" => "the server has no room for us",
        "40" => "other transactions were in the way",
        "55" => "another program holds a lock",
        "58" => "the server's disk fails",
        _ => {
            return Fault::Corrupt {
                what: format!("a statement that PostgreSQL refuses ({})", code.code()),
                source: Some(std::sync::Arc::new(error)),
            };
        }
    };
    Fault::unavailable(why, error)
}
