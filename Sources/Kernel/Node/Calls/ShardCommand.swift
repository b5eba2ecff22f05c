public import Base
import Catalog

/// A shard of the cluster.
public struct ShardPlace: Sendable, Hashable, Comparable, WireCodable {
  public var node: NodeID
  public var shard: ShardID

  init(node: NodeID, shard: ShardID) {
    self.node = node
    self.shard = shard
  }
  public func encode(into out: inout WireEncoder) {
    node.encode(into: &out)
    shard.encode(into: &out)
  }
  public init(from reader: inout WireDecoder) throws(DecodingFault) {
    node = try NodeID(from: &reader)
    shard = try ShardID(from: &reader)
  }

  public static func < (a: ShardPlace, b: ShardPlace) -> Bool {
    (a.node, a.shard) < (b.node, b.shard)
  }
}

/// Something that is asked of a shard of any node, rather than of a tablet.
protocol ShardCommand: WireCodable {
  associatedtype Answer: WireCodable
  /// What it goes by between nodes; never given to another command.
  static var name: String { get }
  /// On the shard; `reply` runs there, once. `node` asks, which may be this one.
  func run(on shard: NodeShard, from node: NodeID, reply: @escaping (Answer) -> Void)
}

extension NodeShard {
  /// This node's shards, then those of other nodes that can be reached, in order.
  var places: [ShardPlace] {
    var places = ownPlaces
    for node in cluster?.others ?? [] where cluster?.isConnected(to: node) ?? false {
      let count = catalog.node(node)?.shards ?? 1
      for number in 0..<count {
        places.append(ShardPlace(node: node, shard: ShardID(rawValue: UInt16(number))))
      }
    }
    return places
  }

  var ownPlaces: [ShardPlace] {
    (0..<layout.shardCount).map {
      ShardPlace(node: nodeID, shard: ShardID(rawValue: UInt16($0)))
    }
  }

  /// Where sessions of this shard are found.
  public var place: ShardPlace { ShardPlace(node: nodeID, shard: id) }

  /// Asks one shard. Nil: its node cannot be reached, or has gone meanwhile.
  func ask<C: ShardCommand>(
    _ place: ShardPlace, _ command: C, _ reply: @escaping (C.Answer?) -> Void
  ) {
    if place.node == nodeID {
      if place.shard == id { return command.run(on: self, from: nodeID) { reply($0) } }
      let home = peers[id]
      let back = ShardBound(reply)
      let node = nodeID
      peers[place.shard].post { there in
        command.run(on: there, from: node) { answer in home.post { _ in back.value(answer) } }
      }
      return
    }
    guard let cluster else { return reply(nil) }
    cluster.request(place, command) { outcome in
      if case .answer(let answer) = outcome { reply(answer) } else { reply(nil) }
    }
  }

  /// Asks several; `completion` gets the answers in their order.
  func ask<C: ShardCommand>(
    _ places: [ShardPlace], _ command: C, _ completion: @escaping ([C.Answer?]) -> Void
  ) {
    let gather = Gather<C.Answer?>(count: places.count, completion: completion)
    for (position, place) in places.enumerated() {
      ask(place, command) { gather.add($0, at: position) }
    }
  }

  /// Tells several, and waits for none.
  func tell<C: ShardCommand>(_ places: [ShardPlace], _ command: C) {
    for place in places { ask(place, command) { _ in } }
  }
}
