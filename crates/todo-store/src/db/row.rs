//! Rows that come out of statements, read alike on both engines.

use jiff::Timestamp;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use super::sqlite::LiteRow;
use crate::error::{Result, StoreError};

/// A row of either engine, borrowed while it is decoded.
pub enum Row<'r> {
    /// Of PostgreSQL.
    Pg(&'r tokio_postgres::Row),
    /// Of SQLite.
    Lite(LiteRow<'r>),
}

impl Row<'_> {
    /// The value of column `index`, counted from 0.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the column has another type.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        match self {
            Self::Pg(row) => {
                debug_assert!(row.columns().get(index).is_none_or(|column| T::is_pg(column.type_())), "column {index}");
                let Sent(bytes) = row.try_get(index).map_err(|error| corrupt(index, &error))?;
                T::from_pg(bytes).ok_or_else(|| corrupt(index, &"not of the type that is read"))
            }
            Self::Lite(row) => T::from_lite(row, index).map_err(|error| corrupt(index, &error)),
        }
    }
}

#[cold]
fn corrupt(index: usize, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("column {index}: {why}"))
}

/// What a row becomes.
pub trait FromRow: Sized {
    /// Reads the columns.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

/// A type that a column can be read as.
pub trait Column: Sized {
    /// From the bytes that PostgreSQL sends, none for NULL; nothing when they are of another type.
    fn from_pg(bytes: Option<&[u8]>) -> Option<Self>;
    /// Whether PostgreSQL sends values of this type so.
    fn is_pg(kind: &Type) -> bool;
    /// From SQLite.
    ///
    /// # Errors
    /// The driver's.
    fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Self>;
}

/// A column as PostgreSQL sends it. The driver's own way to a value, which looks at the column's type for every row, takes several
/// times the instructions; here the type is looked at in builds with debug assertions.
struct Sent<'r>(Option<&'r [u8]>);

impl<'r> FromSql<'r> for Sent<'r> {
    fn from_sql(_: &Type, bytes: &'r [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Some(bytes)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A value that is not NULL.
trait Value: Sized {
    /// How SQLite keeps it.
    type Kept: rusqlite::types::FromSql;
    const KINDS: &'static [Type];
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
    fn from_kept(kept: Self::Kept) -> Option<Self>;
}

impl Value for bool {
    type Kept = Self;
    const KINDS: &'static [Type] = &[Type::BOOL];
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let [byte] = bytes else { return None };
        Some(*byte != 0)
    }
    fn from_kept(kept: Self) -> Option<Self> {
        Some(kept)
    }
}

impl Value for i64 {
    type Kept = Self;
    const KINDS: &'static [Type] = &[Type::INT2, Type::INT4, Type::INT8];
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            8 => bytes.try_into().ok().map(Self::from_be_bytes),
            4 => bytes.try_into().ok().map(|bytes| i32::from_be_bytes(bytes).into()),
            _ => bytes.try_into().ok().map(|bytes| i16::from_be_bytes(bytes).into()),
        }
    }
    fn from_kept(kept: Self) -> Option<Self> {
        Some(kept)
    }
}

impl Value for f64 {
    type Kept = Self;
    const KINDS: &'static [Type] = &[Type::FLOAT8];
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
    fn from_kept(kept: Self) -> Option<Self> {
        Some(kept)
    }
}

impl Value for String {
    type Kept = Self;
    const KINDS: &'static [Type] = &[Type::TEXT, Type::VARCHAR];
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
    fn from_kept(kept: Self) -> Option<Self> {
        Some(kept)
    }
}

impl Value for Vec<u8> {
    type Kept = Self;
    const KINDS: &'static [Type] = &[Type::BYTEA];
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(bytes.to_vec())
    }
    fn from_kept(kept: Self) -> Option<Self> {
        Some(kept)
    }
}

impl Value for Uuid {
    type Kept = [u8; 16];
    const KINDS: &'static [Type] = &[Type::UUID];
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_bytes)
    }
    fn from_kept(kept: [u8; 16]) -> Option<Self> {
        Some(Self::from_bytes(kept))
    }
}

/// Microseconds from 1970 to 2000, from which PostgreSQL counts.
const PG_EPOCH: i64 = 946_684_800_000_000;

impl Value for Timestamp {
    type Kept = i64;
    const KINDS: &'static [Type] = &[Type::TIMESTAMPTZ];
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let micros = i64::from_be_bytes(bytes.try_into().ok()?).checked_add(PG_EPOCH)?;
        Self::from_microsecond(micros).ok()
    }
    fn from_kept(kept: i64) -> Option<Self> {
        Self::from_microsecond(kept).ok()
    }
}

fn from_kept<T: Value>(kept: T::Kept, index: usize) -> rusqlite::Result<T> {
    T::from_kept(kept).ok_or(rusqlite::Error::IntegralValueOutOfRange(index, 0))
}

macro_rules! column {
    ($($type:ty),*) => {
        $(impl Column for $type {
            fn from_pg(bytes: Option<&[u8]>) -> Option<Self> {
                <Self as Value>::from_bytes(bytes?)
            }
            fn is_pg(kind: &Type) -> bool {
                <Self as Value>::KINDS.contains(kind)
            }
            fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Self> {
                from_kept(row.get(index)?, index)
            }
        }
        impl Column for Option<$type> {
            fn from_pg(bytes: Option<&[u8]>) -> Option<Self> {
                match bytes {
                    Some(bytes) => <$type as Value>::from_bytes(bytes).map(Some),
                    None => Some(None),
                }
            }
            fn is_pg(kind: &Type) -> bool {
                <$type as Value>::KINDS.contains(kind)
            }
            fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Self> {
                row.get::<_, Option<<$type as Value>::Kept>>(index)?.map(|kept| from_kept(kept, index)).transpose()
            }
        })*
    };
}

column!(bool, f64, i64, String, Vec<u8>, Uuid, Timestamp);

macro_rules! tuple {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Column),*> FromRow for ($($name,)*) {
            fn from_row(row: &Row<'_>) -> Result<Self> {
                Ok(($(row.get::<$name>($index)?,)*))
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
