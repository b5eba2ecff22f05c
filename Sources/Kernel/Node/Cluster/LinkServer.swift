import Base
import Raft
import Reactor

/// The other end of a `Link`: takes commands and messages of another node and hands them to the shards
/// that they are for. Lives on: the shard that accepted the connection.
final class LinkServer {
  private unowned let shard: NodeShard
  private unowned let cluster: Cluster
  private let connection: Connection
  private var peer: Hello?
  private var isClosed = false
  private static let pingBytesMax = 64

  init(_ connection: Connection, shard: NodeShard, cluster: Cluster) {
    self.connection = connection
    self.shard = shard
    self.cluster = cluster
  }

  /// Until the other side goes, or sends what cannot be understood.
  func run() async {
    let limit = shard.reactor.after(milliseconds: 5_000) { [self] in
      if peer == nil { connection.abort() }
    }
    do throws(IOFault) {
      try await cluster.secure(connection)
      try await serve()
    } catch {
      cluster.notice("a node's connection from \(connection.peerAddress) ended: \(error)")
    }
    shard.reactor.cancel(limit)
    isClosed = true
    connection.close()
  }

  private func serve() async throws(IOFault) {
    var reader = FrameReader()
    while true {
      var bytes: [UInt8] = []
      if try await connection.read(into: &bytes, atMost: 1 << 16) == 0 { return }
      reader.append(bytes)
      do throws(DecodingFault) {
        while try reader.next({ (kind, fields) throws(DecodingFault) in
          try take(kind, &fields)
        }) {
          if peer != nil { reader.bytesMax = Frame.bytesMax }
          if isClosed { return }
        }
      } catch {
        cluster.notice("\(connection.peerAddress): \(error)")
        return refuse("\(error)")
      }
      try await connection.drain()
    }
  }

  private func take(_ kind: Frame.Kind, _ fields: inout ByteReader) throws(DecodingFault) {
    guard let peer else {
      guard kind == .hello else { throw .malformed("\(kind) before hello") }
      return greet(try Hello(from: &fields))
    }
    switch kind {
    case .raft: try takeMessages(&fields, from: peer.node)
    case .snapshot:
      let tablet = TabletID(rawValue: try fields.varint())
      let message = try SnapshotMessage(from: &fields)
      guard tablet.rawValue <= Layout.tabletMax,
        message.from.node == peer.node, message.to.node == cluster.identity.node
      else { throw .malformed("a snapshot of tablet \(tablet) to \(message.to)") }
      shard.peers[shard.layout.shard(of: tablet)].post { $0.receive(message, of: tablet) }
    case .tabletCommand:
      let number = try fields.varint()
      let tablet = TabletID(rawValue: try fields.varint())
      guard tablet.rawValue <= Layout.tabletMax else {
        throw .malformed("tablet \(tablet)")
      }
      let bytes = Array(try fields.view(fields.remaining))
      forward(number, to: shard.layout.shard(of: tablet)) { there, answer in
        there.execute(bytes, on: tablet, answer)
      }
    case .shardCommand:
      let number = try fields.varint()
      let target = try fields.varint()
      // Shards of different nodes do not correspond: a number beyond ours goes round.
      let place = ShardID(rawValue: UInt16(target % UInt64(shard.layout.shardCount)))
      let bytes = Array(try fields.view(fields.remaining))
      let sender = peer.node
      forward(number, to: place) { there, answer in
        there.executeShardCommand(bytes, from: sender, answer)
      }
    case .ping:
      let brought = Array(try fields.view(fields.remaining))
      guard brought.count <= Self.pingBytesMax else {
        throw .malformed("a ping of \(brought.count) bytes")
      }
      var out: [UInt8] = []
      Frame.append(.pong, to: &out) { $0.raw(brought) }
      connection.write(out)
      connection.flush()
    default: throw .malformed("a frame \(kind) as a request")
    }
  }

  private func greet(_ hello: Hello) {
    if let reason = cluster.objection(to: hello) { return refuse(reason) }
    peer = hello
    var out: [UInt8] = []
    Frame.append(.welcome, to: &out) { cluster.hello(to: hello.node).encode(into: &$0) }
    connection.write(out)
    connection.flush()
  }

  private func refuse(_ reason: String) {
    var out: [UInt8] = []
    Frame.append(.refused, to: &out) { $0.string(reason) }
    connection.write(out)
    isClosed = true
    connection.close()
  }

  private func takeMessages(_ fields: inout ByteReader, from node: NodeID) throws(DecodingFault) {
    var batches: [ShardID: [(TabletID, RaftMessage)]] = [:]
    while !fields.isAtEnd {
      let tablet = TabletID(rawValue: try fields.varint())
      let message = try RaftMessage(from: &fields)
      guard tablet.rawValue <= Layout.tabletMax,
        message.from.node == node, message.to.node == cluster.identity.node
      else { throw .malformed("a message of tablet \(tablet) to \(message.to)") }
      batches[shard.layout.shard(of: tablet), default: []].append((tablet, message))
    }
    for place in batches.keys.sorted() {
      guard let batch = batches[place] else { continue }
      if place == shard.id {
        for (tablet, message) in batch { shard.receive(message, of: tablet) }
      } else {
        shard.peers[place].post { there in
          for (tablet, message) in batch { there.receive(message, of: tablet) }
        }
      }
    }
  }

  /// Runs `body` on the shard and sends back what it answers, in the order in which answers come.
  private func forward(
    _ number: UInt64, to place: ShardID,
    _ body: @escaping @Sendable (NodeShard, @escaping (CommandAnswer) -> Void) -> Void
  ) {
    cluster.answersOwed += 1
    if place == shard.id { return body(shard) { [self] in answer(number, $0) } }
    let home = shard.peers[shard.id]
    let back = ShardBound(self)
    shard.peers[place].post { there in
      body(there) { answer in home.post { _ in back.value.answer(number, answer) } }
    }
  }

  private func answer(_ number: UInt64, _ answer: CommandAnswer) {
    cluster.answersOwed -= 1
    if isClosed { return }
    var out: [UInt8] = []
    Frame.append(.answer, to: &out) {
      $0.varint(number)
      switch answer {
      case .done(let bytes):
        $0.integer(UInt8(0))
        $0.raw(bytes)
      case .refused(let reason):
        $0.integer(UInt8(1))
        $0.string(reason)
      }
    }
    connection.write(out)
    cluster.flushLater(connection)
  }
}

/// What a shard says to a command of another node.
enum CommandAnswer: Sendable {
  case done([UInt8])
  /// Nothing has been done, and why.
  case refused(String)
}
