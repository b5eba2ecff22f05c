import Base

/// The log as the core sees it: the terms of all entries, and the newest entries themselves.
///
///     compactedIndex        memoryFirst       durableIndex   handedIndex  lastIndex
///     ──────┬───────────────────┬──────────────────┬──────────────┬───────────┬
///     state │ on the owner's    │ in memory too    │ being written│ next ready│
///
/// memoryFirst - 1 <= durableIndex <= handedIndex <= lastIndex, except that a snapshot just
/// installed is not durable yet.
struct RaftLog {
  /// The last entry that a checkpoint replaced; rises with `compact`. Its term is kept, as the
  /// entry after it needs it.
  private(set) var compactedIndex: LogIndex
  private(set) var compactedTerm: Term
  private(set) var lastIndex: LogIndex
  /// The terms of compactedIndex + 1 ... lastIndex; both fields ascend strictly.
  private(set) var runs: [RaftTermRun]
  /// Everything up to here is on disk here; falls with a truncation.
  private(set) var durableIndex: LogIndex
  /// Everything up to here was given to the owner to write; falls with a truncation.
  private(set) var handedIndex: LogIndex

  /// `slots[head...]` are the entries memoryFirst ... lastIndex; the slots before are dead.
  private var slots: [RaftEntry] = []
  private var head = 0
  /// lastIndex + 1 when memory holds none.
  private(set) var memoryFirst: LogIndex
  private(set) var memoryBytes = 0

  init(_ state: RaftLogState) {
    compactedIndex = state.compactedIndex
    compactedTerm = state.compactedTerm
    lastIndex = state.lastIndex
    runs = state.termRuns
    durableIndex = state.lastIndex
    handedIndex = state.lastIndex
    slots = state.recent
    memoryFirst = state.recent.first?.index ?? state.lastIndex.next
    for entry in slots { memoryBytes += entry.byteCount }
  }

  var lastTerm: Term { runs.last?.term ?? compactedTerm }
  var lastPosition: RaftMessage.LogPosition { .init(index: lastIndex, term: lastTerm) }

  /// Nil before `compactedIndex` and after the end.
  func term(at index: LogIndex) -> Term? {
    if index > lastIndex || index < compactedIndex { return nil }
    var position = runs.count - 1
    while position >= 0 {
      if runs[position].first <= index { return runs[position].term }
      position -= 1
    }
    return compactedTerm
  }

  /// The last index up to `index` whose term is at most `term`: where two logs may agree, at best.
  /// Skipping whole terms, a follower's log is matched in a few messages (paper, section 5.3).
  func lastIndex(upTo index: LogIndex, termAtMost term: Term) -> LogIndex {
    var end = min(index, lastIndex)
    for run in runs.reversed() where run.first <= end {
      if run.term <= term { return end }
      end = run.first.previous
    }
    return end
  }

  /// Nil when memory does not hold it.
  func entry(at index: LogIndex) -> RaftEntry? {
    if index < memoryFirst || index > lastIndex { return nil }
    return slots[head + memoryFirst.distance(to: index)]
  }

  /// From `first`, which memory must hold, up to `bytesMax`; at least one entry.
  func batch(from first: LogIndex, bytesMax: Int) -> [RaftEntry] {
    if first > lastIndex { return [] }
    let start = head + memoryFirst.distance(to: first)
    var end = start
    var bytes = 0
    while end < slots.count {
      bytes += slots[end].byteCount
      if end > start && bytes > bytesMax { break }
      end += 1
    }
    return Array(slots[start..<end])
  }

  mutating func append(_ entry: RaftEntry) {
    invariant(entry.index == lastIndex.next, "entry \(entry.index) after \(lastIndex)")
    if lastTerm != entry.term || (runs.isEmpty && lastIndex == compactedIndex) {
      runs.append(RaftTermRun(first: entry.index, term: entry.term))
    }
    slots.append(entry)
    memoryBytes += entry.byteCount
    lastIndex = entry.index
  }

  /// Drops `index` and all after it.
  mutating func truncate(from index: LogIndex) {
    invariant(index > compactedIndex, "truncation at \(index), compacted \(compactedIndex)")
    while lastIndex >= index && lastIndex >= memoryFirst {
      memoryBytes -= slots.removeLast().byteCount
      lastIndex = lastIndex.previous
    }
    lastIndex = index.previous
    memoryFirst = min(memoryFirst, lastIndex.next)
    while let run = runs.last, run.first >= index { runs.removeLast() }
    durableIndex = min(durableIndex, lastIndex)
    handedIndex = min(handedIndex, lastIndex)
  }

