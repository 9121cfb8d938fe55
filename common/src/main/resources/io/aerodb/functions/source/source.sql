-- What the trigger bridge needs in the application's database. It may be run again at any time. See docs/database-triggers.md.
CREATE SCHEMA IF NOT EXISTS aerodb_bridge;
REVOKE ALL ON SCHEMA aerodb_bridge FROM PUBLIC;

-- Signs who made a change, so that nobody else can say it. One row, which never leaves this schema but for the bridge.
CREATE TABLE IF NOT EXISTS aerodb_bridge.identity_key (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  ipad bytea NOT NULL CHECK (length(ipad) = 64), -- the key, padded to 64 bytes, each xor 0x36
  opad bytea NOT NULL CHECK (length(opad) = 64)  -- the key, padded to 64 bytes, each xor 0x5c
);
REVOKE ALL ON aerodb_bridge.identity_key FROM PUBLIC;

-- Puts the claims of whoever writes into the log, before what it writes. They hold for the transaction that it is part of, and for
-- no other. It believes those that a worker has signed, and those that a trusted login, such as that of a REST server, has set for
-- the request it serves; where there are none, nothing is told. A write of the application never fails for it: what cannot be read,
-- and what we may not do, counts as not said. Only a worker's does, whose key this database does not know.
CREATE OR REPLACE FUNCTION aerodb_bridge.tell_identity() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  told text;
BEGIN
  IF coalesce(current_setting('aerodb.ctx', true), '') = '' AND coalesce(current_setting('request.jwt.claims', true), '') = '' THEN
    RETURN NULL;
  END IF;
  BEGIN
    told := aerodb_bridge.signed_claims(session_user);
  EXCEPTION
    WHEN data_exception OR program_limit_exceeded OR object_not_in_prerequisite_state
        OR insufficient_privilege OR undefined_function OR undefined_table THEN
      RETURN NULL;
  END;
  -- not within that block, where each statement would cost a subtransaction with an id of its own
  IF told IS NOT NULL AND EXISTS (
      SELECT FROM pg_proc p WHERE p.proname = 'pg_logical_emit_message' AND p.pronamespace = 'pg_catalog'::regnamespace
        AND p.proargtypes[2] = 'text'::regtype AND has_function_privilege(p.oid, 'EXECUTE')) THEN
    PERFORM pg_logical_emit_message(true, 'aerodb.identity', told);
  END IF;
  RETURN NULL;
END $$;

-- The claims that the present transaction goes by, after their signature; null where there are none to believe.
CREATE OR REPLACE FUNCTION aerodb_bridge.signed_claims(login name) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  claims jsonb;
  signature text;
BEGIN
  IF coalesce(current_setting('aerodb.ctx', true), '') <> '' THEN
    -- only there is auth.jwt() the one that checks signatures
    IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'aerodb_guest' AND c.relname = 'claim_keys') THEN
      EXECUTE 'SELECT auth.jwt()' INTO claims;
    END IF;
  ELSIF aerodb_bridge.is_trusted(login) THEN
    claims := current_setting('request.jwt.claims', true)::jsonb - 'aerodb_cause';
  END IF;
  IF jsonb_typeof(claims) = 'object' THEN
    SELECT encode(sha256(k.opad || sha256(k.ipad || convert_to(
        (pg_current_xact_id()::text::numeric % 4294967296)::text || '|' || claims::text, 'UTF8'))), 'hex')
      INTO signature FROM aerodb_bridge.identity_key k;
  END IF;
  RETURN signature || claims::text;
END $$;

-- Whether what a login says of whom it acts for is believed: superusers, the database's owner, members of aerodb_trusted.
CREATE OR REPLACE FUNCTION aerodb_bridge.is_trusted(login name) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT r.rolsuper
      OR r.oid = (SELECT datdba FROM pg_database WHERE datname = current_database())
      OR EXISTS (SELECT FROM pg_roles t WHERE t.rolname = 'aerodb_trusted' AND pg_has_role(r.oid, t.oid, 'MEMBER'))
  FROM pg_roles r WHERE r.rolname = login
$$;
REVOKE EXECUTE ON FUNCTION aerodb_bridge.tell_identity(), aerodb_bridge.signed_claims(name), aerodb_bridge.is_trusted(name) FROM PUBLIC;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = 'aerodb_bridge') THEN
    CREATE PUBLICATION aerodb_bridge WITH (publish = 'insert, update, delete', publish_via_partition_root = true);
  END IF;
END $$;
