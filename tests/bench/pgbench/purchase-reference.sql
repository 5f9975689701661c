\set n :n + 1
\set p (:base + :n * 8 + :client_id) * 2
\set s 103 + :p / 20000 % 20
\set a :p % 20000
\set u :p / 2 % 10000 + 1
\set x random(1, 9000000000000000000)
SELECT reference.hold_take(:s::int, md5('h' || :x)::uuid, lpad(to_hex(:u::int), 32, '0')::uuid, ARRAY[:a::int, :a::int + 1], 300);
SELECT reference.order_create(md5('o' || :x)::uuid, md5('h' || :x)::uuid, lpad(to_hex(:u::int), 32, '0')::uuid, 100000);
SELECT reference.payment_begin(md5('o' || :x)::uuid, md5('p' || :x)::uuid);
SELECT reference.wallet_debit(lpad(to_hex(:u::int), 32, '0')::uuid, md5('p' || :x)::uuid, 200000);
SELECT reference.order_confirm(md5('o' || :x)::uuid, md5('p' || :x)::uuid);
