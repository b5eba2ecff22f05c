import Base
import Glibc

/// Streams between the world's nodes. What one side sends arrives in order after a random delay;
/// across a partition, which may be of one direction, it waits, and the stream breaks after 20
/// seconds.
final class SimulatedNetwork {
  private struct Port {
    let number: Int
    let reactor: SimulatedReactor
    let identity: Int
    let onAccept: (Connection) -> Void
  }

  unowned let world: SimulatedWorld
  private var ports: [Port] = []
  /// What the first sends does not reach the second.
  private var cuts: [(NodeID, NodeID)] = []
  /// Open ends, in order of opening.
  private var ends: [SimulatedTransport] = []
  private var nextIdentity = 0

  private static let connectTimeout: UInt64 = 3_000_000_000
  static let streamTimeout: UInt64 = 20_000_000_000

  init(_ world: SimulatedWorld) { self.world = world }

  func cut(from one: NodeID, to other: NodeID) {
    if !isCut(from: one, to: other) { cuts.append((one, other)) }
  }

  func heal(_ one: NodeID, _ other: NodeID) {
    cuts.removeAll { $0 == (one, other) || $0 == (other, one) }
  }

  func healAll() { cuts = [] }

  func isCut(from one: NodeID, to other: NodeID) -> Bool {
    cuts.contains { $0 == (one, other) }
  }

  func delay() -> UInt64 {
    let usual = world.draw(world.options.networkDelay)
    return world.chance(perMille: world.options.slowDeliveriesPerMille) ? usual * 20 : usual
  }

  func listen(
    _ reactor: SimulatedReactor, port: Int, reusePort: Bool,
    onAccept: @escaping (Connection) -> Void
  ) throws(IOFault) -> Listener {
    guard UInt16(exactly: port) != nil else {
      throw IOFault(errno: EINVAL, operation: "listen on port \(port)")
    }
    var number = port
    if port == 0 {
      number = reactor.node.nextPort
      reactor.node.nextPort += 1
    }
    let isTaken = ports.contains { $0.number == number && $0.reactor.node === reactor.node }
    if isTaken && !reusePort { throw IOFault(errno: EADDRINUSE, operation: "listen on \(port)") }
    nextIdentity += 1
    let identity = nextIdentity
    ports.append(
      Port(number: number, reactor: reactor, identity: identity, onAccept: onAccept))
    return Listener(port: number) { [self] in ports.removeAll { $0.identity == identity } }
  }

  func connect(
    _ reactor: SimulatedReactor, address: String, port: Int,
    _ completion: @escaping (Result<Connection, IOFault>) -> Void
  ) {
    let operation = "connect to \(address):\(port)"
    let isLocal = ["127.0.0.1", "::1", "localhost"].contains(address)
    let own = reactor.node.id
    let target =
      isLocal ? own : world.nodes.first { SimulatedWorld.address(of: $0.id) == address }?.id
    guard let target else {
      reactor.after(nanoseconds: delay()) {
        completion(.failure(IOFault(errno: EHOSTUNREACH, operation: operation)))
      }
      return
    }
    // A connection is made by messages in both directions.
    if isCut(from: own, to: target) || isCut(from: target, to: own) {
      reactor.after(nanoseconds: SimulatedNetwork.connectTimeout) {
        completion(.failure(IOFault(errno: ETIMEDOUT, operation: operation)))
      }
      return
    }
    reactor.after(nanoseconds: delay()) { [self] in
      let open = ports.filter { $0.number == port && $0.reactor.node.id == target }
      guard !open.isEmpty else {
        completion(.failure(IOFault(errno: ECONNREFUSED, operation: operation)))
        return
      }
      let chosen = open[Int(world.draw(0...UInt64(open.count - 1)))]
      let client = SimulatedTransport(self, reactor, peerAddress: "\(address):\(port)")
      let number = reactor.node.nextPort
      reactor.node.nextPort += 1
      let server = SimulatedTransport(
        self, chosen.reactor, peerAddress: "\(SimulatedWorld.address(of: own)):\(number)")
      client.peer = server
      server.peer = client
      ends.append(client)
      ends.append(server)
      let accepted = Connection(server, chosen.reactor, world.scratch)
      chosen.reactor.after(nanoseconds: delay()) { chosen.onAccept(accepted) }
      completion(.success(Connection(client, reactor, world.scratch)))
    }
  }

  func remove(_ end: SimulatedTransport) { ends.removeAll { $0 === end } }

  /// Its ports close, its streams are reset.
  func nodeEnded(_ id: NodeID) {
    ports.removeAll { $0.reactor.node.id == id }
    for end in ends.filter({ $0.reactor.node.id == id }) { end.close(aborting: true) }
  }
}

