\set a random(0, 96)
\set k random(1, 4)
SELECT reference.hold_take(101, gen_random_uuid(), gen_random_uuid(), (ARRAY[:a::int, :a::int + 1, :a::int + 2, :a::int + 3])[1:(:k::int)], 1);
