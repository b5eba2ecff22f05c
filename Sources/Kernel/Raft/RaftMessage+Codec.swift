public import Base

/// The bytes of a message between replicas: sender, receiver and term as varints, a kind byte, and
/// the kind's fields, integers as varints. `docs/formats.md` has them. What comes from a peer is
/// checked before anything is allocated for it.
extension RaftMessage {
  fileprivate enum Kind: UInt8 {
    case appendRequest = 1
    case appendResponse = 2
    case appendRejection = 3
    case preVoteRequest = 4
    case preVoteResponse = 5
    case voteRequest = 6
    case voteResponse = 7
    case heartbeat = 8
    case heartbeatResponse = 9
    case snapshot = 10
    case timeoutNow = 11
    case readIndexRequest = 12
    case readIndexResponse = 13
    case staleTerm = 14
  }

  public func encode(into out: inout ByteWriter) {
    out.varint(from.rawValue)
    out.varint(to.rawValue)
    out.varint(term.rawValue)
    switch body {
    case .appendRequest(let append): append.encode(Kind.appendRequest.rawValue, into: &out)
    case .appendResponse(let match): out.fields(Kind.appendResponse.rawValue, match.rawValue)
    case .appendRejection(let previous, let hint):
      out.fields(
        Kind.appendRejection.rawValue, previous.rawValue, hint.index.rawValue, hint.term.rawValue)
    case .preVoteRequest(let end):
      out.fields(Kind.preVoteRequest.rawValue, end.index.rawValue, end.term.rawValue)
    case .preVoteResponse(let granted):
      out.fields(Kind.preVoteResponse.rawValue, granted ? 1 : 0)
    case .voteRequest(let end, let transfer):
      out.fields(
        Kind.voteRequest.rawValue, end.index.rawValue, end.term.rawValue, transfer ? 1 : 0)
    case .voteResponse(let granted): out.fields(Kind.voteResponse.rawValue, granted ? 1 : 0)
    case .heartbeat(let commit, let round, let tick):
      out.fields(Kind.heartbeat.rawValue, commit.rawValue, round, tick)
    case .heartbeatResponse(let round, let tick):
      out.fields(Kind.heartbeatResponse.rawValue, round, tick)
    case .snapshot(let descriptor):
      out.fields(
        Kind.snapshot.rawValue, descriptor.index.rawValue, descriptor.term.rawValue)
      descriptor.configuration.encode(into: &out)
    case .timeoutNow: out.fields(Kind.timeoutNow.rawValue)
    case .readIndexRequest(let context): out.fields(Kind.readIndexRequest.rawValue, context)
    case .readIndexResponse(let context, let index):
      // An index is at least 1: a leader has committed its first entry.
      out.fields(Kind.readIndexResponse.rawValue, context, index?.rawValue ?? 0)
    case .staleTerm: out.fields(Kind.staleTerm.rawValue)
    }
  }

  public init(from reader: inout ByteReader) throws(DecodingFault) {
    from = ReplicaID(rawValue: try reader.varint())
    to = ReplicaID(rawValue: try reader.varint())
    term = Term(rawValue: try reader.varint())
    let raw: UInt8 = try reader.integer()
    guard let kind = Kind(rawValue: raw) else { throw .malformed("message kind \(raw)") }
    body = try Body(kind: kind, from: &reader)
  }
}

extension RaftMessage.Append {
  fileprivate func encode(_ kind: UInt8, into out: inout ByteWriter) {
    out.fields(
      kind, previous.index.rawValue, previous.term.rawValue, commit.rawValue,
      UInt64(entries.count))
    for entry in entries {
      out.varint(entry.term.rawValue)
      out.integer(entry.kind.rawValue)
      out.blob(entry.payload)
    }
  }

  /// Indexes are not sent: they follow the previous entry's without gaps.
  fileprivate init(from reader: inout ByteReader) throws(DecodingFault) {
    previous = try reader.position()
    commit = LogIndex(rawValue: try reader.varint())
    entries = []
    let count = try reader.varint()
    // Each has a term, a kind and a length.
    guard count <= UInt64(reader.remaining / 3), previous.index.rawValue <= UInt64(Int64.max) else {
      throw .malformed("\(count) entries behind \(previous.index)")
    }
    var index = previous.index
    for _ in 0..<count {
      index = index.next
      let term = Term(rawValue: try reader.varint())
      let raw: UInt8 = try reader.integer()
      guard let kind = RaftEntry.Kind(rawValue: raw) else { throw .malformed("entry kind \(raw)") }
      entries.append(RaftEntry(index: index, term: term, kind: kind, payload: try reader.blob()))
    }
  }
}

extension RaftMessage.Body {
  fileprivate init(kind: RaftMessage.Kind, from reader: inout ByteReader) throws(DecodingFault) {
    switch kind {
    case .appendRequest: self = .appendRequest(try RaftMessage.Append(from: &reader))
    case .appendResponse: self = .appendResponse(match: try reader.index())
    case .appendRejection:
      self = .appendRejection(previous: try reader.index(), hint: try reader.position())
    case .preVoteRequest: self = .preVoteRequest(try reader.position())
    case .preVoteResponse: self = .preVoteResponse(granted: try reader.flag())
    case .voteRequest:
      self = .voteRequest(try reader.position(), transfer: try reader.flag())
    case .voteResponse: self = .voteResponse(granted: try reader.flag())
    case .heartbeat:
      self = .heartbeat(
        commit: try reader.index(), round: try reader.varint(), tick: try reader.varint())
    case .heartbeatResponse:
      self = .heartbeatResponse(round: try reader.varint(), tick: try reader.varint())
    case .snapshot:
      let position = try reader.position()
      self = .snapshot(
        RaftSnapshotDescriptor(
          index: position.index, term: position.term,
          configuration: try RaftConfiguration(from: &reader)))
    case .timeoutNow: self = .timeoutNow
    case .readIndexRequest: self = .readIndexRequest(context: try reader.varint())
    case .readIndexResponse:
      let context = try reader.varint()
      let index = try reader.index()
      self = .readIndexResponse(context: context, index: index == .zero ? nil : index)
    case .staleTerm: self = .staleTerm
    }
  }
}

extension ByteWriter {
  fileprivate mutating func fields(_ kind: UInt8, _ values: UInt64...) {
    integer(kind)
    for value in values { varint(value) }
  }
}

extension ByteReader {
  fileprivate mutating func index() throws(DecodingFault) -> LogIndex {
    LogIndex(rawValue: try varint())
  }

  fileprivate mutating func position() throws(DecodingFault) -> RaftMessage.LogPosition {
    RaftMessage.LogPosition(index: try index(), term: Term(rawValue: try varint()))
  }

  fileprivate mutating func flag() throws(DecodingFault) -> Bool {
    let raw = try varint()
    guard raw <= 1 else { throw .malformed("flag \(raw)") }
    return raw == 1
  }
}
