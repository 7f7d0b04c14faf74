//! Rows that come out of statements, read alike on both engines.

use jiff::Timestamp;
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
                T::from_pg(row, index).map_err(|error| StoreError::Corrupt(format!("column {index}: {error}")))
            }
            Self::Lite(row) => {
                T::from_lite(row, index).map_err(|error| StoreError::Corrupt(format!("column {index}: {error}")))
            }
        }
    }
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
    /// From PostgreSQL.
    ///
    /// # Errors
    /// The driver's.
    fn from_pg(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error>;
    /// From SQLite.
    ///
    /// # Errors
    /// The driver's.
    fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Self>;
}

macro_rules! column {
    ($($type:ty),*) => {
        $(impl Column for $type {
            fn from_pg(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error> {
                row.try_get(index)
            }
            fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Self> {
                row.get(index)
            }
        })*
    };
}

column!(bool, f64, String, Vec<u8>, Option<bool>, Option<f64>, Option<String>, Option<Vec<u8>>);

fn pg_int(row: &tokio_postgres::Row, index: usize) -> Result<Option<i64>, tokio_postgres::Error> {
    use tokio_postgres::types::Type;
    Ok(match row.columns().get(index).map(|column| column.type_()) {
        Some(&Type::INT2) => row.try_get::<_, Option<i16>>(index)?.map(i64::from),
        Some(&Type::INT4) => row.try_get::<_, Option<i32>>(index)?.map(i64::from),
        _ => row.try_get(index)?,
    })
}

impl Column for i64 {
    fn from_pg(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error> {
        // A NULL where there must be none is reported by the driver itself.
        pg_int(row, index)?.map_or_else(|| row.try_get(index), Ok)
    }
    fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Self> {
        row.get(index)
    }
}

impl Column for Option<i64> {
    fn from_pg(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error> {
        pg_int(row, index)
    }
    fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Self> {
        row.get(index)
    }
}

/// A value kept in another form by SQLite.
trait Converted: Sized {
    type Stored: rusqlite::types::FromSql;
    fn convert(stored: Self::Stored) -> Option<Self>;
}

impl Converted for Uuid {
    type Stored = [u8; 16];
    fn convert(stored: [u8; 16]) -> Option<Self> {
        Some(Self::from_bytes(stored))
    }
}

impl Converted for Timestamp {
    type Stored = i64;
    fn convert(stored: i64) -> Option<Self> {
        Self::from_microsecond(stored).ok()
    }
}

fn converted<T: Converted>(stored: T::Stored, index: usize) -> rusqlite::Result<T> {
    T::convert(stored).ok_or(rusqlite::Error::IntegralValueOutOfRange(index, 0))
}

macro_rules! converted_column {
    ($($type:ty),*) => {
        $(impl Column for $type {
            fn from_pg(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error> {
                row.try_get(index)
            }
            fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Self> {
                converted(row.get(index)?, index)
            }
        }
        impl Column for Option<$type> {
            fn from_pg(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error> {
                row.try_get(index)
            }
            fn from_lite(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Self> {
                row.get::<_, Option<<$type as Converted>::Stored>>(index)?.map(|stored| converted(stored, index)).transpose()
            }
        })*
    };
}

converted_column!(Uuid, Timestamp);

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
