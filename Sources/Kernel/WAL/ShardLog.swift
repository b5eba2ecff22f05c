public import Base
import Glibc
public import Reactor

/// A shard's log: the Raft log of all its tablets and the write-ahead log in one. Lives on: its
/// shard.
///
/// `append` only copies; `flush`, called at the end of each turn of the loop, starts one direct
/// write for everything that has gathered when none is under way. What arrives during a write forms
/// the next batch (group commit). Invariant: `durable` only rises, and everything at or below it is
/// on disk.
public final class ShardLog {
  public let settings: WALSettings
  /// Called after each completed write, in order, with the newest durable position.
  public var onDurable: ((LogPosition) -> Void)?
  /// Called once when the disk has failed; nothing later is ever acknowledged.
  public var onFailure: ((WALError) -> Void)?
  public private(set) var failure: WALError?
  /// There was no room for the next segment. What has been appended still has half a segment at least;
  /// callers append nothing new until `retrySpare` has found room.
  public private(set) var isOutOfSpace = false
  /// Called each time that room was looked for in vain.
  public var onOutOfSpace: (() -> Void)?
  public private(set) var appended = LogPosition(rawValue: 0)
  public private(set) var durable = LogPosition(rawValue: 0)

  private let fileSystem: any FileSystem
  private let directory: String
  private let shard: UInt32
  private var segments: [LogRecovery.Segment]
  private var current: any File
  private var spare: SpareSegment?
  private var offset: Int
  private var nextSequence: UInt64
  /// A write is under way, or a segment begins.
  public private(set) var isWriting = false
  /// `flush` was called during a write.
  private var isFlushWanted = false
  /// The spare is becoming a segment under its name: nothing else may take that.
  private var isAdopting = false

  /// A record that waits for its batch; a batch is cut between records. Its payload is not copied
  /// until then.
  private struct PendingRecord {
    /// Where it ends in `heads`.
    var headEnd: Int
    /// Bytes of all that is pending up to here.
    var end: Int
    var payload: [UInt8]
  }
  private var pending: [PendingRecord] = []
  /// What stands in front of the pending records' payloads, one behind the other.
  private var heads = ByteWriter()
  private var pendingIndexes: [(TabletID, LogIndex)] = []
  /// How many records at the front of `pending` are copied standing ones.
  private var copiedPending = 0
  private var batch: AlignedBuffer
  /// The newest of what must not be forgotten and has been written, copied to the front of every
  /// segment so that older ones can go.
  private var standing = StandingRecords()
  /// What enters it when it is written: a copy in front of what came before it would say too much.
  private var pendingStanding: [(position: LogPosition, record: LogRecord)] = []
  private var retained: [TabletID: LogIndex] = [:]

  private init(
    fileSystem: any FileSystem, directory: String, shard: ShardID, settings: WALSettings,
    recovery: LogRecovery, current: any File
  ) {
    self.fileSystem = fileSystem
    self.directory = directory
    self.shard = UInt32(shard.rawValue)
    self.settings = settings
    self.current = current
    segments = recovery.segments
    offset = recovery.endOffset
    nextSequence = recovery.nextSequence
    batch = AlignedBuffer(capacity: settings.batchBytesMax)
  }

  /// Reads what is there, oldest first, through `replay`, and continues behind it. Blocking: at
  /// start only.
  public static func open(
    fileSystem: any FileSystem, directory: String, shard: ShardID, settings: WALSettings,
    replay: (LogRecord) -> Void
  ) throws(WALError) -> ShardLog {
    invariant(settings.segmentBytes % LogFormat.block == 0, "segment of \(settings.segmentBytes)")
    var recovery = LogRecovery(
      fileSystem: fileSystem, directory: directory, shard: UInt32(shard.rawValue))
    recovery.acceptsTornTail = settings.acceptsTornTail
    var standing = StandingRecords()
    do throws(IOFault) {
      try fileSystem.makeDirectory(directory)
    } catch {
      throw .io(error)
    }
    try SpareSegment.removeLeftovers(fileSystem, directory)
    try recovery.run { record in
      standing.note(record)
      replay(record)
    }
    let current: any File
    if let last = recovery.segments.last {
      do throws(IOFault) {
        current = try fileSystem.open(last.path, create: false, direct: true)
      } catch {
        throw .io(error)
      }
    } else {
      let first = try SpareSegment.makeFirst(
        fileSystem, directory, shard: UInt32(shard.rawValue), bytes: settings.segmentBytes)
      recovery.start(with: first.path, bytes: settings.segmentBytes)
      current = first.file
    }
    let log = ShardLog(
      fileSystem: fileSystem, directory: directory, shard: shard, settings: settings,
      recovery: recovery, current: current)
    log.standing = standing
    return log
  }

  /// Room for the standing records that every segment begins with.
  private static let standingBytes = 1 << 16
  /// An entry must be smaller than a segment by this: callers see to it, since for the log a record
  /// that fits nowhere is a failure.
  public static let reservedBytes = standingBytes + 3 * LogFormat.block

