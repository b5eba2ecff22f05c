import Base
import Node
import Reactor

/// What one shard asks the others about their part of the server.
enum ServerQuestion: WireCodable {
  static let name = "redis.server"

  case report
  case reset
  case catalogVersion
  case slowCommands
  case clearSlowCommands
  case latency
  /// No names: all events. The answer: how many there were.
  case resetLatency([String])
  /// Where the node's front end is.
  case place
  case refusals
  case clearRefusals

  func encode(into out: inout WireEncoder) {
    switch self {
    case .report: UInt8(0).encode(into: &out)
    case .reset: UInt8(1).encode(into: &out)
    case .catalogVersion: UInt8(2).encode(into: &out)
    case .slowCommands: UInt8(3).encode(into: &out)
    case .clearSlowCommands: UInt8(4).encode(into: &out)
    case .latency: UInt8(5).encode(into: &out)
    case .resetLatency(let names):
      UInt8(6).encode(into: &out)
      names.encode(into: &out)
    case .place: UInt8(7).encode(into: &out)
    case .refusals: UInt8(8).encode(into: &out)
    case .clearRefusals: UInt8(9).encode(into: &out)
    }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    switch try UInt8(from: &reader) {
    case 0: self = .report
    case 1: self = .reset
    case 2: self = .catalogVersion
    case 3: self = .slowCommands
    case 4: self = .clearSlowCommands
    case 5: self = .latency
    case 6: self = .resetLatency(try [String](from: &reader))
    case 7: self = .place
    case 8: self = .refusals
    case 9: self = .clearRefusals
    case let kind: throw .malformed("question \(kind)")
    }
  }

  var payload: [UInt8] { Message.encode { encode(into: &$0) } }

  static func answer(_ payload: [UInt8], on state: RESPShard) -> [UInt8] {
    let question = Message.decode(payload) { (reader) throws(DecodingFault) in
      try ServerQuestion(from: &reader)
    }
    guard let question else { return [] }
    switch question {
    case .report: return Message.encode { ServerReport(state).encode(into: &$0) }
    case .reset:
      state.statistics = ServerStatistics()
      return []
    case .catalogVersion:
      // CONFIG SET wants to know; what follows from its parameters at once is done.
      state.trimTracking(state.configuration.trackingTableMaxKeys)
      return Message.encode { state.shard.catalogVersion.encode(into: &$0) }
    case .slowCommands:
      state.slowLog.trim(atMost: state.configuration.slowlogMaxLength)
      return Message.encode { state.slowLog.entries.encode(into: &$0) }
    case .clearSlowCommands:
      state.slowLog.clear()
      return []
    case .latency: return Message.encode { state.latency.encode(into: &$0) }
    case .resetLatency(let names):
      let count = state.latency.reset(names)
      return Message.encode { count.encode(into: &$0) }
    case .place:
      return Message.encode { out in
        state.shard.place.encode(into: &out)
        (state.place.port ?? 0).encode(into: &out)
        (state.place.tlsPort ?? 0).encode(into: &out)
      }
    case .refusals: return Message.encode { state.aclLog.entries.encode(into: &$0) }
    case .clearRefusals:
      state.aclLog.clear()
      return []
    }
  }
}

/// What one shard knows for INFO.
struct ServerReport: WireCodable {
  var statistics = ServerStatistics()
  var clients = 0
  var blocked = 0
  var trackingClients = 0
  var trackedKeys = 0
  var trackedItems = 0
  var trackedPrefixes = 0
  var operationsPerSecond: UInt64 = 0
  var memoryUsed = 0
  var memoryLimit = 0
  /// Nanoseconds since the Unix epoch.
  var startedAt: UInt64 = .max
  var inputMax = 0
  var outputMax = 0

  init() {}

  init(_ state: RESPShard) {
    let sessions = state.sortedSessions
    statistics = state.statistics
    clients = sessions.count
    blocked = sessions.count { $0.isHeldUp }
    trackingClients = state.tracking.clients.count
    trackedKeys = state.tracking.keys.count
    trackedItems = state.tracking.itemCount
    trackedPrefixes = state.tracking.prefixes.count
    operationsPerSecond = state.operationsPerSecond
    memoryUsed = state.shard.memoryUsedBytes
    memoryLimit = state.shard.memoryLimitBytes
    startedAt = state.startedAt
    inputMax = sessions.map { $0.parser.pendingBytes }.max() ?? 0
    outputMax = sessions.map { $0.stream.queuedBytes }.max() ?? 0
  }

  mutating func add(_ other: ServerReport) {
    statistics.add(other.statistics)
    clients += other.clients
    blocked += other.blocked
    trackingClients += other.trackingClients
    trackedKeys += other.trackedKeys
    trackedItems += other.trackedItems
    trackedPrefixes += other.trackedPrefixes
    operationsPerSecond += other.operationsPerSecond
    memoryUsed += other.memoryUsed
    memoryLimit += other.memoryLimit
    startedAt = min(startedAt, other.startedAt)
    inputMax = max(inputMax, other.inputMax)
    outputMax = max(outputMax, other.outputMax)
  }

  func encode(into out: inout WireEncoder) {
    statistics.encode(into: &out)
    for number in [
      clients, blocked, trackingClients, trackedKeys, trackedItems, trackedPrefixes, memoryUsed,
      memoryLimit, inputMax, outputMax,
    ] { number.encode(into: &out) }
    operationsPerSecond.encode(into: &out)
    startedAt.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    statistics = try ServerStatistics(from: &reader)
    clients = try Int(from: &reader)
    blocked = try Int(from: &reader)
    trackingClients = try Int(from: &reader)
    trackedKeys = try Int(from: &reader)
    trackedItems = try Int(from: &reader)
    trackedPrefixes = try Int(from: &reader)
    memoryUsed = try Int(from: &reader)
    memoryLimit = try Int(from: &reader)
    inputMax = try Int(from: &reader)
    outputMax = try Int(from: &reader)
    operationsPerSecond = try UInt64(from: &reader)
    startedAt = try UInt64(from: &reader)
  }

  /// Of this node.
  static func gather(_ session: RESPSession) async -> ServerReport {
    let answers = await session.shard.gatherNode(
      ServerQuestion.name, ServerQuestion.report.payload)
    return answers.reduce(into: ServerReport()) { sum, answer in
      let report = Message.decode(answer) { (reader) throws(DecodingFault) in
        try ServerReport(from: &reader)
      }
      if let report { sum.add(report) }
    }
  }
}
