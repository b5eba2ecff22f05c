import Base

/// Hears that a descriptor became ready. Lives on: its shard.
protocol Watcher: AnyObject {
  /// Edge-triggered: said once per change, so the hearer remembers it until the system says "would
  /// block". `isHungUp` comes with both directions and stays.
  func becameReady(readable: Bool, writable: Bool, isHungUp: Bool)
}

/// Names a watched descriptor.
struct WatchToken {
  let slot: UInt32
  let generation: UInt32
}

/// The system's side of a shard's loop: io_uring or epoll. Lives on: its shard.
protocol IOBackend: AnyObject {
  /// Watches both directions until removed; keeps the watcher alive.
  func watch(_ descriptor: Int32, _ watcher: any Watcher) throws(IOFault) -> WatchToken
  /// Before the descriptor is closed.
  func unwatch(_ descriptor: Int32, _ token: WatchToken)
  /// Begins a file operation; `finish` of it runs in a later `poll` or turn of the shard.
  func submit(_ operation: FileOperation)
  /// Hands over what was submitted, waits at most `timeout` nanoseconds (negative: until woken),
  /// and reports what happened.
  func poll(timeout: Int64)
  /// Ends everything under way.
  func shutDown()
}

/// The watchers of a backend, by slot; a generation tells a late event of a former owner apart.
struct WatchTable {
  private struct Slot {
    var generation: UInt32 = 1
    var watcher: (any Watcher)?
    var descriptor: Int32 = -1
  }
  private var slots: [Slot] = []
  private var free: [UInt32] = []

  mutating func insert(_ watcher: any Watcher, _ descriptor: Int32) -> WatchToken {
    let slot: UInt32
    if let reused = free.popLast() {
      slot = reused
    } else {
      slot = UInt32(slots.count)
      slots.append(Slot())
    }
    slots[Int(slot)].watcher = watcher
    slots[Int(slot)].descriptor = descriptor
    return WatchToken(slot: slot, generation: slots[Int(slot)].generation)
  }

  mutating func remove(_ token: WatchToken) {
    guard find(token) != nil else { return }
    slots[Int(token.slot)].watcher = nil
    // 24 bits: the io_uring backend keeps the upper byte of a tag for itself.
    slots[Int(token.slot)].generation = (token.generation &+ 1) & 0xFF_FFFF
    free.append(token.slot)
  }

  func find(_ token: WatchToken) -> (watcher: any Watcher, descriptor: Int32)? {
    let index = Int(token.slot)
    guard index < slots.count, slots[index].generation == token.generation,
      let watcher = slots[index].watcher
    else { return nil }
    return (watcher, slots[index].descriptor)
  }
}
