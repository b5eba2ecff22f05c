import Base
import Node

/// CLIENT TRACKING of one connection.
struct ClientTracking {
  var isBroadcast = false
  var isOptIn = false
  var isOptOut = false
  var isNoLoop = false
  /// Of BCAST; one empty prefix stands for every key.
  var prefixes: [[UInt8]] = []
  /// Who is told in the client's place; 0: it itself.
  var redirection: Int64 = 0
  /// That one has gone.
  var isBroken = false
  /// CLIENT CACHING: the next command is an exception.
  var caching = false

  /// Whether the keys of a command that reads are to be remembered.
  var remembersReads: Bool {
    if isBroadcast || (isOptIn && !caching) { return false }
    return !(isOptOut && caching)
  }
}

/// Which clients of one shard may have copies of which keys' values. Lives on: its shard.
struct TrackingTable {
  /// Clients by the key's name, whichever database it is in.
  private(set) var keys: [[UInt8]: [Int64]] = [:]
  /// Clients that want to hear of every key with the prefix.
  private(set) var prefixes: [[UInt8]: [Int64]] = [:]
  private(set) var clients: Set<Int64> = []
  private(set) var itemCount = 0

  mutating func add(_ client: Int64, prefixes added: [[UInt8]]) {
    clients.insert(client)
    for prefix in added where !(prefixes[prefix]?.contains(client) ?? false) {
      prefixes[prefix, default: []].append(client)
    }
  }

  mutating func remove(_ client: Int64, prefixes removed: [[UInt8]]) {
    clients.remove(client)
    for prefix in removed {
      prefixes[prefix]?.removeAll { $0 == client }
      if prefixes[prefix]?.isEmpty ?? false { prefixes[prefix] = nil }
    }
    // Of its keys the client is forgotten as they change; without clients there is nothing to tell.
    if clients.isEmpty {
      keys = [:]
      itemCount = 0
    }
  }

  /// The client is about to read the key. False: that was noted already.
  mutating func note(_ key: [UInt8], _ client: Int64) -> Bool {
    if keys[key]?.contains(client) ?? false { return false }
    keys[key, default: []].append(client)
    itemCount += 1
    return true
  }

  /// The client has not read the key after all.
  mutating func forget(_ key: [UInt8], _ client: Int64) {
    guard let place = keys[key]?.firstIndex(of: client) else { return }
    keys[key]?.remove(at: place)
    itemCount -= 1
    if keys[key]?.isEmpty ?? false { keys[key] = nil }
  }

  /// Keys to forget so that no more than `limit` are left (0: any number may be); who had them must be told.
  func excess(over limit: Int, besides kept: [UInt8]?) -> [[UInt8]] {
    guard limit > 0, keys.count > limit else { return [] }
    return Array(keys.keys.lazy.filter { $0 != kept }.prefix(keys.count - limit))
  }

  /// Who has the key; nobody has it any more then.
  mutating func take(_ key: [UInt8]) -> [Int64] {
    guard let found = keys.removeValue(forKey: key) else { return [] }
    itemCount -= found.count
    return found
  }

  mutating func forgetKeys() {
    keys = [:]
    itemCount = 0
  }
}

/// Which client's command a transaction on a tablet is, where it does not want to hear of its own changes.
/// Lives on: the tablet's shard, until the transaction has committed.
final class TrackingWriters {
  /// With the number of the shard's tablets on which the transaction has written.
  private var clients: [TransactionID: (client: Int64, tablets: Int)] = [:]
  /// Stands for a client: the transaction removes all keys of a database, which its session tells, once for all
  /// tablets.
  static let flush: Int64 = -1
  /// Calls that have written nothing are never asked for: they go all at once, and the worst of it is
  /// a message too many.
  private static let clientsMax = 10_000

  static func of(_ transaction: TabletTransaction) -> TrackingWriters {
    transaction.local(TrackingWriters.self) { _ in TrackingWriters() }
  }

  static func of(_ shard: NodeShard) -> TrackingWriters {
    shard.local(TrackingWriters.self) { TrackingWriters() }
  }

  func note(_ transaction: TransactionID, _ client: Int64) {
    if clients.count >= Self.clientsMax { clients = [:] }
    clients[transaction] = (client, (clients[transaction]?.tablets ?? 0) + 1)
  }

  /// The transaction has committed on one of the tablets.
  func take(_ transaction: TransactionID) -> Int64? {
    guard let (client, tablets) = clients[transaction] else { return nil }
    clients[transaction] = tablets > 1 ? (client, tablets - 1) : nil
    return client
  }
}
