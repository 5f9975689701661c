-- What settling owes: money of closed orders. A table of its own instead of an index on the state of orders, which made each
-- update of an order write all its indexes.

CREATE TABLE show.refunds_due (
	show_id int NOT NULL,
	payment_id uuid NOT NULL,
	order_id uuid NOT NULL,
	user_id uuid NOT NULL,
	request_id uuid,
	since timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (show_id, payment_id)
);
CREATE INDEX refunds_due_since_idx ON show.refunds_due (since);
COMMENT ON TABLE show.refunds_due IS 'payments of closed orders whose money is not back yet; written by whoever closes the order, deleted when the refund is written down';
COMMENT ON COLUMN show.refunds_due.show_id IS 'show';
COMMENT ON COLUMN show.refunds_due.payment_id IS 'payment to give back';
COMMENT ON COLUMN show.refunds_due.order_id IS 'its order, which is closed';
COMMENT ON COLUMN show.refunds_due.user_id IS 'who gets it';
COMMENT ON COLUMN show.refunds_due.request_id IS 'request that closed the order, by which its repetition is known; null: no request';
COMMENT ON COLUMN show.refunds_due.since IS 'when the order was closed; the oldest is given back first';

CREATE TABLE show.settle_failures (
	show_id int NOT NULL,
	payment_id uuid NOT NULL,
	tries int NOT NULL DEFAULT 1,
	error text NOT NULL,
	last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (show_id, payment_id)
);
COMMENT ON TABLE show.settle_failures IS 'payments that settling could not end; after some tries they are left for an operator';
COMMENT ON COLUMN show.settle_failures.show_id IS 'show';
COMMENT ON COLUMN show.settle_failures.payment_id IS 'payment';
COMMENT ON COLUMN show.settle_failures.tries IS 'how often settling failed';
COMMENT ON COLUMN show.settle_failures.error IS 'why, the last time';
COMMENT ON COLUMN show.settle_failures.last_at IS 'when, the last time';

GRANT SELECT ON show.refunds_due, show.settle_failures TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT, UPDATE, DELETE ON show.refunds_due, show.settle_failures TO boxoffice_app, boxoffice_batch;

INSERT INTO show.refunds_due (show_id, payment_id, order_id, user_id, since)
SELECT p.show_id, p.payment_id, p.order_id, p.user_id, p.started_at
FROM show.orders AS o JOIN show.payments AS p USING (show_id, order_id) WHERE o.state = 'failed' AND p.state = 'approved';
DROP INDEX show.orders_failed_idx;

-- The few shows that are cancelled: settling looks for paid orders of theirs.
CREATE INDEX shows_cancelled_idx ON show.shows (show_id) WHERE cancelled_at IS NOT NULL;

-- Has become show.order_refunded.
DROP FUNCTION IF EXISTS show.payment_refunded(int, uuid, uuid, uuid, text);
