import Base
import Catalog

/// HSCAN, SSCAN and ZSCAN: a collection in portions, in the order of its rows. Elements that are there
/// all the time are visited once, or more often where a cursor has been forgotten.
enum ElementScanCommands {
  static let all: [CommandSpec] = [
    .data("hscan", -3, [.readOnly]) { (context, command) throws(CommandStop) in
      let hash = try context.hash(command[1])
      try scan(context, command, hash.key, size: hash.key.row?.length, isPaired: true) {
        (after, body) throws(CommandStop) in
        try hash.visit(after: after) { field in
          body(field.name) { $0.bulk(field.value) }
        }
      }
    },
    .data("sscan", -3, [.readOnly]) { (context, command) throws(CommandStop) in
      let set = try context.set(command[1])
      try scan(context, command, set.key, size: set.key.row?.length, isPaired: false) {
        (after, body) throws(CommandStop) in
        try set.visit(after: after) { member in body(member) { _ in } }
      }
    },
    .data("zscan", -3, [.readOnly]) { (context, command) throws(CommandStop) in
      let zset = try context.zset(command[1])
      try scan(context, command, zset.key, size: zset.key.row?.length, isPaired: true) {
        (after, body) throws(CommandStop) in
        try zset.visit(after: after) { element in
          element.member.withUnsafeBytes { body($0) { $0.bulk(element.score.redisText) } }
        }
      }
    },
  ]

  /// An element that a walk has reached: its name, and what writes the second half of a pair. False
  /// ends the walk.
  private typealias Body = (UnsafeRawBufferPointer, (inout ReplyWriter) -> Void) -> Bool

  /// What Redis keeps in one piece is given in one.
  private static let portionMin = 128

  private static func scan(
    _ context: CommandContext, _ command: CommandArguments, _ key: KeyState, size: Int64?,
    isPaired: Bool, _ walk: (_ after: [UInt8]?, _ body: Body) throws(CommandStop) -> Void
  ) throws(CommandStop) {
    let cursor = try ScanOptions.cursor(command[2])
    guard let size else { return context.replyScan(next: 0, count: 0) }
    let options = try ScanOptions(command, from: 3, isKeyspace: false)
    let mayStop = size > portionMin && context.mayKeepScanCursors
    var elements = ReplyWriter(version: context.reply.version)
    var (visited, matching) = (0, 0)
    var last: [UInt8]?
    try walk(mayStop ? context.scanCursor(cursor, of: key) : nil) { name, second in
      visited += 1
      if options.matches(name) {
        matching += 1
        elements.bulk(name)
        second(&elements)
      }
      guard mayStop, visited >= options.count else { return true }
      last = Array(name)
      return false
    }
    let next = last.flatMap { context.keepScanCursor($0, of: key) } ?? 0
    context.replyScan(next: next, count: isPaired ? matching * 2 : matching)
    context.reply.bytes += elements.bytes
  }
}
