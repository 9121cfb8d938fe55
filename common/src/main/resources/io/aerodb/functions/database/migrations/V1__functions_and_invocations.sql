-- What is deployed, and how every invocation ended.

CREATE SEQUENCE aerodb.function_revisions;

CREATE TABLE aerodb.modules (
    hash       text        PRIMARY KEY,
    bytes      bytea       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT modules_hash_fits CHECK (hash = encode(sha256(bytes), 'hex'))
);
-- Modules are read whole, and WebAssembly compresses little: no time is spent on trying.
ALTER TABLE aerodb.modules ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE aerodb.functions (
    id             uuid        PRIMARY KEY,
    name           text        NOT NULL UNIQUE,
    active_version integer     NOT NULL,
    config         jsonb       NOT NULL,
    revision       bigint      NOT NULL DEFAULT nextval('aerodb.function_revisions'),
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT functions_name_allowed CHECK (name ~ '^[a-z][a-z0-9_-]{0,62}$')
);

CREATE TABLE aerodb.function_versions (
    function_id uuid        NOT NULL REFERENCES aerodb.functions ON DELETE CASCADE,
    version     integer     NOT NULL CHECK (version >= 1),
    module      text        NOT NULL REFERENCES aerodb.modules,
    config      jsonb       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (function_id, version)
);
CREATE INDEX function_versions_by_module ON aerodb.function_versions (module);

-- Functions may be deleted; what they did stays in the log, so there is no foreign key.
CREATE TABLE aerodb.function_invocations (
    id                uuid             NOT NULL,
    accepted_at       timestamptz      NOT NULL,
    function_id       uuid             NOT NULL,
    function          text             NOT NULL,
    version           integer          NOT NULL,
    trigger           text             NOT NULL,
    status            text             NOT NULL,
    error_code        text,
    error_message     text,
    role              text             NOT NULL,
    user_id           text,
    attempt           integer          NOT NULL,
    started_at        timestamptz,
    finished_at       timestamptz      NOT NULL,
    queue_ms          double precision NOT NULL,
    duration_ms       double precision NOT NULL,
    memory_peak       bigint           NOT NULL,
    log               jsonb            NOT NULL,
    log_truncated     boolean          NOT NULL,
    request_topic     text             NOT NULL,
    request_partition integer          NOT NULL,
    request_offset    bigint           NOT NULL,
    worker            text             NOT NULL,
    PRIMARY KEY (id, accepted_at)
) PARTITION BY RANGE (accepted_at);
COMMENT ON COLUMN aerodb.function_invocations.memory_peak IS 'bytes of linear memory';

CREATE INDEX function_invocations_by_function ON aerodb.function_invocations (function, accepted_at DESC, id DESC);
CREATE INDEX function_invocations_by_time ON aerodb.function_invocations (accepted_at);

-- Takes what no day's partition is there for, so that a row is never refused.
CREATE TABLE aerodb.function_invocations_default PARTITION OF aerodb.function_invocations DEFAULT;
