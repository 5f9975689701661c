-- Pure helpers of all homes. They are simple enough to be inlined into the statements that use them.

CREATE OR REPLACE FUNCTION util.unix(p_at timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN floor(date_part('epoch', p_at))::bigint;
COMMENT ON FUNCTION util.unix IS 'Whole Unix seconds, the form of times in results.';

CREATE OR REPLACE FUNCTION util.show_state(p_cancelled boolean, p_open timestamptz, p_close timestamptz, p_now timestamptz)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN p_cancelled THEN 'cancelled' WHEN p_now < p_open THEN 'scheduled'
	WHEN p_now < p_close THEN 'on_sale' ELSE 'closed' END;
COMMENT ON FUNCTION util.show_state IS 'The state of a show at a moment. Nothing else decides it.';

CREATE OR REPLACE FUNCTION util.order_view(p_order json, p_now timestamptz) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN p_order ->> 'state' = 'pending' AND (p_order ->> 'expires_at')::bigint < util.unix(p_now)
	THEN (p_order::jsonb || '{"state": "expired"}')::json ELSE p_order END;
-- Whole seconds, rounded down. Within the same second the hold may still be live, but an order that reads as expired must
-- not become paid.
COMMENT ON FUNCTION util.order_view IS 'An order document as it reads at a moment: a pending order past its expiry is expired.';

CREATE OR REPLACE FUNCTION util.email_key(p_email text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN /* guard: ASCII alone */ lower(p_email COLLATE "C") COLLATE "default";
-- The lower() of a locale turns U+0130 and U+212A into the i and k of another account.
COMMENT ON FUNCTION util.email_key IS 'The form in which addresses are compared: capital letters of ASCII made small, nothing else.';
