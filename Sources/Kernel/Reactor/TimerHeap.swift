/// The timers of a shard: a binary heap by deadline, then by age. Lives on: its shard.
struct TimerHeap {
  private struct Entry {
    var deadline: UInt64
    var sequence: UInt64
    var body: () -> Void
  }

  private var entries: [Entry] = []
  private var lastSequence: UInt64 = 0

  mutating func add(deadline: UInt64, _ body: @escaping () -> Void) -> TimerToken {
    lastSequence += 1
    entries.append(Entry(deadline: deadline, sequence: lastSequence, body: body))
    siftUp(entries.count - 1)
    return TimerToken(sequence: lastSequence)
  }

  mutating func cancel(_ token: TimerToken) {
    if let index = entries.firstIndex(where: { $0.sequence == token.sequence }) {
      removeEntry(at: index)
    }
  }

  /// The earliest deadline.
  var next: UInt64? { entries.first?.deadline }

  /// Takes the earliest timer that is due.
  mutating func popDue(now: UInt64) -> (() -> Void)? {
    guard let first = entries.first, first.deadline <= now else { return nil }
    removeEntry(at: 0)
    return first.body
  }

  private func isBefore(_ a: Entry, _ b: Entry) -> Bool {
    (a.deadline, a.sequence) < (b.deadline, b.sequence)
  }

  private mutating func removeEntry(at index: Int) {
    let last = entries.removeLast()
    if index == entries.count { return }
    entries[index] = last
    siftUp(index)
    siftDown(index)
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      if !isBefore(entries[child], entries[parent]) { return }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && isBefore(entries[child], entries[least]) {
        least = child
      }
      if least == parent { return }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
