-- What modules were compiled to. Whoever loads one checks its seal; the rows can all be deleted at any time and come again.

CREATE TABLE aerodb.module_artefacts (
    module     text        NOT NULL REFERENCES aerodb.modules ON DELETE CASCADE,
    engine     text        NOT NULL,
    artefact   bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (module, engine)
);
-- Read whole, and on the way to a first call: no time is spent on decompressing.
ALTER TABLE aerodb.module_artefacts ALTER COLUMN artefact SET STORAGE EXTERNAL;
