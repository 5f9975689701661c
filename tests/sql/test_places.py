"""Sections and rows of seats that were there before they were kept."""
import re

from season import new

PLACES = 'SELECT show_id, seat_no, section, row_name FROM show.seat_places ORDER BY show_id, seat_no'
CHUNKS = 'SELECT * FROM directory.layout_chunks ORDER BY layout_id, first_no'


def test_the_migration_names_the_seats_of_shows_that_are_not_over(stack, db, season):
    with open(f'{stack.source}/sql/migrations/0037_sections_and_rows.sql') as file:
        text = file.read()
    fill = re.search(r'^INSERT INTO directory.layout_chunks .*?;', text, re.M).group()
    name = re.search(r'^UPDATE show.seat_places .*?;', text, re.M | re.S).group()
    connection = db.connect('postgres')
    connection.autocommit = False
    cursor = connection.cursor()

    def rows(query):
        cursor.execute(query)
        return cursor.fetchall()
    try:
        places, chunks = rows(PLACES), rows(CHUNKS)
        over = {show for show, in rows('SELECT show_id FROM show.shows WHERE ends_at <= now()')}
        assert over and all(section and row for _, _, section, row in places)
        cursor.execute('TRUNCATE directory.layout_chunks')
        cursor.execute('UPDATE show.seat_places SET section = NULL, row_name = NULL')
        cursor.execute(fill)
        cursor.execute(name)
        assert rows(CHUNKS) == chunks
        assert rows(PLACES) == [(show, no, *((None, None) if show in over else (section, row))) for show, no, section, row in places]
    finally:
        connection.rollback()


def test_what_was_bought_before_they_were_kept_has_them_after_the_upgrade(other, db):
    """Holds and lists as they were written before, and the migrations that name them, once more."""
    migrations = other.folder / 'migrations'
    texts = [(migrations / name).read_text() for name in ('0049_places_of_old_seats.sql', '0050_ambiguous_layouts.sql')]
    for arguments in (('db', 'migrate'), ('demo', 'load', '--yes')):
        done = other.run(*arguments)
        assert done.returncode == 0, done.stderr

    def rows(text, *values):
        return db.rows(text, *values, database=other.database)
    holds = 'SELECT hold_id, items::jsonb FROM show.holds ORDER BY hold_id'
    lists = "SELECT order_id, doc::jsonb FROM account.order_list ORDER BY order_id"
    # A live hold and a bought order each in a show to come and in one that is over, whose seats were never named.
    shows = [show for show, in rows("SELECT show_id FROM show.shows WHERE util.show_state(cancelled_at IS NOT NULL, sales_open_at, sales_close_at,"
                                    " clock_timestamp()) = 'on_sale' ORDER BY capacity DESC LIMIT 2")]
    user, = rows('SELECT user_id FROM account.wallets WHERE balance > 500000 LIMIT 1')[0]
    for show in shows:
        last = rows('SELECT capacity - 1 FROM show.shows WHERE show_id = %s', show)[0][0]
        for number, seats in enumerate(([3, 7], [0, last])):
            hold, order, payment, ticket = new(), new(), new(), [new(), new()]
            assert rows('SELECT outcome FROM show.hold_take(%s, %s, %s, %s, NULL)', show, hold, user, seats) == [('created',)]
            if number == 0:
                continue
            assert rows("SELECT outcome FROM show.order_create(%s, %s, %s, %s, '/o', %s, 'x', NULL)", show, order, hold, user, str(order)) == [('created',)]
            assert rows("SELECT outcome FROM show.payment_begin(%s, %s, %s, 'wallet', %s, '/p', %s, 'x', NULL)",
                        show, order, payment, user, str(payment)) == [('ok',)]
            assert rows('SELECT outcome FROM show.order_confirm(%s, %s, %s, %s, %s::uuid[], NULL)', show, order, payment, user, ticket) == [('ok',)]
            rows('INSERT INTO account.order_list SELECT %s, %s, now(), 3, show.order_doc(%s, %s)', user, order, show, order)
    now = rows(holds), rows(lists)
    assert len(now[1]) == 2 and all(seat['section'] and seat['row'] for _, items in now[0] for seat in items)
    assert all(ticket['section'] for _, doc in now[1] for ticket in doc['tickets'])
    rows("""UPDATE show.holds SET items = (SELECT json_agg(v::jsonb - 'section' - 'row' ORDER BY n) FROM json_array_elements(items) WITH ORDINALITY AS t (v, n));
        UPDATE account.order_list SET doc = (doc::jsonb || jsonb_build_object(
            'seats', (SELECT json_agg(v::jsonb - 'section' - 'row' ORDER BY n) FROM json_array_elements(doc -> 'seats') WITH ORDINALITY AS t (v, n)),
            'tickets', (SELECT json_agg(v::jsonb - 'section' - 'row' ORDER BY n) FROM json_array_elements(doc -> 'tickets') WITH ORDINALITY AS t (v, n))))::json""")
    # Two seats with the same section, row and label, in a layout of no such show.
    layout, = rows('SELECT layout_id FROM directory.layouts WHERE layout_id NOT IN (SELECT layout_id FROM show.shows WHERE show_id = ANY (%s)) LIMIT 1', shows)[0]
    rows('UPDATE directory.layout_chunks SET sections[2] = sections[1], row_names[2] = row_names[1], labels[2] = labels[1]'
         ' WHERE layout_id = %s AND first_no = 0', layout)
    rows('UPDATE show.seat_places SET section = NULL, row_name = NULL WHERE show_id = %s', shows[0])
    assert rows(holds) != now[0] and rows(lists) != now[1]
    rows('ALTER TABLE directory.layouts DROP COLUMN is_ambiguous')
    for text in texts:
        rows(text)
    assert (rows(holds), rows(lists)) == now
    assert rows('SELECT layout_id FROM directory.layouts WHERE is_ambiguous') == [(layout,)]
