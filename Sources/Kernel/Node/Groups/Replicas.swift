import Base
import Raft
import Reactor
import Storage
import WAL

/// Which replicas this shard has: they come when a leader first writes to them, and go when their group has
/// left them out. Lives on: its shard.
extension NodeShard {
  /// The replica that a message is for; made where a leader wants it here and it is not there yet. Nil: the
  /// message is of another time.
  func replica(_ id: TabletID, _ member: ReplicaID) -> Tablet? {
    if let found = tablets[id] {
      let own = found.replication.core.id
      if own == member { return found }
      guard own.generation < member.generation else { return nil }
      dropReplica(id)
    }
    return adoptReplica(id, member)
  }

  /// Begins an empty replica, which learns everything from its leader.
  private func adoptReplica(_ id: TabletID, _ member: ReplicaID) -> Tablet? {
    guard let log, log.failure == nil, layout.shard(of: id) == self.id,
      droppedGenerations[id] ?? 0 < member.generation || member.generation == 0
    else { return nil }
    let made = makeTablet(
      id, ReplicaIdentity(id: member, configuration: RaftConfiguration(voters: [])))
    do throws(WALError) {
      // What an earlier replica left are the same records.
      try made.changes.open()
    } catch {
      cluster?.notice("tablet \(id): its change streams cannot be read: \(error)")
      return nil
    }
    tablets[id] = made
    log.begin(id)
    appendToLog(.replica(tablet: id, id: member.rawValue))
    made.replication.start()
    if id == .catalog { watchCatalog() }
    return made
  }

  /// Removes the replica and its data. The order: the log says so, durably → the checkpoint's file goes
  /// → the log lets go. A start in between finds the log's word and goes on from there.
  func dropReplica(_ id: TabletID) {
    guard let tablet = tablets[id], let log else { return }
    let member = tablet.replication.core.id
    droppedGenerations[id] = max(droppedGenerations[id] ?? 0, member.generation)
    tablet.replication.end()
    tablet.changes.close()
    tablets[id] = nil
    snapshots.receiving.removeValue(forKey: id)?.abandon()
    appendToLog(.replica(tablet: id, id: 0))
    wantFlush()
    let position = log.appended
    whenDurable(position) { [self] in
      // Another one may be here meanwhile, with a checkpoint of its own.
      if let next = tablets[id] {
        if next.checkpointIndex == .zero { removeCheckpoint(of: id) }
        return
      }
      removeCheckpoint(of: id)
      do throws(WALError) {
        try removeChangeFiles(of: id)
        try log.forget(id)
      } catch {
        cluster?.notice("tablet \(id): the log cannot be cut: \(error)")
      }
    }
  }

  func removeCheckpoint(of id: TabletID) {
    let directory = checkpointDirectory
    let files = reactor.fileSystem
    do throws(IOFault) {
      let path = CheckpointFiles.path(id, in: directory)
      let name = String(path.dropFirst(directory.count + 1))
      guard try files.list(directory).contains(name) else { return }
      try files.remove(path)
      try files.syncDirectory(directory)
    } catch {
      cluster?.notice("tablet \(id): its checkpoint cannot be removed: \(error)")
    }
  }

  /// A message of another replica of the tablet.
  func receive(_ message: RaftMessage, of id: TabletID) {
    switch message.body {
    case .appendRequest, .heartbeat:
      replica(id, message.to)?.replication.receive(message)
    case .snapshot(let descriptor):
      // Only with the state itself at hand.
      guard let tablet = tablets[id], tablet.replication.core.id == message.to else { return }
      let receiver = snapshots.receiving[id]
      guard
        descriptor.index <= tablet.replication.commitIndex
          || (receiver?.isComplete == true && receiver?.descriptor == descriptor)
      else { return }
      tablet.replication.receive(message)
    default:
      guard let tablet = tablets[id], tablet.replication.core.id == message.to else { return }
      tablet.replication.receive(message)
    }
  }

  func changeConfiguration(
    _ id: TabletID, to configuration: RaftConfiguration,
    _ done: @escaping (Result<Bool, KernelError>) -> Void
  ) {
    guard let tablet = tablets[id] else { return done(.failure(.leaderChanged)) }
    done(tablet.replication.change(to: configuration))
  }

  func whenCaughtUp(_ id: TabletID, _ done: @escaping (Bool) -> Void) {
    guard let tablet = tablets[id] else { return done(false) }
    tablet.replication.whenCaughtUp(done)
  }

  /// A group's replica here leads, or follows another.
  func leadershipChanged(_ id: TabletID, _ leadership: RaftLeadership) {
    guard let leader = leadership.leader, cluster != nil else { return }
    let node = leader.node
    let term = leadership.term
    for number in 0..<layout.shardCount {
      let place = ShardID(rawValue: UInt16(number))
      if place == self.id {
        noteLeader(id, node, term)
      } else {
        peers[place].post { $0.noteLeader(id, node, term) }
      }
    }
  }
}

extension Tablet {
  /// Puts a leader's snapshot in the place of everything that is here. The order: the file takes the
  /// checkpoint's place → the memory is filled from it → the log gets a mark behind which it goes on.
  /// A start in between finds the checkpoint, which says that the log before the mark is void.
  func install(_ snapshot: RaftSnapshotDescriptor) throws(WALError) {
    guard let receiver = shard.snapshots.receiving.removeValue(forKey: id), receiver.isComplete,
      receiver.descriptor == snapshot, let directory = shard.checkpointer?.directory
    else { fatalError("invariant: \(id): a snapshot that has not arrived") }
    try receiver.publish()
    store = Store(memory: store.memory)
    applied = AppliedTransactions()
    since = .zero
    filling = nil
    let reader = try CheckpointReader(fileSystem: shard.reactor.fileSystem, directory: directory)
    let loaded = try fill(from: reader)
    try changes.install(loaded.streams)
    checkpointIndex = snapshot.index
    replication.installed(snapshot.index, history: loaded.history)
    try shard.log?.release(id, upTo: snapshot.index)
    if id == .catalog { shard.readCatalog() }
  }
}
