"""Which seats are the best. Halls are drawn as text, one line per row, with the stage above."""
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from season import new

# . free  x sold  | aisle  = next section; capitals are seats of grade B
ROWS = [
    ('nearest the stage', '.... ....', 2, None, '0 1|2 3'),
    ('nearest the middle', '.......', 1, None, '3'),
    ('a block in the middle', '......', 2, None, '2 3'),
    ('orphan avoided', '.....', 2, None, '0 1|3 4'),
    ('orphan avoided in the next row', '... ....', 2, None, '0 1|1 2|3 4|4 5|5 6'),
    ('orphan accepted when it is the only sale', 'x...x', 2, None, '1 2|2 3'),
    ('aisle respected', 'x..|..x ....', 3, None, '7 8 9|8 9 10'),
    ('adjacent rows', '..x.. ..xxx', 4, None, '0 1 3 4|0 1 5 6'),
    ('adjacent rows before rows apart', '..xxx xxxxx ..xxx ..xxx', 4, None, '10 11 15 16'),
    ('two groups', '..xxx xxxxx xxxxx ...xx', 5, None, '0 1 15 16 17'),
    ('two groups that leave no orphan', '... .. ..', 4, None, '3 4 5 6'),
    ('rows next to each other before no orphan', '... .. xxx xxx ..', 4, None, '0 1 3 4'),
    ('never one alone', '...x. ..xxx', 4, None, '0 1 5 6'),
    ('one alone when it cannot be helped', '.x. xxx', 2, None, '0 2'),
    ('by grade', '.... BBBB', 2, 'B', '4 5|6 7'),
    ('no seat of the grade', '....', 1, 'B', 'validation_failed'),
    ('not enough', '..x', 3, None, 'not_enough_seats'),
    ('more than two groups would be needed', '.x.x.', 3, None, 'not_enough_seats'),
    ('a section ends a row', '..=.. xxxx', 3, None, '0 1 2|1 2 3|0 1 3|0 2 3'),
]


def hall(text):
    """(sections as the directory keeps them, grade by seat, sold seats)"""
    sections, grades, sold, no = {}, [], [], 0
    for y, line in enumerate(text.split()):
        section = x = 0
        for sign in line:
            x += 10
            section += sign == '='
            if sign in '|=':
                continue
            rows = sections.setdefault(section, {})
            rows.setdefault(y, []).append({'no': no, 'x': x, 'y': 100 + 10 * y})
            grades.append('B' if sign == 'B' else 'A')
            sold += [no] if sign == 'x' else []
            no += 1
    return [{'rows': [{'seats': row} for row in rows.values()]} for rows in sections.values()], grades, sold


def made(db, text):
    sections, grades, sold = hall(text)
    show = db.value("""INSERT INTO show.shows (show_id, event_id, hall, layout_id, starts_at, ends_at, sales_open_at,
            sales_close_at, currency, capacity, max_seats_per_user, hold_seconds, published_at)
        SELECT nextval('directory.show_ids'), event_id, hall, layout_id, now() + interval '1 day', now() + interval '2 days',
            now() - interval '1 day', now() + interval '1 day', 'KRW', %s, 6, 300, now() FROM show.shows LIMIT 1 RETURNING show_id""",
                    len(grades))
    for grade in sorted(set(grades)):
        db.rows("INSERT INTO show.grades VALUES (%s, %s, %s, 1000, %s)", show, grade, grade, grades.count(grade))
    assert db.value('SELECT outcome FROM show.show_runs_add(%s, %s)', show, json.dumps(sections), role='app') == 'ok'
    db.rows('SELECT show.show_seats_add(%s, 0, %s, %s)', show, ['L'] * len(grades), grades, role='app')
    db.rows("UPDATE show.seats SET state = 'blocked' WHERE show_id = %s AND seat_no = ANY (%s)", show, sold)
    return show


@pytest.fixture
def forget(db):
    """Shows that no list has, gone before others look at all of them."""
    shows = []
    yield shows
    for table in ('holds', 'seat_runs', 'seat_places', 'seats', 'grades', 'shows'):
        db.rows(f'DELETE FROM show.{table} WHERE show_id = ANY (%s)', shows)
    db.rows("DELETE FROM log.event_log WHERE home = 'show' AND entity = ANY (%s)", [str(show) for show in shows])


def best(db, show, user, count, grade=None):
    outcome, hold = db.rows('SELECT outcome, result FROM show.hold_best(%s, %s, %s, %s, %s, NULL)',
                            show, new(), user, count, grade, role='app')[0]
    return ' '.join(str(seat['no']) for seat in hold['seats']) if outcome == 'created' else outcome


@pytest.mark.parametrize('text, count, grade, expected', [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_best_seats(db, season, forget, text, count, grade, expected):
    show = made(db, text)
    forget.append(show)
    assert best(db, show, season.users[0], count, grade) in expected.split('|')


def test_best_seats_are_always_new_ones_within_the_limit(db, season, forget):
    show = made(db, '........')
    forget.append(show)
    user = season.users[0]
    first, second = best(db, show, user, 3), best(db, show, user, 3)
    assert not set(first.split()) & set(second.split())
    assert best(db, show, user, 1) == 'seat_limit'


def test_locked_seats_are_passed_by_without_waiting(db, season, forget):
    show = made(db, '.... ....')
    forget.append(show)
    other = db.connect('app', autocommit=False)
    other.cursor().execute('SELECT pg_advisory_xact_lock(%s, n) FROM generate_series(0, 3) AS n', (show,))
    assert set(best(db, show, season.users[0], 2).split()) <= set('4567')
    other.rollback()


def test_a_block_costs_the_locks_that_were_tried(db, season, forget):
    """Where many others are at work, whoever wants a whole row looks at more rows than his locks would be enough for."""
    show = made(db, ' '.join(['......'] * 110))
    forget.append(show)
    other = db.connect('app', autocommit=False)
    other.cursor().execute('SELECT pg_advisory_xact_lock(%s, 6 * n) FROM generate_series(0, 99) AS n', (show,))
    assert min(map(int, best(db, show, season.users[0], 6).split())) >= 600
    other.rollback()


@pytest.mark.parametrize('rows', [100, 200])
def test_many_at_once_are_served(db, forget, rows):
    callers, count = 70, 10
    none, show = made(db, 'x'), made(db, ' '.join(['.' * 20] * rows))
    forget.extend([none, show])
    db.rows('UPDATE show.shows SET max_seats_per_user = %s WHERE show_id = ANY (%s)', count, [none, show])
    together = threading.Barrier(callers)

    def call(connection):
        with connection.cursor() as cursor:
            for no in none, show:  # the first call makes the plans
                together.wait(20)
                cursor.execute('SELECT outcome, result FROM show.hold_best(%s, %s, %s, %s, NULL, NULL)', (no, new(), new(), count))
            return cursor.fetchone()
    connections = [db.connect('app') for _ in range(callers)]
    with ThreadPoolExecutor(callers) as pool:
        answers = list(pool.map(call, connections))
    seats = [seat['no'] for outcome, hold in answers if outcome == 'created' for seat in hold['seats']]
    assert {outcome for outcome, _ in answers} <= {'created', 'not_enough_seats'}
    assert len(seats) >= 0.9 * callers * count and len(set(seats)) == len(seats)
