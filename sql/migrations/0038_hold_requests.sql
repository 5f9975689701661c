-- A hold remembers the request that took or extended it last, so that it answers as the first time when its answer was lost.
ALTER TABLE show.holds ADD COLUMN request text;
COMMENT ON COLUMN show.holds.request IS 'W3C traceparent of the request that took or extended it last; null before it was kept';
DROP FUNCTION IF EXISTS show.hold_take(int, uuid, uuid, int[], text);

-- So does a count of failed log-ins.
ALTER TABLE directory.login_failures ADD COLUMN request text;
COMMENT ON COLUMN directory.login_failures.request IS 'W3C traceparent of the request that failed last';
ALTER TABLE account.login_addresses ADD COLUMN request text;
COMMENT ON COLUMN account.login_addresses.request IS 'W3C traceparent of the request that failed last';
DROP FUNCTION IF EXISTS directory.login_failed(text, int);
DROP FUNCTION IF EXISTS account.login_failed(uuid, bytea, int);
