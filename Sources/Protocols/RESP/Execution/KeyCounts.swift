import Base
import Node

/// What commands have met in the keyspace, as INFO tells it: those of the run that counts, where one is run again. A
/// command that waits counts each time it looks.
struct KeyCounts: WireCodable, Equatable {
  /// Keys that commands which only read have looked for and found.
  var hits: UInt64 = 0
  /// The same that were not there.
  var misses: UInt64 = 0
  /// Keys that were removed since they had expired.
  var expired: UInt64 = 0

  init() {}

  mutating func add(_ other: KeyCounts) {
    hits += other.hits
    misses += other.misses
    expired += other.expired
  }

  func encode(into out: inout WireEncoder) {
    hits.encode(into: &out)
    misses.encode(into: &out)
    expired.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    hits = try UInt64(from: &reader)
    misses = try UInt64(from: &reader)
    expired = try UInt64(from: &reader)
  }
}