  /// Copies the record into the next batch. It is durable when `durable` reaches the result.
  @discardableResult
  public func append(_ record: LogRecord) -> LogPosition {
    record.encodeHead(into: &heads)
    let previous = pending.last
    let bytes = heads.count - (previous?.headEnd ?? 0) + record.payload.count
    pending.append(
      PendingRecord(
        headEnd: heads.count, end: (previous?.end ?? 0) + bytes, payload: record.payload))
    switch record {
    case .entry(let tablet, let index, _, _), .configuration(let tablet, let index, _, _):
      pendingIndexes.append((tablet, index))
    case .replica, .hardState, .installed:
      pendingStanding.append((LogPosition(rawValue: appended.rawValue + 1), record))
    case .truncated: break
    }
    appended = LogPosition(rawValue: appended.rawValue + 1)
    return appended
  }

  /// Bytes of entries that recovery would read: what decides when to take checkpoints.
  public var liveBytes: Int { segments.dropLast().reduce(offset) { $0 + $1.bytes } }
  /// Bytes that wait for the next write.
  public var pendingBytes: Int { pending.last?.end ?? 0 }
  public var segmentCount: Int { segments.count }

  /// The tablets without whose release the oldest segment stays, in order; none where it is the
  /// segment that is being written.
  public var holdersOfOldest: [TabletID] {
    guard segments.count > 1 else { return [] }
    return segments[0].lastIndexes.filter { (retained[$0.key] ?? .zero) < $0.value }.keys.sorted()
  }
}

// MARK: - Writing

extension ShardLog {
  /// Starts a write when there is something to write and none is under way.
  public func flush() {
    guard failure == nil, !pending.isEmpty else { return }
    guard !isWriting else {
      isFlushWanted = true
      return
    }
    let cut = nextCut()
    let padded = AlignedBuffer.roundedUp(LogFormat.batchHeaderBytes + cut.bytes)
    if offset + padded > segments[segments.count - 1].bytes {
      return beginSegment(fitting: padded)
    }
    if padded > batch.capacity { batch = AlignedBuffer(capacity: padded) }
    fillBatch(cut, padded: padded)
    LogFormat.sealBatch(
      batch.bytes, length: cut.bytes, sequence: nextSequence,
      generation: segments[segments.count - 1].generation, offset: offset)
    noteIndexes(cut.records)
    dropPending(cut)
    // Copied hard states stand in front of what callers appended and have no position.
    copiedPending = max(copiedPending - cut.records, 0)
    let end = LogPosition(
      rawValue: appended.rawValue - UInt64(pending.count - copiedPending))
    noteStanding(upTo: end)
    isWriting = true
    isFlushWanted = !pending.isEmpty
    let bytes = UnsafeRawBufferPointer(rebasing: batch.bytes[..<padded])
    current.write(bytes, at: offset) { [self] result in
      isWriting = false
      switch result {
      case .failure(let fault): fail(.io(fault))
      case .success:
        offset += padded
        nextSequence += 1
        durable = end
        onDurable?(end)
        if isFlushWanted { flush() }
      }
    }
    prepareSpare()
  }

  /// How much of what is pending fits one batch: at least one record.
  private func nextCut() -> (bytes: Int, records: Int) {
    let room = settings.batchBytesMax - LogFormat.batchHeaderBytes
    if pendingBytes <= room { return (pendingBytes, pending.count) }
    let records = max(pending.prefix { $0.end <= room }.count, 1)
    return (pending[records - 1].end, records)
  }

  private func fillBatch(_ cut: (bytes: Int, records: Int), padded: Int) {
    let area = UnsafeMutableRawBufferPointer(rebasing: batch.bytes[..<padded])
    var place = LogFormat.batchHeaderBytes
    func copy(_ source: UnsafeRawBufferPointer) {
      UnsafeMutableRawBufferPointer(rebasing: area[place...]).copyMemory(from: source)
      place += source.count
    }
    heads.bytes.withUnsafeBytes { heads in
      var headStart = 0
      for record in pending[..<cut.records] {
        copy(UnsafeRawBufferPointer(rebasing: heads[headStart..<record.headEnd]))
        record.payload.withUnsafeBytes { copy($0) }
        headStart = record.headEnd
      }
    }
    invariant(place == LogFormat.batchHeaderBytes + cut.bytes, "\(place) bytes, cut \(cut)")
    UnsafeMutableRawBufferPointer(rebasing: area[place...])
      .initializeMemory(as: UInt8.self, repeating: 0)
  }

  private func noteIndexes(_ records: Int) {
    // Entries of later batches may be noted with this segment: it is kept a little longer.
    for (tablet, index) in pendingIndexes {
      segments[segments.count - 1].lastIndexes[tablet] = index
    }
    if records == pending.count { pendingIndexes.removeAll(keepingCapacity: true) }
  }

  private func noteStanding(upTo end: LogPosition) {
    let written = pendingStanding.prefix { $0.position <= end }
    for entry in written { standing.note(entry.record) }
    pendingStanding.removeFirst(written.count)
  }

