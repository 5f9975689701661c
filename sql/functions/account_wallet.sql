-- Account: wallet and ledger. The wallet's row lock orders all changes of the wallet. One ledger row decides about a
-- payment: the debit or the void, whichever is written first. No role of the programs may write a balance or the ledger:
-- these four functions do it with the rights of their owner.

CREATE OR REPLACE FUNCTION account.ledger_post(p_user_id uuid, p_kind account.ledger_kind, p_counter account.ledger_account, p_amount bigint, p_payment_id uuid, p_order_id uuid, p_show_id int)
RETURNS account.ledger
LANGUAGE plpgsql AS $$
DECLARE
	v_entry account.ledger;
BEGIN
	UPDATE account.wallets SET balance = balance + p_amount, last_entry_no = last_entry_no + 1
	WHERE user_id = p_user_id RETURNING last_entry_no, balance INTO STRICT v_entry.entry_no, v_entry.balance_after;
	v_entry.at := clock_timestamp();
	INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, balance_after, payment_id, order_id, show_id, at)
	SELECT p_user_id, v_entry.entry_no, l.account, p_kind, l.amount, l.balance_after, p_payment_id, p_order_id, p_show_id, v_entry.at
	FROM (VALUES ('wallet'::account.ledger_account, p_amount, v_entry.balance_after), (p_counter, -p_amount, NULL))
		AS l (account, amount, balance_after)
	WHERE p_amount <> 0 OR l.account = 'wallet';
	RETURN v_entry;
END $$;
COMMENT ON FUNCTION account.ledger_post IS 'Books one transfer: both legs and the balance.';

