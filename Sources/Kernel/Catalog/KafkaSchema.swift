public import Base
import Types

/// What Kafka's clients keep: groups, and how far they have come. SQL reads the tables, and sets offsets.
public enum KafkaSchema {
  public static let schema = ObjectID(rawValue: 15_500)
  public static let name = "kafka"
  private static let offsets = KeyspaceID(rawValue: 550)
  private static let groups = KeyspaceID(rawValue: 551)

  /// The bucket of a group: its rows' and its coordinator's.
  public static func bucket(of group: String) -> Bucket {
    DistributionHash.bucket(
      token: DistributionHash.distributionToken([.string(group)], [.text]))
  }

  public static let sourceOffsets = ObjectID(rawValue: 15_530)
  /// The row of a source itself, among those of its partitions: how many there are, and where the first ones
  /// begin.
  public static let sourceItself: Int32 = -1

  /// Who leads its tablet reads the partition of the source, or for `sourceItself` looks for new ones.
  public static func bucket(of source: Int64, partition: Int32) -> Bucket {
    DistributionHash.bucket(
      token: DistributionHash.distributionToken(
        [.int(source), .int(Int64(partition))], [.int8, .int4]))
  }

  /// What makes the schema in a catalog without it; older ones lack a part.
  public static func objects() -> [CatalogObject] {
    var schema = SchemaDescriptor(id: schema, name: name, owner: CatalogSnapshot.bootstrapRole)
    schema.comment = "groups of Kafka clients"
    return [
      .schema(schema),
      .table(
        table(
          15_510, "groups", groups, key: 1,
          [
            ("group_id", .text, true), ("kind", .text, true), ("protocol_type", .text, true),
            ("generation", .int4, true), ("owner", .text, true), ("changed_at", .timestamptz, true),
          ])),
      .table(
        table(
          15_520, "offsets", offsets, key: 3,
          [
            ("group_id", .text, true), ("topic", .text, true), ("partition", .int4, true),
            ("committed_offset", .int8, true), ("leader_epoch", .int4, false),
            ("metadata", .text, false), ("committed_at", .timestamptz, true),
          ])),
      .table(
        table(
          sourceOffsets.rawValue, "source_offsets", KeyspaceID(rawValue: 552), key: 2,
          [
            ("source", .int8, true), ("partition", .int4, true), ("next_offset", .int8, false),
            ("seek", .text, false), ("epoch", .int8, true), ("updated_at", .timestamptz, true),
          ])),
    ]
  }

  /// The first `key` columns are the primary key; the group is what the bucket comes from.
  private static func table(
    _ base: UInt32, _ name: String, _ keyspace: KeyspaceID, key: Int,
    _ columns: [(name: String, type: SQLType, isNotNull: Bool)]
  ) -> TableDescriptor {
    var primary = IndexDescriptor(
      id: ObjectID(rawValue: base + 2), name: "\(name)_pkey", keyspace: keyspace,
      columns: (1...key).map { IndexColumn(column: ColumnID(rawValue: Int16($0))) })
    primary.isUnique = true
    primary.isPrimary = true
    primary.constraint = ObjectID(rawValue: base + 3)
    return TableDescriptor(
      id: ObjectID(rawValue: base), schema: schema, name: name,
      owner: CatalogSnapshot.bootstrapRole, rowType: ObjectID(rawValue: base + 1),
      columns: columns.enumerated().map { place, column in
        var made = ColumnDescriptor(
          id: ColumnID(rawValue: Int16(place + 1)), name: column.name, type: column.type)
        made.isNotNull = column.isNotNull
        return made
      },
      indexes: [primary], distribution: .murmur3([ColumnID(rawValue: 1)]))
  }
}
