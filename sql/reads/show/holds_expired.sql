-- Holds whose time is over, oldest first, behind a hold and its expiry as the database writes it.
-- $1 limit int, $2 expires_at text, $3 hold_id uuid → show_id, hold_id, expires_at
SELECT show_id, hold_id, expires_at FROM show.holds
WHERE state = 'active' AND expires_at <= statement_timestamp() AND (expires_at, hold_id) > ($2::timestamptz, $3::uuid)
ORDER BY expires_at, hold_id LIMIT $1::int
