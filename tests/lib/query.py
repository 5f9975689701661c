"""Runs one statement."""


def run(cursor, text, values=()):
    """The rows of the statement, [] when it has none."""
    cursor.execute(text, values or None)
    return cursor.fetchall() if cursor.description else []


def rows(connection, text, values=()):
    """The same on a connection of its own, which it closes."""
    try:
        with connection.cursor() as cursor:
            return run(cursor, text, values)
    finally:
        connection.close()
