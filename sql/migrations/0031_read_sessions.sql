-- Where somebody uses a session is for him and for the program, not for whoever reads figures.
REVOKE SELECT ON account.sessions FROM boxoffice_read;
GRANT SELECT (user_id, session_id, created_at, revoked_at, used_at) ON account.sessions TO boxoffice_read;
