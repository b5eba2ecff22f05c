import Base
import Catalog
public import Node
import Reactor
import SQL
import Types

/// What the sessions of one shard share. Lives on: its shard.
final class KafkaShard {
  unowned let shard: NodeShard
  let settings: KafkaSettings
  var place = KafkaPlace()
  private var knownTopics: TopicCatalog?
  private var knownView: (view: ClusterPlaces, at: UInt64)?
  let waiters: StreamWaiters
  private(set) var coordinator: GroupCoordinator!
  /// Numbers of the requests that went to the shard that keeps their group.
  private var lastTicket: UInt64 = 0
  private var forwarded: [UInt64: Reply<[UInt8]?>] = [:]

  private init(_ shard: NodeShard, _ settings: KafkaSettings) {
    self.shard = shard
    self.settings = settings
    waiters = StreamWaiters(shard)
  }

  static func of(_ shard: NodeShard, _ settings: KafkaSettings) -> KafkaShard {
    shard.local(KafkaShard.self) {
      let made = KafkaShard(shard, settings)
      made.coordinator = GroupCoordinator(made)
      made.listen()
      return made
    }
  }

  /// As of the newest catalog.
  var topics: TopicCatalog {
    if let knownTopics, knownTopics.version == shard.catalogVersion { return knownTopics }
    let made = TopicCatalog(shard)
    knownTopics = made
    return made
  }

  /// Milliseconds of a clock that never goes back.
  var now: Int64 { Int64(shard.reactor.monotonicNanoseconds() / 1_000_000) }

  // MARK: The cluster

  private static let placesName = "kafka places"
  private static let requestName = "kafka group request"
  private static let responseName = "kafka group response"
  /// How old what is known of leaders may be.
  private static let viewNanoseconds: UInt64 = 200_000_000

  /// Nodes and leaders as of a moment ago.
  func places() async -> ClusterPlaces {
    let now = shard.reactor.monotonicNanoseconds()
    if let knownView, now &- knownView.at < Self.viewNanoseconds { return knownView.view }
    let view = await ClusterPlaces.ask(shard, Self.placesName)
    knownView = (view, shard.reactor.monotonicNanoseconds())
    return view
  }

  private func listen() {
    shard.onMessage(Self.placesName) { [unowned self] _, _ in place.encoded(shard) }
    shard.onMessage(Self.requestName) { [unowned self] payload, sender in
      takeForwarded(payload, from: sender)
      return []
    }
    shard.onMessage(Self.responseName) { [unowned self] payload, _ in
      guard let (ticket, answer) = ForwardedAnswer.decode(payload) else { return [] }
      forwarded.removeValue(forKey: ticket)?.fulfill(answer)
      return []
    }
  }

  // MARK: Groups of other shards

  /// Runs a request of a group on the shard of this node that keeps it. Nil: the connection ends.
  func onGroupShard(_ request: GroupRequest, _ owner: ShardID) async -> [UInt8]? {
    if owner == shard.id { return await coordinator.handle(request) }
    lastTicket += 1
    let ticket = lastTicket
    let reply = Reply<[UInt8]?>()
    forwarded[ticket] = reply
    var place = shard.place
    place.shard = owner
    shard.tell(place, Self.requestName, request.encoded(ticket))
    return await reply.get()
  }

  private func takeForwarded(_ payload: [UInt8], from sender: ShardPlace) {
    guard let (ticket, request) = GroupRequest.decode(payload) else { return }
    shard.reactor.spawn { [self] in
      let answer = await coordinator.handle(request)
      shard.tell(sender, Self.responseName, ForwardedAnswer.encode(ticket, answer))
    }
  }
}

/// Where the front end of a node can be reached.
struct KafkaPlace: Sendable {
  var address = ""
  var port: Int?
  var tlsPort: Int?

  func encoded(_ shard: NodeShard) -> [UInt8] {
    var out = WireEncoder(catalog: CatalogSnapshot())
    shard.place.encode(into: &out)
    address.encode(into: &out)
    (port ?? 0).encode(into: &out)
    (tlsPort ?? 0).encode(into: &out)
    return out.bytes.bytes
  }
}

/// What the front end is told once its ports are open.
public enum KafkaFrontEnd {
  /// On each shard.
  public static func open(
    on shard: NodeShard, address: String, port: Int?, tlsPort: Int?, settings: KafkaSettings
  ) {
    let state = KafkaShard.of(shard, settings)
    state.place = KafkaPlace(address: address, port: port, tlsPort: tlsPort)
    state.coordinator.startRounds()
  }

  /// Makes the schema `kafka` in a catalog that lacks it, or a part of it. Whichever node comes first does it.
  public static func ensureSchema(on shard: NodeShard) async throws(KernelError) {
    func isThere(_ catalog: CatalogSnapshot) -> Bool {
      KafkaSchema.objects().allSatisfy { catalog.objects[$0.id] != nil }
    }
    if isThere(shard.catalog) { return }
    let transaction = shard.begin(isolation: .readCommitted)
    do throws(KernelError) {
      try await transaction.changeCatalog { catalog in
        if isThere(catalog) { return }
        for object in KafkaSchema.objects() where catalog.objects[object.id] == nil {
          catalog.put(object)
        }
      }
      try await transaction.commit()
    } catch {
      await transaction.rollback()
      throw error
    }
  }
}
