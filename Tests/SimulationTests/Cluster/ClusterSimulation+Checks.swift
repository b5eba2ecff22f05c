import Base
import Catalog
import Raft
import Reactor
import Storage
import Types

@testable import Node

/// What must hold after healing, and in the end.
extension ClusterSimulation {
  /// Runs `body` in a snapshot of everything, again where a tablet has no leader yet.
  private func inSnapshot(
    _ name: String, _ spaces: [KeyspaceID], _ body: @escaping ([[[ReadAll.Pair]]]) -> Void
  ) {
    perform(name) { [self] shard in
      var last: KernelError?
      for _ in 0..<20 {
        let transaction = shard.begin(isolation: .repeatableRead)
        do throws(KernelError) {
          let found = try await transaction.statement { () async throws(KernelError) in
            try await transaction.readAll(options.tablets, of: spaces)
          }
          await transaction.rollback()
          return body(found)
        } catch {
          await transaction.rollback()
          last = error
          await shard.reactor.sleep(milliseconds: 100)
        }
      }
      fault("\(name): \(last.map { "\($0)" } ?? "")")
    }
  }

  func verify() {
    inSnapshot("verification", Spaces.all) { [self] found in
      let checker = Checker(
        bankTotal: bankTotal, groupLimit: options.groupLimit, isRelaxed: false)
      for text in checker.check(NodeState(found), attempts, &coverage) { fault(text) }
    }
  }

  /// Registers, lists, and the order of everything.
  func checkHistories() {
    if hasFault { return }
    for text in registers.check() { fault(text) }
    inSnapshot("lists", [HistorySpaces.lists]) { [self] found in
      var all: [Int: [Int]] = [:]
      for pair in found.joined().joined() { all[numbers(pair.key)[0]] = numbers(pair.value) }
      for text in lists.check(all, attempts) { fault(text) }
    }
    var graph = SerializationGraph(attempts)
    if let circle = graph.fault() { fault(circle) }
  }

  // MARK: The table

  /// What the table's indexes and columns say is what its rows say.
  func verifyTable() {
    perform("the table's check") { [self] shard in
      let client = SQLClient(shard)
      var last: SQLError?
      for _ in 0..<20 {
        do throws(SQLError) {
          try await check(client, shard)
          return await client.close()
        } catch {
          last = error
          await shard.reactor.sleep(milliseconds: 200)
        }
      }
      fault("the table's check: \(last?.message ?? "")")
    }
  }

  private func check(_ client: SQLClient, _ shard: NodeShard) async throws(SQLError) {
    guard let table = SchemaSession.descriptor(shard.catalog) else {
      return fault("the table is gone")
    }
    let columns = table.visibleColumns.map(\.name)
    var rows: [Int: [String]] = [:]
    for row in try await client.run("select * from s") { rows[Int(row[0]) ?? 0] = row }
    for text in self.rows.check(Set(rows.keys)) { fault(text) }
    let sorted = rows.keys.sorted()
    for id in sorted {
      guard let row = rows[id] else { continue }
      if row.count > 2, row[2] != "\(id * 7)" { fault("row \(id) has become \(row)") }
      for (name, value) in zip(columns, row) where name.hasPrefix("c") && name.dropFirst() != value
      {
        fault("row \(id) has \(value) in its column \(name), which has a default")
      }
    }
    for value in 0..<SchemaSession.values {
      let found = try await client.run("select id from s where a = \(value)")
      let expected = sorted.filter { rows[$0]?[1] == "\(value)" }
      if found.compactMap({ Int($0[0]) }).sorted() != expected {
        fault("of a = \(value) an index has \(found.map { $0[0] }), the table has \(expected)")
      }
    }
    for index in table.indexes where index.state == .public && !index.isPrimary {
      let count = try await entries(index.keyspace, of: table.tier, shard)
      if count != rows.count {
        fault("index \(index.name) has \(count) entries for \(rows.count) rows")
      }
    }
  }

  private func entries(_ space: KeyspaceID, of tier: TierID, _ shard: NodeShard)
    async throws(SQLError) -> Int
  {
    let transaction = shard.begin(isolation: .readCommitted)
    defer { transaction.finishReading() }
    do throws(KernelError) {
      let found = try await transaction.callAll(ReadAll(spaces: [space]), of: tier)
      return found.reduce(0) { $0 + $1[0].count }
    } catch {
      throw SQLError("57P03", "\(error)")
    }
  }

  // MARK: Replicas

  /// Of the newest map that a node has.
  var allTablets: [TabletID] {
    let first = (0...options.tablets).map { TabletID(rawValue: UInt64($0)) }
    return shards.values.joined().max { $0.map.version < $1.map.version }
      .map { [.catalog] + $0.map.tablets } ?? first
  }

  func replicas(_ tablet: TabletID) -> [(node: NodeID, tablet: Tablet)] {
    members.flatMap { node in
      (shards[node] ?? []).compactMap { shard in
        // The cluster numbers its nodes in the order in which they join.
        shard.tablets[tablet].map { (shard.nodeID, $0) }
      }
    }
  }

