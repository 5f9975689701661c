-- What needs no race: what the owner's name guards, and constraints, which hold even where a function has a fault.
CALL iso.reset();
CALL iso.have_money('ann', 50000);
CALL iso.have_hold('h1', 'ann', ARRAY[0,1]);
CALL iso.have_order('o1', 'h1', 'ann');
\echo somebody else extends, releases, orders, pays
SELECT outcome FROM show.hold_extend(1, iso.id('h1'), iso.id('bob'), NULL);
SELECT outcome FROM show.hold_release(1, iso.id('h1'), iso.id('bob'), NULL);
SELECT outcome FROM show.order_create(1, iso.id('o2'), iso.id('h1'), iso.id('bob'), '/orders', 'k1', iso.hash('a'), NULL);
SELECT outcome FROM show.payment_begin(1, iso.id('o1'), iso.id('p1'), 'wallet', iso.id('bob'), '/pay', 'k1', iso.hash('a'), NULL);
SELECT seats, holds, orders, payments, breaches FROM iso.state;
\echo somebody else confirms, ends, fails, refunds, or uses the number of a hold
BEGIN;
SELECT outcome FROM show.payment_begin(1, iso.id('o1'), iso.id('p1'), 'wallet', iso.id('ann'), '/pay', 'k1', iso.hash('a'), NULL);
SELECT outcome FROM show.order_confirm(1, iso.id('o1'), iso.id('p1'), iso.id('bob'), ARRAY[iso.id('t1'), iso.id('t2')], NULL);
SELECT outcome FROM show.payment_end(1, iso.id('o1'), iso.id('p1'), iso.id('bob'), 'voided', NULL);
SELECT outcome FROM show.order_fail(1, iso.id('o1'), iso.id('p1'), iso.id('bob'), NULL);
SELECT orders, payments FROM iso.state;
UPDATE show.payments SET state = 'approved';
SELECT outcome FROM show.order_refunded(1, iso.id('o1'), iso.id('p1'), iso.id('bob'), NULL);
SELECT payments FROM iso.state;
ROLLBACK;

\echo sales are over, have not begun, the show is cancelled or a draft
BEGIN;
UPDATE show.shows SET sales_close_at = clock_timestamp();
SELECT outcome FROM show.hold_take(1, iso.id('h3'), iso.id('bob'), ARRAY[5], NULL);
ROLLBACK;
BEGIN;
UPDATE show.shows SET sales_open_at = clock_timestamp() + interval '1 hour';
SELECT outcome FROM show.hold_take(1, iso.id('h3'), iso.id('bob'), ARRAY[5], NULL);
ROLLBACK;
BEGIN;
UPDATE show.shows SET cancelled_at = clock_timestamp();
SELECT outcome FROM show.hold_take(1, iso.id('h3'), iso.id('bob'), ARRAY[5], NULL);
ROLLBACK;
BEGIN;
UPDATE show.shows SET published_at = NULL;
SELECT outcome FROM show.hold_take(1, iso.id('h3'), iso.id('bob'), ARRAY[5], NULL);
ROLLBACK;

\echo the best seats of a grade that the show does not have, more than a buyer may have
SELECT outcome, result FROM show.hold_take_first(1, iso.id('h3'), iso.id('bob'), 9, 'Q', '{}', NULL);

\echo a second live ticket of a seat
INSERT INTO show.tickets (show_id, ticket_id, order_id, seat_no, user_id, created_at)
VALUES (1, iso.id('t1'), iso.id('o1'), 0, iso.id('ann'), clock_timestamp());
INSERT INTO show.tickets (show_id, ticket_id, order_id, seat_no, user_id, created_at)
VALUES (1, iso.id('t2'), iso.id('o1'), 0, iso.id('ann'), clock_timestamp());
\echo one beside a void ticket
UPDATE show.tickets SET state = 'void';
INSERT INTO show.tickets (show_id, ticket_id, order_id, seat_no, user_id, created_at)
VALUES (1, iso.id('t3'), iso.id('o1'), 0, iso.id('ann'), clock_timestamp());
SELECT count(*) FROM show.tickets;

\echo a second order of a hold
INSERT INTO show.orders (show_id, order_id, hold_id, user_id, amount, currency, created_at)
VALUES (1, iso.id('o9'), iso.id('h1'), iso.id('ann'), 20000, 'KRW', clock_timestamp());

\echo a negative balance
CALL iso.write($w$UPDATE account.wallets SET balance = -1 WHERE user_id = iso.id('ann')$w$);

\echo a debit beside the void of its payment, a second refund
CALL iso.write($w$INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, payment_id)
VALUES (iso.id('ann'), 8, 'wallet', 'void', 0, iso.id('p1'))$w$);
CALL iso.write($w$INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, payment_id)
VALUES (iso.id('ann'), 9, 'wallet', 'use', -1, iso.id('p1'))$w$);
CALL iso.write($w$INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, payment_id)
VALUES (iso.id('ann'), 10, 'wallet', 'refund', 1, iso.id('p1'))$w$);
CALL iso.write($w$INSERT INTO account.ledger (user_id, entry_no, account, kind, amount, payment_id)
VALUES (iso.id('ann'), 11, 'wallet', 'refund', 1, iso.id('p1'))$w$);

\echo a hall that is taken
SELECT outcome FROM directory.slot_take(1, 11, '2031-05-01 18:00+00', '2031-05-01 20:00+00');
INSERT INTO directory.show_slots (show_id, hall_id, during) VALUES (12, 1, '[2031-05-01 19:00+00,2031-05-01 21:00+00)');

\echo a seat that the ticket is not for
UPDATE show.tickets SET state = 'valid' WHERE ticket_id = iso.id('t3');
SELECT outcome FROM show.ticket_check_in(1, iso.id('c1'), iso.id('t3'), 1, iso.id('cho'), NULL);
\echo a ticket enters twice
INSERT INTO show.checkins (show_id, checkin_id, ticket_id, seat_no, operator_id, outcome, at)
VALUES (1, iso.id('c2'), iso.id('t3'), 0, iso.id('cho'), 'entered', clock_timestamp());
INSERT INTO show.checkins (show_id, checkin_id, ticket_id, seat_no, operator_id, outcome, at)
VALUES (1, iso.id('c3'), iso.id('t3'), 0, iso.id('cho'), 'entered', clock_timestamp());

\echo what was written down is not changed by the roles of the programs
DELETE FROM show.checkins;
UPDATE account.ledger SET amount = 1 WHERE kind = 'charge';
DELETE FROM log.event_log;

\echo the roles of the programs make neither staff nor money, and forget nothing that was sold
UPDATE account.users SET role = 'admin' WHERE user_id = iso.id('ann');
UPDATE account.wallets SET balance = 1000000 WHERE user_id = iso.id('ann');
INSERT INTO account.ledger (user_id, entry_no, account, kind, amount) VALUES (iso.id('ann'), 12, 'wallet', 'charge', 1);
SELECT outcome FROM account.user_change_by_staff(iso.id('ann'), 'admin', NULL, 900, 'staff');
DELETE FROM show.tickets WHERE show_id = 1;
DELETE FROM show.payments WHERE show_id = 1;
CALL iso.reset();
