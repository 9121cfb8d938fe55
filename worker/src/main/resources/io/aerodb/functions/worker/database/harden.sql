-- Makes a database safe for SQL that untrusted functions write. See docs/database-access.md.
--
-- Run it in the application's database, as a superuser or, with fewer revokes, as the role that a managed service gives you:
--     psql -v ON_ERROR_STOP=1 -f harden.sql "postgresql://…"
-- It may be run again at any time. It sets no passwords and installs no keys.

SET client_min_messages = warning;

-- Layer 1: a login role for each class of callers, a member of nothing. Roles are shared by all databases of a server.
DO $$
DECLARE
  guest text;
  attribute text;
  parent name;
  -- as many as five workers with pools of the default size need
  max_connections CONSTANT int := 40;
BEGIN
  FOREACH guest IN ARRAY ARRAY['anon', 'authenticated', 'service_role'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = guest) THEN
      EXECUTE format('CREATE ROLE %I', guest);
    END IF;
    FOREACH attribute IN ARRAY ARRAY['LOGIN', 'NOINHERIT', 'NOCREATEDB', 'NOCREATEROLE', 'NOSUPERUSER', 'NOREPLICATION',
        CASE WHEN guest = 'service_role' THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END] LOOP
      BEGIN
        EXECUTE format('ALTER ROLE %I %s', guest, attribute);
      EXCEPTION WHEN insufficient_privilege THEN
        NULL; -- most are so by default, and the audit names those that are not
      END;
    END LOOP;
    IF (SELECT rolconnlimit FROM pg_roles WHERE rolname = guest) = -1 THEN
      EXECUTE format('ALTER ROLE %I CONNECTION LIMIT %s', guest, max_connections);
    END IF;
    FOR parent IN
      SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
      WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = guest)
    LOOP
      EXECUTE format('REVOKE %I FROM %I', parent, guest);
    END LOOP;
    BEGIN
      EXECUTE format('ALTER ROLE %I SET temp_file_limit = %L', guest, '64MB');
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE WARNING 'only a superuser can limit the temporary files of %', guest;
    END;
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', guest, '60s');
  END LOOP;

  -- what PUBLIC loses below, the services and the owner keep through this group
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aerodb_trusted') THEN
    CREATE ROLE aerodb_trusted NOLOGIN;
  END IF;
  IF NOT pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'aerodb_trusted', 'USAGE') THEN
    EXECUTE format('GRANT aerodb_trusted TO %I',
      (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()));
  END IF;
  -- so does the trigger bridge's role, whose function tells the log who writes
  FOR parent IN
    SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'aerodb_bridge' AND NOT pg_has_role(nspowner, 'aerodb_trusted', 'USAGE')
  LOOP
    EXECUTE format('GRANT aerodb_trusted TO %I', parent);
  END LOOP;
END $$;

-- Layer 3: what every login could do until now.
DO $$
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, anon, authenticated, service_role', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO anon, authenticated, service_role', current_database());
  EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO aerodb_trusted', current_database());
END $$;

DO $$
DECLARE
  target record;
BEGIN
  FOR target IN
    SELECT nspname FROM pg_namespace
    WHERE has_schema_privilege('anon', oid, 'CREATE') OR has_schema_privilege('authenticated', oid, 'CREATE')
       OR has_schema_privilege('service_role', oid, 'CREATE')
  LOOP
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, anon, authenticated, service_role', target.nspname);
  END LOOP;

  FOR target IN SELECT lanname FROM pg_language WHERE lanpltrusted AND lanname NOT IN ('internal', 'c', 'sql') LOOP
    BEGIN
      EXECUTE format('GRANT USAGE ON LANGUAGE %I TO aerodb_trusted', target.lanname);
      EXECUTE format('REVOKE USAGE ON LANGUAGE %I FROM PUBLIC, anon, authenticated, service_role', target.lanname);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE WARNING 'cannot revoke the use of the language %', target.lanname;
    END;
  END LOOP;

  BEGIN
    REVOKE UPDATE ON pg_catalog.pg_settings FROM PUBLIC;
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'cannot revoke updates of pg_settings';
  END;
END $$;

-- Functions that change the session, signal, wait, lock, watch others, run SQL from a text, or write outside of tables.
CREATE SCHEMA IF NOT EXISTS aerodb_guest;
REVOKE ALL ON SCHEMA aerodb_guest FROM PUBLIC, anon, authenticated, service_role;

