import Types

/// A compiled regular expression. It simulates all alternatives at once (Thompson 1968, Pike's
/// captures), so that the time is at most the text's length times the program's; a budget of steps
/// bounds their product (54000). Among matches from the leftmost place it takes the longest, or the
/// shortest when the expression's first quantifier asks for it, as PostgreSQL does.
struct Regex {
  private enum Instruction {
    case character(Unicode.Scalar)
    case any
    case set(RegexSet)
    case assertion(RegexAssertion)
    case look(program: Int, isNegated: Bool)
    case split(Int, Int)
    case jump(Int)
    case save(Int)
    case match
  }

  static let programMax = 20_000
  static let stepsMax = 400_000_000

  private var programs: [[Instruction]] = []
  private let ignoresCase: Bool
  private let prefersShort: Bool
  let groupCount: Int

  /// 2201B for a malformed or too large expression.
  init(_ pattern: [UInt8], _ flags: RegexFlags = RegexFlags()) throws(SQLError) {
    var parser = RegexParser(pattern, flags)
    let node = try parser.parse()
    ignoresCase = parser.flags.ignoresCase
    groupCount = parser.groupCount
    prefersShort = node.prefersShort ?? false
    programs.append([])
    var size = 0
    try emit(node, into: 0, &size)
    programs[0].append(.match)
  }

  private mutating func emit(_ node: RegexNode, into index: Int, _ size: inout Int)
    throws(SQLError)
  {
    size += 1
    if size > Self.programMax {
      throw SQLError("2201B", "invalid regular expression: regular expression is too complex")
    }
    switch node {
    case .empty: break
    case .character(let scalar):
      programs[index].append(.character(ignoresCase ? Characters.lowered(scalar) : scalar))
    case .any: programs[index].append(.any)
    case .set(let set): programs[index].append(.set(set))
    case .assertion(let assertion): programs[index].append(.assertion(assertion))
    case .sequence(let nodes): for node in nodes { try emit(node, into: index, &size) }
    case .group(let number, let inner):
      programs[index].append(.save(number * 2))
      try emit(inner, into: index, &size)
      programs[index].append(.save(number * 2 + 1))
    case .look(let inner, let isNegated):
      programs.append([])
      let program = programs.count - 1
      try emit(inner, into: program, &size)
      programs[program].append(.match)
      programs[index].append(.look(program: program, isNegated: isNegated))
    case .alternatives(let branches):
      var ends: [Int] = []
      for (position, branch) in branches.enumerated() {
        if position == branches.count - 1 {
          try emit(branch, into: index, &size)
        } else {
          let split = programs[index].count
          programs[index].append(.split(split + 1, 0))
          try emit(branch, into: index, &size)
          ends.append(programs[index].count)
          programs[index].append(.jump(0))
          programs[index][split] = .split(split + 1, programs[index].count)
        }
      }
      for end in ends { programs[index][end] = .jump(programs[index].count) }
    case .repeated(let inner, let low, let high, let isGreedy):
      func split(_ into: Int, _ past: Int) -> Instruction {
        isGreedy ? .split(into, past) : .split(past, into)
      }
      for _ in 0..<low { try emit(inner, into: index, &size) }
      if let high {
        var splits: [Int] = []
        for _ in low..<max(low, high) {
          splits.append(programs[index].count)
          programs[index].append(.jump(0))
          try emit(inner, into: index, &size)
        }
        let end = programs[index].count
        for position in splits { programs[index][position] = split(position + 1, end) }
      } else {
        let start = programs[index].count
        programs[index].append(.jump(0))
        try emit(inner, into: index, &size)
        programs[index].append(.jump(start))
        programs[index][start] = split(start + 1, programs[index].count)
      }
    }
  }

  /// The first match at or after `start`: places of the whole and of each group, in characters;
  /// −1 for a group without part in it. `wantsGroups` false saves the work for groups.
  func firstMatch(
    _ text: [Unicode.Scalar], from start: Int = 0, wantsGroups: Bool = true
  ) throws(SQLError) -> [Int]? {
    var steps = 0
    return try run(
      program: 0, text, from: start, isAnchored: false, wantsGroups: wantsGroups, &steps)
  }

