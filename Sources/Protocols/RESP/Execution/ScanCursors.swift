import Base
import Node

/// What the numbers of SCAN, HSCAN, SSCAN and ZSCAN stand for: where the next call goes on. Kept in
/// memory where the rows are led, the newest `countMax`; a number that is not known (it is old, or
/// another node leads now) starts again from the beginning, so elements may come twice and are never
/// missed. Lives on: a tablet's shard.
///
/// How a handler uses it (`CommandContext.scanCursor`, `.keepScanCursor`):
///
///     let options = try ScanOptions(command, from: 3, isKeyspace: false)
///     let cursor = try ScanOptions.cursor(command[2])     // "ERR invalid cursor"
///     // Small collections (what Redis keeps in a listpack or intset): all at once, and cursor 0.
///     let after = isSmall ? nil : context.scanCursor(cursor, of: key)
///     // Visit up to options.count elements behind `after` (nil: from the first), in key order, and
///     // reply with those that options.pattern matches. `last`: the key of the last element visited.
///     let next = isSmall || thereIsNoMore ? 0 : context.keepScanCursor(last, of: key)
///     // nil: nothing can be kept here (the rows are copies): go on to the end, and reply 0.
///
/// `context.mayKeepScanCursors` says beforehand whether a call may stop before the end.
final class ScanCursors {
  static let countMax = 4_096

  private struct Entry {
    var number: UInt64
    /// The row key of the collection, or what else is scanned.
    var owner: [UInt8]
    /// The key of the last element that was visited.
    var position: [UInt8]
  }
  private var entries: [Entry] = []
  private var count: UInt64 = 0
  /// So that numbers given elsewhere, or before a restart, are not taken for those of here.
  private let salt: UInt64

  private static let countBits: UInt64 = 24
  /// Numbers are below two to this power.
  static let bits: UInt64 = 48

  init(seed: UInt64) {
    var random = Xoshiro256(seed: seed)
    salt = (random.next() >> (64 - Self.bits + Self.countBits)) << Self.countBits
  }

  /// Behind which key the scan goes on; nil: from the beginning.
  func position(of number: UInt64, owner: [UInt8]) -> [UInt8]? {
    guard number & ~Self.countMask == salt, !entries.isEmpty else { return nil }
    let place = Int(number & Self.countMask) % Self.countMax
    guard place < entries.count else { return nil }
    let entry = entries[place]
    return entry.number == number && entry.owner == owner ? entry.position : nil
  }

  private static let countMask: UInt64 = (1 << countBits) - 1

  /// Never 0.
  func keep(_ position: [UInt8], owner: [UInt8]) -> UInt64 {
    count = (count + 1) & Self.countMask
    // 0 means "from the beginning".
    if count == 0 { count = 1 }
    let entry = Entry(number: salt | count, owner: owner, position: position)
    let place = Int(count) % Self.countMax
    while entries.count <= place { entries.append(Entry(number: 0, owner: [], position: [])) }
    entries[place] = entry
    return entry.number
  }
}

extension TabletTransaction {
  var scanCursors: ScanCursors {
    local(ScanCursors.self) { _ in ScanCursors(seed: id.rawValue ^ snapshot.rawValue) }
  }
}

extension CommandContext {
  /// False: a scan here has to go on to its end, since nobody could tell where it stopped.
  var mayKeepScanCursors: Bool { rows.tablet != nil }

  /// Behind which element's key a scan of the collection goes on; nil: it begins.
  func scanCursor(_ number: UInt64, of key: KeyState) -> [UInt8]? {
    number == 0 ? nil : rows.tablet?.scanCursors.position(of: number, owner: key.rowKey)
  }

  /// The number under which the scan goes on behind the element's key; nil where nothing is kept.
  func keepScanCursor(_ position: [UInt8], of key: KeyState) -> UInt64? {
    rows.tablet?.scanCursors.keep(position, owner: key.rowKey)
  }

  /// A scan's reply: the cursor, and how many elements follow.
  func replyScan(next cursor: UInt64, count: Int) {
    reply.array(2)
    reply.bulk(String(cursor))
    reply.array(count)
  }
}

/// MATCH, COUNT and TYPE of the scanning commands.
struct ScanOptions {
  var count = 10
  /// Nil: everything.
  var pattern: GlobPattern?
  /// In lower case; SCAN's only.
  var type: [UInt8]?

  /// `first`: the first argument behind the cursor.
  init(_ command: CommandArguments, from first: Int, isKeyspace: Bool) throws(CommandStop) {
    var index = first
    while index < command.count {
      guard index + 1 < command.count else { throw .syntax }
      if command.matches(index, "COUNT") {
        guard let number = command[index + 1].strictInteger() else { throw .notInteger }
        guard number >= 1 else { throw .syntax }
        count = Int(number)
      } else if command.matches(index, "MATCH") {
        let glob = GlobPattern(command[index + 1])
        pattern = glob.matchesAll ? nil : glob
      } else if isKeyspace, command.matches(index, "TYPE") {
        type = command[index + 1].map {
          $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 + 32 : $0
        }
      } else {
        throw .syntax
      }
      index += 2
    }
  }

  func matches(_ name: some Collection<UInt8>) -> Bool { pattern?.matches(name) ?? true }

  static func cursor(_ argument: ArraySlice<UInt8>) throws(CommandStop) -> UInt64 {
    let text = String(decoding: argument, as: UTF8.self)
    guard let first = argument.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9"),
      let cursor = UInt64(text)
    else { throw .error("ERR invalid cursor") }
    return cursor
  }
}
