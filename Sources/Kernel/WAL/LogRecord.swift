public import Base

/// One record of a shard's log. Entries of all the shard's tablets share the log.
public enum LogRecord: Equatable, Sendable {
  /// A Raft entry.
  case entry(tablet: TabletID, index: LogIndex, term: Term, payload: [UInt8])
  /// A Raft entry that says who belongs to the group.
  case configuration(tablet: TabletID, index: LogIndex, term: Term, payload: [UInt8])
  /// Which replica of the tablet is here from now on; 0: none any more. Of another one before it
  /// nothing counts.
  case replica(tablet: TabletID, id: UInt64)
  /// What a replica must not forget between terms; `vote` 0 is none.
  case hardState(tablet: TabletID, term: Term, vote: UInt64)
  /// Entries from `index` on were replaced by a leader's.
  case truncated(tablet: TabletID, from: LogIndex)
  /// A leader's snapshot up to `index` has taken the place of what stood here: what follows goes on
  /// behind it.
  case installed(tablet: TabletID, index: LogIndex)

  public var tablet: TabletID {
    switch self {
    case .entry(let tablet, _, _, _), .configuration(let tablet, _, _, _),
      .replica(let tablet, _), .hardState(let tablet, _, _), .truncated(let tablet, _),
      .installed(let tablet, _):
      tablet
    }
  }
}

extension LogRecord {
  private enum Kind {
    static let entry: UInt8 = 1
    static let hardState: UInt8 = 2
    static let truncated: UInt8 = 3
    static let configuration: UInt8 = 4
    static let replica: UInt8 = 5
    static let installed: UInt8 = 6
  }

  /// What follows the head: only entries have one.
  var payload: [UInt8] {
    switch self {
    case .entry(_, _, _, let payload), .configuration(_, _, _, let payload): payload
    default: []
    }
  }

  /// All but the payload.
  func encodeHead(into out: inout ByteWriter) {
    switch self {
    case .entry(let tablet, let index, let term, let payload),
      .configuration(let tablet, let index, let term, let payload):
      if case .entry = self { out.integer(Kind.entry) } else { out.integer(Kind.configuration) }
      out.varint(tablet.rawValue)
      out.varint(index.rawValue)
      out.varint(term.rawValue)
      out.varint(UInt64(payload.count))
    case .hardState(let tablet, let term, let vote):
      out.integer(Kind.hardState)
      out.varint(tablet.rawValue)
      out.varint(term.rawValue)
      out.varint(vote)
    case .replica(let tablet, let id):
      out.integer(Kind.replica)
      out.varint(tablet.rawValue)
      out.varint(id)
    case .truncated(let tablet, let index), .installed(let tablet, let index):
      if case .truncated = self { out.integer(Kind.truncated) } else { out.integer(Kind.installed) }
      out.varint(tablet.rawValue)
      out.varint(index.rawValue)
    }
  }

  init(decoding reader: inout ByteReader) throws(DecodingFault) {
    let kind: UInt8 = try reader.integer()
    let tablet = TabletID(rawValue: try reader.varint())
    switch kind {
    case Kind.entry:
      self = .entry(
        tablet: tablet, index: LogIndex(rawValue: try reader.varint()),
        term: Term(rawValue: try reader.varint()), payload: try reader.blob())
    case Kind.configuration:
      self = .configuration(
        tablet: tablet, index: LogIndex(rawValue: try reader.varint()),
        term: Term(rawValue: try reader.varint()), payload: try reader.blob())
    case Kind.replica: self = .replica(tablet: tablet, id: try reader.varint())
    case Kind.hardState:
      self = .hardState(
        tablet: tablet, term: Term(rawValue: try reader.varint()), vote: try reader.varint())
    case Kind.truncated:
      self = .truncated(tablet: tablet, from: LogIndex(rawValue: try reader.varint()))
    case Kind.installed:
      self = .installed(tablet: tablet, index: LogIndex(rawValue: try reader.varint()))
    default: throw .malformed("log record kind \(kind)")
    }
  }
}
