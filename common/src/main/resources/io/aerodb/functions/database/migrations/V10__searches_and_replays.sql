-- What did not succeed is looked for by its status, of all functions or of one, and is little among what did.
DROP INDEX aerodb.function_invocations_by_status;
CREATE INDEX function_invocations_by_status ON aerodb.function_invocations (status, accepted_at DESC, id DESC)
    WHERE status <> 'succeeded';
CREATE INDEX function_invocations_by_function_and_status ON aerodb.function_invocations (function, status, accepted_at DESC, id DESC)
    WHERE status NOT IN ('succeeded', 'accepted', 'scheduled');

-- A batch may be repeated, and whichever of its records is claimed first, each invocation has one row.
ALTER TABLE aerodb.replays ADD COLUMN batch_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN aerodb.replays.batch_at IS 'when the invocations of the batch under way count as accepted';
