-- What was paid and cancelled counts as a hold that ended unpaid.
COMMENT ON COLUMN show.holds.ended_at IS 'when it ended unpaid, released or expired, or its paid order was cancelled; null while it lives and is paid';
