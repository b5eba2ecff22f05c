import Base
import Raft
import Reactor
import WAL

/// Replicas that their group has left out, after a drain or because others have taken their place. Their
/// leader tells them nothing any more, so they ask: one replica of a shard at a time, those that do not
/// lead. Who is told that it does not belong to its group is removed with its data.
///
/// Safe, because the answer is one of a leader that has proved to be it, by a configuration that has
/// committed, and because nobody ever comes back into a group as the replica that it was: generations
/// rise with the group's log (`Placement`). Lives on: its shard.
extension NodeShard {
  static let leftOutIntervalMilliseconds = 2_000

  func startLeftOutWatch() {
    reactor.after(milliseconds: Self.leftOutIntervalMilliseconds) { [unowned self] in
      askNextLeftOut()
      startLeftOutWatch()
    }
  }

  private func askNextLeftOut() {
    guard featureLevel >= FeatureLevel.leavingReplicas, log?.failure == nil else { return }
    // The catalog's replica stays: a node that is to be used again begins with what it knew.
    let ids = tabletIDs.filter { $0 != .catalog }
    let start = ids.firstIndex { $0 > lastAskedLeftOut } ?? 0
    let round = ids[start...] + ids[..<start]
    guard let id = round.first(where: { !hosted($0).replication.isServing }) else { return }
    lastAskedLeftOut = id
    let member = hosted(id).replication.core.id
    ask(id, BelongsToGroup(replica: member)) { [self] answer in
      guard case .success(false) = answer, let tablet = tablets[id],
        tablet.replication.core.id == member, !tablet.replication.isServing
      else { return }
      cluster?.notice("tablet \(id): the group has left this replica out; it is removed")
      dropReplica(id)
      // Where one is left out there are often more: a drained node has none that stays.
      askNextLeftOut()
    }
  }
}

/// Whether a replica belongs to its group. False only for good.
struct BelongsToGroup: TabletCommand {
  typealias Answer = Result<Bool, KernelError>
  static let name = "members.has"
  let replica: ReplicaID

  func run(on tablet: Tablet, reply: @escaping (Answer) -> Void) {
    tablet.replication.whenReadable { [self] isReadable in
      let core = tablet.replication.core
      guard isReadable else { return reply(.failure(.leaderChanged)) }
      let isSettled =
        core.configurationIndex <= tablet.replication.commitIndex && !core.configuration.isJoint
      reply(.success(!isSettled || core.configuration.contains(replica)))
    }
  }
  var isIdempotent: Bool { true }
  var isPersistent: Bool { false }

  init(replica: ReplicaID) { self.replica = replica }
  func encode(into out: inout WireEncoder) { out.bytes.varint(replica.rawValue) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    replica = ReplicaID(rawValue: try reader.bytes.varint())
  }
}
