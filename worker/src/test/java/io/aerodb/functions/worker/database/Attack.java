package io.aerodb.functions.worker.database;

import static io.aerodb.functions.worker.database.GuestTestDatabase.ALICE;
import static io.aerodb.functions.worker.database.GuestTestDatabase.BOB;

import java.util.List;
import java.util.stream.Stream;

/**
 * Ways in which a guest that runs for Alice could try to reach Bob's rows, the server, or whoever uses the connection next.
 *
 * @param statements one query each, one after another
 */
record Attack(String name, List<String> statements) {

    private static final String NOTES = "SELECT * FROM notes";

    @Override
    public String toString() {
        return name;
    }

    private static Attack of(String name, String... statements) {
        return new Attack(name, List.of(statements));
    }

    static Stream<Attack> all() {
        return Stream.of(roles(), claims(), statementsOfOtherKinds(), textTricks(), session(), others(), server(), rows(), definitions())
                .flatMap(attacks -> attacks);
    }

    private static Stream<Attack> roles() {
        return Stream.of(
                of("reset the role of the pooled login", "RESET ROLE", NOTES),
                of("set the role that sees all", "SET ROLE service_role", NOTES),
                of("set a local role", "SET LOCAL ROLE service_role", NOTES),
                of("set the session's authorization", "SET SESSION AUTHORIZATION service_role", NOTES),
                of("reset the session's authorization", "RESET SESSION AUTHORIZATION", NOTES),
                of("change the role inside one SELECT", """
                        WITH x AS MATERIALIZED (SELECT set_config('role', 'service_role', false))
                        SELECT query_to_xml('SELECT * FROM notes', true, true, '') FROM x"""),
                of("change the role by set_config", "SELECT set_config('role', 'service_role', false)", NOTES),
                of("change the session authorization by set_config", "SELECT set_config('session_authorization', 'service_role', false)", NOTES),
                of("grant itself the role that sees all", "GRANT service_role TO authenticated", NOTES),
                of("let itself pass row security", "ALTER ROLE authenticated BYPASSRLS", NOTES),
                of("poison the pool by a setting of its role", "ALTER ROLE authenticated SET search_path = 'pg_temp'"),
                of("lock others out by a password", "ALTER ROLE CURRENT_USER PASSWORD 'mine'"),
                of("make a role", "CREATE ROLE friend LOGIN SUPERUSER"));
    }

    private static Stream<Attack> claims() {
        var forged = "k1.eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDBiMGIifQ==.00";
        return Stream.of(
                of("set forged claims", "SET aerodb.ctx = '" + forged + "'", NOTES),
                of("set forged claims by set_config", "SELECT set_config('aerodb.ctx', '" + forged + "', false)", NOTES),
                of("set forged claims inside one SELECT",
                        "WITH x AS MATERIALIZED (SELECT set_config('aerodb.ctx', '" + forged + "', true)) SELECT n.* FROM x, notes n"),
                of("set claims as PostgREST does", "SELECT set_config('request.jwt.claims', '{\"sub\":\"" + BOB + "\"}', false)", NOTES),
                of("set claims as PostgREST did", "SET request.jwt.claim.sub = '" + BOB + "'", NOTES),
                of("enter for somebody else", "SELECT auth.enter('" + forged + "', '0'), n.* FROM notes n"),
                of("enter as nobody", "SELECT auth.enter('', '0'), n.* FROM notes n"),
                of("lift the time limit by entering", "SELECT auth.enter(current_setting('aerodb.ctx'), '0')"),
                of("draw a challenge", "SELECT auth.challenge()"),
                of("read its challenge", "SELECT currval('aerodb_guest.challenge')"),
                of("go back to an old challenge", "SELECT setval('aerodb_guest.challenge', 1)"),
                of("use up a challenge", "SELECT nextval('aerodb_guest.challenge')"),
                of("read others' challenges", "SELECT last_value FROM aerodb_guest.challenge"),
                of("read others' challenges through a view", "SELECT last_value FROM pg_sequences WHERE last_value IS NOT NULL"),
                of("read the keys", "SELECT * FROM aerodb_guest.claim_keys"),
                of("add a key", "INSERT INTO aerodb_guest.claim_keys VALUES ('mine', decode(repeat('36', 64), 'hex'), decode(repeat('5c', 64), 'hex'))"),
                of("read the keys through a type", "SELECT NULL::aerodb_guest.claim_keys"),
                of("turn row security off", "SET row_security = off", NOTES),
                of("turn row security off by set_config", "SELECT set_config('row_security', 'off', false)", NOTES),
                of("change a setting through its view", "UPDATE pg_settings SET setting = 'service_role' WHERE name = 'role'", NOTES),
                of("lift the time limit through its view", "UPDATE pg_settings SET setting = '0' WHERE name = 'statement_timeout'"));
    }

