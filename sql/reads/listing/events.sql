-- Events with a coming show, by (first_show_at, id). $1 kind, $2 q, $3 region, $4 rating, $5 from, $6 to (days at the
-- venue), each null: any; $7 and $8 first_show_at (Unix s) and id above which, null: from the first; $9 limit
SELECT * FROM listing.events_coming($1::text, $2::text, $3::text, $4::text, $5::date, $6::date, $7::bigint, $8::int, $9::int)
