-- Who may call which function, in one place: `boxofficectl db migrate` runs this behind the files of functions, whenever it
-- applies any. Rights on tables stand in the migration that makes the table. A role gets what the rule says, and a function
-- that is not named here gets the rule. PUBLIC gets nothing.
--   boxoffice_app    what requests need: all but the first two lists below
--   boxoffice_batch  what jobs and the relay need, which finish what requests began: the last two lists, and what cannot write
--   boxoffice_read   what cannot write: functions that are not volatile
DO $$
DECLARE
	-- Commands of an operator, and the one function that moves money. The wallet's functions call it as the owner.
	v_of_owner CONSTANT text[] := ARRAY['account.ledger_post', 'account.user_change_by_staff', 'log.cursors_rebase',
		'log.retry_anew', 'log.retry_skip'];
	v_of_batch CONSTANT text[] := ARRAY['account.idempotency_prune', 'account.orders_listed', 'account.sessions_prune',
		'account.signups_end', 'directory.login_failures_prune', 'directory.requests_prune', 'log.cursor_set',
		'log.partition_drop', 'log.partitions_make',
		'log.retry_add', 'log.retry_done', 'log.retry_failed', 'log.retry_next', 'show.holds_expire', 'show.holds_prune',
		'show.idempotency_prune', 'show.seats_rerelease', 'show.shows_write_down'];
	-- What jobs and the relay finish as a request would have done, with the functions that these functions call.
	v_of_both CONSTANT text[] := ARRAY['account.login_addresses_prune', 'account.wallet_refund', 'account.wallet_void',
		'directory.plan_add', 'directory.slot_free', 'directory.slots_keep', 'listing.event_recount', 'listing.show_recount',
		'listing.shows_recount', 'log.audit_add', 'log.audit_write', 'show.event_write', 'show.hold_close', 'show.hold_event',
		'show.hold_free_seats', 'show.order_close', 'show.order_confirm', 'show.order_fail', 'show.order_refunded',
		'show.order_touch', 'show.orders_cancel', 'show.payment_end', 'show.plan_add', 'show.seats_free', 'show.seats_lock',
		'show.settle_tried', 'show.show_draft_delete', 'show.show_publish', 'show.show_runs_add', 'show.show_seats_add'];
	v_command text;
BEGIN
	FOR v_command IN
		SELECT format(CASE WHEN w.may THEN 'GRANT EXECUTE ON FUNCTION %s TO %s' ELSE 'REVOKE EXECUTE ON FUNCTION %s FROM %s' END,
			f.signature, w.role)
		FROM (SELECT p.oid::regprocedure AS signature, n.nspname || '.' || p.proname AS name, p.provolatile <> 'v' AS is_reading,
				n.nspname = 'ops' OR n.nspname || '.' || p.proname = ANY (v_of_owner) AS is_owners,
				coalesce(p.proacl, acldefault('f', p.proowner)) AS acl
			FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
			WHERE n.nspname IN ('util', 'directory', 'account', 'show', 'log', 'listing', 'ops')
				AND pg_catalog.pg_has_role(p.proowner, 'MEMBER')) AS f
		CROSS JOIN LATERAL (VALUES ('PUBLIC', 0::oid, false),
			('boxoffice_app', 'boxoffice_app'::regrole, NOT f.is_owners AND f.name <> ALL (v_of_batch)),
			('boxoffice_batch', 'boxoffice_batch'::regrole, NOT f.is_owners AND (f.is_reading OR f.name = ANY (v_of_batch || v_of_both))),
			('boxoffice_read', 'boxoffice_read'::regrole, NOT f.is_owners AND f.is_reading)) AS w (role, oid, may)
		WHERE w.may <> EXISTS (SELECT FROM aclexplode(f.acl) AS a WHERE a.grantee = w.oid AND a.privilege_type = 'EXECUTE')
	LOOP
		EXECUTE v_command;
	END LOOP;
END $$;
