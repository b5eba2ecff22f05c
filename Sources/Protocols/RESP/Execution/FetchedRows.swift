import Base
import Catalog
import Node

/// Copies of the rows of keys on several tablets, and what a command makes of them: it runs here as it
/// would on one tablet, and its changes are then written to each (`AcrossTablets`). Lives on: the
/// coordinator's shard, for one attempt.
final class FetchedRows {
  /// A row as it was fetched, or has become.
  struct Row {
    /// Nil: there is none.
    var value: [UInt8]?
    var expires: Timestamp?
    var isChanged = false
  }

  private struct Space {
    /// In order.
    var keys: [[UInt8]] = []
    var rows: [[UInt8]: Row] = [:]

    /// The first place whose key is not below.
    func place(of key: [UInt8]) -> Int {
      var (low, high) = (0, keys.count)
      while low < high {
        let middle = (low + high) / 2
        if keys[middle].lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
      }
      return low
    }

    mutating func set(_ key: [UInt8], _ row: Row) {
      if rows.updateValue(row, forKey: key) == nil { keys.insert(key, at: place(of: key)) }
    }
  }

  let time: Timestamp
  /// Of the coordinator's shard, or of the thread that a long script runs on; nil where no scripts run.
  var interpreter: ScriptInterpreter?
  private var spaces: [Space] = Array(repeating: Space(), count: RedisSchema.keyspaces.count)
  /// Keys whose rows are here, by the bytes of their row's key.
  private var fetched: Set<[UInt8]> = []
  private var expiredRows: [[UInt8]: [UInt8]] = [:]
  /// Watched keys that others have written since they were watched, by their row's key.
  private var changed: Set<[UInt8]> = []
  /// What a run that ended with a missing key would have needed besides.
  var alsoMissing: [(db: Int, name: [UInt8])] = []

  let configuration: RESPConfiguration

  init(time: Timestamp, configuration: RESPConfiguration, interpreter: ScriptInterpreter? = nil) {
    self.time = time
    self.configuration = configuration
    self.interpreter = interpreter
  }

  /// Databases all of whose keys are here.
  var databases: Set<Int> = []

  func has(db: Int, _ name: some Collection<UInt8>) -> Bool {
    fetched.contains(RowKey.key(db: db, name))
  }

  func has(_ rowKey: [UInt8]) -> Bool { fetched.contains(rowKey) }

  /// What a tablet has of a key.
  func add(_ key: FetchedKey) {
    fetched.insert(key.rowKey)
    if let row = key.expired { expiredRows[key.rowKey] = row }
    if key.hasChanged { changed.insert(key.rowKey) }
    for row in key.rows {
      spaces[index(row.space)].set(row.key, Row(value: row.value, expires: row.expires))
    }
  }

  private func index(_ space: KeyspaceID) -> Int {
    Int(space.rawValue) - Int(RedisSchema.keys.rawValue)
  }

  func get(_ space: KeyspaceID, _ key: [UInt8]) -> [UInt8]? {
    spaces[index(space)].rows[key].flatMap { visible($0) }
  }

  private func visible(_ row: Row) -> [UInt8]? {
    if let expires = row.expires, expires <= time { return nil }
    return row.value
  }

  func scan(
    _ space: KeyspaceID, lower: [UInt8], upper: [UInt8]?, reverse: Bool,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
  ) {
    let found = spaces[index(space)]
    let range = found.place(of: lower)..<(upper.map { found.place(of: $0) } ?? found.keys.count)
    guard !range.isEmpty else { return }
    for position in reverse ? Array(range.reversed()) : Array(range) {
      let key = found.keys[position]
      guard let row = found.rows[key], let value = visible(row) else { continue }
      let goesOn = key.withUnsafeBytes { key in value.withUnsafeBytes { body(key, $0) } }
      if !goesOn { return }
    }
  }

  func put(_ space: KeyspaceID, _ key: [UInt8], _ value: [UInt8], expires: Timestamp?) {
    if space == RedisSchema.keys { expiredRows[key] = nil }
    spaces[index(space)].set(key, Row(value: value, expires: expires, isChanged: true))
  }

  func delete(_ space: KeyspaceID, _ key: [UInt8]) {
    if space == RedisSchema.keys { expiredRows[key] = nil }
    spaces[index(space)].set(key, Row(value: nil, isChanged: true))
  }

  func expired(_ key: [UInt8]) -> [UInt8]? { expiredRows[key] }

  func hasChanged(_ space: KeyspaceID, lower: [UInt8], since: Timestamp) -> Bool {
    changed.contains(lower)
  }

  /// What has to be written, in order.
  var changes: [RowChange] {
    var changes: [RowChange] = []
    for (number, space) in spaces.enumerated() {
      for key in space.keys {
        guard let row = space.rows[key], row.isChanged else { continue }
        changes.append(
          RowChange(
            space: RedisSchema.keyspaces[number], key: key, value: row.value, expires: row.expires))
      }
    }
    return changes
  }
}

/// A row to write; nil deletes.
struct RowChange: WireCodable, Equatable {
  var space: KeyspaceID
  var key: [UInt8]
  var value: [UInt8]?
  var expires: Timestamp?

  init(space: KeyspaceID, key: [UInt8], value: [UInt8]?, expires: Timestamp? = nil) {
    self.space = space
    self.key = key
    self.value = value
    self.expires = expires
  }
  func encode(into out: inout WireEncoder) {
    space.encode(into: &out)
    out.bytes.blob(key)
    value.encode(into: &out)
    expires.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    space = try KeyspaceID(from: &reader)
    key = try reader.bytes.blob()
    value = try [UInt8]?(from: &reader)
    expires = try Timestamp?(from: &reader)
  }
}
