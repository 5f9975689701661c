-- The program chooses the best seats from the plan of a show. Programs of the previous version still call show.hold_best and
-- show.show_runs_add, which need none of this any more.
DROP FUNCTION IF EXISTS show.free_stretches(int, text, bool, int[], int, int);
DROP FUNCTION IF EXISTS show.best_blocks(int, int, text, bool, int[]);
DROP FUNCTION IF EXISTS show.best_groups(int, int, text, bool, int[]);
DROP FUNCTION IF EXISTS show.seats_try(int, int[]);
DROP FUNCTION show.runs_grade(int[]);
DROP TABLE show.seat_runs;
DROP FUNCTION util.layout_runs(json);

-- It has two more parameters now.
DROP FUNCTION IF EXISTS show.hold_take(int, uuid, uuid, int[], text, bool, uuid, int, int);
