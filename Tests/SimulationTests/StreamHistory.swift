import Base
import Catalog

@testable import Node

/// What all replicas say of the change streams, put together, and what must hold of it.
struct StreamHistory {
  /// The keyspaces of the workloads that have streams, each as if it were a table.
  static let spaces = [
    Spaces.cells, Spaces.markers, Spaces.rows, Spaces.unique, HistorySpaces.registers,
    HistorySpaces.lists,
  ]

  /// Keyspaces whose rows change often: of them only the newest records need be there.
  private static let overwritten: Set = [Spaces.cells, HistorySpaces.registers]

  static func table(of space: KeyspaceID) -> ObjectID {
    ObjectID(rawValue: 900_000 + space.rawValue)
  }

  static func tables(partitions: Int, compacts: Bool) -> [KeyspaceID: StreamedTable] {
    guard partitions > 0 else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: spaces.map {
        let stream = ChangeStreamDescriptor(
          partitions: partitions, retentionSeconds: nil,
          isCompacted: compacts && overwritten.contains($0))
        return ($0, StreamedTable(table: table(of: $0), version: 1, stream: stream))
      })
  }

  let compacts: Bool
  init(compacts: Bool) { self.compacts = compacts }

  private func isCompacted(_ key: StreamKey) -> Bool {
    compacts && Self.overwritten.contains(Self.space(of: key))
  }

  private static func space(of key: StreamKey) -> KeyspaceID {
    KeyspaceID(rawValue: key.table.rawValue - 900_000)
  }

  private(set) var records: [StreamKey: [Int64: ChangeRecord]] = [:]
  private var begins: [StreamKey: Int64] = [:]
  private var ends: [StreamKey: Int64] = [:]
  private(set) var faults: [String] = []
  private(set) var count = 0
  /// Changes of transactions over several tablets, and partitions that came by a split.
  var moved = 0
  /// Keyspaces of which a partition's first records nobody has any more: all its replicas came by
  /// snapshots, one after the other.
  private(set) var isCut: Set<KeyspaceID> = []

  /// What one replica has: records from `earliest` to before `next`.
  mutating func add(
    _ key: StreamKey, _ found: [ChangeRecord], from earliest: Int64, to next: Int64, _ who: String
  ) {
    var expected = earliest
    for record in found {
      if isCompacted(key) ? record.offset < expected : record.offset != expected {
        faults.append("\(who), \(key): after offset \(expected - 1) comes \(record.offset)")
        return
      }
      expected = record.offset + 1
      if let other = records[key]?[record.offset] {
        if other != record {
          faults.append("\(who), \(key): offset \(record.offset) is \(record), elsewhere \(other)")
          return
        }
      } else {
        records[key, default: [:]][record.offset] = record
        count += 1
      }
    }
    // The newest record of all is that of its key.
    if expected != next { faults.append("\(who), \(key): ends at \(expected), not at \(next)") }
    begins[key] = min(begins[key] ?? .max, earliest)
    ends[key] = max(ends[key] ?? 0, next)
  }

  /// The rows as the records leave them, by keyspace and key; where a history has lost its beginning, rows
  /// that were not changed since are missing.
  mutating func replay() -> [KeyspaceID: [[UInt8]: [UInt8]]] {
    var rows: [KeyspaceID: [[UInt8]: [UInt8]]] = [:]
    for key in records.keys.sorted() {
      guard let all = records[key], let first = begins[key], let end = ends[key] else { continue }
      let space = Self.space(of: key)
      if first > 0 { isCut.insert(space) }
      var last: [[UInt8]: ChangeRecord] = [:]
      var term = Term.zero
      for offset in first..<end {
        guard let record = all[offset] else {
          if isCompacted(key) { continue }
          faults.append("\(key): nobody has offset \(offset) of \(first)..<\(end)")
          return rows
        }
        let text = Self.fault(
          record, after: last[record.key], isWhole: first == 0, isCompacted: isCompacted(key), term)
        if let text {
          faults.append("\(key), offset \(offset): \(text)")
          return rows
        }
        last[record.key] = record
        term = record.term
      }
      for (row, record) in last { rows[space, default: [:]][row] = record.after ?? [] }
    }
    return rows
  }

  private static func fault(
    _ record: ChangeRecord, after earlier: ChangeRecord?, isWhole: Bool,
    isCompacted: Bool, _ term: Term
  ) -> String? {
    if record.term < term { return "term \(record.term) after \(term)" }
    let isFit =
      switch record.operation {
      case .insert: record.before == nil && record.after != nil
      case .update: record.before != nil && record.after != nil
      case .delete: record.before != nil && record.after == nil
      case .truncate: false
      }
    if !isFit { return "\(record) does not fit its operation" }
    if let earlier {
      if !isCompacted, record.before != earlier.after {
        return "before is \(record.before ?? []), the change before left \(earlier.after ?? [])"
      }
      if record.timestamp <= earlier.timestamp { return "committed before the change before it" }
    } else if isWhole && !isCompacted && record.before != nil {
      return "the key's first change finds a row"
    }
    return nil
  }

  mutating func fault(_ text: String) { faults.append(text) }
}
