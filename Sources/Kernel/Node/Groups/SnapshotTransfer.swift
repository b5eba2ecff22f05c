import Base
import Raft
import Reactor
import WAL

/// A shard's snapshots under way, in both directions. Lives on: its shard.
///
/// A leader sends its newest checkpoint, made for the purpose where the log begins behind it, a window of
/// parts ahead of what is acknowledged. The receiver keeps the parts in a file of their own, syncs it,
/// and only then the leader sends Raft's message that makes it count (`Tablet.install`).
struct SnapshotTransfers {
  /// By tablet and receiver; few at a time.
  var sending: [SnapshotTarget: SnapshotSender] = [:]
  var receiving: [TabletID: SnapshotReceiver] = [:]
  var lastTransfer: UInt64 = 0

  static let sendingMax = 2
  static let partBytes = 256 << 10
  static let windowParts = 4
  static let patienceMilliseconds = 5_000
}

struct SnapshotTarget: Hashable, Comparable {
  var tablet: TabletID
  var replica: ReplicaID
  static func < (a: SnapshotTarget, b: SnapshotTarget) -> Bool {
    (a.tablet, a.replica) < (b.tablet, b.replica)
  }
}

// MARK: - Sending

/// One snapshot on its way out.
final class SnapshotSender {
  let target: SnapshotTarget
  let transfer: UInt64
  private unowned let shard: NodeShard
  private let source: CheckpointSource
  private var sent = 0
  private var acknowledged = 0
  private var isReading = false
  private var isEnded = false
  private var progressAt: UInt64

  init(_ target: SnapshotTarget, _ source: CheckpointSource, _ transfer: UInt64, _ shard: NodeShard)
  {
    self.target = target
    self.source = source
    self.transfer = transfer
    self.shard = shard
    progressAt = shard.reactor.monotonicNanoseconds()
  }

  func start() {
    send(.begin(source.descriptor, bytes: source.bytes))
    watch()
  }

  func received(_ count: Int) {
    guard count >= acknowledged, count <= source.bytes else { return }
    if count > acknowledged { progressAt = shard.reactor.monotonicNanoseconds() }
    acknowledged = count
    sent = max(sent, count)
    if count == source.bytes { return finish() }
    pump()
  }

  private func pump() {
    guard !isReading, !isEnded, sent < source.bytes,
      sent < acknowledged + SnapshotTransfers.partBytes * SnapshotTransfers.windowParts
    else { return }
    isReading = true
    let offset = sent
    source.read(at: offset, atMost: SnapshotTransfers.partBytes) { [self] bytes in
      isReading = false
      guard !isEnded else { return }
      guard let bytes, !bytes.isEmpty else { return fail() }
      // Acknowledgements may have overtaken a repeated reading.
      sent = max(sent, offset + bytes.count)
      send(.part(offset: offset, bytes))
      pump()
    }
  }

  private func send(_ body: SnapshotMessage.Body) {
    guard let group = shard.tablets[target.tablet]?.replication else { return fail() }
    shard.snapshotTransport?(
      target.tablet,
      SnapshotMessage(from: group.core.id, to: target.replica, transfer: transfer, body: body),
      target.replica)
  }

  /// What is lost is sent again after a while; where nothing moves, it is given up.
  private func watch() {
    shard.reactor.after(milliseconds: 500) { [weak self] in
      guard let self, !isEnded else { return }
      let silent = shard.reactor.monotonicNanoseconds() - progressAt
      guard shard.tablets[target.tablet]?.replication.isServing == true,
        silent < UInt64(SnapshotTransfers.patienceMilliseconds) * 1_000_000
      else { return fail() }
      if silent > 400_000_000 {
        if acknowledged == 0 { send(.begin(source.descriptor, bytes: source.bytes)) }
        sent = acknowledged
        pump()
      }
      watch()
    }
  }

  private func finish() {
    guard end() else { return }
    shard.tablets[target.tablet]?.replication.finishSnapshot(
      source.descriptor, to: target.replica)
  }

  func fail() {
    guard end() else { return }
    shard.tablets[target.tablet]?.replication.snapshotFailed(to: target.replica)
  }

  private func end() -> Bool {
    if isEnded { return false }
    isEnded = true
    source.close()
    if shard.snapshots.sending[target] === self { shard.snapshots.sending[target] = nil }
    return true
  }
}

extension NodeShard {
  /// A follower needs the state itself: the log here begins behind what it has.
  func snapshotNeeded(_ id: TabletID, by replica: ReplicaID) {
    let target = SnapshotTarget(tablet: id, replica: replica)
    guard let tablet = tablets[id], let checkpointer, snapshots.sending[target] == nil else {
      return
    }
    guard snapshots.sending.count < SnapshotTransfers.sendingMax else {
      return tablet.replication.snapshotFailed(to: replica)
    }
    do throws(WALError) {
      guard let source = try CheckpointSource(tablet, directory: checkpointer.directory),
        source.descriptor.index >= tablet.replication.core.compactedIndex
      else {
        checkpointer.take([id]) { _ in }
        return tablet.replication.snapshotFailed(to: replica)
      }
      snapshots.lastTransfer = max(snapshots.lastTransfer + 1, reactor.random.next() >> 1)
      let sender = SnapshotSender(target, source, snapshots.lastTransfer, self)
      snapshots.sending[target] = sender
      sender.start()
    } catch {
      cluster?.notice("tablet \(id): its checkpoint cannot be sent: \(error)")
      tablet.replication.snapshotFailed(to: replica)
    }
  }

