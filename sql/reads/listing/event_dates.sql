-- Days on which an event can be booked, in the venue's time. Null: from today, for 92 days.
-- $1 event_id int, $2 from date, $3 to date → date, shows, seats_left
SELECT to_char(s.local_date, 'YYYY-MM-DD') AS date, count(*) AS shows, sum(s.seats_left) AS seats_left
FROM listing.shows AS s
WHERE s.event_id = $1::int AND s.seats_left > 0
	AND util.show_state(s.is_cancelled, s.sales_open_at, s.sales_close_at, clock_timestamp()) = 'on_sale'
	AND s.local_date >= coalesce($2::date, (clock_timestamp() AT TIME ZONE (s.hall #>> '{venue,time_zone}'))::date)
	AND s.local_date <= coalesce($3::date, coalesce($2::date, (clock_timestamp() AT TIME ZONE (s.hall #>> '{venue,time_zone}'))::date) + 91)
GROUP BY s.local_date ORDER BY s.local_date
