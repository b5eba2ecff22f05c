import Base
import Catalog
import Glibc
public import Node
import Reactor

/// What the sessions of one shard share, and what other shards ask of them. Lives on: its shard.
final class RESPShard {
  unowned let shard: NodeShard
  private(set) var sessions: [Int64: RESPSession] = [:]
  var statistics = ServerStatistics()
  var slowLog: SlowLog
  var latency = LatencyMonitor()
  var pause = ClientPause()
  var subscriptions = Subscriptions()
  var tracking = TrackingTable()
  var aclLog = ACLLog()
  /// Reads are noted, so none goes without a procedure. As of the last round.
  private(set) var notesUse = false
  /// Nothing can be removed that would make room, as was found a moment ago.
  var noRoomUntil: UInt64 = 0
  /// Shards of this node that wait for scripts which take long.
  var busyScripts: [ShardPlace: BusyMessage] = [:]
  /// Where clients watch all commands (MONITOR).
  var monitorPlaces: [ShardPlace] = []
  /// How many of them are here.
  var monitorCount = 0
  /// Shards with clients that keep copies of values, and how many messages each has been sent.
  var trackers: [ShardPlace: UInt64] = [:]
  /// Tells the trackers what is written here.
  var trackingObserver: CommitObserver?
  /// How many messages this shard, as a tracker, has got from each other.
  var heardFrom: [ShardPlace: UInt64] = [:]
  /// How many they said they had sent, when they were asked last.
  var trackedPlaces: [ShardPlace: UInt64] = [:]
  var place = RESPPlace()
  /// Commands within the last second, for INFO.
  private var recent = (calls: UInt64(0), perSecond: UInt64(0))
  let startedAt: UInt64
  private var lastClient: Int64 = 0

  private init(_ shard: NodeShard) {
    self.shard = shard
    viewCursors = ScanCursors(seed: shard.reactor.random.next())
    slowLog = SlowLog(shard: Int(shard.id.rawValue), shardCount: shard.layout.shardCount)
    startedAt = shard.wallNanoseconds()
  }

  static func of(_ shard: NodeShard) -> RESPShard {
    shard.local(RESPShard.self) {
      let made = RESPShard(shard)
      made.listen()
      return made
    }
  }

  private var knownViews = RedisViews()
  /// Where SCAN of this shard's clients goes on in tables.
  let viewCursors: ScanCursors

  /// Tables whose rows are keys, as the catalog has them now.
  var views: RedisViews {
    followViews()
    return knownViews
  }

  /// Where other tables have keys than before, copies of values may mean something else now.
  func followViews() {
    if knownViews.follow(shard), !tracking.clients.isEmpty { invalidateEverything() }
  }

  func isOfView(_ key: ArraySlice<UInt8>) -> Bool {
    followViews()
    return !knownViews.all.isEmpty && knownViews.find(key) != nil
  }

  /// The slots' nodes as of a moment ago, for clients that follow MOVED.
  private var knownSlots: (map: SlotMap, at: UInt64)?
  private static let slotsNanoseconds: UInt64 = 500_000_000

  func slotMap(_ session: RESPSession) async -> SlotMap {
    let now = shard.reactor.monotonicNanoseconds()
    if let knownSlots, now &- knownSlots.at < Self.slotsNanoseconds { return knownSlots.map }
    let map = await SlotMap.of(session)
    knownSlots = (map, now)
    return map
  }

  var configuration: RESPConfiguration {
    if knownConfiguration.version != shard.catalogVersion {
      knownConfiguration = (shard.catalogVersion, shard.redisConfiguration)
    }
    return knownConfiguration.value
  }
  private var knownConfiguration: (version: UInt64, value: RESPConfiguration) = (.max, .standard)

  /// For commands that run at once, one behind the other.
  private var atOnce: CommandContext?

  /// With the transaction's rows.
  func contextAtOnce(_ transaction: TabletTransaction, databases: Int) -> CommandContext {
    if let atOnce, atOnce.options.databases == databases {
      atOnce.rows.use(transaction)
      return atOnce
    }
    var options = RunOptions()
    options.databases = databases
    let made = CommandContext(RowAccess(transaction), options, db: 0)
    atOnce = made
    return made
  }

  /// Seconds since the Unix epoch.
  var seconds: Int64 { Int64(shard.wallNanoseconds() / 1_000_000_000) }

  /// Numbers of clients: of this node's shards each takes every n-th, and the node is above.
  func nextClientID() -> Int64 {
    lastClient += 1
    let place = shard.place
    return Int64(place.node.rawValue) << 40
      + lastClient * Int64(shard.layout.shardCount) + Int64(place.shard.rawValue)
  }

  func add(_ session: RESPSession) {
    sessions[session.id] = session
    statistics.connections += 1
  }

  func remove(_ session: RESPSession) { sessions[session.id] = nil }

  /// In the order in which they came.
  var sortedSessions: [RESPSession] { sessions.values.sorted { $0.id < $1.id } }

  var operationsPerSecond: UInt64 { recent.perSecond }

  // MARK: What happens by itself

  private static let roundMilliseconds = 1_000

  /// Once a second: clients that have been silent for too long go.
  func startRounds() {
    shard.reactor.after(milliseconds: Self.roundMilliseconds) { [self] in
      let calls = statistics.callCount
      recent = (calls, calls >= recent.calls ? calls - recent.calls : 0)
      notesUse = configuration.evictionPolicy.notesUse
      endIdleSessions()
      evict()
      refreshTracking()
      followViews()
      trimTracking(configuration.trackingTableMaxKeys)
      startRounds()
    }
  }