  /// A follower needs entries that are not in memory any more. Once a checkpoint has replaced them, it
  /// gets that.
  func entriesMissing(_ id: TabletID) { checkpointer?.take([id]) { _ in } }

  func receive(_ message: SnapshotMessage, of id: TabletID) {
    let target = SnapshotTarget(tablet: id, replica: message.from)
    switch message.body {
    case .received(let count):
      guard let sender = snapshots.sending[target], sender.transfer == message.transfer else {
        return
      }
      sender.received(count)
    case .failed:
      guard let sender = snapshots.sending[target], sender.transfer == message.transfer else {
        return
      }
      sender.fail()
    case .begin(let descriptor, let bytes): begin(message, descriptor, bytes, id)
    case .part(let offset, let bytes):
      guard let receiver = snapshots.receiving[id], receiver.transfer == message.transfer else {
        return
      }
      receiver.take(bytes, at: offset)
    }
  }

  private func begin(
    _ message: SnapshotMessage, _ descriptor: RaftSnapshotDescriptor, _ bytes: Int, _ id: TabletID
  ) {
    guard let tablet = replica(id, message.to), let checkpointer else { return }
    guard descriptor.index > tablet.replication.commitIndex else {
      // The leader has missed how far this replica is, and its log may begin behind what it knows of it: it hears
      // that from the answer to Raft's message, which it sends when it takes the snapshot for received.
      snapshotTransport?(
        id,
        SnapshotMessage(
          from: message.to, to: message.from, transfer: message.transfer, body: .received(bytes)),
        message.from)
      return
    }
    if let running = snapshots.receiving[id] {
      if running.descriptor == descriptor && running.bytes == bytes {
        // The same again, after a message was lost.
        return running.goOn(message)
      }
      if running.isBusy { return }
      running.abandon()
    }
    do throws(WALError) {
      snapshots.receiving[id] = try SnapshotReceiver(
        message, descriptor, bytes, tablet: id, directory: checkpointer.directory, shard: self)
    } catch {
      cluster?.notice("tablet \(id): a snapshot cannot be received: \(error)")
      snapshots.receiving[id] = nil
    }
  }
}

// MARK: - Receiving

/// One snapshot on its way in: its bytes, in a file that nobody reads before it is whole.
final class SnapshotReceiver {
  private(set) var transfer: UInt64
  let descriptor: RaftSnapshotDescriptor
  let bytes: Int
  /// Whole, and synced.
  private(set) var isComplete = false
  /// An operation on the file is under way.
  private(set) var isBusy = false
  private var message: SnapshotMessage
  private let tablet: TabletID
  private let file: IncomingCheckpoint
  private var count = 0
  private unowned let shard: NodeShard

  init(
    _ message: SnapshotMessage, _ descriptor: RaftSnapshotDescriptor, _ bytes: Int,
    tablet: TabletID, directory: String, shard: NodeShard
  ) throws(WALError) {
    self.message = message
    transfer = message.transfer
    self.descriptor = descriptor
    self.bytes = bytes
    self.tablet = tablet
    self.shard = shard
    file = try IncomingCheckpoint(
      fileSystem: shard.reactor.fileSystem, directory: directory, tablet: tablet)
    answer(.received(0))
  }

  func goOn(_ message: SnapshotMessage) {
    self.message = message
    transfer = message.transfer
    answer(.received(isComplete ? bytes : min(count, bytes - 1)))
  }

  func take(_ part: [UInt8], at offset: Int) {
    guard offset == count, !isBusy, !isComplete, offset + part.count <= bytes else {
      if !isBusy { answer(.received(isComplete ? bytes : min(count, bytes - 1))) }
      return
    }
    isBusy = true
    file.write(part, at: offset) { [self] result in
      isBusy = false
      guard case .success = result else { return answer(.failed) }
      count += part.count
      if count < bytes { return answer(.received(count)) }
      finish()
    }
  }

  private func finish() {
    isBusy = true
    file.sync { [self] result in
      isBusy = false
      guard case .success = result else { return answer(.failed) }
      isComplete = true
      answer(.received(bytes))
    }
  }

  private func answer(_ body: SnapshotMessage.Body) {
    shard.snapshotTransport?(
      tablet,
      SnapshotMessage(from: message.to, to: message.from, transfer: transfer, body: body),
      message.from)
  }

  /// Takes the place of the tablet's checkpoint, durably.
  func publish() throws(WALError) { try file.publish() }

  func abandon() { file.abandon() }
}
