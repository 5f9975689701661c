-- Public state of every seat, and the log position of the read. One digit a seat: 0 available, 1 held, 2 sold, 3 blocked or
-- resting. The seats come by their key in order. An ORDER BY of the aggregate would sort them once more, which took two thirds of
-- the time.
-- $1 show_id int → capacity, as_of, digits
SELECT sh.capacity, pg_snapshot_xmin(pg_current_snapshot())::text AS as_of,
	(SELECT string_agg(one.digit, '') FROM (
		SELECT CASE WHEN show.seat_is_free(s.state, s.held_until, clock_timestamp(), sh.rerelease IS NOT NULL) THEN '0'
			WHEN s.state = 'sold' THEN '2'
			WHEN s.state = 'held' AND (sh.rerelease IS NULL OR s.held_until > clock_timestamp()) THEN '1'
			ELSE '3' END AS digit
		FROM show.seats AS s WHERE s.show_id = sh.show_id ORDER BY s.seat_no) AS one) AS digits
FROM show.shows AS sh WHERE sh.show_id = $1::int AND /* guard: published */ sh.published_at IS NOT NULL
