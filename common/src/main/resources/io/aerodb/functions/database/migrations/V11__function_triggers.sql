-- What runs a function other than a call: the triggers of its active configuration, one row each.
CREATE TABLE aerodb.function_triggers (
    id          uuid        PRIMARY KEY,
    function_id uuid        NOT NULL REFERENCES aerodb.functions ON DELETE CASCADE,
    type        text        NOT NULL,
    definition  jsonb       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX function_triggers_by_type ON aerodb.function_triggers (type);
CREATE INDEX function_triggers_by_function ON aerodb.function_triggers (function_id);
COMMENT ON COLUMN aerodb.function_triggers.id IS 'follows from the function and the definition, so a trigger that is not changed keeps its row';