CREATE OR REPLACE FUNCTION account.wallet_charge(p_user_id uuid, p_amount bigint, p_path text, p_key text, p_fingerprint bytea, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	c_charges CONSTANT int := 1000;
	c_window CONSTANT interval := '1 day';
	v_wallet account.wallets;
	v_seen account.idempotency;
	v_now timestamptz;
	v_entry account.ledger;
	v_result json;
BEGIN
	SELECT * INTO v_wallet FROM account.wallets WHERE user_id = p_user_id /* guard: wallet's lock */ FOR UPDATE;
	IF v_wallet.user_id IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	SELECT * INTO v_seen FROM account.idempotency WHERE user_id = p_user_id AND path = p_path AND key = p_key;
	-- guard: key
	IF v_seen.user_id IS NOT NULL THEN
		-- guard: fingerprint
		IF v_seen.fingerprint <> p_fingerprint THEN
			RETURN QUERY SELECT 'idempotency_mismatch', NULL::json;
		ELSE
			RETURN QUERY SELECT 'replay', json_build_object('status', v_seen.status, 'body', v_seen.result);
		END IF;
		RETURN;
	END IF;
	-- The ledger is kept for ever, so an account may not fill it.
	v_now := clock_timestamp();
	IF v_wallet.charges_from IS NULL OR v_wallet.charges_from <= v_now - c_window THEN
		v_wallet.charges := 0;
		v_wallet.charges_from := v_now;
	END IF;
	-- guard: charges
	IF v_wallet.charges >= c_charges THEN
		RETURN QUERY SELECT 'rate_limited', json_build_object('retry_after_s',
			ceil(date_part('epoch', v_wallet.charges_from + c_window - v_now))::int);
		RETURN;
	END IF;
	UPDATE account.wallets SET charges = v_wallet.charges + 1, charges_from = v_wallet.charges_from WHERE user_id = p_user_id;
	v_entry := account.ledger_post(p_user_id, 'charge', 'funding', p_amount, NULL, NULL, NULL);
	v_result := json_build_object('balance', v_entry.balance_after, 'currency', v_wallet.currency,
		'entry', json_build_object('id', v_entry.entry_no, 'kind', 'charge', 'amount', p_amount,
			'balance_after', v_entry.balance_after, 'order_id', NULL, 'at', util.unix(v_entry.at)));
	INSERT INTO account.idempotency (user_id, path, key, fingerprint, status, result)
	VALUES (p_user_id, p_path, p_key, p_fingerprint, 201, v_result);
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('account', p_user_id, 'wallet.charged', json_build_object('entry', v_entry.entry_no, 'amount', p_amount), p_trace);
	RETURN QUERY SELECT 'created', v_result;
END $$;
COMMENT ON FUNCTION account.wallet_charge IS 'Puts money into a wallet, once per key and at most a thousand times a day.';

CREATE OR REPLACE FUNCTION account.wallet_debit(p_user_id uuid, p_payment_id uuid, p_order_id uuid, p_show_id int, p_amount bigint, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_wallet account.wallets;
	v_kind text;
	v_entry account.ledger;
BEGIN
	SELECT * INTO v_wallet FROM account.wallets WHERE user_id = p_user_id /* guard: wallet's lock */ FOR UPDATE;
	IF v_wallet.user_id IS NULL THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	SELECT kind INTO v_kind FROM account.ledger
	WHERE user_id = p_user_id AND payment_id = p_payment_id AND account = 'wallet' AND kind IN ('use', 'void');
	-- guard: once
	IF v_kind = 'use' THEN
		RETURN QUERY SELECT 'ok', json_build_object('balance', v_wallet.balance);
		RETURN;
	-- guard: void
	ELSIF v_kind = 'void' AND v_wallet.balance >= p_amount THEN
		RETURN QUERY SELECT 'order_closed', NULL::json;
		RETURN;
	END IF;
	-- guard: balance
	IF v_wallet.balance < p_amount THEN
		-- When the program asks again after a lost answer, the void already exists.
		IF v_kind IS NULL THEN
			-- guard: refusal
			PERFORM account.ledger_post(p_user_id, 'void', 'sales', 0, p_payment_id, p_order_id, p_show_id);
			INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
			VALUES ('account', p_user_id, 'wallet.refused', json_build_object('payment_id', p_payment_id), p_trace);
		END IF;
		RETURN QUERY SELECT 'insufficient_balance', json_build_object('balance', v_wallet.balance);
		RETURN;
	END IF;
	v_entry := account.ledger_post(p_user_id, 'use', 'sales', -p_amount, p_payment_id, p_order_id, p_show_id);
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('account', p_user_id, 'wallet.used',
		json_build_object('entry', v_entry.entry_no, 'amount', p_amount, 'payment_id', p_payment_id), p_trace);
	outcome := 'ok';
	result := json_build_object('balance', v_entry.balance_after);
	RETURN NEXT;
END $$;
COMMENT ON FUNCTION account.wallet_debit IS 'Pays from a wallet, once per payment. After a void it refuses for ever.';

CREATE OR REPLACE FUNCTION account.wallet_void(p_user_id uuid, p_payment_id uuid, p_order_id uuid, p_show_id int, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_kind text;
BEGIN
	PERFORM FROM account.wallets WHERE user_id = p_user_id /* guard: wallet's lock */ FOR UPDATE;
	SELECT kind INTO v_kind FROM account.ledger
	WHERE user_id = p_user_id AND payment_id = p_payment_id AND account = 'wallet' AND kind IN ('use', 'void');
	-- guard: debit stays
	IF v_kind IS NULL THEN
		PERFORM account.ledger_post(p_user_id, 'void', 'sales', 0, p_payment_id, p_order_id, p_show_id);
		INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
		VALUES ('account', p_user_id, 'wallet.voided', json_build_object('payment_id', p_payment_id), p_trace);
	END IF;
	RETURN QUERY SELECT 'ok', json_build_object('debited', v_kind IS NOT DISTINCT FROM 'use');
END $$;
COMMENT ON FUNCTION account.wallet_void IS 'Forbids the debit of a payment unless it has happened. Never undoes a debit.';

CREATE OR REPLACE FUNCTION account.wallet_refund(p_user_id uuid, p_payment_id uuid, p_order_id uuid, p_show_id int, p_amount bigint, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	v_wallet account.wallets;
	v_used bigint;
	v_entry account.ledger;
BEGIN
	SELECT * INTO v_wallet FROM account.wallets WHERE user_id = p_user_id /* guard: wallet's lock */ FOR UPDATE;
	SELECT -amount INTO v_used FROM account.ledger
	WHERE user_id = p_user_id AND payment_id = p_payment_id AND account = 'wallet' AND kind = 'use';
	-- guard: debited
	IF v_used IS NULL OR v_used <> p_amount THEN
		RETURN QUERY SELECT 'not_found', NULL::json;
		RETURN;
	END IF;
	-- guard: once
	IF EXISTS (SELECT FROM account.ledger WHERE user_id = p_user_id AND payment_id = p_payment_id
			AND account = 'wallet' AND kind = 'refund') THEN
		RETURN QUERY SELECT 'ok', json_build_object('balance', v_wallet.balance);
		RETURN;
	END IF;
	v_entry := account.ledger_post(p_user_id, 'refund', 'sales', p_amount, p_payment_id, p_order_id, p_show_id);
	INSERT INTO log.event_log (home, entity, kind, payload, traceparent)
	VALUES ('account', p_user_id, 'wallet.refunded',
		json_build_object('entry', v_entry.entry_no, 'amount', p_amount, 'payment_id', p_payment_id), p_trace);
	RETURN QUERY SELECT 'ok', json_build_object('balance', v_entry.balance_after);
END $$;
COMMENT ON FUNCTION account.wallet_refund IS 'Returns the money of a payment, once, and only if it was debited.';

CREATE OR REPLACE FUNCTION account.orders_listed(p_user_ids uuid[], p_orders json[])
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO account.order_list AS l (user_id, order_id, created_at, version, doc)
	SELECT DISTINCT ON (o.user_id, o.doc ->> 'id') o.user_id, (o.doc ->> 'id')::uuid,
		to_timestamp((o.doc ->> 'created_us')::bigint / 1e6), (o.doc ->> 'version')::int, o.doc
	FROM unnest(p_user_ids, p_orders) AS o (user_id, doc)
	ORDER BY o.user_id, o.doc ->> 'id', (o.doc ->> 'version')::int DESC
	ON CONFLICT (user_id, order_id) DO UPDATE SET version = excluded.version, doc = excluded.doc
	WHERE l.version < excluded.version;
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION account.orders_listed IS 'Updates the lists of own orders of these users. An older version never replaces a newer one.';
