-- Payments that settling has given up after `tries` tries.
-- $1 tries int → payment_id, show_id, order_id, tries, error
SELECT f.payment_id, f.show_id, p.order_id, f.tries, f.error
FROM show.settle_failures AS f JOIN show.payments AS p USING (show_id, payment_id)
WHERE f.tries >= $1::int ORDER BY f.last_at
