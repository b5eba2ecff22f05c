import Base
import Catalog
import Node
import Reactor
import Types

/// Keeps the memory of one shard below its part of `maxmemory`: before a command runs that may need more,
/// keys of the command's tablet are removed in the same step, as if it had removed them itself, so they go
/// with its entry of the log (DESIGN 22.12). A node's shards have equal parts of its limit, which is against
/// what `INFO` calls `used_memory`: the rows of all tables.
///
/// Lives on: its shard, for the tablets that are led here.
final class MemoryKeeper {
  private unowned let shard: NodeShard
  let state: RESPShard
  private var use = KeyUse()
  /// Of what `use` has notes.
  private var noted = EvictionPolicy.none
  /// Rows that were removed, and whose memory the store frees when nobody can read them any more.
  private var freed = Freed()
  private var random: Xoshiro256
  /// By tablet, behind which key the search for the next victim begins.
  private var hands: [TabletID: [UInt8]] = [:]

  /// Until then the store has freed what was removed.
  private static let freeingNanoseconds: UInt64 = 3_000_000_000
  /// Keys that one command removes at most: the next goes on.
  private static let victimsMax = 16
  /// Rows that are looked at for one that expires.
  private static let searchMax = 64

  private init(_ shard: NodeShard) {
    self.shard = shard
    state = RESPShard.of(shard)
    random = Xoshiro256(seed: shard.reactor.random.next())
  }

  static func of(_ shard: NodeShard) -> MemoryKeeper {
    shard.local(MemoryKeeper.self) { MemoryKeeper(shard) }
  }

  static func of(_ transaction: TabletTransaction) -> MemoryKeeper {
    transaction.local(MemoryKeeper.self) { MemoryKeeper($0) }
  }

  // MARK: Use

  /// A command uses the keys, given by their rows' keys.
  func note(_ rowKeys: [[UInt8]], _ configuration: RESPConfiguration) {
    let policy = configuration.evictionPolicy
    guard policy.notesUse else { return }
    if policy.isByFrequency != noted.isByFrequency || !noted.notesUse { use = KeyUse() }
    noted = policy
    for rowKey in rowKeys { note(KeyUse.hash(rowKey), configuration) }
  }

  private func note(_ hash: UInt64, _ configuration: RESPConfiguration) {
    guard noted.isByFrequency else { return use.set(hash, seconds) }
    let old =
      use[hash].map { FrequencyCount(bits: $0) }
      ?? FrequencyCount(minute: minute, count: FrequencyCount.initial)
    let new = old.used(
      minute, decayMinutes: configuration.lfuDecayMinutes, logFactor: configuration.lfuLogFactor,
      chance: Double.random(in: 0..<1, using: &random))
    use.set(hash, new.bits)
  }

  /// RESTORE brings a key with what was noted of it elsewhere.
  func restore(_ rowKey: [UInt8], idle: Int64) {
    guard noted.isByRecency else { return }
    use.set(KeyUse.hash(rowKey), seconds &- UInt32(clamping: idle))
  }

  func restore(_ rowKey: [UInt8], frequency: Int64) {
    guard noted.isByFrequency else { return }
    let count = FrequencyCount(minute: minute, count: UInt8(clamping: frequency))
    use.set(KeyUse.hash(rowKey), count.bits)
  }

  private var seconds: UInt32 {
    UInt32(truncatingIfNeeded: shard.reactor.monotonicNanoseconds() / 1_000_000_000)
  }
  private var minute: UInt16 { UInt16(truncatingIfNeeded: seconds / 60) }

  /// OBJECT FREQ; nil: nobody has used the key here.
  func frequency(_ rowKey: [UInt8], _ configuration: RESPConfiguration) -> Int? {
    guard noted.isByFrequency, let bits = use[KeyUse.hash(rowKey)] else { return nil }
    return Int(
      FrequencyCount(bits: bits).now(minute, decayMinutes: configuration.lfuDecayMinutes))
  }

  /// Whole seconds since a command has used the key; nil: none has, or it is not noted.
  func secondsUnused(_ rowKey: [UInt8]) -> Int? {
    guard noted.isByRecency, let last = use[KeyUse.hash(rowKey)] else { return nil }
    return Int(seconds &- last)
  }

  // MARK: Room

  /// More is used than the shard's part.
  func isOver(_ configuration: RESPConfiguration) -> Bool {
    guard configuration.maxMemory > 0 else { return false }
    return used > part(configuration)
  }

  /// Bytes above what tablets without a key to remove may use for the time being; negative: so many are left.
  private func excess(_ configuration: RESPConfiguration) -> Int {
    used - 2 * part(configuration)
  }

  private func part(_ configuration: RESPConfiguration) -> Int {
    configuration.maxMemory / shard.layout.shardCount
  }

  /// Without what the store frees soon.
  private var used: Int {
    freed.forget(
      olderThan: Self.freeingNanoseconds, at: shard.reactor.monotonicNanoseconds())
    return shard.memoryUsedBytes - freed.bytes
  }

