/// The timers of a reactor: a binary heap by deadline, then by order of setting. Setting and running
/// cost O(log n); cancelling O(1), and cancelled entries are swept once they are half of the heap.
struct Timers {
  private struct Entry {
    let deadline: UInt64
    let sequence: UInt64
    let token: TimerToken

    func isBefore(_ other: Entry) -> Bool {
      deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence
    }
  }

  private struct Slot {
    var generation: UInt32 = 0
    var body: (() -> Void)?
  }

  private var heap: [Entry] = []
  private var slots: [Slot] = []
  private var freeSlots: [UInt32] = []
  private var sequence: UInt64 = 0
  private var cancelled = 0

  /// Timers that have neither run nor been cancelled.
  var count: Int { heap.count - cancelled }

  mutating func set(deadline: UInt64, _ body: @escaping () -> Void) -> TimerToken {
    let slot: UInt32
    if let free = freeSlots.popLast() {
      slot = free
    } else {
      slot = UInt32(slots.count)
      slots.append(Slot())
    }
    slots[Int(slot)].body = body
    let token = TimerToken(slot: slot, generation: slots[Int(slot)].generation)
    sequence += 1
    heap.append(Entry(deadline: deadline, sequence: sequence, token: token))
    siftUp(heap.count - 1)
    return token
  }

  mutating func cancel(_ token: TimerToken) {
    guard isLive(token) else { return }
    _ = release(token)
    cancelled += 1
    if cancelled > 64 && cancelled * 2 > heap.count { sweep() }
  }

  /// The earliest deadline, nil without timers.
  mutating func nextDeadline() -> UInt64? {
    while let first = heap.first {
      if isLive(first.token) { return first.deadline }
      removeFirst()
      cancelled -= 1
    }
    return nil
  }

  /// Takes the earliest timer that is due at `now`.
  mutating func takeDue(_ now: UInt64) -> (() -> Void)? {
    guard let deadline = nextDeadline(), deadline <= now else { return nil }
    let token = heap[0].token
    removeFirst()
    return release(token)
  }

  /// The sequence number of the latest timer: those set later belong to the next turn.
  var latest: UInt64 { sequence }

  /// As `takeDue`, but not for timers set after `limit`, so that a timer that sets another one for
  /// now does not hold the loop.
  mutating func takeDue(_ now: UInt64, upTo limit: UInt64) -> (() -> Void)? {
    guard nextDeadline() != nil, heap[0].sequence <= limit else { return nil }
    return takeDue(now)
  }

  private func isLive(_ token: TimerToken) -> Bool {
    let slot = Int(token.slot)
    return slot < slots.count && slots[slot].generation == token.generation
      && slots[slot].body != nil
  }

  private mutating func release(_ token: TimerToken) -> (() -> Void)? {
    let slot = Int(token.slot)
    let body = slots[slot].body
    slots[slot].body = nil
    slots[slot].generation &+= 1
    freeSlots.append(token.slot)
    return body
  }

  private mutating func sweep() {
    let live = heap.filter { isLive($0.token) }
    heap = []
    for entry in live {
      heap.append(entry)
      siftUp(heap.count - 1)
    }
    cancelled = 0
  }

  private mutating func removeFirst() {
    let last = heap.removeLast()
    if heap.isEmpty { return }
    heap[0] = last
    var parent = 0
    while true {
      var child = parent * 2 + 1
      if child >= heap.count { return }
      if child + 1 < heap.count && heap[child + 1].isBefore(heap[child]) { child += 1 }
      if !heap[child].isBefore(heap[parent]) { return }
      heap.swapAt(child, parent)
      parent = child
    }
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      if !heap[child].isBefore(heap[parent]) { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }
}