CREATE OR REPLACE VIEW aerodb_guest.forbidden_functions AS
-- forbidden functions: the audit asks the same
SELECT p.oid AS function, p.oid::regprocedure::text AS signature
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
WHERE (n.nspname = 'pg_catalog' AND (
        p.proname IN (
          'set_config', 'setseed',
          'pg_terminate_backend', 'pg_cancel_backend', 'pg_notify', 'pg_export_snapshot', 'pg_logical_emit_message',
          'pg_stat_get_activity', 'pg_stat_get_progress_info', 'pg_stat_get_wal_senders', 'pg_stat_get_wal_receiver',
          'pg_stat_get_subscription', 'pg_lock_status', 'pg_blocking_pids', 'pg_safe_snapshot_blocking_pids',
          'pg_prepared_statement', 'pg_prepared_xact', 'pg_cursor', 'pg_listening_channels', 'currtid2',
          'ts_stat', 'pg_sleep', 'pg_sleep_for', 'pg_sleep_until')
        OR p.proname ~ '^pg_stat_get_backend_'
        OR p.proname ~ '_to_xml(schema|_and_xmlschema)?$'
        OR p.proname ~ '^pg_(try_)?advisory_' AND p.proname <> 'pg_advisory_unlock_all' -- which sessions are cleaned with
        OR p.proname ~ '^(lo_|loread$|lowrite$)'
        OR p.proname = 'ts_rewrite' AND p.pronargs = 2))
   -- extensions that open doors of their own
   OR (d.objid IS NOT NULL AND (
        p.proname ~ '^(dblink|crosstab|connectby|postgres_fdw_)'
        OR p.proname IN ('xpath_table', 'pg_stat_statements', 'pg_stat_statements_info', 'lo_manage')))
-- end of forbidden functions
;
REVOKE ALL ON aerodb_guest.forbidden_functions FROM PUBLIC, anon, authenticated, service_role;

DO $$
DECLARE
  target record;
  failed text[] := '{}';
BEGIN
  FOR target IN SELECT signature FROM aerodb_guest.forbidden_functions LOOP
    BEGIN
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO aerodb_trusted', target.signature);
      EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, anon, authenticated, service_role', target.signature);
    EXCEPTION WHEN insufficient_privilege THEN
      failed := failed || target.signature;
    END;
  END LOOP;
  IF failed <> '{}' THEN
    RAISE WARNING 'only a superuser can revoke % functions, such as %', cardinality(failed), failed[1];
  END IF;
END $$;

