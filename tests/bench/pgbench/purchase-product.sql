\set n :n + 1
\set p (:base + :n * 8 + :client_id) * 2
\set s 103 + :p / 20000 % 20
\set a :p % 20000
\set u :p / 2 % 10000 + 1
\set x random(1, 9000000000000000000)
SELECT outcome, result FROM show.hold_take(:s::int, md5('h' || :x)::uuid, lpad(to_hex(:u::int), 32, '0')::uuid, ARRAY[:a::int, :a::int + 1], NULL);
SELECT outcome, result FROM show.order_create(:s::int, md5('o' || :x)::uuid, md5('h' || :x)::uuid, lpad(to_hex(:u::int), 32, '0')::uuid, '/orders', 'o' || :x, '\x00', NULL);
SELECT outcome, result FROM show.payment_begin(:s::int, md5('o' || :x)::uuid, md5('p' || :x)::uuid, 'wallet', lpad(to_hex(:u::int), 32, '0')::uuid, '/payments', 'p' || :x, '\x00', NULL);
SELECT outcome, result FROM account.wallet_debit(lpad(to_hex(:u::int), 32, '0')::uuid, md5('p' || :x)::uuid, md5('o' || :x)::uuid, :s::int, 200000, NULL);
SELECT outcome, result FROM show.order_confirm(:s::int, md5('o' || :x)::uuid, md5('p' || :x)::uuid, lpad(to_hex(:u::int), 32, '0')::uuid, ARRAY[md5('t' || :x)::uuid, md5('q' || :x)::uuid], NULL);
