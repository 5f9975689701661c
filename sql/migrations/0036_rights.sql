-- What the roles of the programs may do, cut to what their functions do.

-- A function or type is nobody's until somebody gets it. sql/rights.sql gives functions.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;

-- Requests neither make staff nor money. The functions of the wallet run as the owner.
REVOKE INSERT, UPDATE ON account.users, account.wallets FROM boxoffice_app, boxoffice_batch;
REVOKE INSERT ON account.ledger FROM boxoffice_app, boxoffice_batch;
GRANT INSERT (user_id, email, password_hash, name, phone), UPDATE (name, phone) ON account.users TO boxoffice_app;
GRANT INSERT (user_id) ON account.wallets TO boxoffice_app;

-- What was sold stays on record.
REVOKE DELETE ON show.orders, show.payments, show.tickets FROM boxoffice_app, boxoffice_batch;
REVOKE DELETE ON show.holds FROM boxoffice_app;

-- Who reads for statistics meets no address of a person, and no answer to a request of one.
REVOKE SELECT ON directory.email_claims, directory.login_failures, directory.requests, account.signups
	FROM boxoffice_read;
