-- Rows that a table had already, to be told to a trigger at a pace. The trigger bridge whose turn it is goes on with them.
CREATE TABLE aerodb.backfills (
    id              uuid        PRIMARY KEY,
    trigger_id      uuid        NOT NULL,
    function        text        NOT NULL,
    source_table    text        NOT NULL,
    per_second      integer     NOT NULL CHECK (per_second >= 1),
    state           text        NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'completed', 'failed', 'cancelled')),
    error           text,
    estimated_total bigint      NOT NULL,
    rows_read       bigint      NOT NULL DEFAULT 0,
    rows_fired      bigint      NOT NULL DEFAULT 0,
    key_columns     text[],
    position        text[],
    next_at         timestamptz NOT NULL DEFAULT now(),
    batch_at        timestamptz NOT NULL DEFAULT now(),
    request_key     bytea       UNIQUE,
    request_hash    bytea,
    created_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz
);
CREATE UNIQUE INDEX backfills_running ON aerodb.backfills (trigger_id) WHERE state = 'running';
CREATE INDEX backfills_due ON aerodb.backfills (next_at) WHERE state = 'running';
CREATE INDEX backfills_by_function ON aerodb.backfills (function, created_at DESC, id DESC);
COMMENT ON COLUMN aerodb.backfills.error IS 'why it failed, or what it waits for';
COMMENT ON COLUMN aerodb.backfills.key_columns IS 'of the primary key, in the order of position';
COMMENT ON COLUMN aerodb.backfills.position IS 'the primary key of the last row that was dealt with, as PostgreSQL writes its values; null before the first';
COMMENT ON COLUMN aerodb.backfills.next_at IS 'when its next rows may go out';
COMMENT ON COLUMN aerodb.backfills.batch_at IS 'when the invocations of the batch under way count as accepted, also if it is repeated';
COMMENT ON COLUMN aerodb.backfills.request_key IS 'SHA-256 over trigger, caller and the Idempotency-Key they gave; null without one';