  private func endIdleSessions() {
    let limit = configuration.timeoutSeconds
    let limits = configuration.outputLimits
    let now = shard.reactor.monotonicNanoseconds()
    for session in sortedSessions {
      session.checkOutput(limits, now)
      if limit > 0, session.mayTimeOut,
        now &- session.client.lastActiveAt > UInt64(limit) * 1_000_000_000
      {
        session.kill()
      }
    }
  }

  // MARK: Slow commands

  /// A command of a session has ended.
  func finished(
    _ spec: CommandSpec, _ command: CommandArguments, _ session: RESPSession,
    nanoseconds: UInt64, failed: Bool
  ) {
    let configuration = configuration
    statistics.called(
      spec.number, nanoseconds: nanoseconds, failed: failed,
      tracksDuration: configuration.tracksLatency)
    let microseconds = Int64(nanoseconds / 1_000)
    if configuration.slowlogSlowerThan >= 0, microseconds >= configuration.slowlogSlowerThan,
      spec.name != "exec"
    {
      slowLog.add(
        SlowCommand(
          id: 0, time: seconds, microseconds: microseconds,
          arguments: Redaction.shown(command, spec), peer: session.stream.peerAddress,
          client: session.client.name), atMost: configuration.slowlogMaxLength)
    }
    let milliseconds = microseconds / 1_000
    if configuration.latencyThreshold > 0, milliseconds >= configuration.latencyThreshold {
      latency.add(
        spec.flags.contains(.fast) ? "fast-command" : "command", time: seconds,
        milliseconds: milliseconds)
    }
  }

  // MARK: Messages of other shards

  private func listen() {
    shard.onMessage(ServerQuestion.name) { [unowned self] payload, _ in
      ServerQuestion.answer(payload, on: self)
    }
    shard.onMessage(ClientQuestion.name) { [unowned self] payload, _ in
      ClientQuestion.answer(payload, on: self)
    }
    shard.onMessage(MonitorMessage.name) { [unowned self] payload, sender in
      MonitorMessage.take(payload, from: sender, on: self)
      return []
    }
    shard.onMessage(BusyMessage.name) { [unowned self] payload, sender in
      BusyMessage.take(payload, from: sender, on: self)
      return []
    }
    shard.onMessage(Publication.name) { [unowned self] payload, _ in
      Publication.deliver(payload, on: self)
    }
    shard.onMessage(PubSubQuestion.name) { [unowned self] payload, _ in
      PubSubQuestion.answer(payload, on: self)
    }
    shard.onMessage(TrackingMessage.name) { [unowned self] payload, sender in
      TrackingMessage.answer(payload, from: sender, on: self)
    }
  }
}

/// Where the front end of a node can be reached, and what it is.
struct RESPPlace: Sendable {
  var address = ""
  var port: Int?
  var tlsPort: Int?
  var version = ""
  var dataDirectory = ""
}

/// What a front end is told once its ports are open.
public enum RESPFrontEnd {
  /// On each shard, also where the node has no port for Redis' clients: its tablets may have their keys.
  public static func open(
    on shard: NodeShard, address: String, port: Int?, tlsPort: Int?, version: String,
    dataDirectory: String
  ) {
    let state = RESPShard.of(shard)
    state.place = RESPPlace(
      address: address, port: port, tlsPort: tlsPort, version: version,
      dataDirectory: dataDirectory)
    state.startRounds()
    _ = ScriptCache.of(shard)
    ExpiredKeys.remove(on: shard) { [unowned state] events in
      state.statistics.keys.expired += UInt64(events.count { $0.kind == .expired })
      state.publish(events)
    }
  }
}

/// Bytes of messages between shards, in the form of procedures.
enum Message {
  static func encode(_ body: (inout WireEncoder) -> Void) -> [UInt8] {
    var encoder = WireEncoder(catalog: CatalogSnapshot())
    body(&encoder)
    return encoder.bytes.bytes
  }

  /// Tells the operator of a message that cannot be read: a node with a fault has sent it.
  static func report(_ reason: String) {
    let line = Array("quatrain: a message of another shard cannot be read: \(reason)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }

  /// Nil: there is nothing to say, or the bytes cannot be read, which is reported.
  static func decode<T>(
    _ bytes: [UInt8], _ body: (inout WireDecoder) throws(DecodingFault) -> T
  ) -> T? {
    if bytes.isEmpty { return nil }
    return bytes.withUnsafeBytes { buffer in
      var decoder = WireDecoder(ByteReader(buffer), catalog: CatalogSnapshot())
      do throws(DecodingFault) {
        return try body(&decoder)
      } catch {
        report("\(error)")
        return nil
      }
    }
  }
}

extension NodeShard {
  /// Asks every shard of the cluster; those that cannot be reached are left out.
  func gather(_ name: String, _ payload: [UInt8]) async -> [[UInt8]] {
    let reply = Reply<[[UInt8]?]>()
    askEvery(name, payload) { reply.fulfill($0) }
    return await reply.get().compactMap { $0 }
  }

  /// Asks every shard of this node.
  func gatherNode(_ name: String, _ payload: [UInt8]) async -> [[UInt8]] {
    let reply = Reply<[[UInt8]?]>()
    askNode(name, payload) { reply.fulfill($0) }
    return await reply.get().compactMap { $0 }
  }
}
