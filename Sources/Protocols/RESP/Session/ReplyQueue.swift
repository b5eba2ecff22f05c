import Base

/// Replies in the order of their commands, though the commands' results come in any order. Lives on: its
/// session.
struct ReplyQueue {
  private struct Entry {
    let bucket: Bucket
    /// The command has run: only its reply is out.
    var hasRun: Bool
    var reply: [UInt8]?
  }
  private var entries: [Entry] = []
  private var head = 0
  /// The number of the entry at `head`.
  private var firstNumber: UInt64 = 0

  var isEmpty: Bool { head == entries.count }
  var count: Int { entries.count - head }

  /// The number to give its reply under.
  mutating func add(bucket: Bucket) -> UInt64 {
    entries.append(Entry(bucket: bucket, hasRun: false, reply: nil))
    return firstNumber + UInt64(entries.count - head - 1)
  }

  mutating func hasRun(_ number: UInt64) {
    guard number >= firstNumber else { return }
    entries[head + Int(number - firstNumber)].hasRun = true
  }

  /// Whether a command under way may yet run after one that is sent now.
  func mayOvertake(in bucket: Bucket) -> Bool {
    entries[head...].contains { !$0.hasRun && $0.reply == nil && $0.bucket == bucket }
  }

  /// Takes a reply, and appends all that are due now to `output`. False: none is.
  mutating func complete(_ number: UInt64, _ reply: [UInt8], into output: inout [UInt8]) -> Bool {
    let place = head + Int(number - firstNumber)
    entries[place].reply = reply
    guard place == head else { return false }
    while head < entries.count, let ready = entries[head].reply {
      output.append(contentsOf: ready)
      entries[head].reply = nil
      head += 1
      firstNumber += 1
    }
    if head == entries.count {
      entries.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 1_024 {
      entries.removeFirst(head)
      head = 0
    }
    return true
  }
}
