import Base

/// What COMMAND and ACL tell of a command: one line of a table each, with the columns
/// name, arity, flags, categories, first and last key with the step between them, specifications of keys,
/// tips, version, group, complexity, note (when it was deprecated, and what replaces it), summary and
/// arguments (`ArgumentSyntax`).
struct CommandFacts: Sendable {
  let name: String
  let arity: Int
  let flags: [String]
  let categories: [String]
  let first: Int
  let last: Int
  let step: Int
  let keys: [KeySpecification]
  let tips: [String]
  let since: String
  let group: String
  let complexity: String
  /// Of the documentation: "deprecated" or "syscmd".
  let documentFlag: String?
  let deprecatedSince: String?
  let replacement: String?
  let summary: String
  let arguments: [CommandArgument]

  private init(_ line: Substring) {
    let columns = line.split(separator: "¦", omittingEmptySubsequences: false).map {
      String($0.trimmingBlanks)
    }
    invariant(columns.count == 13, "a line of the table of commands has \(columns.count) columns")
    func words(_ column: Int) -> [String] { columns[column].split(separator: " ").map(String.init) }
    name = columns[0]
    arity = Int(columns[1]) ?? 0
    flags = words(2)
    categories = words(3)
    let range = columns[4].split(separator: ",").compactMap { Int($0) }
    (first, last, step) = (range[0], range[1], range[2])
    keys = words(5).map { KeySpecification($0) }
    tips = words(6)
    since = columns[7]
    group = columns[8]
    complexity = columns[9]
    let note = columns[10].split(separator: ",", maxSplits: 1).map(String.init)
    if let version = note.first, version.first?.isNumber ?? false {
      documentFlag = "deprecated"
      deprecatedSince = version
      replacement = note.count > 1 ? note[1] : nil
    } else {
      documentFlag = note.first
      deprecatedSince = nil
      replacement = nil
    }
    summary = columns[11]
    arguments = ArgumentSyntax.parse(columns[12])
  }

  private static let table: [String: CommandFacts] = {
    var table: [String: CommandFacts] = [:]
    for part in [aToE, eToL, lToS, sToZ] {
      for line in part.split(separator: "\n") {
        let facts = CommandFacts(line)
        table[facts.name] = facts
      }
    }
    return table
  }()

  /// Nil: the table lacks the command.
  static func of(_ name: String) -> CommandFacts? { table[name] }

  /// The commands of two words that begin with this one and are there, in order.
  static func subcommands(of spec: CommandSpec) -> [CommandFacts] {
    let prefix = spec.name + "|"
    return table.values.filter { facts in
      facts.name.hasPrefix(prefix)
        && (spec.subcommands.isEmpty || spec.subcommands.contains { $0.name == facts.name })
    }.sorted { $0.name < $1.name }
  }

  /// Of all commands that are there.
  static let present: [CommandFacts] = CommandTable.all.compactMap { of($0.name) }
}

extension Substring {
  fileprivate var trimmingBlanks: Substring {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }
}

/// How keys are found in a command: where to begin, and how many follow.
struct KeySpecification: Sendable {
  enum Begin: Sendable {
    case index(Int)
    case keyword(String, from: Int)
    case unknown
  }
  enum Find: Sendable {
    /// `last`: relative to the first; negative: from the end. `limit`: of the rest one in so many.
    case range(last: Int, step: Int, limit: Int)
    case count(at: Int, first: Int, step: Int)
    case unknown
  }
  let flags: [String]
  let begin: Begin
  let find: Find

  /// "RO,access/i1/r0:1:0": the flags, an index or a keyword, a range or a count.
  init(_ text: String) {
    let parts = text.split(separator: "/")
    flags = parts[0].split(separator: ",").map(String.init)
    let place = parts[1].dropFirst().split(separator: ":").map(String.init)
    switch parts[1].first {
    case "i": begin = .index(Int(place[0]) ?? 0)
    case "k": begin = .keyword(place[0], from: Int(place[1]) ?? 0)
    default: begin = .unknown
    }
    let numbers = parts[2].dropFirst().split(separator: ":").map { Int($0) ?? 0 }
    switch parts[2].first {
    case "r": find = .range(last: numbers[0], step: numbers[1], limit: numbers[2])
    case "n": find = .count(at: numbers[0], first: numbers[1], step: numbers[2])
    default: find = .unknown
    }
  }

  /// The places of its keys in a command.
  func places(_ command: CommandArguments) -> [Int] {
    let start: Int
    switch begin {
    case .index(let index): start = index
    case .keyword(let word, let from):
      let bytes = Array(word.lowercased().utf8)
      let indices =
        from >= 0
        ? Array(from..<max(from, command.count))
        : Array((1..<max(1, command.count + from + 1)).reversed())
      guard let found = indices.first(where: { Array(command.text($0).lowercased().utf8) == bytes })
      else { return [] }
      start = found + 1
    case .unknown: return []
    }
    switch find {
    case .range(let last, let step, let limit):
      var end = last >= 0 ? start + last : command.count + last
      if last < 0, limit > 1 { end = start + (command.count - start) / limit + last }
      guard start <= end, end < command.count else { return [] }
      return Array(stride(from: start, through: end, by: max(1, step)))
    case .count(let at, let first, let step):
      guard start + at < command.count, let count = command[start + at].strictInteger(), count > 0
      else { return [] }
      let begin = start + first
      let end = begin + (Int(count) - 1) * max(1, step)
      guard end < command.count else { return [] }
      return Array(stride(from: begin, through: end, by: max(1, step)))
    case .unknown: return []
    }
  }
}