    private static Stream<Attack> statementsOfOtherKinds() {
        return Stream.of("COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT s", "PREPARE TRANSACTION 'x'", "DO $$BEGIN PERFORM 1; END$$",
                        "COPY notes TO STDOUT", "COPY notes FROM STDIN", "COPY notes TO PROGRAM 'cat'", "LISTEN tenants", "UNLISTEN *",
                        "NOTIFY tenants, 'x'", "LOCK TABLE notes", "EXPLAIN ANALYZE SELECT * FROM notes", "DISCARD ALL", "DEALLOCATE ALL",
                        "PREPARE p AS SELECT 1", "EXECUTE aerodb_wrote", "CALL p()", "TRUNCATE notes", "VACUUM notes", "ANALYZE notes",
                        "CHECKPOINT", "DECLARE c CURSOR WITH HOLD FOR SELECT * FROM notes", "FETCH ALL FROM c", "CLOSE ALL", "SHOW ALL",
                        "RESET ALL", "LOAD 'plpgsql'", "ALTER SYSTEM SET work_mem = '1GB'", "SET CONSTRAINTS ALL DEFERRED",
                        "REASSIGN OWNED BY authenticated TO anon", "COMMENT ON TABLE notes IS 'x'", "REFRESH MATERIALIZED VIEW m")
                .map(sql -> of("run " + sql, sql));
    }

    private static Stream<Attack> textTricks() {
        return Stream.of(
                of("two statements", "SELECT 1; SELECT * FROM notes"),
                of("leave the transaction by a second statement", "COMMIT; SET ROLE service_role; SELECT * FROM notes"),
                of("a second statement after a SELECT", "SELECT 1; SET ROLE service_role", NOTES),
                of("hide a statement behind a comment", "/* SELECT 1 */ SET ROLE service_role", NOTES),
                of("hide a statement behind a line comment", "-- SELECT 1\nRESET ROLE", NOTES),
                of("close what the gate opened", "SELECT 1) ; SET ROLE service_role; --", NOTES),
                of("end the gate's statement early", "; SET ROLE service_role", NOTES),
                of("hide a statement in a nested comment", "SELECT 1 /* /* */ ; SET ROLE service_role; -- */", NOTES),
                of("hide a statement in a dollar quote", "SELECT $$;$$; SET ROLE service_role; SELECT $$;$$", NOTES),
                of("nothing at all", "", " ", "--", "/**/"));
    }

    private static Stream<Attack> session() {
        return Stream.of(
                of("shadow a table for the next tenant", "CREATE TEMP TABLE notes (id int, owner uuid, body text)"),
                of("shadow a table by SELECT INTO", "SELECT * INTO TEMP notes FROM (SELECT 1 AS id) x"),
                of("shadow a table by CREATE TABLE AS", "CREATE TEMP TABLE notes AS SELECT 1 AS id"),
                of("make a table by SELECT INTO", "SELECT id INTO public.stolen FROM notes"),
                of("shadow through the search path", "SELECT set_config('search_path', 'pg_temp', false)"),
                of("make dates unreadable for the next", "SELECT set_config('DateStyle', 'German', false)"),
                of("make chance foreseeable for the next", "SELECT setseed(0.5)"),
                of("keep an advisory lock", "SELECT pg_advisory_lock(42)"),
                of("try for an advisory lock", "SELECT pg_try_advisory_lock(42), pg_try_advisory_xact_lock(43)"),
                of("leave a large object", "SELECT lo_create(0)"),
                of("leave data in a large object", "SELECT lo_from_bytea(0, 'x')"),
                of("open a descriptor", "SELECT lo_open(1, 131072)"),
                of("read what a sequence gave another", "SELECT lastval()"),
                of("share its snapshot", "SELECT pg_export_snapshot()"));
    }

