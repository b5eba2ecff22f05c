import Base

/// LCS: the longest subsequence that two strings have in common, by the table of all their prefixes.
struct LongestCommonSubsequence {
  private let a: [UInt8]
  private let b: [UInt8]
  /// Lengths for each pair of prefixes: of `a` the rows, of `b` the columns.
  private var table: [UInt32]

  /// A run of both strings that is equal; positions of its first and last bytes.
  struct Match: Equatable {
    var a: ClosedRange<Int>
    var b: ClosedRange<Int>
  }

  init(_ a: [UInt8], _ b: [UInt8]) {
    self.a = a
    self.b = b
    let width = b.count + 1
    table = Array(repeating: 0, count: (a.count + 1) * width)
    table.withUnsafeMutableBufferPointer { table in
      for row in 0..<a.count {
        for column in 0..<b.count {
          let here = row * width + column
          table[here + width + 1] =
            a[row] == b[column] ? table[here] + 1 : max(table[here + 1], table[here + width])
        }
      }
    }
  }

  private func length(_ row: Int, _ column: Int) -> UInt32 {
    table[row * (b.count + 1) + column]
  }

  var length: Int { Int(length(a.count, b.count)) }

  /// The subsequence, and the runs that it is made of, from the end.
  func trace() -> (text: [UInt8], matches: [Match]) {
    var text: [UInt8] = []
    var matches: [Match] = []
    var open: Match?
    var (row, column) = (a.count, b.count)
    func close() {
      if let match = open { matches.append(match) }
      open = nil
    }
    while row > 0, column > 0 {
      guard a[row - 1] == b[column - 1] else {
        if length(row - 1, column) > length(row, column - 1) { row -= 1 } else { column -= 1 }
        close()
        continue
      }
      row -= 1
      column -= 1
      text.append(a[row])
      if let match = open, match.a.lowerBound == row + 1, match.b.lowerBound == column + 1 {
        open = Match(a: row...match.a.upperBound, b: column...match.b.upperBound)
      } else {
        close()
        open = Match(a: row...row, b: column...column)
      }
    }
    close()
    return (text.reversed(), matches)
  }
}

extension LongestCommonSubsequence {
  private struct Options {
    var isLength = false
    var isIndexes = false
    var hasMatchLengths = false
    var matchLengthMin: Int64 = 0

    init(_ command: CommandArguments) throws(CommandStop) {
      var index = 3
      while index < command.count {
        if command.matches(index, "IDX") {
          isIndexes = true
        } else if command.matches(index, "LEN") {
          isLength = true
        } else if command.matches(index, "WITHMATCHLEN") {
          hasMatchLengths = true
        } else if command.matches(index, "MINMATCHLEN"), index + 1 < command.count {
          guard let number = command[index + 1].strictInteger() else { throw .notInteger }
          matchLengthMin = number
          index += 1
        } else {
          throw .syntax
        }
        index += 1
      }
      if isLength && isIndexes {
        throw .error("ERR If you want both the length and indexes, please just use IDX.")
      }
    }
  }

  static func run(_ context: CommandContext, _ command: CommandArguments) throws(CommandStop) {
    let (first, second) = (try context.key(command[1]).row, try context.key(command[2]).row)
    guard first?.type ?? .string == .string, second?.type ?? .string == .string else {
      throw .error("ERR The specified keys must contain string values")
    }
    let options = try Options(command)
    let (a, b) = (first?.value ?? [], second?.value ?? [])
    guard (a.count + 1) * (b.count + 1) <= StringRanges.bytesMax / 4 else {
      throw .error(
        "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
    }
    let lcs = LongestCommonSubsequence(a, b)
    if options.isLength { return context.reply.integer(lcs.length) }
    let (text, matches) = lcs.trace()
    guard options.isIndexes else { return context.reply.bulk(text) }
    context.reply.map(2)
    context.reply.bulk("matches")
    let shown = matches.filter { Int64($0.a.count) >= options.matchLengthMin }
    context.reply.array(shown.count)
    for match in shown {
      context.reply.array(options.hasMatchLengths ? 3 : 2)
      for range in [match.a, match.b] {
        context.reply.array(2)
        context.reply.integer(range.lowerBound)
        context.reply.integer(range.upperBound)
      }
      if options.hasMatchLengths { context.reply.integer(match.a.count) }
    }
    context.reply.bulk("len")
    context.reply.integer(lcs.length)
  }
}
