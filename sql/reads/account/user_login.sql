-- One account with its password hash, and what it knows of the address of a log-in: is_known, failures, retry_after_s.
-- $1 user_id uuid, $2 address_hash bytea, $3 known_days int, $4 window_s int → columns of account.users and of the address
SELECT u.user_id, u.email, u.name, u.phone, u.role, util.unix(u.created_at) AS created_at, u.password_hash,
	a.user_id IS NOT NULL AS is_known,
	CASE WHEN a.window_from > clock_timestamp() - make_interval(secs => $4::int) THEN a.failures ELSE 0 END AS failures,
	ceil(date_part('epoch', a.window_from + make_interval(secs => $4::int) - clock_timestamp()))::int AS retry_after_s
FROM account.users AS u
LEFT JOIN account.login_addresses AS a ON a.user_id = u.user_id AND /* guard: address */ a.address_hash = $2::bytea
	AND /* guard: known days */ a.good_at > clock_timestamp() - make_interval(days => $3::int)
WHERE /* guard: owner */ u.user_id = $1