  func matches(_ text: [UInt8]) throws(SQLError) -> Bool {
    try firstMatch(Characters.scalars(text), wantsGroups: false) != nil
  }

  private struct Thread {
    var place: Int
    var captures: [Int]
  }

  private func run(
    program index: Int, _ text: [Unicode.Scalar], from start: Int, isAnchored: Bool,
    wantsGroups: Bool, _ steps: inout Int
  ) throws(SQLError) -> [Int]? {
    let program = programs[index]
    let slots = wantsGroups ? (groupCount + 1) * 2 : 2
    var current: [Thread] = []
    var following: [Thread] = []
    var seen = [Int](repeating: -1, count: program.count)
    var best: [Int]?
    var position = start
    while position <= text.count {
      if best == nil && (!isAnchored || position == start) {
        var captures = [Int](repeating: -1, count: slots)
        captures[0] = position
        try add(
          Thread(place: 0, captures: captures), text, position, &current, &seen, index, &steps)
      }
      if current.isEmpty && (best != nil || isAnchored) { break }
      following.removeAll(keepingCapacity: true)
      var matched: Thread?
      let scalar = position < text.count ? text[position] : nil
      let folded = scalar.map { ignoresCase ? Characters.lowered($0) : $0 }
      let mark = position + 1
      for thread in current {
        steps += 1
        if let best, best[0] < thread.captures[0] { continue }
        switch program[thread.place] {
        case .match:
          if matched == nil || thread.captures[0] < (matched?.captures[0] ?? 0) {
            matched = thread
          }
          continue
        case .character(let wanted): if folded != wanted { continue }
        case .any: if scalar == nil { continue }
        case .set(let set):
          guard let scalar, set.contains(scalar, ignoresCase: ignoresCase) else { continue }
        default: continue
        }
        try add(
          Thread(place: thread.place + 1, captures: thread.captures), text, mark, &following,
          &seen, index, &steps)
      }
      if let matched, best == nil || matched.captures[0] <= (best?[0] ?? 0) {
        best = matched.captures
        best?[1] = position
        if prefersShort || !wantsGroups && index != 0 { return best }
      }
      if steps > Self.stepsMax {
        throw SQLError(.programLimitExceeded, "regular expression takes too many steps")
      }
      swap(&current, &following)
      position += 1
    }
    return best
  }

  /// Follows jumps and assertions from a place, adding what waits for a character.
  private func add(
    _ thread: Thread, _ text: [Unicode.Scalar], _ position: Int, _ list: inout [Thread],
    _ seen: inout [Int], _ index: Int, _ steps: inout Int
  ) throws(SQLError) {
    var stack = [thread]
    while var top = stack.popLast() {
      if seen[top.place] == position { continue }
      seen[top.place] = position
      steps += 1
      switch programs[index][top.place] {
      case .jump(let target): stack.append(Thread(place: target, captures: top.captures))
      case .split(let first, let second):
        stack.append(Thread(place: second, captures: top.captures))
        stack.append(Thread(place: first, captures: top.captures))
      case .save(let slot):
        if slot < top.captures.count { top.captures[slot] = position }
        top.place += 1
        stack.append(top)
      case .assertion(let assertion):
        if holds(assertion, text, position) {
          top.place += 1
          stack.append(top)
        }
      case .look(let program, let isNegated):
        let found = try run(
          program: program, text, from: position, isAnchored: true, wantsGroups: false, &steps)
        if (found != nil) != isNegated {
          top.place += 1
          stack.append(top)
        }
      default: list.append(top)
      }
    }
  }

  private func holds(_ assertion: RegexAssertion, _ text: [Unicode.Scalar], _ position: Int) -> Bool
  {
    func isWord(_ index: Int) -> Bool {
      index >= 0 && index < text.count
        && (Characters.isAlphanumeric(text[index]) || text[index] == "_")
    }
    let (before, after) = (isWord(position - 1), isWord(position))
    return switch assertion {
    case .textStart: position == 0
    case .textEnd: position == text.count
    case .lineStart: position == 0 || text[position - 1] == "\n"
    case .lineEnd: position == text.count || text[position] == "\n"
    case .wordStart: !before && after
    case .wordEnd: before && !after
    case .wordBoundary: before != after
    case .notWordBoundary: before == after
    }
  }
}
