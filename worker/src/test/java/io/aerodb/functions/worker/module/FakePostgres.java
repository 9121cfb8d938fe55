package io.aerodb.functions.worker.module;

import io.aerodb.functions.configuration.Secret;
import io.aerodb.functions.database.Database;
import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.function.DeployedFunction;
import io.aerodb.functions.function.FunctionConfigJson;
import io.aerodb.functions.function.ModuleHash;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Logger;

/** A JDBC driver that knows the questions which the worker asks of the registry: for a module's bytes and its
 * artefact, for functions, and for a version's configuration. */
public final class FakePostgres implements Driver, AutoCloseable {

    public final Database database;
    /** The hash of each module that was asked for, in order. */
    public final List<String> fetches = new CopyOnWriteArrayList<>();
    /** Artefacts by the hash of their module. */
    public final Map<String, byte[]> artefacts = new ConcurrentHashMap<>();
    /** A question for a module waits for it. */
    public volatile CountDownLatch gate = new CountDownLatch(0);
    /** What the next question for a module ends with; null lets it succeed. */
    public volatile Exception failure;
    /** What every question for a version's configuration ends with; null lets them succeed. */
    public volatile RuntimeException unreadableConfig;

    private final String url = "jdbc:fake:" + UUID.randomUUID();
    private final Map<String, byte[]> modules = new ConcurrentHashMap<>();
    private final Map<String, DeployedFunction> functions = new TreeMap<>();

    public FakePostgres() {
        try {
            DriverManager.registerDriver(this);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        database = new Database(new DatabaseSettings(url, "user", new Secret("password"), 10), "test", new SimpleMeterRegistry());
    }

    /** @return the hash under which it is stored */
    public ModuleHash store(byte[] module) {
        var hash = ModuleHash.of(module);
        store(hash, module);
        return hash;
    }

    /** Stores bytes that need not fit the hash. */
    public void store(ModuleHash hash, byte[] module) {
        modules.put(hash.hex(), module);
    }

    public void forget(ModuleHash hash) {
        modules.remove(hash.hex());
        artefacts.remove(hash.hex());
        fetches.clear();
    }

    public void deploy(DeployedFunction function) {
        functions.put(function.name().value(), function);
    }

    private List<Map<String, Object>> answer(String sql, Map<Integer, Object> parameters) throws SQLException, InterruptedException {
        var first = String.valueOf(parameters.get(1));
        if (sql.contains("FROM aerodb.modules WHERE hash")) {
            return module(first);
        }
        if (sql.contains("SELECT artefact FROM aerodb.module_artefacts")) {
            return artefacts.containsKey(first) ? List.of(Map.of("artefact", artefacts.get(first))) : List.of();
        }
        if (sql.contains("FROM aerodb.function_versions WHERE function_id")) {
            if (unreadableConfig != null) {
                throw unreadableConfig;
            }
            return functions.values().stream()
                    .filter(function -> function.id().toString().equals(first))
                    .map(function -> Map.<String, Object>of("config", FunctionConfigJson.write(function.config())))
                    .toList();
        }
        return functions.values().stream()
                .filter(function -> sql.contains("f.name = ?") ? function.name().value().equals(first) : function.name().value().compareTo(first) > 0)
                .map(FakePostgres::row)
                .toList();
    }

    private List<Map<String, Object>> module(String hash) throws SQLException, InterruptedException {
        fetches.add(hash);
        gate.await();
        var failing = failure;
        failure = null;
        switch (failing) {
            case SQLException e -> throw e;
            case RuntimeException e -> throw e;
            case null, default -> {
                return modules.containsKey(hash) ? List.of(Map.of("bytes", modules.get(hash))) : List.of();
            }
        }
    }

    private static Map<String, Object> row(DeployedFunction function) {
        var row = new LinkedHashMap<String, Object>();
        row.put("id", function.id());
        row.put("name", function.name().value());
        row.put("active_version", function.version());
        row.put("module", function.module().hex());
        row.put("module_bytes", function.moduleBytes());
        row.put("config", FunctionConfigJson.write(function.config()));
        row.put("revision", function.revision());
        row.put("created_at", function.createdAt().atOffset(ZoneOffset.UTC));
        row.put("updated_at", function.updatedAt().atOffset(ZoneOffset.UTC));
        return row;
    }

    @Override
    public Connection connect(String asked, Properties info) {
        return !acceptsURL(asked) ? null : fake(Connection.class, (_, method, arguments) -> switch (method.getName()) {
            case "isValid", "getAutoCommit" -> true;
            case "prepareStatement" -> statement((String) arguments[0]);
            default -> nothing(method.getReturnType());
        });
    }

    private PreparedStatement statement(String sql) {
        var parameters = new TreeMap<Integer, Object>();
        return fake(PreparedStatement.class, (_, method, arguments) -> switch (method.getName()) {
            case "executeUpdate" -> {
                artefacts.put((String) parameters.get(3), (byte[]) parameters.get(2)); // the only change that a worker makes here
                yield 1;
            }
            case "setString", "setInt", "setObject", "setBytes" -> parameters.put((Integer) arguments[0], arguments[1]);
            case "executeQuery" -> rows(answer(sql, parameters).iterator());
            default -> nothing(method.getReturnType());
        });
    }

    private static ResultSet rows(Iterator<Map<String, Object>> rows) {
        var current = new ArrayList<Map<String, Object>>();
        return fake(ResultSet.class, (_, method, arguments) -> switch (method.getName()) {
            case "next" -> {
                current.clear();
                yield rows.hasNext() && current.add(rows.next());
            }
            case "getBytes", "getString", "getInt", "getLong", "getObject" -> arguments[0] instanceof String column
                    ? current.getFirst().get(column)
                    : current.getFirst().values().iterator().next();
            default -> nothing(method.getReturnType());
        });
    }

    private static <T> T fake(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(FakePostgres.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object nothing(Class<?> type) {
        return type == boolean.class ? (Object) false : type == int.class ? (Object) 0 : type == long.class ? (Object) 0L : null;
    }

    @Override
    public boolean acceptsURL(String asked) {
        return url.equals(asked);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String asked, Properties info) {
        return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
        return 1;
    }

    @Override
    public int getMinorVersion() {
        return 0;
    }

    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getGlobal();
    }

    @Override
    public void close() {
        gate.countDown();
        database.close();
        try {
            DriverManager.deregisterDriver(this);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