  /// No split is under way, every group has its leader and its voters, which are where it is.
  func awaitReplicas() -> Bool {
    world.run(atMostMilliseconds: 60_000) {
      if hasFault { return true }
      return readyNodes.count == members.count
        && shards.values.joined().allSatisfy { !$0.map.descriptor.isChanging }
        && allTablets.allSatisfy { tablet in
          let found = replicas(tablet)
          guard let leader = found.first(where: { $0.tablet.replication.isServing }) else {
            return false
          }
          let configuration = leader.tablet.replication.core.configuration
          if !isWithinTier(tablet, configuration) {
            fault("\(tablet) has replicas on another tier's nodes: \(configuration)")
          }
          return !configuration.isJoint && configuration.voters.count >= voterCount(tablet)
            && configuration.voters.allSatisfy { id in found.contains { $0.node == id.node } }
        }
    }
  }

  var isLevel: Bool {
    allTablets.allSatisfy { tablet in
      let groups = replicas(tablet).map(\.tablet.replication)
      guard let leader = groups.first(where: \.isServing) else { return false }
      return groups.allSatisfy {
        $0.commitIndex == leader.lastIndex || !leader.core.configuration.contains($0.core.id)
      }
    }
  }

  /// Replicas that their groups have left out ask, hear so, and go.
  func awaitRemovals() {
    let isDone = world.run(atMostMilliseconds: 120_000) { leftOut.isEmpty }
    if !isDone { fault("replicas that their groups have left out stay: \(leftOut)") }
  }

  private var leftOut: [String] {
    allTablets.filter { $0 != .catalog }.flatMap { tablet in
      let all = replicas(tablet)
      guard let leader = all.first(where: { $0.tablet.replication.isServing }) else { return [""] }
      let group = leader.tablet.replication.core.configuration
      return all.filter { !group.contains($0.tablet.replication.core.id) }
        .map { "\(tablet) on \($0.node)" }
    }
  }

  func compareReplicas() {
    for tablet in allTablets {
      let all = replicas(tablet)
      guard let leader = all.first(where: { $0.tablet.replication.isServing }) else {
        return fault("tablet \(tablet) has no leader")
      }
      let group = leader.tablet.replication.core.configuration
      // What the group has left out stays behind.
      let images = all.filter { group.contains($0.tablet.replication.core.id) }
        .map { ($0.node, image($0.tablet)) }
      guard let first = images.first else { continue }
      for other in images.dropFirst() where other.1 != first.1 {
        let spaces = Set(first.1.keys).union(other.1.keys).sorted()
          .filter { first.1[$0] != other.1[$0] }
        fault("tablet \(tablet) differs on nodes \(first.0) and \(other.0), keyspaces \(spaces)")
      }
    }
  }

  /// By keyspace.
  private func image(_ tablet: Tablet) -> [KeyspaceID: [[UInt8]]] {
    var image: [KeyspaceID: [[UInt8]]] = [:]
    for space in tablet.store.spaces.sorted() {
      var rows: [[UInt8]] = []
      tablet.store.scan(
        space, from: .unbounded, to: .unbounded, reverse: false, at: .distantFuture,
        reader: TransactionID(rawValue: 0)
      ) { key, found in
        guard let value = found.value else { return .next }
        var out = ByteWriter()
        out.blob(Array(key))
        out.integer(found.timestamp.rawValue)
        out.blob(Array(value))
        rows.append(out.bytes)
        return .next
      }
      if !rows.isEmpty { image[space] = rows }
    }
    return image
  }

  // MARK: For messages

  var placement: [String] {
    allTablets.map { tablet in
      let leader = replicas(tablet).first { $0.tablet.replication.isServing }
      return "\(tablet): \(leader.map { "\($0.tablet.replication.core.configuration)" } ?? "none")"
    } + ["ready \(readyNodes)"] + groups
  }

  var groups: [String] {
    allTablets.flatMap { tablet in
      replicas(tablet).map { node, replica in
        let group = replica.replication
        return "\(tablet)@\(node): \(group.core.role) term \(group.term) commit "
          + "\(group.commitIndex) last \(group.lastIndex) open \(replica.open.count)"
          + (group.failure.map { " failed: \($0)" } ?? "")
          + (group.core.progressText.isEmpty ? "" : " followers: \(group.core.progressText)")
      }
    }
  }

  /// What sessions of running nodes have not ended, and where they wait.
  var stuck: [String] {
    let current = places.filter { lives[$0.node] == $0.life }.compactMap { place in
      place.current.flatMap { $0.ended == nil ? "\($0.kind) \($0.id) of \(place.node)" : nil }
    }
    let here = members.flatMap { shards[$0] ?? [] }
    var waiting: [String] = []
    for shard in here {
      let own = shard.nodeID
      for id in shard.tabletIDs {
        for call in shard.hosted(id).waiting {
          waiting.append("\(call.transaction) waits on \(id)@\(own) for \(call.blockers)")
        }
        for state in shard.hosted(id).open.values.sorted(by: { $0.id < $1.id }) {
          let stage = state.prepared == nil ? "open" : "prepared"
          waiting.append("\(state.id) is \(stage) on \(id)@\(own)")
        }
      }
      for edge in shard.gates.edges {
        waiting.append("\(edge.waiter) waits at a gate of \(own) for \(edge.blocker)")
      }
      for (table, holder) in shard.gates.closed.sorted(by: { $0.key < $1.key }) {
        waiting.append("\(table) is closed on \(own) by \(holder)")
      }
    }
    let links = here.flatMap { shard in
      shard.cluster?.linkSummaries.map { "\(shard.nodeID).\(shard.id) → \($0)" } ?? []
    }
    return current + waiting + links
  }
}
