public import Base

/// One record of the replicated log.
public struct RaftEntry: Sendable, Equatable {
  public enum Kind: UInt8, Sendable {
    /// The owner's bytes.
    case normal = 0
    /// An encoded `RaftConfiguration`; in force as soon as it is appended.
    case configuration = 1
    /// A new leader's first entry: it commits what earlier terms left (section 3.6.2).
    case empty = 2
  }

  public var index: LogIndex
  /// The term of the leader that created the entry; never falls along the log.
  public var term: Term
  public var kind: Kind
  public var payload: [UInt8]

  public init(index: LogIndex, term: Term, kind: Kind, payload: [UInt8]) {
    self.index = index
    self.term = term
    self.kind = kind
    self.payload = payload
  }

  /// What the entry costs in a batch and in memory, about.
  var byteCount: Int { payload.count + 24 }
}

/// What a replica must never forget (Raft paper, figure 2, "persistent state").
public struct HardState: Sendable, Equatable {
  /// The newest term heard of; never falls.
  public var term: Term
  /// Who got this replica's vote in `term`; set once in a term.
  public var vote: ReplicaID?
  /// Advisory: everything up to here is committed, perhaps more. It saves work after a restart.
  public var commit: LogIndex

  public init(term: Term = .zero, vote: ReplicaID? = nil, commit: LogIndex = .zero) {
    self.term = term
    self.vote = vote
    self.commit = commit
  }
}

/// A state of the owner that stands for the log up to `index`.
public struct RaftSnapshotDescriptor: Sendable, Equatable {
  public var index: LogIndex
  public var term: Term
  /// In force at `index`.
  public var configuration: RaftConfiguration

  public init(index: LogIndex, term: Term, configuration: RaftConfiguration) {
    self.index = index
    self.term = term
    self.configuration = configuration
  }
}

/// Entries from `first` on have `term`, up to the next run's `first` or the log's end.
public struct RaftTermRun: Sendable, Equatable {
  public var first: LogIndex
  public var term: Term
  public init(first: LogIndex, term: Term) {
    self.first = first
    self.term = term
  }
}

/// A configuration and the entry that brought it.
public struct RaftIndexedConfiguration: Sendable, Equatable {
  public var index: LogIndex
  public var configuration: RaftConfiguration
  public init(index: LogIndex, configuration: RaftConfiguration) {
    self.index = index
    self.configuration = configuration
  }
}

/// What the owner knows about its log after reading it at start; all of it is durable.
public struct RaftLogState: Sendable, Equatable {
  /// The last entry that a checkpoint stands for; 0 when none was dropped.
  public var compactedIndex: LogIndex
  public var compactedTerm: Term
  public var lastIndex: LogIndex
  /// The terms of `compactedIndex + 1 ... lastIndex`, ascending. A term change costs 16 bytes, so
  /// the whole log's terms stay in memory and entries need not.
  public var termRuns: [RaftTermRun]
  /// The configuration entries after `compactedIndex`, ascending.
  public var configurations: [RaftIndexedConfiguration]
  /// The log's end, as far as the owner has it in memory; may be empty.
  public var recent: [RaftEntry]

  public init(
    compactedIndex: LogIndex = .zero, compactedTerm: Term = .zero, lastIndex: LogIndex = .zero,
    termRuns: [RaftTermRun] = [], configurations: [RaftIndexedConfiguration] = [],
    recent: [RaftEntry] = []
  ) {
    self.compactedIndex = compactedIndex
    self.compactedTerm = compactedTerm
    self.lastIndex = lastIndex
    self.termRuns = termRuns
    self.configurations = configurations
    self.recent = recent
  }

  /// From all entries after the checkpoint. An entry with an index that is already there replaces
  /// it and drops what follows, as a log that is only appended to records a truncation.
  /// Nil when there is a gap or a configuration entry is malformed.
  public init?(compactedIndex: LogIndex, compactedTerm: Term, replaying entries: [RaftEntry]) {
    self.init(
      compactedIndex: compactedIndex, compactedTerm: compactedTerm, lastIndex: compactedIndex)
    for entry in entries where entry.index > compactedIndex {
      guard append(entry) else { return nil }
    }
  }

  /// Adds the next entry read back; see `init(compactedIndex:compactedTerm:replaying:)`.
  /// False when it leaves a gap or is malformed.
  public mutating func append(_ entry: RaftEntry) -> Bool {
    guard entry.index > compactedIndex, entry.index.previous <= lastIndex else { return false }
    truncate(from: entry.index)
    if entry.kind == .configuration {
      guard let configuration = RaftConfiguration.decoded(entry.payload) else { return false }
      configurations.append(.init(index: entry.index, configuration: configuration))
    }
    guard entry.term >= termRuns.last?.term ?? compactedTerm else { return false }
    if termRuns.last?.term != entry.term {
      termRuns.append(.init(first: entry.index, term: entry.term))
    }
    recent.append(entry)
    lastIndex = entry.index
    return true
  }

  /// Entries from `index` on are gone.
  public mutating func truncate(from index: LogIndex) {
    while let last = recent.last, last.index >= index { recent.removeLast() }
    while let run = termRuns.last, run.first >= index { termRuns.removeLast() }
    while let newest = configurations.last, newest.index >= index { configurations.removeLast() }
    lastIndex = min(lastIndex, max(index.previous, compactedIndex))
  }
}

extension LogIndex {
  func advanced(by count: Int) -> LogIndex { LogIndex(rawValue: rawValue + UInt64(count)) }
}
