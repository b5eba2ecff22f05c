import Base
import Glibc
import Types

@testable import Node

/// Where the workload keeps what.
enum Spaces {
  /// Numbers with a version and the attempt that wrote it: accounts and counters.
  static let cells = KeyspaceID(rawValue: 5_000)
  /// A key of each attempt on each tablet that it writes to: shows which of its parts are there.
  static let markers = KeyspaceID(rawValue: 5_001)
  /// Rows by number, each with a unique key of its own.
  static let rows = KeyspaceID(rawValue: 5_002)
  /// The unique keys of the rows, each with its row.
  static let unique = KeyspaceID(rawValue: 5_003)
  /// Members of groups, of which SERIALIZABLE transactions keep the size within a limit.
  static let groups = KeyspaceID(rawValue: 5_004)
  static let all = [cells, markers, rows, unique, groups]
  /// What transactions look at among themselves; markers become many.
  static let audited = [cells, rows, unique, groups]
}

/// One number of the workload; `place` says which tablet has it.
struct Cell: Hashable, Sendable, Comparable, Codable {
  /// From here on they are counters, which are no part of the bank.
  static let firstCounter = 100
  var place: Int
  var number: Int
  var isAccount: Bool { number < Cell.firstCounter }
  var key: [UInt8] { bytes(number) }
  static func < (a: Cell, b: Cell) -> Bool { (a.place, a.number) < (b.place, b.number) }
}

func bytes(_ numbers: Int...) -> [UInt8] {
  var out: [UInt8] = []
  for number in numbers { withUnsafeBytes(of: number.bigEndian) { out += Array($0) } }
  return out
}

func numbers(_ bytes: [UInt8]) -> [Int] {
  bytes.withUnsafeBytes { all in
    (0..<all.count / 8).map {
      Int(bigEndian: all.loadUnaligned(fromByteOffset: $0 * 8, as: Int.self))
    }
  }
}

func filling(_ byte: UInt8, _ length: Int) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
    if let base = buffer.baseAddress { memset(base, Int32(byte), length) }
    count = length
  }
}

/// What is in a cell. The padding makes entries of several sectors, so that batches can tear.
struct CellValue: WireDescriptor, Equatable {
  var amount: Int
  /// Rises by one with each transaction that writes it.
  var version: Int
  var writer: Int
  var padding: Int

  var encoded: [UInt8] {
    bytes(amount, version, writer, padding) + filling(UInt8(writer & 0xFF) | 1, padding)
  }

  init(amount: Int, version: Int, writer: Int, padding: Int) {
    self.amount = amount
    self.version = version
    self.writer = writer
    self.padding = padding
  }

  /// Nil where the bytes are not what was written.
  init?(_ stored: [UInt8]) {
    guard stored.count >= 32 else { return nil }
    let head = numbers(Array(stored[..<32]))
    self.init(amount: head[0], version: head[1], writer: head[2], padding: head[3])
    let expected = encoded
    if stored.count != expected.count || memcmp(stored, expected, stored.count) != 0 { return nil }
  }
}

/// Adds to a cell, and marks that the attempt was here.
struct Change: Procedure, WireDescriptor {
  static let name = "simulation.change"
  let cell: Cell
  let amount: Int
  let attempt: Int
  let part: Int
  let padding: Int

  struct Output: WireDescriptor {
    var before: CellValue
    var after: CellValue
  }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Output {
    let stored = try transaction.get(Spaces.cells, cell.key)
    guard let before = stored.flatMap({ CellValue($0) }) else {
      throw .user(SQLError("XX001", "cell \(cell) is damaged or missing"))
    }
    let after = CellValue(
      amount: before.amount + amount,
      version: before.writer == attempt ? before.version : before.version + 1, writer: attempt,
      padding: padding)
    try transaction.put(Spaces.cells, cell.key, after.encoded)
    try transaction.put(Spaces.markers, bytes(attempt, part), [1])
    return Output(before: before, after: after)
  }
}

