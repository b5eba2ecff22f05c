import Base

/// When, or how often, keys were used: a note of four bytes for each key that was used lately, by a hash of
/// its row's key. Nothing of it is on disk or in the log: it is a leader's knowledge, and begins anew with
/// each. Keys without a note count as unused since then.
///
/// An open hash table of groups of four: where all four are taken, the note that was made first goes. It
/// grows with the number of notes up to a limit. Lives on: one shard.
struct KeyUse {
  private struct Note {
    /// 0: free.
    var hash: UInt64 = 0
    var value: UInt32 = 0
    /// For which goes first: rises with each note.
    var age: UInt32 = 0
  }

  private static let groupSize = 4
  private static let groupsMin = 1 << 8
  /// 64 MiB of notes.
  private static let groupsMax = 1 << 20

  private var notes = [Note](repeating: Note(), count: groupsMin * groupSize)
  private(set) var count = 0
  private var clock: UInt32 = 0

  private func group(_ hash: UInt64) -> Range<Int> {
    let groups = UInt64(notes.count / Self.groupSize)
    let start = Int(hash & (groups - 1)) * Self.groupSize
    return start..<start + Self.groupSize
  }

  /// FNV-1a with a last mix; never 0.
  static func hash(_ key: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash ^= hash >> 32
    return hash == 0 ? 1 : hash
  }

  subscript(hash: UInt64) -> UInt32? {
    for place in group(hash) where notes[place].hash == hash { return notes[place].value }
    return nil
  }

  mutating func set(_ hash: UInt64, _ value: UInt32) {
    if count > notes.count / 4 * 3, notes.count < Self.groupsMax * Self.groupSize { grow() }
    clock &+= 1
    insert(Note(hash: hash, value: value, age: clock))
  }

  private mutating func insert(_ note: Note) {
    var chosen = group(note.hash).lowerBound
    for place in group(note.hash) {
      if notes[place].hash == note.hash || notes[place].hash == 0 {
        chosen = place
        break
      }
      if clock &- notes[place].age > clock &- notes[chosen].age { chosen = place }
    }
    if notes[chosen].hash == 0 { count += 1 }
    notes[chosen] = note
  }

  private mutating func grow() {
    let old = notes
    notes = [Note](repeating: Note(), count: old.count * 2)
    count = 0
    for note in old where note.hash != 0 { insert(note) }
  }

  mutating func remove(_ hash: UInt64) {
    for place in group(hash) where notes[place].hash == hash {
      notes[place] = Note()
      count -= 1
      // No hole before another note of the group.
      let last = group(hash).last { notes[$0].hash != 0 }
      if let last, last > place { notes.swapAt(place, last) }
    }
  }
}
