-- Events with a show in the future, by (first_show_at, id). Filter null: any. Days are in the venue's time. Key null: from the
-- first. The last row may be cut: only the key up to which the search has looked.
-- $1 kind text, $2 q text, $3 region text, $4 rating text, $5 from date, $6 to date, $7 above_at bigint or null, $8 above_id int or null, $9 limit int → columns of an event, is_cut
SELECT * FROM listing.events_found($1::text, $2::text, $3::text, $4::text, $5::date, $6::date, $7::bigint, $8::int, $9::int)
