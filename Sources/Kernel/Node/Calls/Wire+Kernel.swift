public import Base
import Types

/// The kernel's own values between nodes.

extension KernelError: WireCodable {
  private enum Kind: UInt8, WireEnumeration {
    case serializationFailure = 1
    case restartStatement, deadlock, lockNotAvailable, cancelled, outOfMemory, storageFailed
    case diskFull, leaderChanged, unknownOutcome, user, unavailable, tabletSplit
  }

  public func encode(into out: inout WireEncoder) {
    func text(_ kind: Kind, _ message: String) {
      kind.encode(into: &out)
      message.encode(into: &out)
    }
    switch self {
    case .serializationFailure(let message): text(.serializationFailure, message)
    case .restartStatement: Kind.restartStatement.encode(into: &out)
    case .deadlock(let message): text(.deadlock, message)
    case .lockNotAvailable(let message): text(.lockNotAvailable, message)
    case .cancelled(let message): text(.cancelled, message)
    case .outOfMemory(let message): text(.outOfMemory, message)
    case .storageFailed(let message): text(.storageFailed, message)
    case .diskFull(let message): text(.diskFull, message)
    case .unavailable(let message): text(.unavailable, message)
    case .leaderChanged: Kind.leaderChanged.encode(into: &out)
    case .tabletSplit: Kind.tabletSplit.encode(into: &out)
    case .unknownOutcome: Kind.unknownOutcome.encode(into: &out)
    case .user(let error):
      Kind.user.encode(into: &out)
      error.encode(into: &out)
    }
  }

  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    switch try Kind(from: &reader) {
    case .serializationFailure: self = .serializationFailure(try String(from: &reader))
    case .restartStatement: self = .restartStatement
    case .deadlock: self = .deadlock(try String(from: &reader))
    case .lockNotAvailable: self = .lockNotAvailable(try String(from: &reader))
    case .cancelled: self = .cancelled(try String(from: &reader))
    case .outOfMemory: self = .outOfMemory(try String(from: &reader))
    case .storageFailed: self = .storageFailed(try String(from: &reader))
    case .diskFull: self = .diskFull(try String(from: &reader))
    case .unavailable: self = .unavailable(try String(from: &reader))
    case .leaderChanged: self = .leaderChanged
    case .tabletSplit: self = .tabletSplit
    case .unknownOutcome: self = .unknownOutcome
    case .user: self = .user(try SQLError(from: &reader))
    }
  }
}

/// A result as it crosses. A type of its own, since `Result` conforms to nothing but what its module says.
extension Result: WireCodable where Success: WireCodable, Failure == KernelError {
  public func encode(into out: inout WireEncoder) {
    switch self {
    case .success(let value):
      true.encode(into: &out)
      value.encode(into: &out)
    case .failure(let error):
      false.encode(into: &out)
      error.encode(into: &out)
    }
  }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    self =
      try reader.bool()
      ? .success(try Success(from: &reader)) : .failure(try KernelError(from: &reader))
  }
}

extension LeaderTerm: WireCodable {
  func encode(into out: inout WireEncoder) {
    tablet.encode(into: &out)
    term.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(tablet: try TabletID(from: &reader), term: try Term(from: &reader))
  }
}

extension LogPlace: WireCodable {
  func encode(into out: inout WireEncoder) {
    index.encode(into: &out)
    term.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(index: try LogIndex(from: &reader), term: try Term(from: &reader))
  }
}

extension Participant: WireCodable {
  func encode(into out: inout WireEncoder) {
    tablet.encode(into: &out)
    place.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(tablet: try TabletID(from: &reader), place: try LogPlace(from: &reader))
  }
}

extension Promise: WireCodable {
  func encode(into out: inout WireEncoder) {
    timestamp.encode(into: &out)
    place.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(timestamp: try Timestamp(from: &reader), place: try LogPlace(from: &reader))
  }
}

extension CallHeader: WireCodable {
  func encode(into out: inout WireEncoder) {
    transaction.encode(into: &out)
    snapshot.encode(into: &out)
    floor.encode(into: &out)
    isolation.encode(into: &out)
    out.bytes.varint(UInt64(sequence))
    commits.encode(into: &out)
    lockTimeoutMilliseconds.encode(into: &out)
    terms.encode(into: &out)
    clockBound.encode(into: &out)
    out.list(observed) {
      $0.tablet.encode(into: &$1)
      $0.timestamp.encode(into: &$1)
    }
    mayRestart.encode(into: &out)
    since.encode(into: &out)
    out.list(uses) {
      $0.table.encode(into: &$1)
      $1.bytes.varint($0.version)
    }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      transaction: try TransactionID(from: &reader), snapshot: try Optional(from: &reader),
      floor: try Timestamp(from: &reader), isolation: try IsolationLevel(from: &reader),
      sequence: UInt32(truncatingIfNeeded: try reader.bytes.varint()),
      commits: try reader.bool(), lockTimeoutMilliseconds: try Int(from: &reader),
      terms: try [LeaderTerm](from: &reader), clockBound: try UInt64(from: &reader),
      observed: try reader.list { (reader) throws(DecodingFault) in
        ObservedClock(
          tablet: try TabletID(from: &reader), timestamp: try Timestamp(from: &reader))
      }, mayRestart: try reader.bool())
    since = try Timestamp(from: &reader)
    uses = try reader.list { (reader) throws(DecodingFault) in
      TableUse(table: try ObjectID(from: &reader), version: try reader.bytes.varint())
    }
  }
}

extension CallReply: WireCodable where Output: WireCodable {
  func encode(into out: inout WireEncoder) {
    result.encode(into: &out)
    term.encode(into: &out)
    touches.encode(into: &out)
    observed.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      result: try Result(from: &reader), term: try Term(from: &reader), touches: try reader.bool(),
      observed: try Timestamp(from: &reader))
  }
}
