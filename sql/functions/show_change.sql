-- Show: changes that an admin makes to a published show.

CREATE OR REPLACE FUNCTION show.has_sale(p_show_id int) RETURNS bool
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM show.holds WHERE show_id = p_show_id AND state IN ('active', 'paying', 'confirmed')
		AND /* guard: live */ (state <> 'active' OR expires_at > clock_timestamp()));
END $$;
COMMENT ON FUNCTION show.has_sale IS 'Has anybody seats of the show, held or bought? Then its prices and times are fixed.';

CREATE OR REPLACE FUNCTION show.show_update(p_show_id int, p_actor uuid, p_seen uuid, p_revision uuid, p_change jsonb, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_old show.shows;
	v_new show.shows;
	v_has_prices bool;
BEGIN
	-- No hold is in flight from here on: what has begun has ended, and the next one reads the new prices and times. Of
	-- two changes the second finds another revision than the one it has seen.
	-- guard: show's lock
	IF NOT show.show_lock(p_show_id) THEN
		RETURN QUERY SELECT 'busy', NULL::json;
		RETURN;
	END IF;
	SELECT * INTO v_old FROM show.shows WHERE show_id = p_show_id AND published_at IS NOT NULL;
	-- guard: repetition
	IF v_old.revision = p_revision THEN
		-- The program asks again, because the first answer was lost.
		RETURN QUERY SELECT 'ok', NULL::json;
		RETURN;
	-- guard: as seen
	ELSIF v_old.revision IS DISTINCT FROM p_seen THEN
		RETURN QUERY SELECT CASE WHEN v_old.show_id IS NULL THEN 'not_found' ELSE 'changed' END, NULL::json;
		RETURN;
	END IF;
	v_new := v_old;
	v_new.starts_at := coalesce(to_timestamp((p_change ->> 'starts_at')::bigint), v_old.starts_at);
	v_new.ends_at := coalesce(to_timestamp((p_change ->> 'ends_at')::bigint), v_old.ends_at);
	v_new.sales_open_at := coalesce(to_timestamp((p_change ->> 'sales_open_at')::bigint), v_old.sales_open_at);
	v_new.sales_close_at := coalesce(to_timestamp((p_change ->> 'sales_close_at')::bigint), v_old.sales_close_at);
	v_has_prices := EXISTS (SELECT FROM show.grades AS g JOIN jsonb_each_text(p_change -> 'prices') AS p ON p.key = g.code
		WHERE g.show_id = p_show_id AND g.price <> p.value::bigint);
	IF /* guard: closed */ util.show_state(v_old.cancelled_at IS NOT NULL, v_old.sales_open_at, v_old.sales_close_at, clock_timestamp()) IN ('closed', 'cancelled')
		OR ((/* guard: prices */ v_has_prices OR /* guard: times */ v_new IS DISTINCT FROM v_old) AND /* guard: sale */ show.has_sale(p_show_id)) THEN
		RETURN QUERY SELECT 'show_closed', NULL::json;
		RETURN;
	END IF;
	v_new.max_seats_per_user := coalesce((p_change ->> 'max_seats_per_user')::int, v_old.max_seats_per_user);
	v_new.hold_seconds := coalesce((p_change ->> 'hold_seconds')::int, v_old.hold_seconds);
	v_new.rerelease := CASE WHEN p_change ? 'rerelease' THEN nullif(p_change -> 'rerelease', 'null') ELSE v_old.rerelease END;
	-- Resting seats come back from this moment on.
	v_new.rerelease_off_at := CASE WHEN v_new.rerelease IS NULL THEN
		CASE WHEN v_old.rerelease IS NULL THEN v_old.rerelease_off_at ELSE clock_timestamp() END END;
	IF v_has_prices OR v_new IS DISTINCT FROM v_old THEN
		UPDATE show.shows SET starts_at = v_new.starts_at, ends_at = v_new.ends_at, sales_open_at = v_new.sales_open_at,
			sales_close_at = v_new.sales_close_at, max_seats_per_user = v_new.max_seats_per_user,
			hold_seconds = v_new.hold_seconds, rerelease = v_new.rerelease,
			rerelease_off_at = v_new.rerelease_off_at, revision = p_revision,
			-- Postponed sales will open once more, and that opening is recorded again.
			opened_at = CASE WHEN v_new.sales_open_at <= clock_timestamp() THEN opened_at END
		WHERE show_id = p_show_id;
		UPDATE show.grades AS g SET price = p.value::bigint FROM jsonb_each_text(p_change -> 'prices') AS p
		WHERE g.show_id = p_show_id AND g.code = p.key AND g.price <> p.value::bigint;
		PERFORM show.event_write(p_show_id, 'show.updated', p_change::json, p_trace);
	END IF;
	-- For people: the times have the form of the API.
	PERFORM log.audit_write(p_actor, 'show.update', 'show ' || p_show_id, (SELECT jsonb_object_agg(c.key,
			CASE WHEN c.key LIKE '%\_at' THEN to_jsonb(to_char(to_timestamp((c.value #>> '{}')::bigint) AT TIME ZONE 'UTC',
				'YYYY-MM-DD"T"HH24:MI:SS"Z"')) ELSE c.value END) FROM jsonb_each(p_change) AS c), p_trace);
	RETURN QUERY SELECT 'ok', NULL::json;
END $$;
COMMENT ON FUNCTION show.show_update IS 'Changes a show from the revision that the caller has seen. Prices and times change only while nobody has seats in it. Outcome changed: somebody else was first, so read it again. Outcome busy: ask again, the show''s lock was not free.';
