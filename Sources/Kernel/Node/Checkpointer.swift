import Base
import Raft
import Reactor
import Storage
import WAL

/// Takes checkpoints, one tablet at a time, so that the log can be cut. Lives on: its shard.
///
/// When the log is longer than its limit, the tablets that hold its oldest segment back come first,
/// then those of the next one, until it is short enough. The order for one tablet: state taken and
/// store pinned at the newest index → that index committed → blocks written, a slice in each turn of
/// the loop → file synced → renamed → log released. A disk error gives the attempt up: the earlier
/// checkpoint and the log stay, and the next attempt comes after a pause.
final class Checkpointer {
  /// A slice ends at the first of these, so that a turn stays under a millisecond or so.
  private static let keysPerTurn = 512
  private static let bytesPerTurn = 128 << 10
  private static let pauseMilliseconds = 5_000

  enum Step: Equatable { case blockWritten, synced, renamed, released }

  let directory: String
  private unowned let shard: NodeShard
  private let log: ShardLog
  private let logBytesMax: Int
  private var running: Run?
  /// Asked for, in order, and who hears when all of them are done.
  private var wanted: [TabletID] = []
  private var waiters: [(Bool) -> Void] = []
  private var isPausing = false
  /// Tests look at the disk between two steps.
  var onStep: ((Step) -> Void)?

  private(set) var takenCount = 0
  /// Wall clock of the last success, nanoseconds since the epoch.
  private(set) var lastTakenAt: UInt64?
  /// Why the last attempt failed; nil after a success.
  private(set) var lastFault: WALError?

  /// One tablet's checkpoint under way.
  private final class Run {
    let image: TabletImage
    let cursor: SnapshotCursor
    let writer: CheckpointWriter
    var rows = ByteWriter()
    /// Blocks in front of the rows, last first.
    var front: [(kind: CheckpointBlock, content: [UInt8])] = []

    init(image: TabletImage, cursor: SnapshotCursor, writer: CheckpointWriter) {
      self.image = image
      self.cursor = cursor
      self.writer = writer
      front.append((.terms, ImageCodec.encode(image.history)))
      front.append((.group, ImageCodec.encode(image.group)))
      if let range = image.range { front.append((.range, ImageCodec.encode(range))) }
      if !image.decisions.isEmpty {
        front.append((.decisions, ImageCodec.encode(image.decisions)))
      }
      for entry in image.prepared.reversed() {
        front.append((.prepared, entry.bytes))
      }
    }
  }

  init(shard: NodeShard, log: ShardLog, directory: String, logBytesMax: Int) {
    self.shard = shard
    self.log = log
    self.directory = directory
    self.logBytesMax = logBytesMax
  }

  var isRunning: Bool { running != nil }

  /// Takes a checkpoint of each tablet whatever the log's length; `done` hears whether all succeeded.
  func take(_ tablets: [TabletID], done: @escaping (Bool) -> Void) {
    wanted += tablets
    waiters.append(done)
    consider()
  }

  /// Begins the next checkpoint where one is wanted or the log has grown too long; called after each
  /// write to the log.
  func consider() {
    guard running == nil else { return }
    while let id = wanted.first {
      wanted.removeFirst()
      // What the newest checkpoint has already needs no other.
      if let tablet = shard.tablets[id], tablet.replication.commitIndex > tablet.checkpointIndex {
        return begin(tablet)
      }
    }
    if !waiters.isEmpty { tellWaiters(true) }
    guard !isPausing, log.failure == nil, log.liveBytes > logBytesMax, log.segmentCount > 1
    else { return }
    let holders = log.holdersOfOldest.compactMap { shard.tablets[$0] }
    if let tablet = holders.first(where: { $0.replication.commitIndex > $0.checkpointIndex }) {
      begin(tablet)
    } else if holders.isEmpty {
      // It may only have waited for its successor's first batch.
      do throws(WALError) {
        try log.cut()
      } catch {
        fail(error)
      }
    }
  }

  private func begin(_ tablet: Tablet) {
    guard let image = tablet.image(), image.header.index > tablet.checkpointIndex else {
      return postpone()
    }
    let horizon = max(tablet.store.horizon, shard.safeHorizon)
    let cursor = tablet.store.snapshotCursor(at: image.header.index, horizon: horizon)
    let run: Run
    do throws(WALError) {
      run = Run(
        image: image, cursor: cursor,
        writer: try CheckpointWriter(
          fileSystem: shard.reactor.fileSystem, directory: directory, header: image.header))
    } catch {
      return fail(error)
    }
    running = run
    let streams = tablet.changes.capture(at: image.header.index)
    tablet.replication.whenCommitted(image.header.index) { [self] result in
      guard case .yes = result else {
        tablet.changes.giveUp(streams)
        return giveUp(run, nil)
      }
      let streams = tablet.changes.finish(streams)
      if !streams.isEmpty { run.front.append((.changes, ImageCodec.encode(streams))) }
      shard.reactor.after(nanoseconds: 0) { [self] in advance(run) }
    }
  }

