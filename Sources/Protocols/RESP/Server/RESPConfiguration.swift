import Base
import Catalog
import Node

/// What CONFIG SET has set, for the whole cluster: options of the schema `redis` in the catalog, so they
/// are durable and every shard has them. Immutable; a change of the catalog makes another one.
final class RESPConfiguration: Sendable {
  /// By name; what is not there is as it was in the beginning.
  let values: [String: String]

  let hashMaxListpackEntries: Int
  let hashMaxListpackValue: Int
  let setMaxIntsetEntries: Int
  let zsetMaxListpackEntries: Int
  let zsetMaxListpackValue: Int
  let listMaxListpackSize: Int
  let streamNodeMaxEntries: Int
  let streamNodeMaxBytes: Int
  let hllSparseMaxBytes: Int
  let protoMaxBulkLength: Int
  let queryBufferLimit: Int
  let maxMemory: Int
  let evictionPolicy: EvictionPolicy
  let maxMemorySamples: Int
  let lfuLogFactor: Int
  /// Minutes.
  let lfuDecayMinutes: Int
  /// Nothing is left out where neither K nor E is among them: nobody would hear it.
  let events: KeyEvent.Kinds
  let slowlogSlowerThan: Int64
  let slowlogMaxLength: Int
  let latencyThreshold: Int64
  let tracksLatency: Bool
  let timeoutSeconds: Int
  let maxClients: Int
  let busyReplyThreshold: Int64
  let trackingTableMaxKeys: Int
  let aclLogMaxLength: Int
  let outputLimits: OutputLimits
  let allowsNewUsersAllChannels: Bool

  init(_ values: [String: String]) {
    self.values = values
    func number(_ name: String) -> Int64 {
      Int64(Self.value(name, in: values)) ?? 0
    }
    func size(_ name: String) -> Int { Int(clamping: number(name)) }
    hashMaxListpackEntries = size("hash-max-listpack-entries")
    hashMaxListpackValue = size("hash-max-listpack-value")
    setMaxIntsetEntries = size("set-max-intset-entries")
    zsetMaxListpackEntries = size("zset-max-listpack-entries")
    zsetMaxListpackValue = size("zset-max-listpack-value")
    listMaxListpackSize = size("list-max-listpack-size")
    streamNodeMaxEntries = size("stream-node-max-entries")
    streamNodeMaxBytes = size("stream-node-max-bytes")
    hllSparseMaxBytes = size("hll-sparse-max-bytes")
    protoMaxBulkLength = size("proto-max-bulk-len")
    queryBufferLimit = size("client-query-buffer-limit")
    maxMemory = size("maxmemory")
    evictionPolicy = EvictionPolicy(rawValue: Self.value("maxmemory-policy", in: values)) ?? .none
    maxMemorySamples = size("maxmemory-samples")
    lfuLogFactor = size("lfu-log-factor")
    lfuDecayMinutes = size("lfu-decay-time")
    let events = KeyEvent.Kinds(letters: Self.value("notify-keyspace-events", in: values)) ?? []
    self.events = events.isDisjoint(with: [.keyspace, .keyevent]) ? [] : events
    slowlogSlowerThan = number("slowlog-log-slower-than")
    slowlogMaxLength = size("slowlog-max-len")
    latencyThreshold = number("latency-monitor-threshold")
    tracksLatency = Self.value("latency-tracking", in: values) == "yes"
    timeoutSeconds = size("timeout")
    maxClients = size("maxclients")
    busyReplyThreshold = number("busy-reply-threshold")
    trackingTableMaxKeys = size("tracking-table-max-keys")
    aclLogMaxLength = size("acllog-max-len")
    outputLimits = OutputLimits(Self.value("client-output-buffer-limit", in: values))
    allowsNewUsersAllChannels = Self.value("acl-pubsub-default", in: values) == "allchannels"
  }

  /// Before anybody has set anything.
  static let standard = RESPConfiguration([:])

  /// The percentiles that INFO latencystats shows.
  var percentiles: [Double] {
    Self.value("latency-tracking-info-percentiles", in: values).split(separator: " ").compactMap {
      Array($0.utf8).double()
    }
  }

  /// There is a limit, or the use of keys is noted.
  var watchesMemory: Bool { maxMemory > 0 || evictionPolicy.notesUse }

  func value(_ name: String) -> String { Self.value(name, in: values) }

  private static func value(_ name: String, in values: [String: String]) -> String {
    values[name] ?? ConfigParameter.named(name)?.standard ?? ""
  }
}

/// The configuration of the catalog that a shard has. Lives on: its shard.
final class ConfigurationCache {
  private var version: UInt64?
  private var current = RESPConfiguration.standard

  func configuration(version: UInt64, _ catalog: () -> CatalogSnapshot) -> RESPConfiguration {
    if self.version == version { return current }
    self.version = version
    let values = catalog().schema(named: RedisSchema.name)?.options ?? [:]
    if values != current.values { current = RESPConfiguration(values) }
    return current
  }
}

extension NodeShard {
  var redisConfiguration: RESPConfiguration {
    local(ConfigurationCache.self) { ConfigurationCache() }
      .configuration(version: catalogVersion) { catalog }
  }
}

extension TabletTransaction {
  var redisConfiguration: RESPConfiguration {
    local(ConfigurationCache.self) { _ in ConfigurationCache() }
      .configuration(version: catalogVersion) { catalog }
  }
}
