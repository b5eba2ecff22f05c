import Base
import Catalog
import Node
import Reactor

/// A command that waits for keys: the session's shard, and the command's number there.
struct WaiterID: WireCodable, Hashable {
  var place: ShardPlace
  var number: Int64

  init(place: ShardPlace, number: Int64) {
    self.place = place
    self.number = number
  }
  func encode(into out: inout WireEncoder) {
    place.encode(into: &out)
    number.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    place = try ShardPlace(from: &reader)
    number = try Int64(from: &reader)
  }
}

/// Who waits for which keys, in the order in which they came. It knows no sessions and no shard, so that
/// tests can ask it.
///
/// A waiter that was woken keeps its place until it says again that it waits, or leaves: so whoever was
/// woken for nothing is not behind those that came later.
struct WaitingList {
  private struct Entry {
    let id: WaiterID
    /// Reads without taking anything away, so that others are woken with it.
    let isReader: Bool
    /// When it was told to look; nil: it waits.
    var wokenAt: UInt64?
    /// When it last said that it waits; in nanoseconds.
    var seenAt: UInt64
  }
  private var entries: [[UInt8]: [Entry]] = [:]
  private var keys: [WaiterID: [[UInt8]]] = [:]

  /// Who has not said for so long that it waits has gone, with its node.
  static let silenceNanoseconds: UInt64 = 5_000_000_000

  var isEmpty: Bool { entries.isEmpty }

  /// `keys`: of rows of `redis.keys`.
  mutating func join(_ id: WaiterID, _ keys: [[UInt8]], isReader: Bool, now: UInt64) {
    for key in keys {
      if let place = entries[key]?.firstIndex(where: { $0.id == id }) {
        entries[key]?[place].wokenAt = nil
        entries[key]?[place].seenAt = now
      } else {
        entries[key, default: []].append(Entry(id: id, isReader: isReader, seenAt: now))
        self.keys[id, default: []].append(key)
      }
    }
  }

  /// The keys for which it had been woken: what it was to take there is the next one's.
  mutating func leave(_ id: WaiterID) -> [[UInt8]] {
    var left: [[UInt8]] = []
    for key in keys.removeValue(forKey: id) ?? [] {
      guard let place = entries[key]?.firstIndex(where: { $0.id == id }) else { continue }
      if let entry = entries[key]?.remove(at: place), entry.wokenAt != nil, !entry.isReader {
        left.append(key)
      }
      if entries[key]?.isEmpty == true { entries[key] = nil }
    }
    return left
  }

  /// Something has happened to the key: its readers are to look, and the first of the others that has
  /// not been told to yet.
  mutating func wake(_ key: [UInt8], now: UInt64) -> [WaiterID] {
    guard let waiting = entries[key] else { return [] }
    var woken: [WaiterID] = []
    var isTaken = false
    for (place, entry) in waiting.enumerated() {
      if entry.wokenAt != nil || (isTaken && !entry.isReader) { continue }
      if now &- entry.seenAt > Self.silenceNanoseconds { continue }
      entries[key]?[place].wokenAt = now
      woken.append(entry.id)
      if !entry.isReader { isTaken = true }
    }
    return woken
  }

  /// Whether somebody who came before is on the way to take what the key has.
  func mustYield(_ id: WaiterID, _ key: [UInt8], now: UInt64) -> Bool {
    for entry in entries[key] ?? [] {
      if entry.id == id { return false }
      if let wokenAt = entry.wokenAt, !entry.isReader,
        now &- wokenAt < Self.patienceNanoseconds
      {
        return true
      }
    }
    return false
  }

  /// How long others leave what there is to somebody who was woken.
  static let patienceNanoseconds: UInt64 = 300_000_000

  /// Those that have been silent for too long.
  func silent(now: UInt64) -> [WaiterID] {
    var found: [WaiterID] = []
    for (id, keys) in keys {
      let isSilent = keys.allSatisfy { key in
        entries[key]?.contains { $0.id == id && now &- $0.seenAt <= Self.silenceNanoseconds }
          != true
      }
      if isSilent { found.append(id) }
    }
    return found
  }
}

/// Sessions that wait for keys of the tablets that this shard leads. Lives on: its shard, in memory only:
/// another leader hears of the waiters when they next say that they wait.
///
/// A wake-up is a hint: the session runs its command again, and takes part as anybody does (DESIGN
/// 22.16). Whoever finds nothing waits on, at its old place.
final class KeyWaiters {
  private unowned let shard: NodeShard
  private var waiting = WaitingList()
  private var observer: CommitObserver?
  private var isCleaning = false

  static let wake = "redis.wake"
  static let gone = "redis.gone"

  init(_ shard: NodeShard) {
    self.shard = shard
    shard.onMessage(Self.gone) { [unowned self] payload, sender in
      if let number = Self.number(payload) { leave(WaiterID(place: sender, number: number)) }
      return []
    }
  }

  private var now: UInt64 { shard.reactor.monotonicNanoseconds() }

  /// In the step in which the command has found nothing, so that nothing comes in between.
  func join(_ id: WaiterID, _ keys: [[UInt8]], isReader: Bool) {
    waiting.join(id, keys, isReader: isReader, now: now)
    if observer == nil {
      observer = shard.observeCommits(.visible) { [unowned self] _, keys in committed(keys) }
    }
    cleanLater()
  }

  /// `hasTaken`: its commit wakes the next one, of the key that it has taken something from.
  func leave(_ id: WaiterID, hasTaken: Bool = false) {
    let left = waiting.leave(id)
    if !hasTaken || left.count > 1 { for key in left { wake(key) } }
    stopIfEmpty()
  }

  /// The keys whose elements the command leaves to those that came before.
  func yielded(by id: WaiterID, _ keys: [[UInt8]]) -> [[UInt8]] {
    if waiting.isEmpty { return [] }
    return keys.filter { waiting.mustYield(id, $0, now: now) }
  }

  private func stopIfEmpty() {
    guard waiting.isEmpty, let observer else { return }
    shard.remove(observer)
    self.observer = nil
  }

  /// Whatever gives a key elements writes its row too.
  private func committed(_ keys: [CommittedKey]) {
    for committed in keys where committed.space == RedisSchema.keys { wake(committed.key) }
  }

  private func wake(_ key: [UInt8]) {
    for id in waiting.wake(key, now: now) {
      shard.tell(id.place, Self.wake, Self.payload(id.number))
    }
  }

  static func payload(_ number: Int64) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  static func number(_ payload: [UInt8]) -> Int64? {
    guard payload.count == 8 else { return nil }
    return payload.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
  }

  /// Forgets the sessions of nodes that are gone.
  private func cleanLater() {
    guard !isCleaning else { return }
    isCleaning = true
    shard.reactor.after(nanoseconds: WaitingList.silenceNanoseconds) { [unowned self] in
      isCleaning = false
      for id in waiting.silent(now: now) { leave(id) }
      if !waiting.isEmpty { cleanLater() }
    }
  }
}