    private static Stream<Attack> others() {
        return Stream.of(
                of("end other sessions", "SELECT pg_terminate_backend(pid) FROM generate_series(1, 100000) pid"),
                of("end its own session", "SELECT pg_terminate_backend(pg_backend_pid())"),
                of("cancel other sessions", "SELECT pg_cancel_backend(pg_backend_pid())"),
                of("read others' queries", "SELECT query FROM pg_stat_activity"),
                of("read others' queries by function", "SELECT * FROM pg_stat_get_activity(NULL)"),
                of("read one backend's query", "SELECT pg_stat_get_backend_activity(1)"),
                of("see others' locks", "SELECT * FROM pg_locks"),
                of("see what was prepared for others", "SELECT statement FROM pg_prepared_statements"),
                of("see open cursors", "SELECT * FROM pg_cursors"),
                of("send a notification", "SELECT pg_notify('tenants', 'x')"),
                of("forge a message in the log", "SELECT pg_logical_emit_message(true, 'aerodb.identity', '{}')"),
                of("forge a message that a rollback leaves", "SELECT pg_logical_emit_message(false, 'aerodb.identity', '{}'::bytea)"));
    }

    private static Stream<Attack> server() {
        return Stream.of(
                of("read a file", "SELECT pg_read_file('/etc/passwd')"),
                of("list a directory", "SELECT pg_ls_dir('/')"),
                of("import a file", "SELECT lo_import('/etc/passwd')"),
                of("read password hashes", "SELECT * FROM pg_authid"),
                of("read the services' tables", "SELECT * FROM aerodb.function_secrets"),
                of("read samples of others' rows", "SELECT most_common_vals FROM pg_stats WHERE tablename = 'notes'"),
                of("read statistics themselves", "SELECT * FROM pg_statistic"),
                of("read through XML of a table", "SELECT table_to_xml('notes', true, true, '')"),
                of("read through XML of a schema", "SELECT schema_to_xml('public', true, true, '')"),
                of("read through XML of the database", "SELECT database_to_xml(true, true, '')"),
                of("run text by ts_stat", "SELECT * FROM ts_stat('SELECT to_tsvector(body) FROM notes')"),
                of("run text by ts_rewrite", "SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, ''b''::tsquery')"),
                of("sleep", "SELECT pg_sleep(60)"),
                of("sleep for long", "SELECT pg_sleep_for('1 hour')"));
    }

    private static Stream<Attack> rows() {
        return Stream.of(
                of("read all", NOTES),
                of("read through a view of a superuser", "SELECT * FROM all_notes"),
                of("read by whole rows", "SELECT notes FROM notes"),
                of("read by a lock", "SELECT * FROM notes FOR UPDATE"),
                of("read by an error's message", "SELECT * FROM notes WHERE body::int > 0 AND owner = '" + BOB + "'"),
                of("read by an index's error", "INSERT INTO notes VALUES (1, '" + ALICE + "', 'x')"),
                of("delete all", "WITH gone AS (DELETE FROM notes WHERE owner <> '" + ALICE + "' RETURNING *) SELECT * FROM gone"),
                of("take over", "UPDATE notes SET owner = '" + ALICE + "' WHERE owner = '" + BOB + "' RETURNING *"),
                of("give away", "UPDATE notes SET owner = '" + BOB + "' WHERE id = 2"),
                of("write in another's name", "INSERT INTO notes VALUES (5000, '" + BOB + "')"),
                of("overwrite on conflict", "INSERT INTO notes VALUES (1, '" + ALICE + "', 'x') ON CONFLICT (id) DO UPDATE SET body = 'x' RETURNING *"),
                of("overwrite by MERGE", """
                        MERGE INTO notes n USING (VALUES (1)) v (id) ON n.id = v.id
                        WHEN MATCHED THEN UPDATE SET owner = '%s' RETURNING n.*""".formatted(ALICE)));
    }

    private static Stream<Attack> definitions() {
        return Stream.of(
                of("make a function", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
                of("replace auth.uid()", "CREATE OR REPLACE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'"),
                of("make a schema", "CREATE SCHEMA mine"),
                of("make a view", "CREATE VIEW v AS SELECT * FROM notes"),
                of("attach a trigger", "CREATE TRIGGER t AFTER INSERT ON notes EXECUTE FUNCTION suppress_redundant_updates_trigger()"),
                of("disable row security", "ALTER TABLE notes DISABLE ROW LEVEL SECURITY"),
                of("drop a policy", "DROP POLICY own ON notes"),
                of("drop a table", "DROP TABLE notes"),
                of("grant to all", "GRANT ALL ON notes TO PUBLIC"),
                of("load an extension", "CREATE EXTENSION dblink"));
    }
}
