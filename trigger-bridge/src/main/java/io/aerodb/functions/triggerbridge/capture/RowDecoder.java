package io.aerodb.functions.triggerbridge.capture;

import io.aerodb.functions.database.DatabaseSettings;
import io.aerodb.functions.source.KeyedTable;
import io.aerodb.functions.trigger.RowOperation;
import io.debezium.DebeziumException;
import io.debezium.config.CommonConnectorConfig;
import io.debezium.config.Configuration;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.PostgresValueConverter;
import io.debezium.connector.postgresql.TypeRegistry;
import io.debezium.connector.postgresql.connection.MessageDecoderContext;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.pgoutput.PgOutputMessageDecoder;
import io.debezium.relational.CustomConverterRegistry;
import io.debezium.relational.TableId;
import io.debezium.spi.topic.TopicNamingStrategy;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;

/**
 * Tells of rows that were read from a table exactly as the log tells of those that change: they are put into the messages of the
 * replication protocol, and go through the same decoder with the same settings. For one thread.
 */
public final class RowDecoder implements AutoCloseable {

    private static final String PURPOSE = "aerofn-backfill";

    private final KeyedTable table;
    /** For looking up types, and for all else. */
    private final List<PostgresConnection> opened;
    private final PostgresConnection connection;
    private final boolean tellsUnknownTypes;
    private final TypeRegistry types;
    private final Schemas schemas;
    private final PgOutputMessageDecoder decoder;
    private final ChangeDecoder changes;

    /**
     * A row as it was read.
     *
     * @param values of the table's columns, as PostgreSQL writes them
     * @param transaction the lower 32 bits of the id of the one that wrote it
     * @param lsn how far the log was when it was read
     * @param ordinal of the row among those that are read together, counted from 1
     */
    public record Read(List<@Nullable String> values, long transaction, long lsn, long ordinal, Instant readAt) {}

    /**
     * Connects to the database. The caller closes it.
     *
     * @throws SQLException if the table cannot be looked at, or the database is away
     */
    public static RowDecoder open(DatabaseSettings source, KeyedTable table) throws SQLException {
        var unavailable = "unavailable-" + UUID.randomUUID(); // nothing is, in a row that was read
        var properties = Configuration.from(LogReader.properties(source, unavailable));
        var config = new PostgresConnectorConfig(properties);
        var opened = new ArrayList<PostgresConnection>();
        try {
            opened.add(new PostgresConnection(config.getJdbcConfig(), PURPOSE));
            var types = new TypeRegistry(opened.getFirst());
            opened.add(new PostgresConnection(config, types, PURPOSE));
            var decoder = new RowDecoder(table, properties, config, opened, types, new ChangeDecoder(unavailable));
            decoder.process(PgOutputFrames.begin());
            decoder.process(PgOutputFrames.relation(table));
            return decoder;
        } catch (SQLException | RuntimeException e) {
            opened.forEach(PostgresConnection::close);
            if (e instanceof DebeziumException) {
                throw refusal(e);
            }
            throw e;
        }
    }

    private RowDecoder(KeyedTable table, Configuration properties, PostgresConnectorConfig config, List<PostgresConnection> opened, TypeRegistry types,
            ChangeDecoder changes) {
        this.table = table;
        this.opened = opened;
        this.connection = opened.getLast();
        this.tellsUnknownTypes = properties.getBoolean(PostgresConnectorConfig.INCLUDE_UNKNOWN_DATATYPES);
        this.types = types;
        this.schemas = new Schemas(new CdcSourceTaskContext<>(properties, config, Map.of()), connection, types);
        this.decoder = new PgOutputMessageDecoder(new MessageDecoderContext(config, schemas), connection);
        this.changes = changes;
    }

    private static SQLException refusal(Exception e) {
        return e.getCause() instanceof SQLException cause ? cause : new SQLException(e.getMessage(), e);
    }

    /** As which table it tells rows. */
    public KeyedTable table() {
        return table;
    }

    /** @throws SQLException if the database had to be asked about a type, and did not answer */
    public Change.Row decode(Read row) throws SQLException {
        var columns = process(PgOutputFrames.insert(row.values())).getFirst().getNewTupleList();
        var values = new Object[columns.size()];
        for (var i = 0; i < values.length; i++) {
            values[i] = columns.get(i).getValue(() -> connection.connection().unwrap(BaseConnection.class), tellsUnknownTypes);
        }
        var schema = Objects.requireNonNull(schemas.schemaFor(new TableId(null, table.name().schema(), table.name().table())));
        return new Change.Row(table.name(), RowOperation.READ, ChangeDecoder.key(schema.keyFromColumnData(values)), null,
                changes.image(schema.valueFromColumnData(values)), row.transaction(), row.lsn(), row.ordinal(), row.readAt());
    }

    private List<ReplicationMessage> process(byte[] frame) throws SQLException {
        var told = new ArrayList<ReplicationMessage>(1);
        try {
            decoder.processMessage(ByteBuffer.wrap(frame), told::add, types);
        } catch (InterruptedException e) {
            throw new IllegalStateException("a list waits for nothing", e);
        }
        return told;
    }

    @Override
    public void close() {
        schemas.close();
        opened.forEach(PostgresConnection::close);
    }

    /** Has the forms of rows, as the connector makes them of what the decoder says about tables. */
    private static final class Schemas extends PostgresSchema {

        Schemas(CdcSourceTaskContext<PostgresConnectorConfig> context, PostgresConnection connection, TypeRegistry types) {
            super(context, connection.getDefaultValueConverter(), naming(context.getConfig()),
                    PostgresValueConverter.of(context.getConfig(), connection.getDatabaseCharset(), types), new CustomConverterRegistry(List.of()));
        }

        @SuppressWarnings("unchecked") // that of a connector for tables names tables
        private static TopicNamingStrategy<TableId> naming(PostgresConnectorConfig config) {
            return config.getTopicNamingStrategy(CommonConnectorConfig.TOPIC_NAMING_STRATEGY);
        }
    }
}
