import Base

@testable import Raft

/// A replica with a disk that is slower than its core, and that forgets in a crash what it had not
/// finished writing.
struct SimulatedReplica {
  struct Disk {
    var hardState = HardState()
    var compactedIndex = LogIndex.zero
    var compactedTerm = Term.zero
    var configuration: RaftConfiguration
    /// compactedIndex + 1 and on, without gaps.
    var entries: [RaftEntry] = []

    mutating func perform(_ write: Write) {
      if let snapshot = write.snapshot {
        compactedIndex = snapshot.index
        compactedTerm = snapshot.term
        configuration = snapshot.configuration
        entries = []
      }
      if let state = write.hardState { hardState = state }
      for entry in write.entries where entry.index > compactedIndex {
        entries.removeLast(max(0, entries.count - position(of: entry.index)))
        entries.append(entry)
      }
    }

    func position(of index: LogIndex) -> Int { compactedIndex.distance(to: index) - 1 }

    mutating func compact(to descriptor: RaftSnapshotDescriptor) {
      entries.removeFirst(position(of: descriptor.index) + 1)
      compactedIndex = descriptor.index
      compactedTerm = descriptor.term
      configuration = descriptor.configuration
    }
  }

  struct Write {
    var snapshot: RaftSnapshotDescriptor?
    var hardState: HardState?
    var entries: [RaftEntry]
    var mark: RaftWriteMark
    var messages: [RaftMessage]
    var finishesAt: Int
  }

  let id: ReplicaID
  var settings: RaftSettings
  var disk: Disk
  /// Not durable yet, oldest first.
  var writes: [Write] = []
  /// Nil while crashed.
  var core: RaftCore?
  var incarnation = 0
  var applied = LogIndex.zero
  var actions = RaftActions()
  /// Something was given to the core since the last `ready`.
  var isDirty = false

  init(id: ReplicaID, configuration: RaftConfiguration, settings: RaftSettings) {
    self.id = id
    self.settings = settings
    disk = Disk(configuration: configuration)
  }

  mutating func start(memoryEntries: Int, seed: UInt64) {
    guard
      var state = RaftLogState(
        compactedIndex: disk.compactedIndex, compactedTerm: disk.compactedTerm,
        replaying: disk.entries)
    else { fatalError("log of \(id) does not read back") }
    state.recent = Array(state.recent.suffix(memoryEntries))
    incarnation += 1
    applied = disk.compactedIndex
    actions = RaftActions()
    core = RaftCore(
      id: id, configuration: disk.configuration, hardState: disk.hardState, log: state,
      settings: settings, randomSeed: seed)
    isDirty = true
  }

  /// Some of the unfinished writes, in order, may have reached the disk all the same.
  mutating func crash(survivingWrites: Int) {
    for write in writes.prefix(survivingWrites) { disk.perform(write) }
    writes.removeAll()
    core = nil
  }

  /// Gives the core something; nothing happens while it is down.
  mutating func input(_ body: (inout RaftCore, inout RaftActions) -> Void) {
    guard var running = core.take() else { return }
    body(&running, &actions)
    core = running
    isDirty = true
  }

  /// What the log would answer now: disk and unfinished writes.
  func entry(at index: LogIndex) -> RaftEntry? {
    for write in writes.reversed() {
      if let entry = write.entries.last(where: { $0.index == index }) { return entry }
    }
    let position = disk.position(of: index)
    return position >= 0 && position < disk.entries.count ? disk.entries[position] : nil
  }
}
