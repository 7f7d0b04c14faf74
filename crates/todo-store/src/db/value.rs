//! Values that go into statements, bound on both engines.

use std::{borrow::Cow, error::Error};

use bytes::BytesMut;
use jiff::Timestamp;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// One parameter of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    /// NULL of any type.
    Null,
    /// `boolean`; 0 or 1 on SQLite.
    Bool(bool),
    /// Any integer type.
    Int(i64),
    /// `double precision`.
    Float(f64),
    /// `text`.
    Text(String),
    /// `bytea`.
    Bytes(Vec<u8>),
    /// `uuid`; 16 bytes on SQLite.
    Uuid(Uuid),
    /// `timestamptz`; microseconds since the epoch on SQLite.
    Time(Timestamp),
    /// `bigint[]` for `= ANY($n)`; a JSON array on SQLite ([`Dialect::any_int`](super::Dialect::any_int)).
    Ints(Vec<i64>),
    /// `uuid[]` for `= ANY($n)`; a JSON array of hex digits on SQLite ([`Dialect::any_uuid`](super::Dialect::any_uuid)).
    Uuids(Vec<Uuid>),
}

/// Builds the parameters of a statement from values of different types.
#[macro_export]
#[doc(hidden)]
macro_rules! vals {
    ($($value:expr),* $(,)?) => { ::std::vec::Vec::<$crate::db::Val>::from([$($crate::db::Val::from($value)),*]) };
}

macro_rules! from {
    ($($type:ty => |$value:ident| $result:expr),* $(,)?) => {
        $(impl From<$type> for Val {
            fn from($value: $type) -> Self {
                $result
            }
        })*
    };
}

from! {
    bool => |v| Self::Bool(v),
    i64 => |v| Self::Int(v),
    i32 => |v| Self::Int(v.into()),
    i16 => |v| Self::Int(v.into()),
    u32 => |v| Self::Int(v.into()),
    u16 => |v| Self::Int(v.into()),
    f64 => |v| Self::Float(v),
    String => |v| Self::Text(v),
    &String => |v| Self::Text(v.clone()),
    &str => |v| Self::Text(v.to_owned()),
    &todo_domain::id::UserId => |v| Self::Text(v.as_str().to_owned()),
    Vec<u8> => |v| Self::Bytes(v),
    &[u8] => |v| Self::Bytes(v.to_vec()),
    Uuid => |v| Self::Uuid(v),
    Timestamp => |v| Self::Time(v),
    Vec<i64> => |v| Self::Ints(v),
    Vec<Uuid> => |v| Self::Uuids(v),
}

impl<T: Into<Self>> From<Option<T>> for Val {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Val {
    /// The type that is declared to PostgreSQL where statements can't be prepared.
    pub(crate) const fn pg_type(&self) -> Type {
        match self {
            Self::Null => Type::UNKNOWN,
            Self::Bool(_) => Type::BOOL,
            Self::Int(_) => Type::INT8,
            Self::Float(_) => Type::FLOAT8,
            Self::Text(_) => Type::TEXT,
            Self::Bytes(_) => Type::BYTEA,
            Self::Uuid(_) => Type::UUID,
            Self::Time(_) => Type::TIMESTAMPTZ,
            Self::Ints(_) => Type::INT8_ARRAY,
            Self::Uuids(_) => Type::UUID_ARRAY,
        }
    }
}

/// PostgreSQL's text can't hold U+0000. The domain refuses it in what is stored; where it is merely asked for, it finds nothing.
fn storable_text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}").into() } else { text.into() }
}

/// PostgreSQL's calendar begins in 4713 BC, ours earlier. Nothing is due before this instant.
const EARLIEST: Timestamp = Timestamp::constant(-200_000_000_000, 0);

impl ToSql for Val {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Bool(value) => value.to_sql(ty, out),
            Self::Int(value) => match *ty {
                Type::INT2 => i16::try_from(*value)?.to_sql(ty, out),
                Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
                _ => value.to_sql(ty, out),
            },
            Self::Float(value) => value.to_sql(ty, out),
            Self::Text(value) => storable_text(value).to_sql(ty, out),
            Self::Bytes(value) => value.to_sql(ty, out),
            Self::Uuid(value) => value.to_sql(ty, out),
            Self::Time(value) => (*value).max(EARLIEST).to_sql(ty, out),
            Self::Ints(value) => value.to_sql(ty, out),
            Self::Uuids(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl rusqlite::ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value, ValueRef};
        let json = |items: Vec<String>| ToSqlOutput::Owned(Value::Text(format!("[{}]", items.join(","))));
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Bool(value) => ToSqlOutput::Borrowed(ValueRef::Integer((*value).into())),
            Self::Int(value) => ToSqlOutput::Borrowed(ValueRef::Integer(*value)),
            Self::Float(value) => ToSqlOutput::Borrowed(ValueRef::Real(*value)),
            Self::Text(value) => match storable_text(value) {
                Cow::Borrowed(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
                Cow::Owned(text) => ToSqlOutput::Owned(Value::Text(text)),
            },
            Self::Bytes(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
            Self::Uuid(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value.as_bytes())),
            Self::Time(value) => ToSqlOutput::Borrowed(ValueRef::Integer(value.as_microsecond())),
            Self::Ints(values) => json(values.iter().map(ToString::to_string).collect()),
            Self::Uuids(values) => json(values.iter().map(|id| format!("\"{}\"", id.simple())).collect()),
        })
    }
}
