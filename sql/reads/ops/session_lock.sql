-- Takes a lock that lives as long as this connection, or says that another connection has it. Asking again keeps it.
-- $1 name text → is_taken
SELECT pg_try_advisory_lock(hashtextextended('boxoffice ' || $1::text, 0)) AS is_taken
