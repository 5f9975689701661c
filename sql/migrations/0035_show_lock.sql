-- The holds of a cancelled show end by the same function (show.holds_expire).
DROP FUNCTION IF EXISTS show.holds_expire(int[], uuid[]);
