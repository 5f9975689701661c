-- The clock of the database.
-- → db_us (Unix microseconds)
SELECT (date_part('epoch', clock_timestamp()) * 1e6)::bigint AS db_us
