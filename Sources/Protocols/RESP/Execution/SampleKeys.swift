import Base
import Catalog
import Node

/// A key of a tablet by chance, and how many there are, counted up to a limit. Of more keys than that
/// one of those behind a place by chance is taken, so that not all are equally likely.
struct SampleKeys: Procedure {
  static let name = "redis.sample"
  static let countMax = 100
  var db: Int
  var seed: UInt64

  struct Output: WireCodable {
    var name: [UInt8] = []
    var count = 0
    init() {}
    func encode(into out: inout WireEncoder) {
      out.bytes.blob(name)
      count.encode(into: &out)
    }
    init(from reader: inout WireDecoder) throws(DecodingFault) {
      name = try reader.bytes.blob()
      count = try Int(from: &reader)
    }
  }

  init(db: Int, seed: UInt64) {
    self.db = db
    self.seed = seed
  }
  func encode(into out: inout WireEncoder) {
    db.encode(into: &out)
    seed.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    db = try Int(from: &reader)
    seed = try UInt64(from: &reader)
  }
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Output {
    let prefix = RowKey.database(db)
    var random = Xoshiro256(seed: seed ^ transaction.tablet.rawValue)
    var output = try sample(transaction, from: prefix, &random)
    guard output.count == Self.countMax,
      let first = try key(transaction, reverse: false),
      let last = try key(transaction, reverse: true)
    else { return output }
    let other = try sample(transaction, from: RowKey.place(between: first, last, &random), &random)
    if other.count > 0 { output.name = other.name }
    return output
  }

  /// One of the first keys from `lower` on, each as likely as the others.
  private func sample(
    _ transaction: TabletTransaction, from lower: [UInt8], _ random: inout Xoshiro256
  ) throws(ProcedureError) -> Output {
    var names: [[UInt8]] = []
    try transaction.scan(
      RedisSchema.keys, lower: lower, upper: RowKey.end(of: RowKey.database(db)), reverse: false
    ) { (key, _) throws(ProcedureError) in
      names.append(RowKey.name(key))
      return names.count < Self.countMax
    }
    var output = Output()
    output.count = names.count
    if let name = names.randomElement(using: &random) { output.name = name }
    return output
  }

  private func key(_ transaction: TabletTransaction, reverse: Bool) throws(ProcedureError)
    -> [UInt8]?
  {
    let prefix = RowKey.database(db)
    var found: [UInt8]?
    try transaction.scan(
      RedisSchema.keys, lower: prefix, upper: RowKey.end(of: prefix), reverse: reverse
    ) { (key, _) throws(ProcedureError) in
      found = Array(key)
      return false
    }
    return found
  }
}