/// Makes the cells of a tablet.
struct MakeCells: Procedure, WireDescriptor {
  static let name = "simulation.make"
  let cells: [Cell]
  let amount: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    for cell in cells {
      let value = CellValue(amount: amount, version: 1, writer: 0, padding: 0)
      try transaction.put(Spaces.cells, cell.key, value.encoded)
    }
    return true
  }
}

/// All pairs of some keyspaces on one tablet.
struct ReadAll: Procedure, WireDescriptor {
  static let name = "simulation.read"
  let spaces: [KeyspaceID]

  /// By hand: there are many.
  struct Pair: WireCodable, Equatable {
    var key: [UInt8]
    var value: [UInt8]

    init(key: [UInt8], value: [UInt8]) {
      self.key = key
      self.value = value
    }
    func encode(into out: inout WireEncoder) {
      out.bytes.blob(key)
      out.bytes.blob(value)
    }
    init(from reader: inout WireDecoder) throws(DecodingFault) {
      key = try reader.bytes.blob()
      value = try reader.bytes.blob()
    }
  }

  /// In the order of `spaces`.
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [[Pair]] {
    var found: [[Pair]] = []
    for space in spaces {
      var pairs: [Pair] = []
      try transaction.scan(space, lower: [], upper: nil, reverse: false) { key, value in
        pairs.append(Pair(key: Array(key), value: Array(value)))
        return true
      }
      found.append(pairs)
    }
    return found
  }
}

struct ReadCell: Procedure, WireDescriptor {
  static let name = "simulation.get"
  let cell: Cell
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> CellValue? {
    try transaction.get(Spaces.cells, cell.key).flatMap { CellValue($0) }
  }
}

struct LockCell: Procedure, WireDescriptor {
  static let name = "simulation.lock"
  let cell: Cell
  let mode: LockMode
  let wait: LockWait
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.lock(LockRequest(space: Spaces.cells, key: cell.key, mode: mode), wait: wait)
  }
}

/// Takes a unique key for a row, as an index on another tablet than the row's would.
struct ClaimUnique: Procedure, WireDescriptor {
  static let name = "simulation.claim"
  let key: Int
  let rowPlace: Int
  let row: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    if try transaction.latest(Spaces.unique, bytes(key)) != nil {
      throw .user(SQLError(.uniqueViolation, "key \(key) is there"))
    }
    try transaction.put(Spaces.unique, bytes(key), bytes(rowPlace, row))
    try transaction.put(Spaces.markers, bytes(row, 1), [1])
    return true
  }
}

struct PutRow: Procedure, WireDescriptor {
  static let name = "simulation.insert"
  let space: KeyspaceID
  let key: [UInt8]
  let value: [UInt8]
  let attempt: Int
  let part: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    try transaction.put(space, key, value)
    try transaction.put(Spaces.markers, bytes(attempt, part), [1])
    return true
  }
}

/// Deletes a key; the result is what was there, nil where nothing was.
struct DeleteRow: Procedure, WireDescriptor {
  static let name = "simulation.delete"
  let space: KeyspaceID
  let key: [UInt8]
  let attempt: Int
  let part: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [UInt8]? {
    guard let value = try transaction.get(space, key) else { return nil }
    try transaction.delete(space, key)
    try transaction.put(Spaces.markers, bytes(attempt, part), [1])
    return value
  }
}

/// The size of a group on one tablet.
struct CountGroup: Procedure, WireDescriptor {
  static let name = "simulation.count"
  let group: Int
  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [Int] {
    var members: [Int] = []
    try transaction.scan(
      Spaces.groups, lower: bytes(group), upper: bytes(group + 1), reverse: false
    ) { key, _ in
      members.append(numbers(Array(key))[1])
      return true
    }
    return members
  }
}

extension LockMode: Codable {}
extension LockWait: Codable {}
