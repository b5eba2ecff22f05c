import Base

/// What a front end tells or asks its own kind on other shards and nodes, in bytes of its own: pub/sub,
/// wake-ups, lists of clients. Nothing of it is kept: who cannot be reached does not hear it.
struct ShardMessage: ShardCommand {
  typealias Answer = [UInt8]
  static let name = "message"
  let handler: String
  let payload: [UInt8]
  let sender: ShardPlace

  func run(on shard: NodeShard, from node: NodeID, reply: @escaping ([UInt8]) -> Void) {
    // A node without the front end has nothing to say.
    reply(shard.messageHandlers[handler]?(payload, sender) ?? [])
  }

  init(handler: String, payload: [UInt8], sender: ShardPlace) {
    self.handler = handler
    self.payload = payload
    self.sender = sender
  }
  func encode(into out: inout WireEncoder) {
    handler.encode(into: &out)
    out.bytes.blob(payload)
    sender.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    handler = try String(from: &reader)
    payload = try reader.bytes.blob()
    sender = try ShardPlace(from: &reader)
  }
}

extension NodeShard {
  /// Takes the messages of this name on this shard; what it returns is the answer.
  public func onMessage(
    _ name: String, _ body: @escaping (_ payload: [UInt8], _ sender: ShardPlace) -> [UInt8]
  ) {
    messageHandlers[name] = body
  }

  /// Tells one shard, and waits for nothing.
  public func tell(_ place: ShardPlace, _ name: String, _ payload: [UInt8]) {
    tell([place], ShardMessage(handler: name, payload: payload, sender: self.place))
  }

  /// Tells every shard of the cluster, this one at once.
  public func tellEvery(_ name: String, _ payload: [UInt8]) {
    tell(places, ShardMessage(handler: name, payload: payload, sender: place))
  }

  /// Asks one shard; nil where it cannot be reached.
  public func ask(
    _ place: ShardPlace, _ name: String, _ payload: [UInt8],
    _ reply: @escaping ([UInt8]?) -> Void
  ) {
    ask(place, ShardMessage(handler: name, payload: payload, sender: self.place), reply)
  }

  /// Asks every shard of this node.
  public func askNode(
    _ name: String, _ payload: [UInt8], _ reply: @escaping ([[UInt8]?]) -> Void
  ) {
    ask(ownPlaces, ShardMessage(handler: name, payload: payload, sender: place), reply)
  }

  /// Tells some shards, and waits for nothing.
  public func tell(_ places: [ShardPlace], _ name: String, _ payload: [UInt8]) {
    tell(places, ShardMessage(handler: name, payload: payload, sender: place))
  }

  /// Asks every shard of the cluster; nil stands for those that cannot be reached.
  public func askEvery(
    _ name: String, _ payload: [UInt8], _ reply: @escaping ([[UInt8]?]) -> Void
  ) {
    ask(places, ShardMessage(handler: name, payload: payload, sender: place), reply)
  }
}
