-- Documents are made once and then only handed on: as json, which is text, they cost half of what jsonb does to build, and
-- nothing to send. What is searched or changed inside stays jsonb.

-- Functions take and return them, and rows that hold them: all are made anew behind the migrations, but for the one that
-- is made by a migration.
DO $$
DECLARE
	v_function text;
BEGIN
	FOREACH v_function IN ARRAY ARRAY(SELECT p.oid::regprocedure::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
			WHERE n.nspname IN ('directory', 'account', 'show', 'listing', 'log') AND p.proname <> 'runs_grade'
				OR n.nspname = 'util' AND p.proname = 'order_view') LOOP
		EXECUTE 'DROP FUNCTION IF EXISTS ' || v_function || ' CASCADE';
	END LOOP;
END $$;

ALTER TABLE show.holds ALTER COLUMN items TYPE json;
ALTER TABLE show.idempotency ALTER COLUMN result TYPE json;
ALTER TABLE account.idempotency ALTER COLUMN result TYPE json;
ALTER TABLE account.order_list ALTER COLUMN doc TYPE json;
ALTER TABLE log.retries ALTER COLUMN payload TYPE json;
ALTER TABLE log.event_log ALTER COLUMN payload TYPE json;
