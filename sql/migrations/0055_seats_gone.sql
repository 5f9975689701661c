-- One function names the seats of every refusal; made anew behind the migrations, with another parameter.
DROP FUNCTION IF EXISTS show.rests_refusal(int, int[], int[], bigint, boolean, uuid);
DROP FUNCTION IF EXISTS show.seats_gone(int, int[], boolean);
