-- Failed log-ins of an address in its window; no row: none.
-- $1 email text, $2 window_s int → failures, retry_after_s
SELECT failures, ceil(date_part('epoch', window_from + make_interval(secs => $2::int) - clock_timestamp()))::int AS retry_after_s
FROM directory.login_failures
WHERE email_hash = sha256(convert_to(util.email_key($1), 'UTF8')) AND window_from > clock_timestamp() - make_interval(secs => $2::int)
