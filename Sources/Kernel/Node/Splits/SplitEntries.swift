import Base

/// A key that a split takes away.
struct MovedKey: Equatable {
  var space: KeyspaceID
  var key: [UInt8]
}

/// One try of a parent's leader to fill the child. A later one begins from nothing, and what is still
/// on its way of an earlier one is refused: the terms of leaders rise, and a leader's stamps do.
struct FillAttempt: Sendable, Equatable, Comparable {
  /// The parent's.
  var term: Term
  /// The time from which the two tablets will have their buckets.
  var since: Timestamp

  static func < (a: FillAttempt, b: FillAttempt) -> Bool {
    (a.term, a.since) < (b.term, b.since)
  }
}

/// How much of which attempt has been applied.
struct TabletFilling: Equatable {
  var attempt: FillAttempt
  /// The number of the part that comes next.
  var next: UInt64
}

/// Some of the rows that a tablet gets when its parent is split.
struct FillPart: Sendable, Equatable {
  struct Row: Sendable, Equatable {
    var space: KeyspaceID
    var key: [UInt8]
    var value: [UInt8]
    var timestamp: Timestamp
    var expires: Timestamp?
  }
  var attempt: FillAttempt
  /// From 0.
  var number: UInt64
  var isLast: Bool
  var rows: [Row]
}

extension ByteWriter {
  mutating func moved(_ keys: [MovedKey]) {
    varint(UInt64(keys.count))
    for key in keys {
      integer(key.space.rawValue)
      blob(key.key)
    }
  }

  mutating func attempt(_ attempt: FillAttempt) {
    varint(attempt.term.rawValue)
    integer(attempt.since.rawValue)
  }

  mutating func part(_ part: FillPart) {
    attempt(part.attempt)
    varint(part.number)
    integer(UInt8(part.isLast ? 1 : 0))
    varint(UInt64(part.rows.count))
    for row in part.rows {
      integer(row.space.rawValue)
      blob(row.key)
      blob(row.value)
      integer(row.timestamp.rawValue)
      // 0 stands for never: nothing expires at the epoch.
      integer(row.expires?.rawValue ?? 0)
    }
  }
}

extension ByteReader {
  mutating func moved() throws(DecodingFault) -> [MovedKey] {
    var keys: [MovedKey] = []
    for _ in 0..<(try boundedCount(itemBytesMin: 5)) {
      keys.append(MovedKey(space: KeyspaceID(rawValue: try integer()), key: try blob()))
    }
    return keys
  }

  mutating func attempt() throws(DecodingFault) -> FillAttempt {
    FillAttempt(
      term: Term(rawValue: try varint()), since: Timestamp(rawValue: try integer()))
  }

  mutating func part() throws(DecodingFault) -> FillPart {
    let attempt = try attempt()
    let number = try varint()
    let isLast: UInt8 = try integer()
    guard isLast <= 1 else { throw .malformed("part flag \(isLast)") }
    var part = FillPart(attempt: attempt, number: number, isLast: isLast == 1, rows: [])
    for _ in 0..<(try boundedCount(itemBytesMin: 22)) {
      part.rows.append(
        FillPart.Row(
          space: KeyspaceID(rawValue: try integer()), key: try blob(), value: try blob(),
          timestamp: Timestamp(rawValue: try integer()), expires: try optionalTimestamp()))
    }
    return part
  }
}
