-- Holds whose time is over, oldest first. $1 limit, $2 and $3 expiry and hold behind which → show_id, hold_id, expires_at
SELECT show_id, hold_id, expires_at FROM show.holds
WHERE state = 'active' AND expires_at <= statement_timestamp() AND (expires_at, hold_id) > ($2::timestamptz, $3::uuid)
ORDER BY expires_at, hold_id LIMIT $1::int