  /// Slices grow with the log beyond its limit, so that writers cannot outrun the checkpoints.
  private var pressure: Int { min(max(log.liveBytes / max(logBytesMax, 1), 1), 16) }

  /// One slice.
  private func advance(_ run: Run) {
    if let block = run.front.popLast() {
      return write(run, block.kind, block.content) { [self] in advance(run) }
    }
    let pressure = pressure
    let more = run.cursor.next(
      budget: Self.keysPerTurn * pressure, bytes: Self.bytesPerTurn * pressure
    ) {
      ImageCodec.encode($0, into: &run.rows)
    }
    if more && run.rows.count < Self.bytesPerTurn * pressure {
      shard.reactor.after(nanoseconds: 0) { [self] in advance(run) }
      return
    }
    let content = run.rows.bytes
    run.rows.bytes.removeAll(keepingCapacity: true)
    let goOn = { [self] in more ? advance(run) : finish(run) }
    if content.isEmpty { goOn() } else { write(run, .rows, content, then: goOn) }
  }

  private func write(
    _ run: Run, _ kind: CheckpointBlock, _ content: [UInt8], then next: @escaping () -> Void
  ) {
    run.writer.write(kind, content) { [self] result in
      if case .failure(let fault) = result { return giveUp(run, fault) }
      onStep?(.blockWritten)
      next()
    }
  }

  private func finish(_ run: Run) {
    run.cursor.close()
    run.writer.finish { [self] result in
      if case .failure(let fault) = result { return giveUp(run, fault) }
      onStep?(.synced)
      syncChanges(run)
    }
  }

  /// Change records up to the checkpoint do not come again out of the log: their files are made safe first.
  private func syncChanges(_ run: Run) {
    guard let tablet = shard.tablets[run.image.header.tablet],
      shard.plantedBug != .changesNotSynced
    else { return publish(run) }
    tablet.changes.sync { [self] result in
      if case .failure(let fault) = result { return giveUp(run, fault) }
      publish(run)
    }
  }

  /// A follower may have applied what its own log has not got on disk yet: a checkpoint must not say more
  /// than the log.
  private func publish(_ run: Run) {
    let header = run.image.header
    guard let tablet = shard.tablets[header.tablet],
      tablet.replication.identity.id == run.image.group.replica,
      header.index > tablet.checkpointIndex
    else {
      // A snapshot has overtaken it, or the replica has gone.
      return giveUp(run, nil)
    }
    guard tablet.replication.core.durableIndex >= header.index else {
      if tablet.replication.failure != nil { return giveUp(run, nil) }
      shard.wantFlush()
      shard.reactor.after(milliseconds: 1) { [self] in publish(run) }
      return
    }
    do throws(WALError) {
      try run.writer.publish()
      onStep?(.renamed)
      tablet.checkpointIndex = header.index
      tablet.replication.compacted(upTo: header.index)
      try log.release(header.tablet, upTo: header.index)
      onStep?(.released)
    } catch {
      running = nil
      return fail(error)
    }
    running = nil
    takenCount += 1
    lastTakenAt = shard.wallNanoseconds()
    lastFault = nil
    consider()
  }

  /// Nothing can be taken of the tablet now: it is between two roles.
  private func postpone() {
    isPausing = true
    tellWaiters(false)
    shard.reactor.after(milliseconds: Self.postponeMilliseconds) { [weak self] in
      self?.isPausing = false
      self?.consider()
    }
  }

  private static let postponeMilliseconds = 200

  /// Nil: the log has failed, which says why by itself.
  private func giveUp(_ run: Run, _ fault: WALError?) {
    run.cursor.close()
    run.writer.abandon()
    running = nil
    if let fault { fail(fault) } else { tellWaiters(false) }
  }

  /// Waits a while before the next attempt.
  private func fail(_ fault: WALError) {
    lastFault = fault
    isPausing = true
    tellWaiters(false)
    shard.reactor.after(milliseconds: Self.pauseMilliseconds) { [weak self] in
      self?.isPausing = false
      self?.consider()
    }
  }

  private func tellWaiters(_ succeeded: Bool) {
    wanted = []
    let told = waiters
    waiters = []
    for done in told { done(succeeded) }
  }
}
