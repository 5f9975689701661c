-- Live holds of cancelled shows, in the order of their expiry, after the given hold and its expiry in the database's own format. None is
-- taken after the cancel, and none lives for more than three hours.
-- $1 limit int, $2 expires_at text, $3 hold_id uuid → show_id, hold_id, expires_at
SELECT show_id, hold_id, expires_at FROM show.holds
WHERE state = 'active' AND expires_at > statement_timestamp() AND (expires_at, hold_id) > ($2::timestamptz, $3::uuid)
	AND show_id IN (SELECT show_id FROM show.shows WHERE cancelled_at > statement_timestamp() - interval '4 hours')
ORDER BY expires_at, hold_id LIMIT $1::int
