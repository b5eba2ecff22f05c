import Base
import Catalog
import Node
import Reactor
import Types

/// Traces become rows after their requests have been answered.
extension CQLShard {
  /// Traces on their way to their tablets; what comes while there are so many is not kept.
  private static let storingMax = 64

  func makeTrace(of client: String) -> Trace {
    let ticks =
      TimeUUID.ticks(unixMilliseconds: 0) + shard.wallNanoseconds() / 100
    let id = TimeUUID.make(
      ticks: ticks & 0x0FFF_FFFF_FFFF_FFFF,
      low: shard.reactor.random.next() & (UInt64.max >> 2) | 1 << 63 | 1 << 40)
    return Trace(shard, id: id, client: client, home: home)
  }

  private var home: (address: InetValue, port: Int) {
    let loopback = InetValue(
      isIPv6: false, prefixLength: 32, high: 0x7F00_0001 << 32, low: 0)
    return (Self.inet(place.address) ?? loopback, place.port ?? 0)
  }

  /// Whoever asks for a trace asks again until it is there: one that cannot be kept is missing.
  func store(_ trace: Trace) async {
    guard tracesUnderWay < Self.storingMax,
      TraceTables.descriptor("sessions", shard.catalog) != nil,
      let role = shard.catalog.role(CatalogSnapshot.bootstrapRole)
    else { return }
    tracesUnderWay += 1
    defer { tracesUnderWay -= 1 }
    var runner = StatementRunner(
      shard: shard, state: self, role: role, keyspace: nil, parameters: QueryParameters())
    runner.isInternal = true
    do throws(CQLError) {
      _ = try await runner.run(.unlogged, try TraceRows.changes(trace), timestamp: nil)
    } catch {
      // The tablet of the trace has no leader or no memory: the traced request itself is done.
    }
  }
}

/// A trace as statements that keep it, all of one partition.
enum TraceRows {
  private static let session =
    "INSERT INTO system_traces.sessions (session_id, client, command, coordinator, coordinator_port, "
    + "duration, parameters, request, started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) USING TTL "
    + "\(TraceTables.secondsToLive)"
  private static let event =
    "INSERT INTO system_traces.events (session_id, event_id, activity, source, source_elapsed, "
    + "source_port, thread) VALUES (?, ?, ?, ?, ?, ?, ?) USING TTL \(TraceTables.secondsToLive)"

  static func changes(_ trace: Trace) throws(CQLError) -> [(Modification, [BoundValue])] {
    var changes: [(Modification, [BoundValue])] = []
    let event = try modification(event)
    for (number, step) in trace.steps.enumerated() {
      changes.append((event, values(of: step, number, trace)))
    }
    let parameters = SystemTables.map(trace.parameters.sorted { $0.0 < $1.0 })
    changes.append(
      (
        try modification(session),
        [
          value(.scalar(.uuid(trace.id)), .uuid),
          value(CQLShard.inet(host(trace.client)).map { .scalar(.inet($0)) } ?? .null, .inet),
          value(.text("QUERY"), .text), value(.scalar(.inet(trace.coordinator.address)), .inet),
          value(.int(Int64(trace.coordinator.port)), .int),
          value(.int(trace.durationMicroseconds), .int),
          value(parameters, .map(.text, .text)), value(.text(trace.request), .text),
          value(
            .int(try Times.sql(unixMilliseconds: trace.startedMicroseconds / 1_000)), .timestamp),
        ]
      ))
    return changes
  }

  private static func values(of step: Trace.Step, _ number: Int, _ trace: Trace) -> [BoundValue] {
    // In the order of their numbers, whatever their times are.
    let ticks =
      TimeUUID.ticks(unixMilliseconds: 0)
      + UInt64(bitPattern: trace.startedMicroseconds + step.microseconds) &* 10 + UInt64(number)
    let id = TimeUUID.make(ticks: ticks & 0x0FFF_FFFF_FFFF_FFFF, low: trace.id.low)
    return [
      value(.scalar(.uuid(trace.id)), .uuid), value(.scalar(.uuid(id)), .native(.timeuuid)),
      value(.text(step.activity), .text), value(.scalar(.inet(step.source)), .inet),
      value(.int(step.microseconds), .int), value(.int(Int64(step.port)), .int),
      value(.text(step.thread), .text),
    ]
  }

  private static func value(_ datum: Datum, _ type: CQLType) -> BoundValue {
    ValueCodec.encode(datum, type).map { .bytes($0) } ?? .null
  }

  private static func modification(_ text: String) throws(CQLError) -> Modification {
    guard case .modify(let modification) = try Parser.parse(text).0 else {
      throw CQLError(.server, "no statement that changes rows: \(text)")
    }
    return modification
  }

  /// Without the port.
  private static func host(_ peer: String) -> String {
    peer.lastIndex(of: ":").map { String(peer[..<$0]) } ?? peer
  }
}
