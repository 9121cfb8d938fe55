-- Secrets of functions: they belong to the function, outlive its versions, and go with it.

CREATE TABLE aerodb.function_secrets (
    function_id uuid        NOT NULL REFERENCES aerodb.functions ON DELETE CASCADE,
    key         text        NOT NULL,
    key_id      text        NOT NULL,
    sealed      bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (function_id, key),
    CONSTRAINT function_secrets_key_allowed CHECK (key ~ '^[A-Za-z_][A-Za-z0-9_]{0,127}$'),
    CONSTRAINT function_secrets_sealed_whole CHECK (octet_length(sealed) >= 28)
);
COMMENT ON COLUMN aerodb.function_secrets.key IS 'the name under which the function reads it';
COMMENT ON COLUMN aerodb.function_secrets.key_id IS 'which key of the setting secrets.keys it is encrypted under';
COMMENT ON COLUMN aerodb.function_secrets.sealed IS 'nonce of 12 bytes, ciphertext, tag of 16 bytes: AES-256-GCM';
