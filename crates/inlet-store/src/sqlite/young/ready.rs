//! What waits to be sent, as it came lately. It stands in the order of its destination, so each destination's newest would
//! be a page of its own. What changes or goes is followed by the tables themselves (`migrations/sqlite/0022_ready.sql`).

use rusqlite::Connection;

use super::numbers;
use crate::{apply, outbox, waist::Value};

/// So many rows move together: what is gone through for each destination that is asked for.
pub(super) const MANY: usize = 512;

const LOG: &str = "
    insert into delivery_ready_young (location_id, id, destination_id, due_at) values (?1, ?2, ?3, ?4)";

const PUT: &str = "
    insert into delivery_ready (location_id, id, destination_id, due_at, class) values (?1, ?2, ?3, ?4, ?5)";

const SETTLE: &str = "
    insert into delivery_ready (destination_id, class, due_at, id, location_id)
    select destination_id, 0, due_at, id, location_id
      from delivery_ready_young where true order by destination_id, due_at, id
        on conflict do nothing";

const BEGIN_ANEW: &str = "delete from delivery_ready_young";

/// How many were logged since they moved last; what was claimed or undone meanwhile counts as well.
pub(super) struct Ready {
    logged: usize,
    many: usize,
    is_old: bool,
}

impl Ready {
    pub(super) fn new(many: usize) -> Self {
        Self {
            logged: 0,
            many,
            is_old: false,
        }
    }

    /// Takes its part in a statement of the writer: what comes and is ready is logged if it was never tried, else it is put
    /// in its place. When leases are looked after, every few seconds, what is left of the log moves too: nobody takes it, so
    /// whoever looks for another destination's would go through it for ever.
    pub(super) fn hear(
        &mut self,
        connection: &Connection,
        (sql, args): (&str, &[&[Value<'_>]]),
    ) -> rusqlite::Result<()> {
        if sql == outbox::LEASES_OVER {
            self.is_old = self.logged > 0;
        }
        if sql != apply::DELIVERY {
            return Ok(());
        }
        let mut log = connection.prepare_cached(LOG)?;
        for given in args {
            let [location, id, .., destination, status, due_at, _, _, _, class] = numbers::<14>(given);
            match (status, class) {
                (0, 0) => {
                    log.execute([location, id, destination, due_at])?;
                    self.logged += 1;
                }
                (0, _) => {
                    connection
                        .prepare_cached(PUT)?
                        .execute([location, id, destination, due_at, class])?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether its rows are to move.
    pub(super) fn is_due(&self) -> bool {
        self.is_old || self.logged >= self.many
    }

    /// The transaction is done.
    pub(super) fn committed(&mut self) {
        if self.is_due() {
            (self.logged, self.is_old) = (0, false);
        }
    }

    /// Puts what is logged in its place.
    pub(super) fn settle(connection: &Connection) -> rusqlite::Result<()> {
        connection.prepare_cached(SETTLE)?.execute([])?;
        connection.prepare_cached(BEGIN_ANEW)?.execute([]).map(|_| ())
    }
}
