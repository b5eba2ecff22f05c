import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.*;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PGobject;

/** Runs the step that the second argument names, against the URL in the first. */
public class Conformance {
    static String url;

    interface Step { void run(Connection connection) throws Exception; }

    static Connection connect(String... more) throws SQLException {
        Properties properties = new Properties();
        for (int i = 0; i < more.length; i += 2) properties.setProperty(more[i], more[i + 1]);
        return DriverManager.getConnection(url, properties);
    }

    static void same(Object found, Object expected) {
        if (!Objects.deepEquals(found, expected))
            throw new AssertionError("found " + shown(found) + ", expected " + shown(expected));
    }

    static String shown(Object value) {
        return value instanceof Object[] array ? Arrays.deepToString(array) : String.valueOf(value);
    }

    static List<String> rows(ResultSet result, String... columns) throws SQLException {
        List<String> all = new ArrayList<>();
        while (result.next()) {
            List<String> row = new ArrayList<>();
            for (String column : columns) row.add(result.getString(column));
            all.add(String.join("|", row.stream().map(String::valueOf).toList()));
        }
        return all;
    }

    static String failure(Step step, Connection connection) throws Exception {
        try {
            step.run(connection);
        } catch (SQLException error) {
            return error.getSQLState();
        }
        throw new AssertionError("nothing failed");
    }

