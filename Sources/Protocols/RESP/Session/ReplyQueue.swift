import Base
import Node

/// Replies in the order of their commands, though the commands' results come in any order. Lives on: its
/// session.
struct ReplyQueue {
  private struct Entry {
    let bucket: Bucket
    /// The command has run: only its reply is out.
    var hasRun: Bool
    var reply: [UInt8]?
    /// What is sent when `hold` is over: the replies of so many commands.
    var held: [UInt8] = []
    var hold: ReplyHold?
    var commands = 1
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

  /// A command has run, and its reply waits for `hold`. Nil: with the one before it, whose number was given.
  mutating func add(bucket: Bucket, _ reply: ArraySlice<UInt8>, _ hold: ReplyHold) -> UInt64? {
    if let last = entries.indices.last, last >= head, entries[last].reply == nil,
      let before = entries[last].hold, before.isSame(as: hold)
    {
      entries[last].held.append(contentsOf: reply)
      entries[last].commands += 1
      return nil
    }
    let number = add(bucket: bucket)
    entries[entries.count - 1].hasRun = true
    entries[entries.count - 1].hold = hold
    entries[entries.count - 1].held = Array(reply)
    return number
  }

  /// What was held under the number.
  func held(_ number: UInt64) -> (reply: [UInt8], commands: Int) {
    let entry = entries[head + Int(number - firstNumber)]
    return (entry.held, entry.commands)
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
      entries[head].held = []
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
