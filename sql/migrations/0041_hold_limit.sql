-- A limit that is lowered holds for what comes; what somebody has keeps the limit under which it was taken.
ALTER TABLE show.holds ADD COLUMN max_seats int;
COMMENT ON COLUMN show.holds.max_seats IS 'max_seats_per_user of the show when it was taken; null before it was kept';
