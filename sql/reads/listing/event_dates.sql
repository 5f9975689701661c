-- Days on which an event can be booked, in the venue's time. Null: from today, for 92 days. At most a year of days and 10,000 shows of
-- the event are looked at. Whatever is on sale has not ended, so it began two days ago at most.
-- $1 event_id int, $2 from date, $3 to date → date, shows, seats_left
SELECT to_char(s.local_date, 'YYYY-MM-DD') AS date, count(*) AS shows, sum(s.seats_left) AS seats_left
FROM (SELECT (statement_timestamp() AT TIME ZONE 'UTC')::date AS day) AS utc
CROSS JOIN LATERAL (SELECT greatest($2::date, utc.day - 2) AS first_day) AS a
CROSS JOIN LATERAL (SELECT least(coalesce($3::date, coalesce($2::date, utc.day + 1) + 91), a.first_day + 366) AS last_day) AS b
CROSS JOIN LATERAL (SELECT * FROM listing.shows AS w
	WHERE w.event_id = $1::int AND w.starts_at >= (a.first_day - interval '14 h') AT TIME ZONE 'UTC'
		AND w.starts_at < (b.last_day + interval '36 h') AT TIME ZONE 'UTC'
	ORDER BY w.starts_at, w.show_id LIMIT 10000) AS s
WHERE s.seats_left > 0 AND util.show_state(s.is_cancelled, s.sales_open_at, s.sales_close_at, clock_timestamp()) = 'on_sale'
	-- Today at the venue is worked out only where it matters.
	AND (s.local_date >= coalesce($2::date, utc.day + 1)
		OR $2::date IS NULL AND s.local_date >= (clock_timestamp() AT TIME ZONE (s.hall #>> '{venue,time_zone}'))::date)
	AND (s.local_date <= coalesce($3::date, coalesce($2::date, utc.day - 1) + 91)
		OR $2::date IS NULL AND $3::date IS NULL AND s.local_date <= (clock_timestamp() AT TIME ZONE (s.hall #>> '{venue,time_zone}'))::date + 91)
	AND s.local_date <= b.last_day
GROUP BY s.local_date ORDER BY s.local_date
