import Base
import Catalog
import Node
import Reactor

/// How many keys each database has on a tablet, for INFO.
struct CountKeyspaces: Procedure {
  static let name = "redis.keyspaces"

  struct Counts: WireCodable {
    var keys = 0
    var expiring = 0
    /// Milliseconds that those have left, added up.
    var left: Int64 = 0

    init() {}
    func encode(into out: inout WireEncoder) {
      keys.encode(into: &out)
      expiring.encode(into: &out)
      left.encode(into: &out)
    }
    init(from reader: inout WireDecoder) throws(DecodingFault) {
      keys = try Int(from: &reader)
      expiring = try Int(from: &reader)
      left = try Int64(from: &reader)
    }
  }

  struct Output: WireCodable {
    var databases: [Int: Counts] = [:]

    init() {}
    func encode(into out: inout WireEncoder) {
      out.list(databases.sorted { $0.key < $1.key }) { entry, out in
        entry.key.encode(into: &out)
        entry.value.encode(into: &out)
      }
    }
    init(from reader: inout WireDecoder) throws(DecodingFault) {
      let found = try reader.list { (reader) throws(DecodingFault) -> (Int, Counts) in
        (try Int(from: &reader), try Counts(from: &reader))
      }
      for (db, counts) in found { databases[db] = counts }
    }

    mutating func add(_ other: Output) {
      for (db, counts) in other.databases {
        databases[db, default: Counts()].keys += counts.keys
        databases[db, default: Counts()].expiring += counts.expiring
        databases[db, default: Counts()].left += counts.left
      }
    }
  }

  init() {}
  func encode(into out: inout WireEncoder) {}
  init(from reader: inout WireDecoder) throws(DecodingFault) {}
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Output {
    var output = Output()
    let now = Int64(transaction.snapshot.rawValue / 1_000_000)
    try transaction.scan(RedisSchema.keys, lower: [], upper: nil, reverse: false) {
      (key, value) throws(ProcedureError) in
      guard let db = RowKey.parse(key)?.db else { return true }
      output.databases[db, default: Counts()].keys += 1
      // A row that cannot be read is counted like one that never expires: whoever reads it hears of it.
      if let row = try? KeyRowView(value), let time = row.expiresAt {
        output.databases[db, default: Counts()].expiring += 1
        output.databases[db, default: Counts()].left += max(0, time - now)
      }
      return true
    }
    return output
  }
}

/// The counts of a moment ago, where counting takes long. Lives on: its shard.
final class KeyspaceReport {
  private var last: (output: CountKeyspaces.Output, until: UInt64)?
  /// Counting again takes at most a twentieth of the time.
  private static let rest: UInt64 = 20
  private static let shortNanoseconds: UInt64 = 10_000_000

  static func of(_ session: RESPSession) async throws(KernelError) -> CountKeyspaces.Output {
    let report = session.shard.local(KeyspaceReport.self) { KeyspaceReport() }
    let start = session.shard.reactor.monotonicNanoseconds()
    if let last = report.last, start < last.until { return last.output }
    let transaction = session.shard.begin(isolation: .repeatableRead, isReadOnly: true)
    defer { transaction.finishReading() }
    let outputs = try await transaction.statement { () async throws(KernelError) in
      try await transaction.callAll(CountKeyspaces())
    }
    let sum = outputs.reduce(into: CountKeyspaces.Output()) { $0.add($1) }
    let now = session.shard.reactor.monotonicNanoseconds()
    let took = now &- start
    report.last = took < shortNanoseconds ? nil : (sum, now + took * rest)
    return sum
  }
}
