-- No table changes. The read of the seat map calls show.seat_is_free(), which comes with the functions of this version: the number
-- tells a program on an older schema that it is not there yet.
SELECT 25;
