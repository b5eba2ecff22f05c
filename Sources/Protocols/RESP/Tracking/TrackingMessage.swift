import Base
import Catalog
import Node

/// What shards tell one another so that clients hear which keys have changed, wherever the keys' leaders
/// are: a shard with clients that keep copies says so to all others; those tell it what commits there.
///
/// Messages between nodes may get lost. The one that tells counts them, and the one that hears compares:
/// where one is missing its clients are told to forget everything.
enum TrackingMessage: WireCodable {
  static let name = "redis.tracking"

  /// The sender's clients want to know. The answer: who says it, and how many changes it has told.
  case interested
  case notInterested
  /// Keys that were written, and by whom where the writer does not want to hear of it.
  case changed([[UInt8]], by: Int64)
  /// For one client, from another that has asked for that; nil: everything. The answer: whether it is here.
  case redirected([[UInt8]]?, to: Int64)
  /// All keys of a database have gone.
  case flushed

  func encode(into out: inout WireEncoder) {
    switch self {
    case .interested: UInt8(0).encode(into: &out)
    case .notInterested: UInt8(1).encode(into: &out)
    case .changed(let keys, let client):
      UInt8(2).encode(into: &out)
      keys.encode(into: &out)
      client.encode(into: &out)
    case .redirected(let keys, let client):
      UInt8(3).encode(into: &out)
      keys.encode(into: &out)
      client.encode(into: &out)
    case .flushed: UInt8(4).encode(into: &out)
    }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    switch try UInt8(from: &reader) {
    case 0: self = .interested
    case 1: self = .notInterested
    case 2: self = .changed(try [[UInt8]](from: &reader), by: try Int64(from: &reader))
    case 3: self = .redirected(try [[UInt8]]?(from: &reader), to: try Int64(from: &reader))
    case 4: self = .flushed
    case let kind: throw .malformed("tracking message \(kind)")
    }
  }

  var payload: [UInt8] { Message.encode { encode(into: &$0) } }

  static func answer(_ payload: [UInt8], from sender: ShardPlace, on state: RESPShard) -> [UInt8] {
    let message = Message.decode(payload) { (reader) throws(DecodingFault) in
      try TrackingMessage(from: &reader)
    }
    switch message {
    case .interested:
      let count = state.trackers[sender] ?? 0
      state.trackers[sender] = count
      state.observeForTrackers()
      return Message.encode { out in
        state.shard.place.encode(into: &out)
        count.encode(into: &out)
      }
    case .notInterested:
      state.trackers[sender] = nil
      state.observeForTrackers()
    case .changed(let keys, let writer):
      state.heardFrom[sender, default: 0] += 1
      state.invalidate(keys, by: writer)
    case .redirected(let keys, let client):
      guard let session = state.sessions[client] else { return [] }
      session.pushInvalidation(keys, isRedirected: true)
      return [1]
    case .flushed:
      state.heardFrom[sender, default: 0] += 1
      state.invalidateEverything()
    case nil: break
    }
    return []
  }
}

extension RESPShard {
  // MARK: Where keys are written

  func observeForTrackers() {
    if trackers.isEmpty {
      if let observer = trackingObserver.take() { shard.remove(observer) }
      return
    }
    guard trackingObserver == nil else { return }
    trackingObserver = shard.observeCommits(.committed) { [unowned self] _, keys in
      tellTrackers(keys)
    }
  }

  private func tellTrackers(_ keys: [CommittedKey]) {
    guard let transaction = keys.first?.transaction else { return }
    let writer = TrackingWriters.of(shard).take(transaction) ?? 0
    if writer == TrackingWriters.flush { return }
    var names: [[UInt8]] = []
    var last: [UInt8]?
    let views = views
    for key in keys {
      let name: [UInt8]
      if RedisSchema.keyspaces.contains(key.space) {
        guard let found = key.key.withUnsafeBytes({ RowKey.parse($0)?.name }) else { continue }
        name = found
      } else {
        guard let view = views.find(key.space) else { continue }
        do throws(DecodingFault) {
          name = try key.key.withUnsafeBytes { bytes in
            Result { () throws(DecodingFault) in try view.name(ofRow: bytes) }
          }.get()
        } catch {
          // Whichever row it is, nobody keeps an old copy of it.
          tellFlushed()
          continue
        }
      }
      if name == last { continue }
      last = name
      if names.count > Self.namesComparedMax || !names.contains(name) { names.append(name) }
    }
    if !names.isEmpty { tellTrackers(.changed(names, by: writer)) }
  }

