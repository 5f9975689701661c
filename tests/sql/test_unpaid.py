"""What it costs to look at what a buyer had without paying: his last holds, not each seat of all."""
from season import new
from test_plans import Seen, nodes

SWAPS, SEATS = 200, 100


def rows_read(seen, function):
    """Rows that the queries inside of the function have handed on to each other."""
    return sum(node['Actual Rows'] * node['Actual Loops'] for _, text, plan in seen.plans if function not in text
               for node, _ in nodes(plan))


def test_hundreds_of_swaps_are_looked_at_by_hold_and_not_by_seat(db, season):
    show = db.value('SELECT show_id FROM show.shows WHERE capacity > 2 * %s AND cancelled_at IS NULL ORDER BY show_id LIMIT 1', SEATS)
    connection = db.connect('postgres', autocommit=False)
    seen = Seen(connection)
    seen.run('explain', """LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
        SET auto_explain.log_analyze = on; SET auto_explain.log_timing = off; SET auto_explain.log_format = json;
        SET auto_explain.log_level = notice; SET search_path = pg_catalog, pg_temp; SET plan_cache_mode = force_generic_plan""")
    # Back and forth between two blocks, each hold with the time of those before it.
    user = new()
    seen.run('swaps', """INSERT INTO show.holds (show_id, hold_id, user_id, buyer_key, state, seat_nos, items, amount, currency, taken_at, expires_at, last_until,
            ended_at, had_ms)
        SELECT k.show, gen_random_uuid(), k.buyer, show.buyer_key(k.show, k.buyer), 'released', ARRAY(SELECT n %% 2 * %s + s FROM generate_series(0, %s - 1) AS s), '[]', 1, 'KRW',
            t - interval '1 second', t + interval '5 minutes', t + interval '15 minutes', t, array_fill(1000 * n, ARRAY[%s])
        FROM generate_series(1, %s) AS n, LATERAL (SELECT clock_timestamp() - make_interval(secs => 0.05 * (%s - n)) AS t) AS at,
            (SELECT %s::int AS show, %s::uuid AS buyer) AS k""",
             (SEATS, SEATS, SEATS, SWAPS, SWAPS, show, user))
    for seats, had in (([SEATS + 1, SEATS + 2], 2), (list(range(SEATS)), SEATS), (list(range(2 * SEATS)), 2 * SEATS), ([2 * SEATS, 2 * SEATS + 1], 0)):
        seen.plans.clear()
        count, least_ms = seen.run('had', 'SELECT count(*), min(h.ms) FROM unnest(show.seats_had(%s, %s, %s, 30, NULL)) AS h', (show, user, seats))
        assert count == had
        # The last hold of all had block 0, and the one before it block 1.
        assert least_ms == (None if had == 0 else 1000 * SWAPS + 1000 if max(seats) < SEATS else 1000 * SWAPS)
        read = rows_read(seen, 'seats_had(')
        assert SWAPS <= read <= 10 * SWAPS + 10 * len(seats), f'{read} rows for {len(seats)} seats of {SWAPS} holds of {SEATS}'
    connection.rollback()