/// One end of a simulated stream. Lives on: its reactor.
final class SimulatedTransport: Transport {
  private enum Parcel {
    case bytes([UInt8])
    case end
    case reset(Int32)
  }

  let peerAddress: String
  var owner: Connection?
  let reactor: SimulatedReactor
  weak var peer: SimulatedTransport?
  private unowned let network: SimulatedNetwork
  private var isClosed = false

  /// On their way to the peer, oldest first.
  private var outgoing = Queue<(parcel: Parcel, arrival: UInt64)>()
  private var isPumping = false
  private var lastArrival: UInt64 = 0
  /// Sent and not yet read by the peer.
  private var unread = 0
  private static let windowBytes = 1 << 18

  private var incoming: [UInt8] = []
  private var isEnded = false
  private var fault: Int32 = 0

  init(_ network: SimulatedNetwork, _ reactor: SimulatedReactor, peerAddress: String) {
    self.network = network
    self.reactor = reactor
    self.peerAddress = peerAddress
  }

  func receive(into memory: UnsafeMutableRawBufferPointer) throws(IOFault) -> Int? {
    if isClosed { throw IOFault(errno: EBADF, operation: "recv") }
    if !incoming.isEmpty {
      let count = min(memory.count, incoming.count)
      memory.copyBytes(from: incoming[..<count])
      incoming.removeFirst(count)
      peer?.madeRoom(count)
      return count
    }
    if fault != 0 { throw IOFault(errno: fault, operation: "recv") }
    return isEnded ? 0 : nil
  }

  func send(_ bytes: UnsafeRawBufferPointer) throws(IOFault) -> Int? {
    if isClosed { throw IOFault(errno: EBADF, operation: "send") }
    if fault != 0 { throw IOFault(errno: fault, operation: "send") }
    let room = SimulatedTransport.windowBytes - unread
    if room <= 0 { return nil }
    let count = min(room, bytes.count)
    unread += count
    ship(.bytes(Array(bytes[..<count])))
    return count
  }

  /// The peer has read: the window opens a delay later.
  private func madeRoom(_ count: Int) {
    reactor.after(nanoseconds: network.delay()) { [self] in
      let wasFull = unread >= SimulatedTransport.windowBytes
      unread -= count
      if wasFull { owner?.transportReady(readable: false, writable: true) }
    }
  }

  func close(aborting: Bool) {
    if isClosed { return }
    isClosed = true
    owner = nil
    network.remove(self)
    if aborting {
      outgoing = Queue()
      ship(.reset(ECONNRESET))
    } else {
      ship(.end)
    }
  }

  private func ship(_ parcel: Parcel) {
    lastArrival = max(lastArrival, network.world.now &+ network.delay())
    outgoing.append((parcel, lastArrival))
    schedulePump(at: lastArrival)
  }

  /// The world carries parcels, not the sender: they arrive even when its node has crashed.
  private func schedulePump(at arrival: UInt64) {
    if isPumping { return }
    isPumping = true
    let now = network.world.now
    network.world.after(nanoseconds: arrival > now ? arrival - now : 0) { [self] in
      isPumping = false
      pump()
    }
  }

  private func pump() {
    guard let first = outgoing.peek() else { return }
    let now = network.world.now
    guard let peer else { return }
    if network.isCut(from: reactor.node.id, to: peer.reactor.node.id) {
      if now > first.arrival &+ SimulatedNetwork.streamTimeout {
        outgoing = Queue()
        deliver(.reset(ETIMEDOUT))
        peer.deliver(.reset(ETIMEDOUT))
        return
      }
      schedulePump(at: now &+ 10_000_000)
      return
    }
    if first.arrival <= now {
      _ = outgoing.popFirst()
      let world = network.world
      if world.chance(perMille: world.options.brokenDeliveriesPerMille) {
        outgoing = Queue()
        deliver(.reset(ECONNRESET))
        peer.deliver(.reset(ECONNRESET))
        return
      }
      peer.deliver(first.parcel)
    }
    if let next = outgoing.peek() { schedulePump(at: next.arrival) }
  }

  private func deliver(_ parcel: Parcel) {
    if isClosed || !reactor.isAlive { return }
    switch parcel {
    case .bytes(let bytes):
      network.world.note(4, UInt64(bytes.count))
      incoming.append(contentsOf: bytes)
    case .end:
      isEnded = true
    case .reset(let errno):
      fault = errno
      incoming = []
    }
    reactor.didSomething()
    owner?.transportReady(readable: true, writable: fault != 0)
  }
}