  private func tellTrackers(_ message: TrackingMessage) {
    if trackers.isEmpty { return }
    let payload = message.payload
    for place in trackers.keys.sorted() {
      trackers[place, default: 0] += 1
      shard.tell(place, TrackingMessage.name, payload)
    }
  }

  /// All keys of a database are gone, which clients hear also where there were none. Once it has committed: should
  /// the node die before, clients are told for that.
  func tellFlushed() { tellTrackers(.flushed) }

  /// Beyond it a name may come twice, which does no harm.
  private static let namesComparedMax = 64

  // MARK: Where clients keep copies

  /// Every shard tells of its changes before the client reads anything.
  func beginTracking() async {
    let answers = await shard.gather(TrackingMessage.name, TrackingMessage.interested.payload)
    for (place, count) in answers.compactMap(Self.tellerAnswer) where trackedPlaces[place] == nil {
      trackedPlaces[place] = count
      heardFrom[place] = max(heardFrom[place] ?? 0, count)
    }
  }

  private static func tellerAnswer(_ answer: [UInt8]) -> (ShardPlace, UInt64)? {
    Message.decode(answer) { (reader) throws(DecodingFault) in
      (try ShardPlace(from: &reader), try UInt64(from: &reader))
    }
  }

  /// Once a second: whether all tell, and nothing they have told is missing.
  func refreshTracking() {
    guard !tracking.clients.isEmpty else {
      guard !trackedPlaces.isEmpty else { return }
      trackedPlaces = [:]
      heardFrom = [:]
      shard.tellEvery(TrackingMessage.name, TrackingMessage.notInterested.payload)
      return
    }
    shard.askEvery(TrackingMessage.name, TrackingMessage.interested.payload) { [self] answers in
      compare(answers.compactMap { $0.flatMap(Self.tellerAnswer) })
    }
  }

  private func compare(_ answers: [(place: ShardPlace, count: UInt64)]) {
    guard !tracking.clients.isEmpty else { return }
    var isWhole = true
    var places: [ShardPlace: UInt64] = [:]
    for (place, count) in answers {
      // What was told before the last round must have come by now.
      let expected = trackedPlaces[place]
      let heard = heardFrom[place] ?? 0
      if expected == nil || heard < (expected ?? 0) || count < (expected ?? 0) {
        isWhole = false
        heardFrom[place] = count
      }
      places[place] = count
    }
    if places.count < trackedPlaces.count { isWhole = false }
    trackedPlaces = places
    if !isWhole { invalidateEverything() }
  }

  /// Keys that are not remembered any more, though they have not changed.
  func trimTracking(_ limit: Int, besides kept: [UInt8]? = nil) {
    let forgotten = tracking.excess(over: limit, besides: kept)
    if !forgotten.isEmpty { tellReaders(forgotten, by: 0) }
  }

  /// Those who have read the keys.
  private func tellReaders(_ keys: [[UInt8]], by writer: Int64) {
    for key in keys {
      for client in tracking.take(key) {
        guard let session = sessions[client], let tracking = session.client.tracking,
          !tracking.isBroadcast, !(tracking.isNoLoop && client == writer)
        else { continue }
        session.tellChanged([key])
      }
    }
  }

  func invalidate(_ keys: [[UInt8]], by writer: Int64) {
    tellReaders(keys, by: writer)
    if tracking.prefixes.isEmpty { return }
    for (prefix, clients) in tracking.prefixes.sorted(by: {
      $0.key.lexicographicallyPrecedes($1.key)
    }) {
      let found = keys.filter { $0.starts(with: prefix) }
      if found.isEmpty { continue }
      for client in clients {
        guard let session = sessions[client], let tracking = session.client.tracking,
          !(tracking.isNoLoop && client == writer)
        else { continue }
        session.tellChanged(found)
      }
    }
  }

  func invalidateEverything() {
    tracking.forgetKeys()
    for client in tracking.clients.sorted() { sessions[client]?.tellChanged(nil) }
  }
}
