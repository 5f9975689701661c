"""Runs one statement on its own connection."""


def rows(connection, text, values=()):
    """The rows of the statement, [] when it has none; closes the connection."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(text, values or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
