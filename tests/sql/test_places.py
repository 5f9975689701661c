"""Sections and rows of seats that were there before they were kept."""
import re

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
