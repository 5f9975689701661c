-- What the search for the best seats needs of a layout: bytes that the program makes once with the layout (src/core/plan.h).
-- Layouts and shows of before have none yet. The program makes theirs when it first looks for them.
CREATE TABLE directory.plans (
	layout_id int PRIMARY KEY REFERENCES directory.layouts,
	plan bytea NOT NULL CHECK (length(plan) BETWEEN 1 AND 1000000)
);
COMMENT ON TABLE directory.plans IS 'what the search for the best seats needs of a layout; never changed';
COMMENT ON COLUMN directory.plans.layout_id IS 'layout';
COMMENT ON COLUMN directory.plans.plan IS 'which seats are side by side, how far from the middle, and of which grade';
GRANT SELECT ON directory.plans TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT ON directory.plans TO boxoffice_app, boxoffice_batch;

CREATE TABLE show.plans (
	show_id int PRIMARY KEY,
	plan bytea NOT NULL CHECK (length(plan) BETWEEN 1 AND 1000000)
);
COMMENT ON TABLE show.plans IS 'copies of the plans of the layouts; never changed';
COMMENT ON COLUMN show.plans.show_id IS 'show';
COMMENT ON COLUMN show.plans.plan IS 'that of its layout';
GRANT SELECT ON show.plans TO boxoffice_app, boxoffice_batch, boxoffice_read;
GRANT INSERT, DELETE ON show.plans TO boxoffice_app, boxoffice_batch;

-- It has one more parameter now.
DROP FUNCTION IF EXISTS directory.layout_create(uuid, int, text, text[], text[], text, uuid, bytea);
