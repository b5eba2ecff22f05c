import Base
import Node
import Reactor

/// CLUSTER: slots and nodes, for clients of a Redis Cluster. Every node answers for every key, so nothing
/// has to be known of them: what is shown is where the leaders are, the shortest way.
enum ClusterCommands {
  private static let plain: CommandFlags = [.loading, .stale]

  static let all: [CommandSpec] = [
    .container(
      "cluster",
      [
        .session("cluster|slots", 2, plain) { session, _ in await slots(session) },
        .session("cluster|shards", 2, plain) { session, _ in await shards(session) },
        .session("cluster|nodes", 2, plain) { session, _ in await nodes(session) },
        .session("cluster|info", 2, plain) { session, _ in await info(session) },
        .session("cluster|myid", 2, plain) { session, _ in session.output.bulk(session.runID) },
        .session("cluster|keyslot", 3, plain) { session, command in
          session.output.integer(Int(KeySlot.slot(command[2])))
        },
        .session("cluster|countkeysinslot", 3, [.stale]) { session, command in
          guard let slot = slot(command[2]) else { return session.output.error("ERR Invalid slot") }
          await ask(session, CountSlotKeys(slot: slot), slot) { session.output.integer($0) }
        },
        .session("cluster|getkeysinslot", 4, [.stale]) { session, command in
          guard let slot = slot(command[2]), let limit = command[3].strictInteger(), limit >= 0
          else {
            return session.output.error("ERR Invalid slot or number of keys")
          }
          await ask(session, SlotKeys(slot: slot, limit: Int(clamping: limit)), slot) { names in
            session.output.array(names.count)
            for name in names { session.output.bulk(name) }
          }
        },
        .session("cluster|links", 2, plain) { session, _ in session.output.array(0) },
        .session("cluster|help", 2, plain) { session, _ in
          session.output.help("CLUSTER", helpLines)
        },
      ]),
    .session("readonly", 1, [.fast, .loading, .stale]) { session, _ in
      session.client.isReadOnly = true
      session.client.followsSlots = true
      session.output.ok()
    },
    .session("readwrite", 1, [.fast, .loading, .stale]) { session, _ in
      session.client.isReadOnly = false
      session.client.followsSlots = true
      session.output.ok()
    },
    .session("asking", 1, [.fast]) { session, _ in
      session.client.followsSlots = true
      session.output.ok()
    },
  ]

  /// Where the command's keys are served, for a client of a Redis Cluster whose command has come to another
  /// node; nil: here. What a client that sent READONLY reads is served everywhere.
  static func redirection(
    _ session: RESPSession, _ spec: CommandSpec, _ command: CommandArguments
  ) async -> String? {
    if session.client.isReadOnly, spec.isReadOnly { return nil }
    guard let positions = spec.keyPositions(command), let first = positions.first else {
      return nil
    }
    let map = await session.state.slotMap(session)
    guard let node = map.node(of: KeySlot.slot(command[first])), node.id != session.runID else {
      return nil
    }
    // Keys of several nodes are as near here as there.
    for position in positions where map.node(of: KeySlot.slot(command[position]))?.id != node.id {
      return nil
    }
    return "MOVED \(KeySlot.slot(command[first])) \(node.host):\(node.port)"
  }

  private static func slot(_ argument: ArraySlice<UInt8>) -> UInt16? {
    guard let number = argument.strictInteger(), (0..<16_384).contains(number) else { return nil }
    return UInt16(number)
  }

  /// Asks the slot's tablet.
  private static func ask<P: Procedure>(
    _ session: RESPSession, _ procedure: P, _ slot: UInt16, _ body: (P.Output) -> Void
  ) async {
    let reply = Reply<Result<P.Output, KernelError>>()
    session.shard.callAlone(procedure, bucket: Bucket(slot: slot)) { reply.fulfill($0) }
    switch await reply.get() {
    case .success(let found): body(found)
    case .failure(let error): session.output.bytes.append(contentsOf: session.failure(error))
    }
  }

  private static let helpLines: [(syntax: String, text: String)] = [
    ("COUNTKEYSINSLOT <slot>", "Counts the keys of a slot."),
    ("GETKEYSINSLOT <slot> <count>", "Lists keys of a slot."),
    ("INFO", "Describes the cluster's state."), ("KEYSLOT <key>", "Tells the slot of a key."),
    ("LINKS", "Lists nothing: the nodes' connections are the kernel's."),
    ("MYID", "Shows this node's name."), ("NODES", "Lists the nodes with their slots, as text."),
    ("SHARDS", "Lists the slots with the nodes that serve them."),
    ("SLOTS", "Lists the ranges of slots with their nodes."),
  ]

  static func slots(_ session: RESPSession) async {
    let map = await SlotMap.of(session)
    session.output.array(map.ranges.count)
    for range in map.ranges {
      session.output.array(3)
      session.output.integer(range.first)
      session.output.integer(range.last)
      session.output.array(4)
      session.output.bulk(range.node.host)
      session.output.integer(range.node.port)
      session.output.bulk(range.node.id)
      session.output.array(0)
    }
  }

