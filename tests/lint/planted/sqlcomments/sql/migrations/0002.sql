-- later
ALTER TABLE show.holds
	ADD COLUMN currency text,
	DROP COLUMN amount;
