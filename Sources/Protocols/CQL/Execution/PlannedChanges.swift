import Base
import Catalog
import Node
import SQL
import Types

/// Changes of one or several statements, by the tablets that they go to.
struct PlannedChanges {
  var tables: [TableRows] = []
  var conditions: [ChangeRows.Condition] = []
  var changes: [(bucket: Bucket, change: ChangeRows.Change)] = []
  /// What conditional statements were about, for their results.
  var tested: [(table: CQLTable, columns: [Int])] = []
  /// The partitions that conditional statements are about; one at most is possible.
  var conditionBuckets: [Bucket] = []
  var conditionPartitions: Set<[UInt8]> = []
  var partitions: Set<[UInt8]> = []
  /// By table.
  var views: [Int: [BoundView]] = [:]
  /// Of the protocol, for errors.
  var writeType = "SIMPLE"

  mutating func table(_ rows: TableRows) -> Int {
    if let known = tables.firstIndex(where: { $0.table.id == rows.table.id }) { return known }
    tables.append(rows)
    return tables.count - 1
  }
}
