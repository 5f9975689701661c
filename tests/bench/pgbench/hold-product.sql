\set n :n + 1
\set p (:client_id * 12500 + :n % 12500) * 4
\set s :p / 4000 + 1
\set a :p % 4000
\set k random(1, 4)
SELECT outcome, result FROM show.hold_take(:s::int, gen_random_uuid(), gen_random_uuid(), (ARRAY[:a::int, :a::int + 1, :a::int + 2, :a::int + 3])[1:(:k::int)], NULL);
