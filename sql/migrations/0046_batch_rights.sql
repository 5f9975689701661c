-- What jobs and the relay may do, cut to what they do. What deletes accounts, sessions, holds and shows runs as the owner and
-- deletes nothing but what is over.
REVOKE DELETE ON account.users, account.wallets, account.sessions, account.refresh_tokens, account.revocations, account.signups,
	show.holds FROM boxoffice_batch;
REVOKE DELETE ON show.shows, show.grades, show.seats, show.seat_places, show.plans FROM boxoffice_app, boxoffice_batch;

REVOKE SELECT ON account.users, account.refresh_tokens FROM boxoffice_batch;
GRANT SELECT (user_id, email) ON account.users TO boxoffice_batch;
GRANT SELECT (user_id, session_id, expires_at) ON account.refresh_tokens TO boxoffice_batch;
REVOKE INSERT ON account.idempotency, account.refresh_tokens, account.revocations, account.sessions, account.signups,
	directory.login_failures, show.grades, show.holds, show.idempotency, show.orders, show.payments, show.shows FROM boxoffice_batch;
REVOKE UPDATE ON account.refresh_tokens, account.revocations, account.sessions, show.grades, show.refunds_due,
	show.seat_places, show.shows FROM boxoffice_batch;
GRANT UPDATE (published_at, opened_at, closed_at, ended_at, rereleased_at, rerelease_off_at, holds_left) ON show.shows
	TO boxoffice_batch;
REVOKE INSERT, UPDATE, DELETE ON show.blocks FROM boxoffice_batch;
REVOKE DELETE ON listing.events, listing.grades, listing.shows FROM boxoffice_app, boxoffice_batch;
