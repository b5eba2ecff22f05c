import Base
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
      if !image.decisions.isEmpty {
        front.append((.decisions, ImageCodec.encode(image.decisions)))
      }
      for entry in image.prepared.reversed() {
        front.append((.prepared, ImageCodec.encode(entry.index, entry.record)))
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

  /// Begins the next checkpoint where the log has grown too long; called after each write to it.
  func consider() {
    guard running == nil, !isPausing, log.failure == nil, log.liveBytes > logBytesMax,
      log.segmentCount > 1
    else { return }
    if let tablet = log.holdersOfOldest.first {
      begin(shard.hosted(tablet))
    } else {
      cut()
    }
  }

  private func begin(_ tablet: Tablet) {
    // Before it serves, doubts may change what is prepared without an entry of the new term.
    guard tablet.replication.isServing else { return }
    let image = tablet.image()
    let horizon = max(tablet.store.horizon, shard.safeHorizon)
    let cursor = tablet.store.snapshotCursor(at: image.header.index, horizon: horizon)
    let run: Run
    do throws(WALError) {
      run = Run(
        image: image, cursor: cursor,
        writer: try CheckpointWriter(
          fileSystem: shard.reactor.fileSystem, directory: directory, header: image.header))
    } catch {
      return pause(after: error)
    }
    running = run
    tablet.replication.whenCommitted(image.header.index) { [self] result in
      guard case .yes = result else { return giveUp(run, nil) }
      shard.reactor.after(nanoseconds: 0) { [self] in advance(run) }
    }
  }

  /// One slice.
  private func advance(_ run: Run) {
    if let block = run.front.popLast() {
      return write(run, block.kind, block.content) { [self] in advance(run) }
    }
    let more = run.cursor.next(budget: Self.keysPerTurn, bytes: Self.bytesPerTurn) {
      ImageCodec.encode($0, into: &run.rows)
    }
    if more && run.rows.count < Self.bytesPerTurn {
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
      do throws(WALError) {
        try run.writer.publish()
        onStep?(.renamed)
        try log.release(run.image.header.tablet, upTo: run.image.header.index)
        onStep?(.released)
      } catch {
        running = nil
        return pause(after: error)
      }
      running = nil
      takenCount += 1
      lastTakenAt = shard.wallNanoseconds()
      lastFault = nil
      consider()
    }
  }

  private func giveUp(_ run: Run, _ fault: WALError?) {
    run.cursor.close()
    run.writer.abandon()
    running = nil
    if let fault { pause(after: fault) }
  }

  private func pause(after fault: WALError) {
    lastFault = fault
    isPausing = true
    shard.reactor.after(milliseconds: Self.pauseMilliseconds) { [weak self] in
      self?.isPausing = false
      self?.consider()
    }
  }

  /// All have released the oldest segment: it may only have waited for its successor's first batch.
  private func cut() {
    do throws(WALError) {
      try log.cut()
    } catch {
      pause(after: error)
    }
  }
}
