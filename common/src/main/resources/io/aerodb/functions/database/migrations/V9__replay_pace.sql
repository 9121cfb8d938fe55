-- Schedulers take turns at replays; a replay's pace must not depend on how many there are.
ALTER TABLE aerodb.replays
    ADD COLUMN next_at timestamptz NOT NULL DEFAULT now(),
    ADD CONSTRAINT replays_per_second_positive CHECK (per_second >= 1);
COMMENT ON COLUMN aerodb.replays.next_at IS 'when its next invocations may go out';

DROP INDEX aerodb.replays_running;
CREATE INDEX replays_running ON aerodb.replays (next_at) WHERE state = 'running';

-- Rows come and go by the thousand, and whoever looks for the oldest steps over what is dead before it.
ALTER TABLE aerodb.due_invocations SET (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_cost_delay = 0);
