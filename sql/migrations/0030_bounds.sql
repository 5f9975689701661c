-- Nothing that one account may repeat grows without bound: README.md has the list.

ALTER TABLE account.wallets ADD COLUMN charges int NOT NULL DEFAULT 0, ADD COLUMN charges_from timestamptz;
COMMENT ON COLUMN account.wallets.charges IS 'charges since charges_from';
COMMENT ON COLUMN account.wallets.charges_from IS 'begin of the day in which charges are counted; null before the first';

-- By the buyer first, as holds_buyer_idx is.
CREATE INDEX orders_buyer_idx ON show.orders (user_id, show_id);
CREATE INDEX checkins_again_idx ON show.checkins (ticket_id) WHERE outcome = 'already_used';

-- Only who looks for shows to prune asks whether it is null, so nothing else uses the index.
ALTER TABLE show.shows ADD COLUMN holds_left boolean DEFAULT true;
COMMENT ON COLUMN show.shows.holds_left IS 'unpaid holds have not been pruned yet; null: they have';
CREATE INDEX shows_holds_left_idx ON show.shows (ends_at) WHERE holds_left IS NOT NULL;
