-- A schedule keeps its state when only its policies change, and those that are behind go in the order in which they would miss something.
ALTER TABLE aerodb.schedules
    ADD COLUMN fires_as  uuid,
    ADD COLUMN missed_at timestamptz;
UPDATE aerodb.schedules SET fires_as = trigger_id, missed_at = due_at;
ALTER TABLE aerodb.schedules
    ALTER COLUMN fires_as SET DEFAULT gen_random_uuid(),
    ALTER COLUMN fires_as SET NOT NULL;
COMMENT ON COLUMN aerodb.schedules.fires_as IS 'with the fire time it names the invocation; it stays when the row goes over to another trigger with the same times';
COMMENT ON COLUMN aerodb.schedules.missed_at IS 'when the fire that is due next will have been missed';
