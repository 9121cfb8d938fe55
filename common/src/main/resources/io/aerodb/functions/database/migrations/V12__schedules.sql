-- How far each schedule is. Whoever holds the row's lock fires what is due.
CREATE TABLE aerodb.schedules (
    trigger_id       uuid        PRIMARY KEY REFERENCES aerodb.function_triggers ON DELETE CASCADE,
    settled_until    timestamptz NOT NULL DEFAULT now(),
    due_at           timestamptz DEFAULT now(),
    last_invocation  uuid,
    last_accepted_at timestamptz,
    last_over_by     timestamptz
) WITH (fillfactor = 80, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX schedules_by_time ON aerodb.schedules (due_at);
COMMENT ON COLUMN aerodb.schedules.settled_until IS 'fire times up to this one have been fired, or never will be';
COMMENT ON COLUMN aerodb.schedules.due_at IS 'when it is to be looked at next; null if it never fires again';
COMMENT ON COLUMN aerodb.schedules.last_invocation IS 'of the last fire, where the next one must not overlap it';
COMMENT ON COLUMN aerodb.schedules.last_over_by IS 'when it has ended in any case';

INSERT INTO aerodb.schedules (trigger_id) SELECT id FROM aerodb.function_triggers WHERE type = 'schedule';
