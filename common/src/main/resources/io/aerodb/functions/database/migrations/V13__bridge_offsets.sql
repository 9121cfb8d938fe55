-- How far the trigger bridge has come in the log of the application's database: written only after Kafka has what came before.
CREATE TABLE aerodb.bridge_offsets (
    slot       text        NOT NULL, -- the replication slot it reads
    key        bytea       NOT NULL,
    value      bytea       NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (slot, key)
);
