import Base
import Catalog
import Reactor
import Types
import WAL

/// What the change streams of a shard share. Lives on: its shard.
struct ChangeWriter {
  /// Where their files are; empty before recovery.
  var directory = ""
  /// A segment file ends before it is larger.
  var segmentBytes = 32 << 20
  /// More in memory than this, and writes to tables with change streams are refused.
  var pendingBytesMax = 64 << 20
  /// Files have come or gone since the directory was synced.
  var isDirectoryChanged = false
  /// Why the last write failed; nil after one that went well.
  var fault: WALError?
  /// Of records that are not in files yet.
  private(set) var pendingBytes = 0
  fileprivate var dirty: [PartitionStream] = []
  fileprivate var isTimerSet = false
  fileprivate var isRetentionSet = false
  /// Records of other replicas are being copied.
  var isCopying = false
  /// A stream is being compacted.
  var isCompacting = false

  /// A batch of this size is written at once, a smaller one when the time is up: readers see records in
  /// memory, and a crash brings them back out of the log.
  static let batchBytes = 256 << 10
  static let flushMilliseconds = 200
  /// How often a shard looks for records that need not be kept.
  static let retentionMilliseconds = 5_000

  mutating func grew(_ bytes: Int) { pendingBytes += bytes }

  /// Why writes to tables with change streams are refused now.
  var refusal: SQLError? {
    guard pendingBytes > pendingBytesMax else { return nil }
    let isFull = fault?.isDiskFull ?? false
    return SQLError(
      isFull ? .diskFull : SQLState("53000"),
      "the change streams of this shard cannot be written fast enough",
      detail: fault.map { "The last attempt failed: \($0)." }
        ?? "\(pendingBytes) bytes wait for the disk.",
      hint: "Try again.")
  }
}

extension NodeShard {
  /// The partition has records in memory: they are written a while later.
  func changeIsPending(_ stream: PartitionStream) {
    changeWriter.dirty.append(stream)
    guard !changeWriter.isTimerSet else { return }
    changeWriter.isTimerSet = true
    // A start that fails ends the shard before its reactor.
    reactor.after(milliseconds: ChangeWriter.flushMilliseconds) { [weak self] in
      guard let self else { return }
      changeWriter.isTimerSet = false
      let dirty = changeWriter.dirty
      changeWriter.dirty = []
      for stream in dirty { stream.flush() }
    }
  }

  /// The names of a tablet's files, by partition, in the order of their offsets.
  func changeFiles(of tablet: TabletID) throws(WALError) -> [StreamKey: [String]] {
    do throws(IOFault) {
      var found: [StreamKey: [String]] = [:]
      // Sorted, and the offsets have leading zeros.
      for name in try reactor.fileSystem.list(changeWriter.directory) {
        guard let file = ChangeFiles.parse(name), file.tablet == tablet else { continue }
        found[file.key, default: []].append(name)
      }
      return found
    } catch {
      throw .io(error)
    }
  }

  /// Finds what is in the files of all replicas here. Blocking: at start only, behind the checkpoints and
  /// before the log.
  func openChangeLogs(_ directory: String, _ settings: NodeSettings) throws(WALError) {
    changeWriter.directory = directory
    changeWriter.segmentBytes = settings.streamSegmentBytes
    changeWriter.pendingBytesMax = settings.streamPendingBytes
    do throws(IOFault) {
      try reactor.fileSystem.makeDirectory(directory)
      for name in try reactor.fileSystem.list(directory)
      where name.hasSuffix(ChangeFiles.partSuffix) {
        try reactor.fileSystem.remove(directory + "/" + name)
      }
    } catch {
      throw .io(error)
    }
    for id in tabletIDs { try hosted(id).changes.open() }
  }

  /// Files of replicas that are not here any more.
  func removeStrayChangeFiles() throws(WALError) {
    do throws(IOFault) {
      for name in try reactor.fileSystem.list(changeWriter.directory) {
        if let file = ChangeFiles.parse(name), tablets[file.tablet] == nil {
          try reactor.fileSystem.remove(changeWriter.directory + "/" + name)
        }
      }
    } catch {
      throw .io(error)
    }
  }

  func removeChangeFile(_ path: String) throws(WALError) {
    do throws(IOFault) {
      try reactor.fileSystem.remove(path)
    } catch {
      throw .io(error)
    }
  }

  /// The replica has gone for good, and no other one of the tablet is here.
  func removeChangeFiles(of tablet: TabletID) throws(WALError) {
    for (_, names) in try changeFiles(of: tablet).sorted(by: { $0.key < $1.key }) {
      for name in names { try removeChangeFile(changeWriter.directory + "/" + name) }
    }
  }

  /// Blocking, but short.
  func syncChangeDirectory() throws(WALError) {
    guard changeWriter.isDirectoryChanged else { return }
    do throws(IOFault) {
      try reactor.fileSystem.syncDirectory(changeWriter.directory)
    } catch {
      throw .io(error)
    }
    changeWriter.isDirectoryChanged = false
  }
}

// MARK: - What is kept

extension NodeShard {
  /// There is a stream here: from now on old records are looked for.
  func watchRetention() {
    guard !changeWriter.isRetentionSet else { return }
    changeWriter.isRetentionSet = true
    reactor.after(milliseconds: ChangeWriter.retentionMilliseconds) { [weak self] in
      guard let self else { return }
      changeWriter.isRetentionSet = false
      var hasStreams = false
      for id in tabletIDs where !hosted(id).changes.isEmpty {
        hasStreams = true
        for stream in hosted(id).changes.partitions { retain(stream) }
      }
      if hasStreams {
        copyHistories()
        compactStreams()
        watchRetention()
      }
    }
  }

  /// How the table's stream is kept; nil: it has none.
  func streamSettings(of table: ObjectID) -> ChangeStreamDescriptor? {
    catalog.table(table)?.changeStream
      ?? streams.values.first { $0.table == table }?.stream
  }

  private func retain(_ stream: PartitionStream) {
    // A table that this shard has not heard of yet is none that is gone.
    guard catalogVersion > 0, stream.key.table.rawValue < catalog.nextObjectID else { return }
    guard let settings = streamSettings(of: stream.key.table) else { return stream.retire() }
    do throws(WALError) {
      try stream.retain(settings, now: wallNanoseconds())
    } catch {
      changeWriter.fault = error
    }
  }
}
