-- Show: what its functions share. Two locks, no others:
--   buyer  (show, user): covers his holds, orders, payments and tickets in the show; taken first
--   seat   (show, seat): hold and sweep try it, everybody else waits in ascending order

CREATE OR REPLACE FUNCTION show.buyer_key(p_show_id int, p_user_id uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN uuid_hash_extended(p_user_id, 4294967296 + p_show_id);
COMMENT ON FUNCTION show.buyer_key IS 'key of the buyer lock: 64 bits, apart from the two-integer keys of seats';

CREATE OR REPLACE FUNCTION show.seats_lock(p_show_id int, p_seat_nos int[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_no int;
BEGIN
	FOREACH v_no IN ARRAY p_seat_nos LOOP
		PERFORM pg_advisory_xact_lock(p_show_id, v_no);
	END LOOP;
END $$;
COMMENT ON FUNCTION show.seats_lock IS 'waits for the seat locks in the order given, which must be ascending';

CREATE OR REPLACE FUNCTION show.hold_doc(p_hold show.holds, p_now timestamptz) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object('id', p_hold.hold_id, 'show_id', p_hold.show_id, 'user_id', p_hold.user_id,
	'state', CASE WHEN p_hold.state = 'active' AND p_hold.expires_at <= p_now THEN 'expired' ELSE p_hold.state::text END,
	'seats', p_hold.items, 'amount', p_hold.amount, 'currency', p_hold.currency,
	'expires_at', util.unix(p_hold.expires_at));
COMMENT ON FUNCTION show.hold_doc IS 'the document of a hold as it reads at a moment';

CREATE OR REPLACE FUNCTION show.payment_doc(p_payment show.payments) RETURNS jsonb
LANGUAGE sql STABLE
RETURN jsonb_build_object('id', p_payment.payment_id, 'method', p_payment.method, 'state', p_payment.state,
	'amount', p_payment.amount, 'at', util.unix(p_payment.started_at));
COMMENT ON FUNCTION show.payment_doc IS 'the document of a payment';

CREATE OR REPLACE FUNCTION show.order_doc(p_show_id int, p_order_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_build_object('id', o.order_id, 'show_id', o.show_id, 'hold_id', o.hold_id, 'user_id', o.user_id,
	'state', o.state, 'amount', o.amount, 'currency', o.currency, 'seats', h.items,
	'tickets', coalesce((SELECT jsonb_agg(jsonb_build_object('id', t.ticket_id, 'seat', t.seat_no,
			'label', (SELECT i ->> 'label' FROM jsonb_array_elements(h.items) AS i WHERE (i ->> 'no')::int = t.seat_no),
			'used_at', util.unix(t.used_at)) ORDER BY t.seat_no)
		FROM show.tickets AS t
		WHERE t.show_id = o.show_id AND t.order_id = o.order_id AND t.state <> 'void'), '[]'),
	'payments', coalesce((SELECT jsonb_agg(show.payment_doc(p) ORDER BY p.started_at, p.payment_id)
		FROM show.payments AS p WHERE p.show_id = o.show_id AND p.order_id = o.order_id), '[]'),
	'created_at', util.unix(o.created_at), 'created_us', (date_part('epoch', o.created_at) * 1e6)::bigint,
	'expires_at', CASE WHEN o.state IN ('pending', 'paying', 'expired') THEN util.unix(h.expires_at) END,
	'version', o.version)
FROM show.orders AS o JOIN show.holds AS h ON h.show_id = o.show_id AND h.hold_id = o.hold_id
WHERE o.show_id = p_show_id AND o.order_id = p_order_id);
COMMENT ON FUNCTION show.order_doc IS 'the document of an order as written down; util.order_view() says how it reads now';

CREATE OR REPLACE FUNCTION show.seats_moved(p_show_id int, p_seat_nos int[], p_hold_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
RETURN (SELECT jsonb_agg(jsonb_build_object('no', s.seat_no, 'state', s.state, 'v', s.version) ORDER BY s.seat_no)
	FROM show.seats AS s
	WHERE s.show_id = p_show_id AND s.seat_no = ANY (p_seat_nos) AND s.hold_id IS NOT DISTINCT FROM p_hold_id);
COMMENT ON FUNCTION show.seats_moved IS 'seats of an event: what the hold''s seats have become, with their versions';

CREATE OR REPLACE FUNCTION show.event_write(p_show_id int, p_kind text, p_payload jsonb, p_trace text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('show', p_show_id::text, p_kind, p_payload, p_trace);
END $$;
COMMENT ON FUNCTION show.event_write IS 'writes an event of a show';

CREATE OR REPLACE FUNCTION show.idempotency_look(p_show_id int, p_user_id uuid, p_path text, p_key text, p_fingerprint bytea)
RETURNS TABLE (outcome text, result jsonb)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v show.idempotency;
BEGIN
	SELECT * INTO v FROM show.idempotency
	WHERE show_id = p_show_id AND user_id = p_user_id AND path = p_path AND key = p_key;
	IF v.show_id IS NULL THEN
		RETURN;
	ELSIF v.fingerprint <> p_fingerprint THEN
		RETURN QUERY SELECT 'idempotency_mismatch', NULL::jsonb;
	ELSIF v.status IS NULL THEN
		RETURN QUERY SELECT 'idempotency_in_flight', NULL::jsonb;
	ELSE
		RETURN QUERY SELECT 'replay', jsonb_build_object('status', v.status, 'body', v.result);
	END IF;
END $$;
COMMENT ON FUNCTION show.idempotency_look IS 'no row when the key is new; call it under the buyer lock, as a statement of its own';
