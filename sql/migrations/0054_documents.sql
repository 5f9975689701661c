-- Made anew behind the migrations, with other parameters. What uses them is made anew as well.
DROP FUNCTION IF EXISTS show.hold_doc(show.holds, json, timestamptz) CASCADE;
DROP FUNCTION IF EXISTS show.order_doc(show.orders, show.holds, json, json) CASCADE;
DROP FUNCTION IF EXISTS show.ticket_doc(show.tickets, show.holds) CASCADE;
DROP FUNCTION IF EXISTS show.order_tickets(show.orders, show.holds) CASCADE;
DROP FUNCTION IF EXISTS show.order_payments(show.orders) CASCADE;
DROP FUNCTION IF EXISTS show.order_payments(show.orders, show.payments, int) CASCADE;
