import Base
import Node
import Reactor

/// What one shard asks of the clients of the others.
enum ClientQuestion: WireCodable {
  static let name = "redis.clients"

  case list(ClientFilter)
  /// The answer: how many there were.
  case kill(ClientFilter)
  case pause(milliseconds: UInt64, forWritesOnly: Bool)
  case unpause
  /// The answer: whether it was waiting here.
  case unblock(Int64, withError: Bool)
  /// Whether it is here.
  case find(Int64)

  func encode(into out: inout WireEncoder) {
    switch self {
    case .list(let filter):
      UInt8(0).encode(into: &out)
      filter.encode(into: &out)
    case .kill(let filter):
      UInt8(1).encode(into: &out)
      filter.encode(into: &out)
    case .pause(let milliseconds, let forWritesOnly):
      UInt8(2).encode(into: &out)
      milliseconds.encode(into: &out)
      forWritesOnly.encode(into: &out)
    case .unpause: UInt8(3).encode(into: &out)
    case .unblock(let id, let withError):
      UInt8(4).encode(into: &out)
      id.encode(into: &out)
      withError.encode(into: &out)
    case .find(let id):
      UInt8(5).encode(into: &out)
      id.encode(into: &out)
    }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    switch try UInt8(from: &reader) {
    case 0: self = .list(try ClientFilter(from: &reader))
    case 1: self = .kill(try ClientFilter(from: &reader))
    case 2:
      self = .pause(
        milliseconds: try UInt64(from: &reader), forWritesOnly: try Bool(from: &reader))
    case 3: self = .unpause
    case 4: self = .unblock(try Int64(from: &reader), withError: try Bool(from: &reader))
    case 5: self = .find(try Int64(from: &reader))
    case let kind: throw .malformed("question \(kind) about clients")
    }
  }

  var payload: [UInt8] { Message.encode { encode(into: &$0) } }

  static func answer(_ payload: [UInt8], on state: RESPShard) -> [UInt8] {
    let question = Message.decode(payload) { (reader) throws(DecodingFault) in
      try ClientQuestion(from: &reader)
    }
    switch question {
    case .list(let filter):
      let lines = state.sortedSessions.filter(filter.matches).map { ClientLine($0) }
      return Message.encode { lines.encode(into: &$0) }
    case .kill(let filter):
      let meant = state.sortedSessions.filter(filter.matches)
      for session in meant { session.kill() }
      return Message.encode { meant.count.encode(into: &$0) }
    case .pause(let milliseconds, let forWritesOnly):
      let now = state.shard.reactor.monotonicNanoseconds()
      let (length, isOver) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
      let (until, isLate) = now.addingReportingOverflow(length)
      state.pause.begin(until: isOver || isLate ? .max : until, forWritesOnly: forWritesOnly)
    case .unpause: state.pause.end()
    case .unblock(let id, let withError):
      return state.sessions[id]?.unblock(withError: withError) ?? false ? [1] : [0]
    case .find(let id): return state.sessions[id] == nil ? [0] : [1]
    case nil: break
    }
    return []
  }
}
