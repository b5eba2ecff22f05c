import Base
import Catalog
import Node
import SQL
import Types

/// Where a partition is, by its row.
struct StoredPosition: Equatable {
  /// Nil: `seek` says where it begins, which its reader finds out.
  var next: Int64?
  var seek: String?
  var epoch: Int64
}

/// The rows of `kafka.source_offsets`, by SQL's own statements. Each change names what it expects to find: of
/// two who take themselves for a partition's reader one stores nothing.
struct SourceStore {
  let statements: SourceStatements
  let source: Int64

  private static let key: [SQLType] = [.int8, .int4]

  /// How many partitions are known; nil: the source is gone.
  func partitionCount() async throws(SQLError) -> StoredPosition? {
    try await position(KafkaSchema.sourceItself)
  }

  func position(_ partition: Int32) async throws(SQLError) -> StoredPosition? {
    let found = try await statements.alone(
      "SELECT next_offset, seek, epoch FROM kafka.source_offsets WHERE source = $1 AND partition = $2",
      [.int(source), .int(Int64(partition))], Self.key)
    return found.rows.first.map(Self.position)
  }

  private static func position(_ row: [Value]) -> StoredPosition {
    var found = StoredPosition(epoch: 0)
    if case .int(let next) = row[0] { found.next = next }
    if case .text(let seek) = row[1] { found.seek = String(decoding: seek, as: UTF8.self) }
    if case .int(let epoch) = row[2] { found.epoch = epoch }
    return found
  }

  /// Adds the partitions from `known` on. False: somebody else has, or the source has changed.
  func add(_ known: Int, upTo count: Int, seek: String, epoch: Int64) async throws(SQLError) -> Bool
  {
    do throws(SQLError) {
      let changed = try await statements.run(
        """
        UPDATE kafka.source_offsets SET next_offset = $3, updated_at = now()
        WHERE source = $1 AND partition = $2 AND epoch = $4 AND next_offset = $5
        """,
        [
          .int(source), .int(Int64(KafkaSchema.sourceItself)), .int(Int64(count)), .int(epoch),
          .int(Int64(known)),
        ], Self.key + [.int8, .int8, .int8])
      guard changed.count == 1 else {
        await statements.rollback()
        return false
      }
      _ = try await statements.run(
        """
        INSERT INTO kafka.source_offsets
        SELECT $1, p, NULL, $4, $5, now() FROM generate_series($2::int4, $3::int4) AS g (p)
        """,
        [.int(source), .int(Int64(known)), .int(Int64(count - 1)), .string(seek), .int(epoch)],
        [.int8, .int4, .int4, .text, .int8])
      try await statements.commit()
      return true
    } catch {
      await statements.rollback()
      throw error
    }
  }

  /// New partitions begin there from now on. False: the source has changed.
  func begin(at seek: String, epoch: Int64) async throws(SQLError) -> Bool {
    try await statements.alone(
      """
      UPDATE kafka.source_offsets SET seek = $3, updated_at = now()
      WHERE source = $1 AND partition = $2 AND epoch = $4
      """,
      [.int(source), .int(Int64(KafkaSchema.sourceItself)), .string(seek), .int(epoch)],
      Self.key + [.text, .int8]
    ).count == 1
  }

  /// Stores what a partition's `seek` has turned out to be. False: it has changed.
  func resolve(_ partition: Int32, _ next: Int64, epoch: Int64) async throws(SQLError) -> Bool {
    try await statements.alone(
      """
      UPDATE kafka.source_offsets SET next_offset = $3, seek = NULL, updated_at = now()
      WHERE source = $1 AND partition = $2 AND epoch = $4 AND next_offset IS NULL
      """,
      [.int(source), .int(Int64(partition)), .int(next), .int(epoch)], Self.key + [.int8, .int8]
    ).count == 1
  }

  /// Moves a partition on, in the transaction that is open. False: it is not where it was expected to be.
  func advance(_ partition: Int32, from expected: Int64, to next: Int64, epoch: Int64)
    async throws(SQLError) -> Bool
  {
    try await statements.run(
      """
      UPDATE kafka.source_offsets SET next_offset = $3, updated_at = now()
      WHERE source = $1 AND partition = $2 AND epoch = $4 AND next_offset = $5
      """,
      [.int(source), .int(Int64(partition)), .int(next), .int(epoch), .int(expected)],
      Self.key + [.int8, .int8, .int8]
    ).count == 1
  }

  /// Of a source that is not in the catalog any more.
  func forget() async throws(SQLError) {
    _ = try await statements.alone(
      "DELETE FROM kafka.source_offsets WHERE source = $1", [.int(source)], [.int8])
  }
}