-- Layer 4: claims that only a worker can sign. Keys are installed by the worker's operator, never by this file.
CREATE TABLE IF NOT EXISTS aerodb_guest.claim_keys (
  kid text PRIMARY KEY,
  ipad bytea NOT NULL CHECK (length(ipad) = 64), -- the key, padded to 64 bytes, each xor 0x36
  opad bytea NOT NULL CHECK (length(opad) = 64), -- the key, padded to 64 bytes, each xor 0x5c
  installed_at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON aerodb_guest.claim_keys FROM PUBLIC, anon, authenticated, service_role;

-- Remembers the challenge of each session: what setval() leaves for currval() is the session's own, and guests have no rights here.
-- What is stored means nothing.
CREATE UNLOGGED SEQUENCE IF NOT EXISTS aerodb_guest.challenge;
REVOKE ALL ON SEQUENCE aerodb_guest.challenge FROM PUBLIC, anon, authenticated, service_role;

CREATE SCHEMA IF NOT EXISTS auth;
REVOKE CREATE ON SCHEMA auth FROM PUBLIC, anon, authenticated, service_role;
GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role;

-- Every query goes through the next two. Names that are written out in full cost less than a search path of their own.

-- A number that never came before, for the session's next transaction: only claims that are signed together with it count there.
-- Nobody who acts for a caller gets one, so no guest can change its own.
CREATE OR REPLACE FUNCTION auth.challenge() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE AS $$
BEGIN
  IF pg_catalog.current_setting('aerodb.ctx', true) OPERATOR(pg_catalog.<>) '' THEN
    RAISE EXCEPTION 'this transaction acts for a caller already' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- 62 random bits, and one that keeps it from being zero
  RETURN pg_catalog.setval('aerodb_guest.challenge', pg_catalog.uuid_hash_extended(pg_catalog.gen_random_uuid(), 0)
    OPERATOR(pg_catalog.&) 4611686018427387903 OPERATOR(pg_catalog.|) 4611686018427387904);
END $$;

-- Begins to act for a caller, once in a transaction. It need not look at the claims: auth.jwt() does, and believes no others than
-- those that a worker has signed. The worker's time limit is set in the same call.
CREATE OR REPLACE FUNCTION auth.enter(context text, timeout text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER PARALLEL UNSAFE AS $$
BEGIN
  IF pg_catalog.current_setting('aerodb.ctx', true) OPERATOR(pg_catalog.<>) '' THEN
    RAISE EXCEPTION 'this transaction acts for a caller already' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN pg_catalog.set_config('aerodb.ctx', context, true) IS NOT NULL
    AND pg_catalog.set_config('statement_timeout', timeout, true) IS NOT NULL;
END $$;

-- All claims of the caller, or null unless a worker has signed them for this session's present challenge.
CREATE OR REPLACE FUNCTION auth.jwt() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  context text := current_setting('aerodb.ctx', true); -- key, claims in base64, signature
  claims text := split_part(context, '.', 2);
  signature text;
BEGIN
  IF coalesce(context, '') = '' THEN
    RETURN NULL;
  END IF;
  SELECT encode(sha256(k.opad || sha256(k.ipad || convert_to(currval('aerodb_guest.challenge') || '|' || claims, 'UTF8'))), 'hex')
    INTO signature FROM aerodb_guest.claim_keys k WHERE k.kid = split_part(context, '.', 1);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the claims are signed with a key that this database does not know' USING ERRCODE = 'ZK001';
  END IF;
  IF signature <> split_part(context, '.', 3) THEN
    RETURN NULL;
  END IF;
  RETURN convert_from(decode(claims, 'base64'), 'UTF8')::jsonb;
END $$;

-- The subject if it is a UUID, as those of Supabase are; null for any other: compare auth.jwt() ->> 'sub' then.
CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid
LANGUAGE sql STABLE PARALLEL RESTRICTED
RETURN substring(auth.jwt() ->> 'sub'
  FROM '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$')::uuid;

CREATE OR REPLACE FUNCTION auth.role() RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED
RETURN auth.jwt() ->> 'role';

REVOKE EXECUTE ON FUNCTION auth.challenge(), auth.enter(text, text), auth.jwt(), auth.uid(), auth.role() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.challenge(), auth.enter(text, text) TO anon, authenticated, service_role;
GRANT EXECUTE ON FUNCTION auth.jwt(), auth.uid(), auth.role() TO anon, authenticated, service_role, aerodb_trusted;
GRANT USAGE ON SCHEMA auth TO aerodb_trusted;

-- The application's tables. anon and authenticated get what you GRANT them; service_role, which row security lets pass, all.
GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO service_role;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO service_role;
DO $$
DECLARE
  owner name := (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database());
  target record;
BEGIN
  EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO service_role', owner);
  EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO service_role', owner);
  FOR target IN
    SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND (has_table_privilege('anon', c.oid, 'TRUNCATE, REFERENCES, TRIGGER')
        OR has_table_privilege('authenticated', c.oid, 'TRUNCATE, REFERENCES, TRIGGER')
        OR has_table_privilege('service_role', c.oid, 'TRUNCATE, REFERENCES, TRIGGER'))
  LOOP
    EXECUTE format('REVOKE TRUNCATE, REFERENCES, TRIGGER ON %s FROM PUBLIC, anon, authenticated, service_role', target.name);
  END LOOP;
  -- the services' own tables
  IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'aerodb') THEN
    REVOKE ALL ON SCHEMA aerodb FROM PUBLIC, anon, authenticated, service_role;
  END IF;
  -- a role of that name would make the application's tables among them, where no guest can see them
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'aerodb') THEN
    BEGIN
      EXECUTE format('ALTER ROLE aerodb IN DATABASE %I SET search_path = public', current_database());
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE WARNING 'the role aerodb makes its tables in the schema aerodb unless its search_path is public';
    END;
  END IF;
  -- a view reads with its owner's rights unless told otherwise; security_invoker = false says that this is meant
  FOR target IN
    SELECT DISTINCT v.oid::regclass AS name
    FROM pg_class v
    JOIN pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_class t ON t.oid = d.refobjid AND t.relrowsecurity
    WHERE v.relkind = 'v' AND NOT coalesce(v.reloptions::text ~ 'security_invoker', false)
  LOOP
    EXECUTE format('ALTER VIEW %s SET (security_invoker = true)', target.name);
  END LOOP;
END $$;

RESET client_min_messages;
