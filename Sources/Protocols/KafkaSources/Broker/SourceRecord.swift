/// A record as the broker gave it.
struct SourceRecord: Sendable, Equatable {
  struct Header: Sendable, Equatable {
    var name: String
    var value: [UInt8]?
  }
  var offset: Int64
  /// Milliseconds since the Unix epoch; nil: it has none.
  var timestamp: Int64?
  var key: [UInt8]?
  /// Nil: a tombstone.
  var value: [UInt8]?
  var headers: [Header] = []

  var byteCount: Int { (key?.count ?? 0) + (value?.count ?? 0) }
}

/// What a partition has given.
struct SourceBatch: Sendable {
  var records: [SourceRecord] = []
  /// Where reading goes on, when the partition's end was reached: behind the last record, and behind what
  /// is not for readers.
  var end: Int64?
  var fault: BrokerFault?

  var isEmpty: Bool { records.isEmpty && end == nil && fault == nil }
}

/// The world's fault: brokers cannot be reached, or refuse.
struct BrokerFault: Error, Sendable, Equatable {
  enum Kind: Sendable { case unknownTopic, outOfRange, other }
  var kind = Kind.other
  var message: String
}
