-- What staff's routes refused to an account is in the trail once a day for each route: the trail is kept for ever, and nobody may flood it.

CREATE UNIQUE INDEX audit_trail_refused_idx ON log.audit_trail (actor, object, ((at AT TIME ZONE 'UTC')::date))
	WHERE action = 'access.refuse';
