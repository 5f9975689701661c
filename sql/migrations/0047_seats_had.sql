-- Made anew behind the migrations: it looks only at the seats that are asked for.
DROP FUNCTION IF EXISTS show.seats_had(int, uuid, int, uuid);
