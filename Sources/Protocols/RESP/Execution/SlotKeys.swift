import Base
import Catalog
import Node

/// The first keys of a slot in database 0, by their names' bytes, and no more than `limit`. Costs a look at
/// each key of the tablet until there are so many: keys are not kept by slot.
struct SlotKeys: Procedure {
  static let name = "redis.slot"
  var slot: UInt16
  var limit: Int

  init(slot: UInt16, limit: Int) {
    self.slot = slot
    self.limit = limit
  }
  func encode(into out: inout WireEncoder) {
    UInt64(slot).encode(into: &out)
    limit.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    slot = UInt16(truncatingIfNeeded: try UInt64(from: &reader))
    limit = try Int(from: &reader)
  }
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [[UInt8]] {
    var names: [[UInt8]] = []
    if limit <= 0 { return names }
    try transaction.visitKeys(of: slot) { name in
      names.append(name)
      return names.count < limit
    }
    return names
  }
}

/// How many keys a slot has in database 0. Costs a look at each key of the tablet.
struct CountSlotKeys: Procedure {
  static let name = "redis.slot.count"
  var slot: UInt16

  init(slot: UInt16) { self.slot = slot }
  func encode(into out: inout WireEncoder) { UInt64(slot).encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    slot = UInt16(truncatingIfNeeded: try UInt64(from: &reader))
  }
  var isReadOnly: Bool { true }

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    var count = 0
    try transaction.visitKeys(of: slot) { _ in
      count += 1
      return true
    }
    return count
  }
}

extension TabletTransaction {
  /// The names of database 0's keys in the slot, while `body` wants more.
  fileprivate func visitKeys(of slot: UInt16, _ body: ([UInt8]) -> Bool) throws(ProcedureError) {
    let prefix = RowKey.database(0)
    try scan(RedisSchema.keys, lower: prefix, upper: RowKey.end(of: prefix), reverse: false) {
      (key, _) throws(ProcedureError) in
      let name = RowKey.name(key)
      return KeySlot.slot(name) == slot ? body(name) : true
    }
  }
}