  private func dropPending(_ cut: (bytes: Int, records: Int)) {
    let headBytes = pending[cut.records - 1].headEnd
    if cut.records == pending.count {
      pending.removeAll(keepingCapacity: true)
      heads.bytes.removeAll(keepingCapacity: true)
      return
    }
    pending.removeFirst(cut.records)
    heads.bytes.removeFirst(headBytes)
    shiftPending(heads: -headBytes, bytes: -cut.bytes)
  }

  private func shiftPending(heads: Int, bytes: Int) {
    for position in pending.indices {
      pending[position].headEnd += heads
      pending[position].end += bytes
    }
  }

  private func fail(_ error: WALError) {
    guard failure == nil else { return }
    failure = error
    onFailure?(error)
  }
}

// MARK: - Segments

extension ShardLog {
  private func prepareSpare() {
    guard !isOutOfSpace, offset > segments[segments.count - 1].bytes / 2 else { return }
    makeSpare()
  }

  private func makeSpare() {
    guard spare == nil else { return }
    let made = SpareSegment(fileSystem, directory, bytes: settings.segmentBytes)
    spare = made
    made.prepare { [self] result in
      guard case .failure(let fault) = result else {
        isOutOfSpace = false
        return flush()
      }
      guard fault.errno == ENOSPC else { return fail(.io(fault)) }
      do throws(IOFault) {
        try made.giveUp()
      } catch {
        return fail(.io(error))
      }
      spare = nil
      isOutOfSpace = true
      onOutOfSpace?()
    }
  }

  /// Looks for room again; `isOutOfSpace` stays until it has been found.
  public func retrySpare() { makeSpare() }

  /// Goes on in the next segment; its first records are the standing ones of all tablets.
  private func beginSegment(fitting padded: Int) {
    if padded > settings.segmentBytes - LogFormat.block - Self.standingBytes {
      return fail(
        .badSegment(
          file: directory, reason: "a record of \(padded) bytes is larger than a segment"))
    }
    guard let ready = spare, ready.isReady else {
      if spare == nil {
        offset = max(offset, segments[segments.count - 1].bytes / 2 + 1)
        prepareSpare()
      }
      return
    }
    spare = nil
    let generation = segments[segments.count - 1].generation + 1
    isWriting = true
    isAdopting = true
    ready.adopt(generation: generation, firstSequence: nextSequence, shard: shard) {
      [self] result in
      isWriting = false
      isAdopting = false
      switch result {
      case .failure(let error): fail(error)
      case .success(let opened):
        current.close()
        current = opened.file
        segments.append(
          LogRecovery.Segment(
            path: opened.path, generation: generation, bytes: settings.segmentBytes))
        offset = LogFormat.block
        prependStanding()
        flush()
      }
    }
  }

  private func prependStanding() {
    var front = ByteWriter()
    var copies: [PendingRecord] = []
    for record in standing.records {
      record.encodeHead(into: &front)
      copies.append(PendingRecord(headEnd: front.count, end: front.count, payload: []))
    }
    shiftPending(heads: front.count, bytes: front.count)
    pending.insert(contentsOf: copies, at: 0)
    heads.bytes.insert(contentsOf: front.bytes, at: 0)
    copiedPending += copies.count
  }

  /// The tablet needs no entry at or below `index` any more. Segments that nobody needs become the
  /// next spare, or go. Blocking: a rename.
  public func release(_ tablet: TabletID, upTo index: LogIndex) throws(WALError) {
    retained[tablet] = max(retained[tablet] ?? .zero, index)
    try cut()
  }

  /// No replica of the tablet is here any more: what the log has of it holds nothing back.
  public func forget(_ tablet: TabletID) throws(WALError) {
    try release(tablet, upTo: LogIndex(rawValue: .max))
  }

  /// Another replica of the tablet begins, at any index.
  public func begin(_ tablet: TabletID) { retained[tablet] = nil }

  /// Takes away the segments that nobody needs; not while a segment begins. A disk error there is one
  /// of the log.
  public func cut() throws(WALError) {
    do throws(IOFault) {
      while !isAdopting, isFollowed, isReleased(segments[0]) {
        let path = segments[0].path
        if spare == nil && segments[0].bytes == settings.segmentBytes {
          isOutOfSpace = false
          let recycled = SpareSegment(fileSystem, directory, bytes: settings.segmentBytes)
          try recycled.recycle(path)
          spare = recycled
        } else {
          try fileSystem.remove(path)
          try fileSystem.syncDirectory(directory)
        }
        segments.removeFirst()
      }
    } catch {
      // A rename that is not durable may be undone by a crash: the next spare must not be written into
      // what would be a segment again.
      fail(.io(error))
      throw .io(error)
    }
  }

  /// Whether the oldest segment's successor has its first batch on disk, and with it the standing records.
  private var isFollowed: Bool {
    segments.count > 2 || (segments.count == 2 && offset > LogFormat.block)
  }

  private func isReleased(_ segment: LogRecovery.Segment) -> Bool {
    segment.lastIndexes.allSatisfy { tablet, last in (retained[tablet] ?? .zero) >= last }
  }
}
