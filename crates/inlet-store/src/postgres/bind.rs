//! Values as PostgreSQL's binary format has them: one by one, or a column of them as an array; and answers read back.

use std::{error::Error, fmt};

use bytes::{BufMut, BytesMut};
use tokio_postgres::{
    Row as Found,
    types::{IsNull, ToSql, Type},
};

use crate::{
    error::StoreError,
    waist::{Cell, Value},
};

/// An argument, encoded already.
pub(super) struct Param(Option<BytesMut>);

impl fmt::Debug for Param {
    /// Arguments are people's data: nothing of them enters a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Param(..)")
    }
}

impl ToSql for Param {
    fn to_sql(&self, _of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            None => Ok(IsNull::Yes),
            Some(bytes) => {
                out.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_of: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

/// One argument.
pub(super) fn one(value: Value<'_>, of: &Type) -> Result<Param, StoreError> {
    if value == Value::Null {
        return Ok(Param(None));
    }
    let mut out = BytesMut::new();
    encode(value, of, &mut out)?;
    Ok(Param(Some(out)))
}

/// An argument of many lists, as an array.
pub(super) fn array<'v>(values: impl ExactSizeIterator<Item = Value<'v>>, of: &Type) -> Result<Param, StoreError> {
    let too_many = |_| StoreError::Unreadable("a batch of bearable size");
    let mut out = BytesMut::with_capacity(20 + values.len() * 12);
    out.put_i32(1);
    // Whether there are nulls: PostgreSQL looks for itself.
    out.put_i32(1);
    out.put_u32(of.oid());
    out.put_i32(i32::try_from(values.len()).map_err(too_many)?);
    out.put_i32(1);
    for value in values {
        if value == Value::Null {
            out.put_i32(-1);
            continue;
        }
        let at = out.len();
        out.put_i32(0);
        encode(value, of, &mut out)?;
        let length = i32::try_from(out.len() - at - 4).map_err(too_many)?;
        if let Some(place) = out.get_mut(at..at + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(Param(Some(out)))
}

fn encode(value: Value<'_>, of: &Type, out: &mut BytesMut) -> Result<(), StoreError> {
    match (value, of) {
        (Value::Int(number), &Type::INT8) => out.put_i64(number),
        (Value::Int(number), &Type::INT4) => {
            out.put_i32(i32::try_from(number).map_err(|_| StoreError::Unreadable("a small number"))?);
        }
        // PostgreSQL keeps no NUL in a text: the sign for "no such character" stands in its place.
        (Value::Text(text), &Type::TEXT) if text.contains('\0') => {
            out.put_slice(text.replace('\0', "\u{fffd}").as_bytes());
        }
        (Value::Text(text), &Type::TEXT) => out.put_slice(text.as_bytes()),
        (Value::Blob(bytes), &Type::BYTEA) => out.put_slice(bytes),
        _ => return Err(StoreError::Unreadable("a value of its column's type")),
    }
    Ok(())
}

/// The columns of a row.
pub(super) fn cells(found: &Found) -> Result<Vec<Cell>, StoreError> {
    (0..found.len()).map(|place| cell(found, place)).collect()
}

fn cell(found: &Found, place: usize) -> Result<Cell, StoreError> {
    let unreadable = |_| StoreError::Unreadable("a value of its column's type");
    let of = found.columns().get(place).map(tokio_postgres::Column::type_);
    let cell = match of {
        Some(&Type::INT8) => found
            .try_get::<_, Option<i64>>(place)
            .map_err(unreadable)?
            .map(Cell::Int),
        Some(&Type::INT4) => {
            let number = found.try_get::<_, Option<i32>>(place).map_err(unreadable)?;
            number.map(|number| Cell::Int(number.into()))
        }
        Some(&Type::TEXT) => found
            .try_get::<_, Option<String>>(place)
            .map_err(unreadable)?
            .map(Cell::Text),
        Some(&Type::BYTEA) => found
            .try_get::<_, Option<Vec<u8>>>(place)
            .map_err(unreadable)?
            .map(Cell::Blob),
        _ => return Err(StoreError::Unreadable("a type that the store knows")),
    };
    Ok(cell.unwrap_or(Cell::Null))
}
