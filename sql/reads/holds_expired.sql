-- Holds whose time is over, oldest first. $1 limit → show_id, hold_id
SELECT show_id, hold_id FROM show.holds
WHERE state = 'active' AND expires_at <= clock_timestamp() ORDER BY expires_at LIMIT $1::int
