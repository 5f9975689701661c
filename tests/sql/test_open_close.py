"""boxoffice-open-close-shows has the same result however often it is killed, started or left alone."""
import time

import pytest

from digest import Copy

BATCH = 'boxoffice-open-close-shows'
SHOWS = 3000
SEATS = 2000
DAY_S = 86400

LARGE = """SELECT show_id FROM show.shows WHERE published_at IS NOT NULL AND max_seats_per_user >= 2 ORDER BY capacity DESC, show_id LIMIT 1"""
# Bare shows, ten days apart on both sides of now: all of them have opened, the older half is closed, all but the last of
# those has ended, for at the venue it is noon; some are cancelled, some drafts.
MANY = """INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at, sales_close_at,
        currency, capacity, max_seats_per_user, hold_seconds, published_at, cancelled_at)
    SELECT 100000 + n, 1, hall, layout_id, at, at + interval '2 hours', at - interval '100000 days', at, 'KRW', 1, 4, 300,
        CASE WHEN n %% 51 <> 7 THEN now() END, CASE WHEN n %% 50 = 7 THEN now() END
    FROM (SELECT layout_id, jsonb_set(hall, '{venue,time_zone}', to_jsonb('UTC' || to_char(extract(hour FROM now() AT TIME ZONE 'UTC') - 12,
            'SG00'))) AS hall FROM show.shows ORDER BY show_id LIMIT 1) AS s, generate_series(1, %s) AS n,
        LATERAL (SELECT now() + (n - %s / 2) * interval '10 days' - interval '4 hours' AS at) AS t"""
# A show that put seats back an hour ago and does so again in eleven: half rest since long before, half since now; of others
# the hold has ended and nobody has said so.
RESTING = """UPDATE show.shows SET rerelease = jsonb_build_object('every_s', 43200), sales_open_at = now() - interval '25 hours'
    WHERE show_id = %s"""
REST = """UPDATE show.seats SET state = 'resting', version = version + 1,
        held_until = CASE WHEN seat_no %% 2 = 0 THEN now() - interval '3 hours' ELSE now() END
    WHERE show_id = %s AND state = 'available' AND seat_no < %s"""


@pytest.fixture
def base(stack, season, db):
    """What all runs begin with."""
    show = season.buy('held', show=db.value(LARGE))['show']
    db.close()
    with Copy(stack, 'base') as base:
        base.show = show
        base.rows(MANY, SHOWS, SHOWS)
        base.rows(RESTING, show)
        base.rows("UPDATE show.seats SET held_until = now() - interval '2 hours' WHERE state = 'held'")
        base.rows("UPDATE show.holds SET expires_at = now() - interval '2 hours' WHERE state = 'active'")
        base.rows(REST, show, SEATS)
        yield base


def progress(copy):
    return copy.rows("SELECT count(*) FILTER (WHERE opened_at IS NOT NULL), count(*) FILTER (WHERE closed_at IS NOT NULL),"
                     " count(*) FILTER (WHERE ended_at IS NOT NULL),"
                     " (SELECT count(*) FROM show.seats WHERE state = 'resting') FROM show.shows WHERE show_id > 100000")[0]


def test_killed_at_any_moment_and_run_again(stack, base):
    with Copy(stack, 'clean', base) as clean, Copy(stack, 'killed', base) as killed:
        clean.run(BATCH)
        half, resting = SHOWS / 2, progress(base)[3]
        opened, closed, ended, left = progress(clean)
        assert opened > 0.95 * SHOWS and 0.95 * half < ended == closed - 1 < half
        assert 0 < left <= resting / 2 + 1, 'what rests since the last moment rests on'
        assert clean.rows("SELECT count(*) FROM show.seats WHERE show_id = %s AND state = 'held'", base.show) == [(0,)]
        # Ever later, so that one is killed between two bites on any machine.
        seen = {progress(base)}
        for n in range(60):
            with killed.start(BATCH) as process:
                time.sleep(0.004 * n)
                process.kill()
            seen.add(progress(killed))
            if progress(killed) == progress(clean):
                break
        killed.run(BATCH)
        assert seen - {progress(base), progress(clean)}, f'none was killed inside: {seen}'
        assert killed.digest() == clean.digest()


def test_run_several_times_at_once(stack, base):
    with Copy(stack, 'clean', base) as clean, Copy(stack, 'several', base) as several:
        clean.run(BATCH)
        for _ in range(3):
            running = [several.start(BATCH) for _ in range(4)]
            assert [process.wait(60) for process in running] == [0] * 4
        assert several.digest() == clean.digest()
        # The lock saves work only: the functions bear it without.
        several.rows('SELECT show.shows_write_down(array_agg(show_id)), show.seats_rerelease(array_agg(show_id)) FROM show.shows')
        assert several.digest() == clean.digest()


def test_after_a_pause_of_a_day(stack, base):
    with Copy(stack, 'daily', base) as daily, Copy(stack, 'paused', base) as paused:
        daily.run(BATCH)
        before = progress(daily)
        daily.pass_time(DAY_S)
        daily.run(BATCH)
        assert progress(daily)[2:] == (before[2] + 1, 0)
        paused.pass_time(DAY_S)
        paused.run(BATCH)
        assert paused.digest() == daily.digest()


def test_no_show_waits_for_those_whose_moments_come_fast(stack, base):
    """Theirs come faster than one can be called done; more of them than fit in a call come first by number."""
    with Copy(stack, 'fast', base) as copy:
        coming = 'show_id > 100000 AND published_at IS NOT NULL AND cancelled_at IS NULL AND sales_close_at > now()'
        copy.rows(f"UPDATE show.shows SET rerelease = jsonb_build_object('every_s', 3) WHERE {coming}")
        last, many = copy.rows(f'SELECT max(show_id), count(*) FROM show.shows WHERE {coming}')[0]
        assert many > 5 * 100
        copy.rows("INSERT INTO show.seats (show_id, seat_no, state, held_until) VALUES (%s, 0, 'resting', now() - interval '1 hour')", last)
        copy.run(BATCH)
        assert copy.rows('SELECT state FROM show.seats WHERE show_id = %s', last) == [('available',)]
        assert copy.rows(f'SELECT count(*) FROM show.shows WHERE {coming} AND rereleased_at IS NULL') == [(0,)]


def test_every_statement_of_it_finds_only_what_is_due(stack, base):
    """A day's round over many shows reads as much as is due, not as much as there is."""
    with Copy(stack, 'plans', base) as copy:
        copy.run(BATCH)
        copy.rows('ANALYZE show.shows')
        for name in ('shows_due', 'rereleases_due'):
            with open(f'{stack.source}/sql/reads/show/{name}.sql') as file:
                text = file.read().replace('$1', '1000')
            plan = copy.rows(f'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {text}')
            lines = [line for line, in plan if 'Scan' in line]
            assert lines and not [line for line in lines if 'Seq Scan' in line or 'rows=0' not in line], plan
