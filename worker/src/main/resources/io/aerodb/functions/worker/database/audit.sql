-- What is missing in a database that untrusted functions are to query. One row for each finding:
-- layer, problem, the statement that mends it, whether managed databases may forbid that statement.
WITH guest (role) AS (VALUES ('anon'), ('authenticated'), ('service_role')),
present AS (SELECT g.role, r.* FROM guest g JOIN pg_catalog.pg_roles r ON r.rolname = g.role),
-- a superuser or an owner may do all: that is one finding, not a hundred
ordinary AS (SELECT * FROM present WHERE NOT rolsuper),
forbidden AS (%s)

SELECT 'SERVER', 'PostgreSQL ' || current_setting('server_version') || ' is too old', 'upgrade to PostgreSQL 15 or newer', false
WHERE current_setting('server_version_num')::int < 150000

UNION ALL
SELECT 'ROLES', 'there is no role ' || role, format('CREATE ROLE %%I LOGIN NOINHERIT', role), false
FROM guest WHERE role NOT IN (SELECT role FROM present)
UNION ALL
SELECT 'ROLES', format('the role %%s is %%s', role, a.attribute), format('ALTER ROLE %%I %%s', role, a.mend), a.managed
FROM present, LATERAL (VALUES
  (rolsuper, 'a superuser', 'NOSUPERUSER', false),
  (rolcreaterole, 'allowed to make roles', 'NOCREATEROLE', false),
  (rolcreatedb, 'allowed to make databases', 'NOCREATEDB', false),
  (rolreplication, 'allowed to replicate', 'NOREPLICATION', false),
  (rolinherit, 'inheriting', 'NOINHERIT', false),
  (rolbypassrls AND role <> 'service_role', 'passed by row security', 'NOBYPASSRLS', false),
  (NOT rolbypassrls AND role = 'service_role', 'held up by row security', 'BYPASSRLS', true),
  (rolconnlimit = -1, 'without a limit on its connections', 'CONNECTION LIMIT 40', false)
) a (applies, attribute, mend, managed)
WHERE a.applies
UNION ALL
SELECT 'ROLES', format('the role %%s is a member of %%s', p.role, r.rolname), format('REVOKE %%I FROM %%I', r.rolname, p.role), false
FROM present p JOIN pg_catalog.pg_auth_members m ON m.member = p.oid JOIN pg_catalog.pg_roles r ON r.oid = m.roleid
UNION ALL
SELECT 'ROLES', format('the role %%s owns %%s', p.role, o.what), format('REASSIGN OWNED BY %%I TO CURRENT_USER', p.role), false
FROM present p JOIN (
  SELECT relowner, format('the relation %%s', oid::regclass) FROM pg_catalog.pg_class
  UNION ALL SELECT proowner, format('the function %%s', oid::regprocedure) FROM pg_catalog.pg_proc
  UNION ALL SELECT nspowner, format('the schema %%I', nspname) FROM pg_catalog.pg_namespace
  UNION ALL SELECT datdba, format('the database %%I', datname) FROM pg_catalog.pg_database WHERE datname = current_database()
) o (owner, what) ON o.owner = p.oid

UNION ALL
SELECT 'REVOKES', format('%%s may call %%s', string_agg(p.role, ', ' ORDER BY p.role), f.signature),
  format('REVOKE EXECUTE ON FUNCTION %%s FROM PUBLIC, anon, authenticated, service_role', f.signature), true
FROM forbidden f JOIN ordinary p ON has_function_privilege(p.oid, f.function, 'EXECUTE')
GROUP BY f.signature
UNION ALL
SELECT 'REVOKES', format('%%s may make temporary tables', string_agg(role, ', ' ORDER BY role)),
  format('REVOKE TEMPORARY ON DATABASE %%I FROM PUBLIC, anon, authenticated, service_role', current_database()), false
FROM ordinary WHERE has_database_privilege(oid, current_database(), 'TEMPORARY') HAVING count(*) > 0
UNION ALL
SELECT 'REVOKES', format('%%s may make schemas', string_agg(role, ', ' ORDER BY role)),
  format('REVOKE CREATE ON DATABASE %%I FROM PUBLIC, anon, authenticated, service_role', current_database()), false
