import Base
import Node

/// MULTI and WATCH of one connection.
struct TransactionState {
  private(set) var isOpen = false
  /// A command was refused while it was queued: EXEC will be too.
  private(set) var isSpoiled = false
  private(set) var queued: [QueuedCommand] = []
  private(set) var watched: [WatchedKey] = []
  /// Keeps what is older than the watched keys' times from being forgotten.
  private var guardian: Transaction?

  mutating func open() { isOpen = true }

  mutating func queue(_ command: QueuedCommand) { queued.append(command) }

  mutating func spoil() { if isOpen { isSpoiled = true } }

  /// Ends MULTI; watches go too.
  mutating func close() {
    isOpen = false
    isSpoiled = false
    queued = []
    unwatch()
  }

  mutating func watch(_ keys: [WatchedKey], _ guardian: Transaction?) {
    if let guardian { self.guardian = guardian }
    for key in keys where !watched.contains(where: { $0.db == key.db && $0.name == key.name }) {
      watched.append(key)
    }
  }

  var isWatching: Bool { !watched.isEmpty }

  mutating func unwatch() {
    watched = []
    guardian?.finishReading()
    guardian = nil
  }
}
