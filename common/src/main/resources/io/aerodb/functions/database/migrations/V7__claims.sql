-- What tells a lost worker from a lost answer, and a lost worker from an outage of PostgreSQL.

ALTER TABLE aerodb.instances
    ADD COLUMN renewed_since timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN aerodb.instances.renewed_since IS 'since when the lease has been renewed in time, without a gap';

ALTER TABLE aerodb.invocation_claims
    ADD COLUMN token bigint,
    ADD COLUMN lost  boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN aerodb.invocation_claims.token IS 'given by who claimed: asking again with it gives the same answer';
COMMENT ON COLUMN aerodb.invocation_claims.lost IS 'the attempt went with its worker, and there is to be no other: this worker only tells so';
