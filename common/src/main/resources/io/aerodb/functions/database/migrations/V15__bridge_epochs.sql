-- Each time a bridge begins to read it takes a new number, and what one with a smaller number writes is refused: it has lost its turn.
CREATE SEQUENCE aerodb.bridge_epochs;
ALTER TABLE aerodb.bridge_offsets ADD epoch bigint NOT NULL DEFAULT 0;
