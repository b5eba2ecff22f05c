public import Base
public import Types

/// The tables of the schema `redis`: what Redis' keys are to SQL. Their ids and keyspaces are fixed, so
/// that commands find the rows without looking into the catalog. All are distributed by the key's
/// slot: one command is one procedure on one tablet. docs/redis.md has the meaning of the columns.
public enum RedisSchema {
  public static let schema = ObjectID(rawValue: 15_000)
  public static let name = "redis"

  public static let keys = KeyspaceID(rawValue: 512)
  public static let hash = KeyspaceID(rawValue: 513)
  public static let set = KeyspaceID(rawValue: 514)
  public static let zset = KeyspaceID(rawValue: 515)
  public static let zsetByScore = KeyspaceID(rawValue: 516)
  public static let list = KeyspaceID(rawValue: 517)
  public static let stream = KeyspaceID(rawValue: 518)
  public static let streamGroup = KeyspaceID(rawValue: 519)
  public static let streamConsumer = KeyspaceID(rawValue: 520)
  public static let streamPending = KeyspaceID(rawValue: 521)

  /// All of them, in order.
  public static let keyspaces = [
    keys, hash, set, zset, zsetByScore, list, stream, streamGroup, streamConsumer, streamPending,
  ]

  /// What `detail` of a hash's key is where fields that expire have come or gone by SQL, and nobody has
  /// counted them yet: the front end's `HashExpiry` of fields that may have expired and may stay.
  public static let uncountedExpiry: [UInt8] = {
    var bytes: [UInt8] = []
    for number in [0, Int64.max, 1] {
      for shift in stride(from: Int64(56), through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: number >> shift))
      }
    }
    return bytes
  }()

  /// What makes the schema in a catalog without it.
  public static func objects() -> [CatalogObject] {
    var schema = SchemaDescriptor(
      id: schema, name: name, owner: CatalogSnapshot.bootstrapRole)
    schema.comment = "the keys of Redis clients"
    return [.schema(schema)] + tables().map { .table($0) }
  }

  public static let tableIDs = tables().map(\.id)

  /// The types of a table's columns.
  public static func types(of table: String) -> [SQLType] {
    tables().first { $0.name == table }?.columns.map(\.type) ?? []
  }

  static func tables() -> [TableDescriptor] {
    var zset = table(
      3, "zset", Self.zset, key: 3,
      [
        ("db", .int4, true), ("key", .text, true), ("member", .text, true),
        ("score", .float8, true),
      ])
    var byScore = IndexDescriptor(
      id: ObjectID(rawValue: 15_200), name: "zset_score", keyspace: zsetByScore,
      columns: [1, 2, 4].map { IndexColumn(column: ColumnID(rawValue: $0)) })
    byScore.placement = .local
    zset.indexes.append(byScore)
    return [
      table(
        0, "keys", keys, key: 2,
        [
          ("db", .int4, true), ("key", .text, true), ("type", .text, true),
          ("value", .text, false), ("expires_at", .timestamptz, false),
          ("length", .int8, false), ("first", .int8, false), ("detail", .bytea, false),
        ]),
      table(
        1, "hash", hash, key: 3,
        [
          ("db", .int4, true), ("key", .text, true), ("field", .text, true),
          ("value", .text, true), ("expires_at", .timestamptz, false),
        ]),
      table(
        2, "set", set, key: 3, [("db", .int4, true), ("key", .text, true), ("member", .text, true)]),
      zset,
      table(
        4, "list", list, key: 3,
        [
          ("db", .int4, true), ("key", .text, true), ("position", .int8, true),
          ("value", .text, true),
        ]),
      table(
        5, "stream", stream, key: 3,
        [
          ("db", .int4, true), ("key", .text, true), ("id", .uuid, true),
          ("fields", SQLType(ObjectID(rawValue: 1_009)), true),
        ]),
      table(
        6, "stream_group", streamGroup, key: 3,
        [
          ("db", .int4, true), ("key", .text, true), ("name", .text, true),
          ("last_id", .uuid, true), ("entries_read", .int8, false),
        ]),
      table(
        7, "stream_consumer", streamConsumer, key: 4,
        [
          ("db", .int4, true), ("key", .text, true), ("group", .text, true),
          ("name", .text, true), ("seen_at", .timestamptz, true),
          ("active_at", .timestamptz, false),
        ]),
      table(
        8, "stream_pending", streamPending, key: 4,
        [
          ("db", .int4, true), ("key", .text, true), ("group", .text, true), ("id", .uuid, true),
          ("consumer", .text, true), ("delivered_at", .timestamptz, true),
          ("deliveries", .int8, true),
        ]),
    ]
  }

  /// The first `key` columns are the primary key; the second is what the slot comes from.
  private static func table(
    _ number: UInt32, _ name: String, _ keyspace: KeyspaceID, key: Int,
    _ columns: [(name: String, type: SQLType, isNotNull: Bool)]
  ) -> TableDescriptor {
    let base = 15_010 + number * 10
    var primary = IndexDescriptor(
      id: ObjectID(rawValue: base + 2), name: "\(name)_pkey", keyspace: keyspace,
      columns: (1...key).map { IndexColumn(column: ColumnID(rawValue: Int16($0))) })
    primary.isUnique = true
    primary.isPrimary = true
    primary.constraint = ObjectID(rawValue: base + 3)
    let descriptors = columns.enumerated().map { index, column in
      var descriptor = ColumnDescriptor(
        id: ColumnID(rawValue: Int16(index + 1)), name: column.name, type: column.type)
      descriptor.isNotNull = column.isNotNull
      if column.name == "db" { descriptor.defaultExpression = "0" }
      if name == "keys", column.name == "type" {
        descriptor.defaultExpression = "'string'::text"
      }
      return descriptor
    }
    var table = TableDescriptor(
      id: ObjectID(rawValue: base), schema: schema, name: name,
      owner: CatalogSnapshot.bootstrapRole, rowType: ObjectID(rawValue: base + 1),
      columns: descriptors, indexes: [primary], distribution: .crc16(ColumnID(rawValue: 2)))
    if columns.contains(where: { $0.name == "expires_at" }) {
      table.options[TableDescriptor.expiryOption] = "expires_at"
    }
    return table
  }
}
