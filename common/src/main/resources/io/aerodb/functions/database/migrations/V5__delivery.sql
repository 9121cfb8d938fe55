-- Which services run, which of them runs what, and what is still to be tried.

ALTER TABLE aerodb.function_invocations
    ALTER COLUMN finished_at DROP NOT NULL,
    ADD COLUMN cause            uuid,
    ADD COLUMN depth            integer NOT NULL DEFAULT 0,
    ADD COLUMN replay_of        uuid,
    ADD COLUMN retry_at         timestamptz,
    ADD COLUMN past_attempts    jsonb   NOT NULL DEFAULT '[]',
    ADD COLUMN result_topic     text,
    ADD COLUMN result_partition integer,
    ADD COLUMN result_offset    bigint;
COMMENT ON COLUMN aerodb.function_invocations.past_attempts IS 'how the attempts before this one ended, in order';
COMMENT ON COLUMN aerodb.function_invocations.result_offset IS 'where the reply with the output stands on the log';

CREATE INDEX function_invocations_by_status ON aerodb.function_invocations (status, accepted_at DESC, id DESC)
    WHERE status IN ('accepted', 'scheduled', 'dead_lettered');

-- A service renews its lease while it runs; what one without a lease had claimed may be run by others.
CREATE TABLE aerodb.instances (
    name        text        PRIMARY KEY,
    service     text        NOT NULL,
    lease_until timestamptz NOT NULL
);

-- Whoever adds or takes over the row of an invocation may run it. There is no foreign key to instances: those come and go.
CREATE TABLE aerodb.invocation_claims (
    id          uuid        PRIMARY KEY,
    accepted_at timestamptz NOT NULL,
    attempt     integer     NOT NULL,
    worker      text        NOT NULL,
    claimed_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
CREATE INDEX invocation_claims_by_time ON aerodb.invocation_claims (claimed_at);
COMMENT ON COLUMN aerodb.invocation_claims.accepted_at IS 'with id, the key of the row in function_invocations';

-- What is to be put on the events lane at a time to come.
CREATE TABLE aerodb.due_invocations (
    id                uuid        PRIMARY KEY,
    attempt           integer     NOT NULL,
    due_at            timestamptz NOT NULL,
    accepted_at       timestamptz NOT NULL,
    function_id       uuid        NOT NULL,
    function          text        NOT NULL,
    request_topic     text        NOT NULL,
    request_partition integer     NOT NULL,
    request_offset    bigint      NOT NULL
);
CREATE INDEX due_invocations_by_time ON aerodb.due_invocations (due_at);
COMMENT ON COLUMN aerodb.due_invocations.attempt IS 'the one that is due';

CREATE TABLE aerodb.idempotency_keys (
    key          bytea       PRIMARY KEY,
    request_hash bytea       NOT NULL,
    invocation   uuid        NOT NULL,
    accepted_at  timestamptz NOT NULL,
    deadline     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX idempotency_keys_by_expiry ON aerodb.idempotency_keys (expires_at);
COMMENT ON COLUMN aerodb.idempotency_keys.key IS 'SHA-256 over function, caller and the key they gave';

-- The topic of dead letters as a list that can be searched.
CREATE TABLE aerodb.dead_letters (
    letter_partition integer     NOT NULL,
    letter_offset    bigint      NOT NULL,
    created_at       timestamptz NOT NULL,
    reason           text        NOT NULL,
    attempts         integer     NOT NULL,
    invocation       uuid,
    accepted_at      timestamptz,
    function         text,
    source_topic     text        NOT NULL,
    source_partition integer     NOT NULL,
    source_offset    bigint      NOT NULL,
    replayed_as      uuid,
    PRIMARY KEY (letter_partition, letter_offset)
);
CREATE INDEX dead_letters_by_time ON aerodb.dead_letters (created_at DESC);
CREATE INDEX dead_letters_by_invocation ON aerodb.dead_letters (invocation);
COMMENT ON COLUMN aerodb.dead_letters.invocation IS 'null for a record that could not be read';

-- Many invocations to be replayed, at a rate. Whoever holds the row''s lock goes on with it.
CREATE TABLE aerodb.replays (
    id            uuid        PRIMARY KEY,
    function      text        NOT NULL,
    status        text,
    since         timestamptz,
    until         timestamptz NOT NULL,
    version       integer,
    max_count     integer     NOT NULL,
    per_second    integer     NOT NULL,
    state         text        NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'completed', 'cancelled')),
    total         integer     NOT NULL,
    replayed      integer     NOT NULL DEFAULT 0,
    gone          integer     NOT NULL DEFAULT 0,
    position_time timestamptz,
    position_id   uuid,
    created_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz
);
CREATE INDEX replays_running ON aerodb.replays (created_at) WHERE state = 'running';
COMMENT ON COLUMN aerodb.replays.gone IS 'requests that retention had removed from the log';
COMMENT ON COLUMN aerodb.replays.position_id IS 'with position_time, the last invocation that was dealt with, oldest first';