  /// The owner has not got all entries yet.
  var hasUnwritten: Bool { handedIndex != lastIndex }

  /// Appends what the owner has not got yet to `entries`.
  mutating func handOut(into entries: inout [RaftEntry]) {
    while let last = entries.last, last.index > handedIndex { entries.removeLast() }
    if handedIndex == lastIndex { return }
    let start = head + memoryFirst.distance(to: handedIndex.next)
    for position in start..<slots.count { entries.append(slots[position]) }
    handedIndex = lastIndex
  }

  mutating func madeDurable(upTo index: LogIndex) {
    durableIndex = max(durableIndex, min(index, handedIndex))
  }

  /// Forgets entries up to `index` that are durable; the owner's log still has them.
  mutating func dropMemory(through index: LogIndex) {
    let end = min(index, durableIndex)
    if end < memoryFirst { return }
    let count = memoryFirst.distance(to: end) + 1
    for position in head..<head + count {
      memoryBytes -= slots[position].byteCount
      slots[position].payload = []
    }
    head += count
    memoryFirst = end.next
    if head == slots.count {
      slots.removeAll(keepingCapacity: slots.capacity <= 1_024)
      head = 0
    } else if head >= 64 && head * 2 >= slots.count {
      slots.removeFirst(head)
      head = 0
    }
  }

  /// The same for the oldest entries up to `index`, while memory holds more than `bytes`.
  mutating func dropMemory(through index: LogIndex, downTo bytes: Int) {
    var rest = memoryBytes
    var end = memoryFirst.previous
    while rest > bytes && end < index {
      end = end.next
      rest -= slots[head + memoryFirst.distance(to: end)].byteCount
    }
    dropMemory(through: end)
  }

  /// The owner has dropped everything up to `index`.
  mutating func compact(to index: LogIndex) {
    guard index > compactedIndex, let term = term(at: index) else { return }
    dropMemory(through: index)
    compactedIndex = index
    compactedTerm = term
    while runs.count > 1 && runs[1].first <= index.next { runs.removeFirst() }
    if index == lastIndex {
      runs.removeAll()
    } else if runs[0].first <= index {
      runs[0].first = index.next
    }
  }

  /// A snapshot replaces everything.
  mutating func reset(to descriptor: RaftSnapshotDescriptor) {
    compactedIndex = descriptor.index
    compactedTerm = descriptor.term
    lastIndex = descriptor.index
    runs = []
    durableIndex = .zero
    handedIndex = descriptor.index
    slots = []
    head = 0
    memoryFirst = descriptor.index.next
    memoryBytes = 0
  }

  func checkInvariants() {
    invariant(compactedIndex <= lastIndex, "compacted \(compactedIndex), last \(lastIndex)")
    invariant(durableIndex <= handedIndex, "durable \(durableIndex), handed \(handedIndex)")
    invariant(handedIndex <= lastIndex, "handed \(handedIndex), last \(lastIndex)")
    invariant(memoryFirst <= handedIndex.next, "memory \(memoryFirst), handed \(handedIndex)")
    invariant(
      memoryFirst.advanced(by: slots.count - head) == lastIndex.next,
      "memory from \(memoryFirst), \(slots.count - head) entries, last \(lastIndex)")
    invariant((runs.isEmpty) == (compactedIndex == lastIndex), "runs \(runs), last \(lastIndex)")
    if let run = runs.first {
      invariant(run.first == compactedIndex.next, "runs \(runs), compacted \(compactedIndex)")
      invariant(run.term >= compactedTerm, "runs \(runs), compacted term \(compactedTerm)")
    }
    for (one, next) in zip(runs, runs.dropFirst()) {
      invariant(one.first < next.first && one.term < next.term, "runs \(runs)")
    }
    var bytes = 0
    for position in head..<slots.count {
      let entry = slots[position]
      bytes += entry.byteCount
      invariant(
        entry.index == memoryFirst.advanced(by: position - head), "slot \(position): \(entry.index)"
      )
      invariant(entry.term == term(at: entry.index), "term of \(entry.index)")
    }
    invariant(bytes == memoryBytes, "\(memoryBytes) bytes counted, \(bytes) held")
  }
}
