-- Layouts tell the section and row of each seat, so that their chunks are not read from the document. Made anew behind the
-- migrations, with two more parameters.
DROP FUNCTION IF EXISTS directory.layout_create(uuid, int, text, text[], text[], text, uuid, bytea, bytea);
