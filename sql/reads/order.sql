-- An order of its owner, as it reads now. $1 show, $2 order, $3 user → order_doc
SELECT util.order_view(show.order_doc(o.show_id, o.order_id), clock_timestamp()) AS order_doc
FROM show.orders AS o WHERE o.show_id = $1::int AND o.order_id = $2 AND o.user_id = $3