    static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String text : statements) statement.execute(text);
        }
    }

    static long count(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select count(*) from " + table)) {
            result.next();
            return result.getLong(1);
        }
    }

    static void metadata(Connection c) throws Exception {
        execute(c,
            "create type mood as enum ('sad', 'glad')",
            "create table author (id serial primary key, name varchar(20) not null unique)",
            "create table book (author int not null references author on delete cascade, nr int,"
                + " title text default 'x', price numeric(8,2), made timestamptz, feeling mood, tags text[],"
                + " primary key (author, nr))",
            "create index book_title on book (title, price desc)",
            "create view titles as select title from book",
            "comment on table book is 'what was written'");
        DatabaseMetaData data = c.getMetaData();
        same(data.getDatabaseProductName(), "PostgreSQL");
        same(data.getUserName().isEmpty(), false);
        same(data.supportsSavepoints(), true);
        same(data.getMaxColumnNameLength(), 63);
        String schema = c.getSchema();
        same(rows(data.getTables(null, schema, "%", new String[] {"TABLE", "VIEW"}),
                "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE", "REMARKS"),
            List.of(schema + "|author|TABLE|null", schema + "|book|TABLE|what was written",
                schema + "|titles|VIEW|null"));
        same(rows(data.getColumns(null, schema, "book", "%"),
                "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "COLUMN_SIZE", "DECIMAL_DIGITS", "IS_NULLABLE",
                "ORDINAL_POSITION"),
            List.of("author|4|int4|10|0|NO|1", "nr|4|int4|10|0|NO|2", "title|12|text|2147483647|0|YES|3",
                "price|2|numeric|8|2|YES|4", "made|93|timestamptz|35|6|YES|5",
                "feeling|12|mood|2147483647|0|YES|6", "tags|2003|_text|2147483647|0|YES|7"));
        same(rows(data.getColumns(null, schema, "author", "id"), "IS_AUTOINCREMENT", "COLUMN_DEF").get(0)
            .startsWith("YES|nextval('"), true);
        same(rows(data.getPrimaryKeys(null, schema, "book"), "COLUMN_NAME", "KEY_SEQ", "PK_NAME"),
            List.of("author|1|book_pkey", "nr|2|book_pkey"));
        same(rows(data.getIndexInfo(null, schema, "book", false, false),
                "INDEX_NAME", "NON_UNIQUE", "ORDINAL_POSITION", "COLUMN_NAME", "ASC_OR_DESC"),
            List.of("book_pkey|f|1|author|A", "book_pkey|f|2|nr|A", "book_title|t|1|title|A",
                "book_title|t|2|price|D"));
        same(rows(data.getIndexInfo(null, schema, "author", true, true), "INDEX_NAME"),
            List.of("author_name_key", "author_pkey"));
        same(rows(data.getImportedKeys(null, schema, "book"),
                "PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ", "DELETE_RULE",
                "FK_NAME", "PK_NAME"),
            List.of("author|id|book|author|1|0|book_author_fkey|author_pkey"));
        same(rows(data.getExportedKeys(null, schema, "author"), "FKTABLE_NAME"), List.of("book"));
        same(rows(data.getSchemas(null, schema), "TABLE_SCHEM"), List.of(schema));
        same(rows(data.getCatalogs(), "TABLE_CAT").contains(c.getCatalog()), true);
        same(rows(data.getTableTypes(), "TABLE_TYPE").contains("TABLE"), true);
        same(rows(data.getTypeInfo(), "TYPE_NAME").containsAll(List.of("int4", "text", "jsonb")), true);
        same(rows(data.getTablePrivileges(null, schema, "author"), "PRIVILEGE").contains("SELECT"), true);
        rows(data.getColumnPrivileges(null, schema, "author", "%"), "PRIVILEGE");
        rows(data.getFunctions(null, "pg_catalog", "lower"), "FUNCTION_NAME");
        rows(data.getProcedures(null, schema, "%"), "PROCEDURE_NAME");
        same(rows(data.getBestRowIdentifier(null, schema, "book", DatabaseMetaData.bestRowTemporary, true),
            "COLUMN_NAME"), List.of("author", "nr"));
    }

    static void resultMetadata(Connection c) throws Exception {
        execute(c, "create table t (id bigserial primary key, price numeric(8,2) not null, name varchar(9))");
        try (PreparedStatement statement = c.prepareStatement("select id, price as cost, name, 1 + 1 from t")) {
            ResultSetMetaData data = statement.getMetaData();
            same(data.getColumnCount(), 4);
            same(data.getColumnLabel(2), "cost");
            same(((org.postgresql.PGResultSetMetaData) data).getBaseColumnName(2), "price");
            same(data.getTableName(1), "t");
            same(data.getPrecision(2), 8);
            same(data.getScale(2), 2);
            same(data.getColumnDisplaySize(3), 9);
            same(data.isAutoIncrement(1), true);
            same(data.isNullable(2), ResultSetMetaData.columnNoNulls);
            same(data.isNullable(4), ResultSetMetaData.columnNullableUnknown);
            same(data.getColumnClassName(1), "java.lang.Long");
        }
        try (PreparedStatement statement = c.prepareStatement("select * from t where id = ? and name = ?")) {
            ParameterMetaData data = statement.getParameterMetaData();
            same(data.getParameterCount(), 2);
            same(data.getParameterTypeName(1), "int8");
            same(data.getParameterType(2), Types.VARCHAR);
        }
    }

    static void prepared(Connection c) throws Exception {
        execute(c, "create table t (id int primary key, name text)");
        try (PreparedStatement insert = c.prepareStatement("insert into t values (?, ?)")) {
            for (int i = 0; i < 12; i++) {
                insert.setInt(1, i);
                insert.setString(2, i % 4 == 0 ? null : "n" + i);
                same(insert.executeUpdate(), 1);
            }
            same(insert.unwrap(org.postgresql.PGStatement.class).isUseServerPrepare(), true);
        }
        try (PreparedStatement select = c.prepareStatement("select name from t where id = ?")) {
            for (int i = 0; i < 12; i++) {
                select.setInt(1, i);
                same(rows(select.executeQuery(), "name"), List.of(i % 4 == 0 ? "null" : "n" + i));
            }
            // A plan whose columns are others now is prepared again by the driver.
        }
        try (PreparedStatement all = c.prepareStatement("select * from t where id = ?")) {
            for (int i = 0; i < 7; i++) {
                all.setInt(1, i);
                rows(all.executeQuery(), "name");
            }
            execute(c, "alter table t add column more int default 5");
            all.setInt(1, 1);
            same(rows(all.executeQuery(), "id", "more"), List.of("1|5"));
        }
        try (PreparedStatement any = c.prepareStatement("select count(*) from t where id = any (?)")) {
            any.setArray(1, c.createArrayOf("int4", new Integer[] {1, 2, 77}));
            same(rows(any.executeQuery(), "count"), List.of("2"));
        }
    }

    static void batches(Connection c) throws Exception {
        execute(c, "create table t (id int primary key, name text)");
        try (PreparedStatement insert = c.prepareStatement("insert into t values (?, ?)")) {
            for (int i = 0; i < 500; i++) {
                insert.setInt(1, i);
                insert.setString(2, "n" + i);
                insert.addBatch();
            }
            same(Arrays.stream(insert.executeBatch()).allMatch(n -> n == 1), true);
            c.setAutoCommit(false);
            for (int i : new int[] {501, 502, 3}) {
                insert.setInt(1, i);
                insert.setString(2, null);
                insert.addBatch();
            }
            try {
                insert.executeBatch();
                throw new AssertionError("the same key twice");
            } catch (BatchUpdateException error) {
                same(error.getSQLState(), "23505");
            }
            c.rollback();
            c.setAutoCommit(true);
        }
        same(count(c, "t"), 500L);
        try (Statement statement = c.createStatement()) {
            statement.addBatch("update t set name = 'x' where id < 10");
            statement.addBatch("delete from t where id >= 400");
            same(statement.executeBatch(), new int[] {10, 100});
        }
        try (Connection other = connect("reWriteBatchedInserts", "true", "currentSchema", c.getSchema());
                PreparedStatement insert = other.prepareStatement("insert into t values (?, ?)")) {
            for (int i = 1000; i < 1300; i++) {
                insert.setInt(1, i);
                insert.setString(2, "more");
                insert.addBatch();
            }
            same(insert.executeBatch().length, 300);
        }
        same(count(c, "t"), 700L);
    }

    static void generatedKeys(Connection c) throws Exception {
        execute(c, "create table t (id bigint generated always as identity primary key, name text, at timestamptz"
            + " default now())");
        try (PreparedStatement insert = c.prepareStatement(
                "insert into t (name) values (?)", Statement.RETURN_GENERATED_KEYS)) {
            insert.setString(1, "a");
            insert.executeUpdate();
            same(rows(insert.getGeneratedKeys(), "id", "name"), List.of("1|a"));
        }
        try (PreparedStatement insert = c.prepareStatement(
                "insert into t (name) values (?)", new String[] {"id"})) {
            for (String name : List.of("b", "c", "d")) {
                insert.setString(1, name);
                insert.addBatch();
            }
            insert.executeBatch();
            same(rows(insert.getGeneratedKeys(), "id"), List.of("2", "3", "4"));
        }
        try (Statement statement = c.createStatement(
                ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
            ResultSet result = statement.executeQuery("select id, name from t order by id");
            result.absolute(2);
            result.updateString("name", "changed");
            result.updateRow();
            result.last();
            result.deleteRow();
        }
        try (Statement statement = c.createStatement()) {
            same(rows(statement.executeQuery("select name from t order by id"), "name"), List.of("a", "changed", "c"));
        }
    }

    static void cursor(Connection c) throws Exception {
        execute(c, "create table t (id int primary key)", "insert into t select generate_series(1, 1000)");
        c.setAutoCommit(false);
        try (PreparedStatement select = c.prepareStatement("select id from t where id > ? order by id")) {
            for (int round = 0; round < 7; round++) {
                select.setFetchSize(30);
                select.setInt(1, 10);
                int seen = 10;
                try (ResultSet result = select.executeQuery()) {
                    while (result.next()) same(result.getInt(1), ++seen);
                }
                same(seen, 1000);
            }
            select.setMaxRows(5);
            same(rows(select.executeQuery(), "id").size(), 5);
        }
        c.commit();
    }

    static void transactions(Connection c) throws Exception {
        execute(c, "create table t (id int primary key)");
        c.setAutoCommit(false);
        c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        same(c.getTransactionIsolation(), Connection.TRANSACTION_SERIALIZABLE);
        execute(c, "insert into t values (1)");
        Savepoint savepoint = c.setSavepoint("s");
        execute(c, "insert into t values (2)");
        same(failure(x -> execute(x, "insert into t values (1)"), c), "23505");
        same(failure(x -> execute(x, "select 1"), c), "25P02");
        c.rollback(savepoint);
        execute(c, "insert into t values (3)");
        c.releaseSavepoint(savepoint);
        c.commit();
        same(count(c, "t"), 2L);
        c.rollback();
        c.setReadOnly(true);
        same(failure(x -> execute(x, "insert into t values (9)"), c), "25006");
        c.rollback();
        c.setReadOnly(false);
        c.setAutoCommit(true);
        try (Connection careful = connect("autosave", "always", "currentSchema", c.getSchema())) {
            careful.setAutoCommit(false);
            execute(careful, "insert into t values (10)");
            same(failure(x -> execute(x, "insert into t values (10)"), careful), "23505");
            execute(careful, "insert into t values (11)");
            careful.commit();
        }
        same(count(c, "t"), 4L);
    }

    static void copy(Connection c) throws Exception {
        execute(c, "create table t (id int primary key, name text)");
        CopyManager manager = c.unwrap(PGConnection.class).getCopyAPI();
        same(manager.copyIn("copy t from stdin (format csv)", new StringReader("1,one\n2,\"a,b\"\n3,\n")), 3L);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        same(manager.copyOut("copy (select * from t order by id) to stdout", bytes), 3L);
        same(bytes.toString("UTF-8"), "1\tone\n2\ta,b\n3\t\\N\n");
        same(failure(x -> manager.copyIn("copy t from stdin", new StringReader("1\tagain\n")), c), "23505");
        same(count(c, "t"), 3L);
    }

    static void types(Connection c) throws Exception {
        execute(c, "create table t (a int2, b int8, c numeric, d float8, e bool, f text, g bytea, h date,"
            + " i timestamp, j timestamptz, k uuid, l jsonb, m int[], n time, o float4, p char(3))");
        OffsetDateTime moment = OffsetDateTime.of(2024, 1, 2, 3, 4, 5, 678000000, ZoneOffset.UTC);
        UUID key = new UUID(1, 2);
        PGobject json = new PGobject();
        json.setType("jsonb");
        json.setValue("{\"a\": [1, 2]}");
        for (int round = 0; round < 8; round++) {
            execute(c, "delete from t");
            try (PreparedStatement insert = c.prepareStatement(
                    "insert into t values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                Object[] values = {(short) 5, 1L << 40, new BigDecimal("12.340"), 1.5, true, "žluť",
                    new byte[] {0, 1, -1}, LocalDate.of(2024, 2, 29), LocalDateTime.of(2024, 1, 2, 3, 4, 5), moment,
                    key, json, c.createArrayOf("int4", new Object[] {1, null, 3}), Time.valueOf("01:02:03"), 2.5f,
                    "ab"};
                for (int i = 0; i < values.length; i++) insert.setObject(i + 1, values[i]);
                insert.executeUpdate();
            }
            try (PreparedStatement select = c.prepareStatement("select * from t where a = ?")) {
                for (int again = 0; again < 7; again++) {
                    select.setInt(1, 5);
                    ResultSet r = select.executeQuery();
                    r.next();
                    same(r.getInt(1), 5);
                    same(r.getLong(2), 1L << 40);
                    same(r.getBigDecimal(3), new BigDecimal("12.340"));
                    same(r.getDouble(4), 1.5);
                    same(r.getBoolean(5), true);
                    same(r.getString(6), "žluť");
                    same(r.getBytes(7), new byte[] {0, 1, -1});
                    same(r.getObject(8, LocalDate.class), LocalDate.of(2024, 2, 29));
                    same(r.getObject(9, LocalDateTime.class), LocalDateTime.of(2024, 1, 2, 3, 4, 5));
                    same(r.getObject(10, OffsetDateTime.class).toInstant(), moment.toInstant());
                    same(r.getObject(11), key);
                    same(r.getString(12), "{\"a\": [1, 2]}");
                    same((Object[]) r.getArray(13).getArray(), new Integer[] {1, null, 3});
                    same(r.getTime(14), Time.valueOf("01:02:03"));
                    same(r.getFloat(15), 2.5f);
                    same(r.getString(16), "ab ");
                }
            }
        }
    }

    static void timeouts(Connection c) throws Exception {
        try (Statement statement = c.createStatement()) {
            statement.setQueryTimeout(1);
            same(failure(x -> statement.execute("select pg_sleep(20)"), c), "57014");
            same(rows(statement.executeQuery("select 1 as one"), "one"), List.of("1"));
        }
        same(c.isValid(5), true);
        Statement statement = c.createStatement();
        Thread canceller = new Thread(() -> {
            try {
                Thread.sleep(300);
                statement.cancel();
            } catch (Exception error) {
                throw new IllegalStateException(error);
            }
        });
        canceller.start();
        same(failure(x -> statement.execute("select pg_sleep(20)"), c), "57014");
        canceller.join();
        c.setNetworkTimeout(Runnable::run, 5000);
        same(count(c, "pg_class") > 0, true);
    }

    static void simpleMode(Connection c) throws Exception {
        execute(c, "create table t (id int primary key, name text)");
        try (Connection simple = connect("preferQueryMode", "simple", "currentSchema", c.getSchema());
                PreparedStatement insert = simple.prepareStatement("insert into t values (?, ?)")) {
            insert.setInt(1, 1);
            insert.setString(2, "it's \\ a");
            same(insert.executeUpdate(), 1);
            try (Statement several = simple.createStatement()) {
                same(several.execute("select 1 as a; update t set id = 2; select id as a from t"), true);
                same(rows(several.getResultSet(), "a"), List.of("1"));
                same(several.getMoreResults(), false);
                same(several.getUpdateCount(), 1);
                same(several.getMoreResults(), true);
                same(rows(several.getResultSet(), "a"), List.of("2"));
            }
        }
        try (Statement warned = c.createStatement()) {
            warned.execute("drop table if exists nothing");
            same(warned.getWarnings().getSQLState(), "00000");
        }
    }

    static void notifications(Connection c) throws Exception {
        execute(c, "listen conformance_jdbc");
        try (Connection other = connect()) {
            execute(other, "notify conformance_jdbc, 'hello'");
        }
        var heard = c.unwrap(PGConnection.class).getNotifications(5000);
        same(heard.length, 1);
        same(heard[0].getName() + heard[0].getParameter(), "conformance_jdbchello");
    }

    public static void main(String[] arguments) throws Exception {
        url = arguments[0];
        String schema = "conformance_jdbc";
        Step step = switch (arguments[1]) {
            case "metadata" -> Conformance::metadata;
            case "resultMetadata" -> Conformance::resultMetadata;
            case "prepared" -> Conformance::prepared;
            case "batches" -> Conformance::batches;
            case "generatedKeys" -> Conformance::generatedKeys;
            case "cursor" -> Conformance::cursor;
            case "transactions" -> Conformance::transactions;
            case "copy" -> Conformance::copy;
            case "types" -> Conformance::types;
            case "timeouts" -> Conformance::timeouts;
            case "simpleMode" -> Conformance::simpleMode;
            case "notifications" -> Conformance::notifications;
            default -> throw new IllegalArgumentException(arguments[1]);
        };
        try (Connection connection = connect()) {
            execute(connection, "drop schema if exists " + schema + " cascade", "create schema " + schema);
            connection.setSchema(schema);
            try {
                step.run(connection);
            } finally {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                    connection.setAutoCommit(true);
                }
                execute(connection, "drop schema " + schema + " cascade");
            }
        }
    }
}
