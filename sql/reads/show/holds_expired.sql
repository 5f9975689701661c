-- Ended holds, oldest first, after the given hold and its expiry in the database's own format.
-- $1 limit int, $2 expires_at text, $3 hold_id uuid → show_id, hold_id, expires_at
SELECT show_id, hold_id, expires_at FROM show.holds
WHERE state = 'active' AND expires_at <= statement_timestamp() AND (expires_at, hold_id) > ($2::timestamptz, $3::uuid)
ORDER BY expires_at, hold_id LIMIT $1::int