  private static func shards(_ session: RESPSession) async {
    let map = await SlotMap.of(session)
    session.output.array(map.nodes.count)
    for node in map.nodes {
      let ranges = map.ranges.filter { $0.node.id == node.id }
      session.output.map(2)
      session.output.bulk("slots")
      session.output.array(ranges.count * 2)
      for range in ranges {
        session.output.integer(range.first)
        session.output.integer(range.last)
      }
      session.output.bulk("nodes")
      session.output.array(1)
      session.output.map(7)
      for (name, text) in [("id", node.id), ("ip", node.host), ("endpoint", node.host)] {
        session.output.bulk(name)
        session.output.bulk(text)
      }
      session.output.bulk("port")
      session.output.integer(node.port)
      for (name, text) in [("role", "master"), ("health", "online")] {
        session.output.bulk(name)
        session.output.bulk(text)
      }
      session.output.bulk("replication-offset")
      session.output.integer(0)
    }
  }

  private static func nodes(_ session: RESPSession) async {
    let map = await SlotMap.of(session)
    let lines = map.nodes.enumerated().map { place, node -> String in
      let ranges = map.ranges.filter { $0.node.id == node.id }.map {
        $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)"
      }
      let flags = node.id == session.runID ? "myself,master" : "master"
      return
        ([
          node.id, "\(node.host):\(node.port)@\(node.port)", flags, "-", "0", "0", "\(place + 1)",
          "connected",
        ] + ranges).joined(separator: " ")
    }
    session.output.verbatim(lines.map { $0 + "\n" }.joined())
  }

  private static func info(_ session: RESPSession) async {
    let map = await SlotMap.of(session)
    let served = map.ranges.reduce(0) { $0 + $1.last - $1.first + 1 }
    let fields: [(String, String)] = [
      ("cluster_state", served == SlotMap.count ? "ok" : "fail"),
      ("cluster_slots_assigned", "\(SlotMap.count)"), ("cluster_slots_ok", "\(served)"),
      ("cluster_slots_pfail", "0"), ("cluster_slots_fail", "\(SlotMap.count - served)"),
      ("cluster_known_nodes", "\(map.nodes.count)"),
      ("cluster_size", "\(Set(map.ranges.map(\.node.id)).count)"),
      ("cluster_current_epoch", "\(map.nodes.count)"), ("cluster_my_epoch", "1"),
    ]
    session.output.verbatim(fields.map { "\($0):\($1)\r\n" }.joined())
  }
}

/// Which node's leaders have which slots, as this node sees it.
struct SlotMap {
  struct Node {
    var id: String
    var host: String
    var port: Int
  }
  struct Range {
    var first: Int
    var last: Int
    var node: Node
  }
  static let count = 16_384

  var nodes: [Node] = []
  var ranges: [Range] = []

  func node(of slot: UInt16) -> Node? {
    ranges.first { $0.first <= Int(slot) && Int(slot) <= $0.last }?.node
  }

  static func of(_ session: RESPSession) async -> SlotMap {
    let shard = session.shard
    let ports = await ports(session)
    let status = await shard.clusterStatus()
    var map = SlotMap()
    var known: [UInt32: Node] = [:]
    for (number, port) in ports.sorted(by: { $0.key < $1.key }) {
      let address = status?.nodes.first { $0.node.rawValue == number }?.address
      let host = address?.split(separator: ":").dropLast().joined(separator: ":")
      let isOwn = number == shard.place.node.rawValue
      let node = Node(
        id: RESPSession.nodeName(number),
        host: host ?? (isOwn ? session.state.place.address : ""), port: port)
      known[number] = node
      map.nodes.append(node)
    }
    var leaders: [TabletID: UInt32] = [:]
    for tablet in status?.tablets ?? [] { leaders[tablet.tablet] = tablet.leader?.rawValue }
    for slot in 0..<count {
      let tablet = shard.tablet(of: Bucket(slot: UInt16(slot)))
      let leader = status == nil ? shard.place.node.rawValue : leaders[tablet]
      guard let leader, let node = known[leader] else { continue }
      if let last = map.ranges.last, last.last == slot - 1, last.node.id == node.id {
        map.ranges[map.ranges.count - 1].last = slot
      } else {
        map.ranges.append(Range(first: slot, last: slot, node: node))
      }
    }
    return map
  }

  /// Of every node that can be reached and has a port for Redis' clients.
  private static func ports(_ session: RESPSession) async -> [UInt32: Int] {
    let answers = await session.shard.gather(ServerQuestion.name, ServerQuestion.place.payload)
    var ports: [UInt32: Int] = [:]
    for answer in answers {
      let found = Message.decode(answer) { (reader) throws(DecodingFault) in
        (try ShardPlace(from: &reader), try Int(from: &reader), try Int(from: &reader))
      }
      guard let (place, port, tlsPort) = found, port > 0 || tlsPort > 0 else { continue }
      ports[place.node.rawValue] = port > 0 ? port : tlsPort
    }
    return ports
  }
}