FROM ordinary WHERE has_database_privilege(oid, current_database(), 'CREATE') HAVING count(*) > 0
UNION ALL
SELECT 'REVOKES', format('%%s may make objects in the schema %%I', string_agg(p.role, ', ' ORDER BY p.role), n.nspname),
  format('REVOKE CREATE ON SCHEMA %%I FROM PUBLIC, anon, authenticated, service_role', n.nspname), false
FROM pg_catalog.pg_namespace n JOIN ordinary p ON has_schema_privilege(p.oid, n.oid, 'CREATE') GROUP BY n.nspname
UNION ALL
SELECT 'REVOKES', format('%%s may write functions in %%I', string_agg(p.role, ', ' ORDER BY p.role), l.lanname),
  format('REVOKE USAGE ON LANGUAGE %%I FROM PUBLIC, anon, authenticated, service_role', l.lanname), true
FROM pg_catalog.pg_language l JOIN ordinary p ON has_language_privilege(p.oid, l.oid, 'USAGE')
WHERE l.lanpltrusted AND l.lanname NOT IN ('internal', 'c', 'sql') GROUP BY l.lanname
UNION ALL
SELECT 'REVOKES', format('%%s may change settings through pg_settings', string_agg(role, ', ' ORDER BY role)),
  'REVOKE UPDATE ON pg_catalog.pg_settings FROM PUBLIC, anon, authenticated, service_role', true
FROM ordinary WHERE has_table_privilege(oid, 'pg_catalog.pg_settings', 'UPDATE') HAVING count(*) > 0
UNION ALL
SELECT 'REVOKES', format('%%s may truncate, reference or attach triggers to %%s', string_agg(p.role, ', ' ORDER BY p.role), c.oid::regclass),
  format('REVOKE TRUNCATE, REFERENCES, TRIGGER ON %%s FROM PUBLIC, anon, authenticated, service_role', c.oid::regclass), false
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN ordinary p ON has_table_privilege(p.oid, c.oid, 'TRUNCATE, REFERENCES, TRIGGER') AND c.relowner <> p.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' GROUP BY c.oid
UNION ALL
SELECT 'REVOKES', format('%%s may look into the schema %%I', string_agg(p.role, ', ' ORDER BY p.role), n.nspname),
  format('REVOKE ALL ON SCHEMA %%I FROM PUBLIC, anon, authenticated, service_role', n.nspname), false
FROM pg_catalog.pg_namespace n JOIN ordinary p ON has_schema_privilege(p.oid, n.oid, 'USAGE')
WHERE n.nspname IN ('aerodb', 'aerodb_guest') GROUP BY n.nspname
UNION ALL
SELECT 'REVOKES', format('%%s may read or write the keys that sign claims', string_agg(p.role, ', ' ORDER BY p.role)),
  'REVOKE ALL ON aerodb_guest.claim_keys FROM PUBLIC, anon, authenticated, service_role', false
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN ordinary p ON has_table_privilege(p.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
WHERE n.nspname = 'aerodb_guest' AND c.relname = 'claim_keys' HAVING count(*) > 0

UNION ALL
SELECT 'REVOKES', format('%%s may read %%s, which shows rows of %%s with its owner''s rights', string_agg(DISTINCT p.role, ', '), v.oid::regclass, min(t.oid::regclass::text)),
  CASE v.relkind WHEN 'v' THEN format('ALTER VIEW %%s SET (security_invoker = true)', v.oid::regclass)
    ELSE format('REVOKE SELECT ON %%s FROM PUBLIC, anon, authenticated', v.oid::regclass) END, false
FROM pg_catalog.pg_class v
JOIN pg_catalog.pg_rewrite r ON r.ev_class = v.oid
JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid AND t.relrowsecurity
JOIN ordinary p ON p.role <> 'service_role' AND has_table_privilege(p.oid, v.oid, 'SELECT') AND v.relowner <> p.oid
WHERE v.relkind = 'm' OR v.relkind = 'v' AND NOT coalesce(v.reloptions::text ~ 'security_invoker', false)
GROUP BY v.oid, v.relkind

UNION ALL
SELECT 'CLAIMS', format('there is no function auth.%%s()', f.name), 'run ''aerofn database harden''', false
FROM (VALUES ('challenge'), ('enter'), ('jwt'), ('uid'), ('role')) f (name)
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'auth' AND p.proname = f.name)
ORDER BY 1, 2
