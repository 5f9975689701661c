-- Show: the door. A check-in takes neither the buyer's lock nor the seat's, so nobody at the door waits for a buyer. It
-- takes the row of its ticket and then the row of its order. Cancelling the order takes the same rows in the same order.
-- The first to get the ticket's row wins, and the other then reads the result.

CREATE OR REPLACE FUNCTION show.ticket_check_in(p_show_id int, p_checkin_id uuid, p_ticket_id uuid, p_seat_no int, p_operator_id uuid, p_trace text)
RETURNS TABLE (outcome text, result json)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan
	SET enable_seqscan = off AS $$
DECLARE
	-- That a ticket was shown so often says all that there is to say.
	c_again CONSTANT int := 100;
	v_ticket show.tickets;
	v_hold show.holds;
BEGIN
	-- The day and the end of the show do not matter: performances overrun, and the staff at the door has chosen the
	-- show.
	UPDATE show.tickets SET used_at = clock_timestamp()
	WHERE show_id = p_show_id AND ticket_id = p_ticket_id AND /* guard: signed seat */ seat_no = p_seat_no AND /* guard: valid */ state = 'valid' AND /* guard: once */ used_at IS NULL
		AND EXISTS (SELECT FROM show.shows WHERE show_id = p_show_id AND /* guard: of a cancelled show */ cancelled_at IS NULL)
	RETURNING * INTO v_ticket;
	IF FOUND THEN
		INSERT INTO show.checkins (show_id, checkin_id, ticket_id, seat_no, operator_id, outcome, at)
		VALUES (p_show_id, p_checkin_id, p_ticket_id, p_seat_no, p_operator_id, 'entered', v_ticket.used_at);
		UPDATE show.orders SET version = /* guard: version */ version + 1
		WHERE show_id = p_show_id AND order_id = v_ticket.order_id AND /* guard: order's state */ state = 'paid';
		IF NOT FOUND THEN
			RAISE EXCEPTION 'the order of ticket % is not paid', p_ticket_id;
		END IF;
		-- Reads after locking the order's row, because another ticket of the order may have been checked in
		-- meanwhile.
		PERFORM show.event_write(p_show_id, 'ticket.used',
			json_build_object('ticket_id', p_ticket_id, 'order', show.order_doc(p_show_id, v_ticket.order_id)), p_trace);
	ELSE
		SELECT * INTO v_ticket FROM show.tickets
		WHERE show_id = p_show_id AND ticket_id = p_ticket_id AND /* guard: signed seat in the search */ seat_no = p_seat_no;
		-- When the program asks again after a lost answer, its own entry exists. The outcome is not a condition of
		-- the query, because the planner might then read the index of all who entered.
		-- guard: entered
		IF (SELECT c.outcome FROM show.checkins AS c
				WHERE c.show_id = p_show_id AND /* guard: repetition */ c.checkin_id = p_checkin_id) IS DISTINCT FROM 'entered' THEN
			IF /* guard: void */ v_ticket.state IS DISTINCT FROM 'valid' OR /* guard: not used */ v_ticket.used_at IS NULL THEN
				RETURN QUERY SELECT 'not_found', NULL::json;
				RETURN;
			END IF;
			INSERT INTO show.checkins (show_id, checkin_id, ticket_id, seat_no, operator_id, outcome, at)
			SELECT p_show_id, p_checkin_id, p_ticket_id, p_seat_no, p_operator_id, 'already_used', clock_timestamp()
			WHERE /* guard: later tries */ (SELECT count(*) FROM show.checkins AS c WHERE c.ticket_id = p_ticket_id AND c.outcome = 'already_used') < c_again
			-- guard: written once
			ON CONFLICT DO NOTHING;
			RETURN QUERY SELECT 'already_used', json_build_object('used_at', util.unix(v_ticket.used_at));
			RETURN;
		END IF;
	END IF;
	SELECT * INTO v_hold FROM show.holds
	WHERE show_id = p_show_id AND hold_id = (SELECT o.hold_id FROM show.orders AS o WHERE o.show_id = p_show_id AND o.order_id = v_ticket.order_id);
	RETURN QUERY SELECT 'ok', json_build_object('user_id', v_ticket.user_id, 'ticket', show.ticket_doc(v_ticket, v_hold.items, v_hold.seat_nos));
END $$;
COMMENT ON FUNCTION show.ticket_check_in IS 'Admits the holder of a valid ticket, once, and records the first hundred later tries. Void tickets and those of cancelled shows are not found.';