  /// Removes keys of the tablet where too much memory is used. False: there is none that may go.
  func makeRoom(_ context: CommandContext, besides kept: [[UInt8]]) throws(CommandStop) -> Bool {
    let configuration = context.configuration
    guard isOver(configuration) else { return true }
    guard configuration.evictionPolicy != .none else { return false }
    var removed = 0
    while removed < Self.victimsMax, isOver(configuration) {
      guard let victim = try victim(context, besides: kept) else { break }
      try remove(victim, context)
      removed += 1
    }
    if removed > 0 { return true }
    // This tablet has none. Others of the shard may have; the next round of `evict` sees to them.
    return !configuration.evictionPolicy.isVolatile && excess(configuration) < 0
  }

  private func remove(_ rowKey: [UInt8], _ context: CommandContext) throws(CommandStop) {
    guard let (db, name, _) = rowKey.withUnsafeBytes({ RowKey.parse($0) }) else {
      fatalError("invariant: a row of redis.keys has a key")
    }
    let key = try context.keyToWrite(name, db: db)
    guard key.exists else { return }
    freed.add(try context.bytes(of: key), at: shard.reactor.monotonicNanoseconds())
    try context.remove(key)
    use.remove(KeyUse.hash(rowKey))
    context.notify(.evicted, "evicted", name, db: db)
    state.statistics.evictedKeys += 1
  }

  /// The best of some. They are taken in the order of the keys, from where the last search in the tablet
  /// ended, so that each key comes up as often as any other, whatever the names are like.
  private func victim(_ context: CommandContext, besides kept: [[UInt8]]) throws(CommandStop)
    -> [UInt8]?
  {
    let configuration = context.configuration
    let policy = configuration.evictionPolicy
    let isByWorth = policy.notesUse || policy == .volatileEnding
    let samples = isByWorth ? configuration.maxMemorySamples : Int.random(in: 1...4, using: &random)
    let tablet = context.rows.tablet?.tablet ?? .catalog
    var place = hands[tablet] ?? []
    var best: (key: [UInt8], worth: Int64)?
    for _ in 0..<min(samples, Self.searchMax) {
      var found = try candidate(context, from: place, policy, kept)
      // Behind the place there is none.
      if found == nil, !place.isEmpty { found = try candidate(context, from: [], policy, kept) }
      guard let found else { break }
      place = found.key + [0]
      let worth = worth(found.key, found.expiresAt, configuration)
      if best.map({ !isByWorth || worth < $0.worth }) ?? true { best = (found.key, worth) }
    }
    hands[tablet] = place
    return best?.key
  }

  /// What is worth the least goes.
  private func worth(_ rowKey: [UInt8], _ expiresAt: Int64?, _ configuration: RESPConfiguration)
    -> Int64
  {
    let policy = configuration.evictionPolicy
    if policy == .volatileEnding { return expiresAt ?? .max }
    if policy.isByFrequency { return Int64(frequency(rowKey, configuration) ?? 0) }
    if policy.isByRecency { return secondsUnused(rowKey).map { -Int64($0) } ?? .min }
    return 0
  }

  /// The first key from the place on that may go: that nobody else is writing, and that expires where
  /// only such ones do.
  private func candidate(
    _ context: CommandContext, from place: [UInt8], _ policy: EvictionPolicy, _ kept: [[UInt8]]
  ) throws(CommandStop) -> (key: [UInt8], expiresAt: Int64?)? {
    var candidates: [(key: [UInt8], expiresAt: Int64?)] = []
    var searched = 0
    var fault: DecodingFault?
    try context.rows.scan(RedisSchema.keys, lower: place, upper: nil) { key, value in
      do throws(DecodingFault) {
        let expiresAt = try KeyRowView(value).expiresAt
        searched += 1
        if !policy.isVolatile || expiresAt != nil { candidates.append((Array(key), expiresAt)) }
      } catch {
        fault = error
      }
      return fault == nil && candidates.count < 4 && searched < Self.searchMax
    }
    if let fault { throw .damaged(fault) }
    for found in candidates where !kept.contains(found.key) {
      if try context.rows.isFree(found.key) { return found }
    }
    return nil
  }
}

/// What was removed lately, as sums over some milliseconds each, so that asking costs the same however many
/// keys go.
private struct Freed {
  private(set) var bytes = 0
  private var sums: [(at: UInt64, bytes: Int)] = []
  private static let sumNanoseconds: UInt64 = 10_000_000

  mutating func add(_ count: Int, at now: UInt64) {
    bytes += count
    if let last = sums.last, now &- last.at < Self.sumNanoseconds {
      sums[sums.count - 1].bytes += count
    } else {
      sums.append((now, count))
    }
  }

  mutating func forget(olderThan nanoseconds: UInt64, at now: UInt64) {
    let old = sums.prefix { now &- $0.at > nanoseconds }
    if old.isEmpty { return }
    bytes -= old.reduce(0) { $0 + $1.bytes }
    sums.removeFirst(old.count)
  }
}

extension RESPSession {
  /// Nothing can be removed for a command that needs memory, as far as this shard knows.
  var isOutOfMemory: Bool {
    state.configuration.evictionPolicy == .none
      && MemoryKeeper.of(shard).isOver(state.configuration)
  }

  func checkMemory() throws(CommandStop) {
    if isOutOfMemory { throw .error(KernelReply.outOfMemory) }
  }
}
