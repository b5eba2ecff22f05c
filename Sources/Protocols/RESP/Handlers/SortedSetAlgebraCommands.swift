import Base
import Catalog

/// ZUNION, ZINTER, ZDIFF and their like: sorted sets from several ones, and from sets, whose members
/// have a score of 1.
enum SortedSetAlgebraCommands {
  private enum Operation {
    case union, intersection, difference

    var event: StaticString {
      switch self {
      case .union: "zunionstore"
      case .intersection: "zinterstore"
      case .difference: "zdiffstore"
      }
    }
  }

  static let all: [CommandSpec] = [
    show("zunion", .union), show("zinter", .intersection), show("zdiff", .difference),
    store("zunionstore", .union), store("zinterstore", .intersection),
    store("zdiffstore", .difference),
    .data("zintercard", -3, [.readOnly, .movableKeys], .counted(at: 1)) {
      (context, command) throws(CommandStop) in
      let request = try Request(context, command, "zintercard", .intersection, at: 1, .cardinality)
      let limit = request.limit == 0 ? nil : Int(request.limit)
      context.reply.integer(try intersection(request, limit: limit).count)
    },
  ]

  private static func show(_ name: String, _ operation: Operation) -> CommandSpec {
    .data(name, -3, [.readOnly, .movableKeys], .counted(at: 1)) {
      (context, command) throws(CommandStop) in
      let request = try Request(context, command, name, operation, at: 1, .reply)
      context.replyElements(try combine(request, operation), scores: request.hasScores)
    }
  }

  private static func store(_ name: String, _ operation: Operation) -> CommandSpec {
    .data(name, -4, [.write, .denyOOM, .movableKeys], .counted(at: 2, before: [1])) {
      (context, command) throws(CommandStop) in
      let request = try Request(context, command, name, operation, at: 2, .store)
      try context.storeElements(command[1], combine(request, operation), operation.event)
    }
  }

  // MARK: What is asked for

  private enum Purpose { case reply, store, cardinality }

  private struct Request {
    var sources: [ZSetSource] = []
    var aggregate = Aggregate.sum
    var hasScores = false
    var limit: Int64 = 0

    /// `place`: of how many keys follow.
    init(
      _ context: CommandContext, _ command: CommandArguments, _ name: String,
      _ operation: Operation, at place: Int, _ purpose: Purpose
    ) throws(CommandStop) {
      let number = try command.integer(place)
      guard number >= 1 else {
        throw .error("ERR at least 1 input key is needed for '\(name)' command")
      }
      guard number <= Int64(command.count - place - 1) else { throw .syntax }
      let options = place + 1 + Int(number)
      for index in place + 1..<options { sources.append(try ZSetSource(context, command[index])) }
      try parse(command, from: options, operation, purpose)
    }

    private mutating func parse(
      _ command: CommandArguments, from first: Int, _ operation: Operation, _ purpose: Purpose
    ) throws(CommandStop) {
      let isWeighted = operation != .difference && purpose != .cardinality
      var index = first
      while index < command.count {
        let left = command.count - index - 1
        if isWeighted, command.matches(index, "WEIGHTS"), left >= sources.count {
          for number in sources.indices {
            sources[number].weight = try command.double(
              index + 1 + number, or: "weight value is not a float")
          }
          index += sources.count
        } else if isWeighted, command.matches(index, "AGGREGATE"), left >= 1 {
          guard let found = Aggregate(command[index + 1]) else { throw .syntax }
          aggregate = found
          index += 1
        } else if purpose == .reply, command.matches(index, "WITHSCORES") {
          hasScores = true
        } else if purpose == .cardinality, command.matches(index, "LIMIT"), left >= 1 {
          limit = try command.integer(index + 1, atLeast: 0, or: "LIMIT can't be negative")
          index += 1
        } else {
          throw .syntax
        }
        index += 1
      }
    }

    /// The smallest first.
    var ordered: [ZSetSource] {
      sources.enumerated().sorted {
        ($0.element.count, $0.offset) < ($1.element.count, $1.offset)
      }.map(\.element)
    }
  }

  private enum Aggregate {
    case sum, min, max

    init?(_ word: ArraySlice<UInt8>) {
      if word.matches("SUM") {
        self = .sum
      } else if word.matches("MIN") {
        self = .min
      } else if word.matches("MAX") {
        self = .max
      } else {
        return nil
      }
    }

    func combine(_ a: Double, _ b: Double) -> Double {
      switch self {
      case .sum: (a + b).isNaN ? 0 : a + b
      case .min: b < a ? b : a
      case .max: b > a ? b : a
      }
    }
  }

  // MARK: The results

  /// In order.
  private static func combine(_ request: Request, _ operation: Operation) throws(CommandStop)
    -> [ZSetElement]
  {
    let elements =
      switch operation {
      case .union: try union(request)
      case .intersection: try intersection(request, limit: nil)
      case .difference: try difference(request)
      }
    return elements.sorted {
      $0.score == $1.score
        ? $0.member.lexicographicallyPrecedes($1.member) : $0.score < $1.score
    }
  }

  private static func union(_ request: Request) throws(CommandStop) -> [ZSetElement] {
    var places: [[UInt8]: Int] = [:]
    var elements: [ZSetElement] = []
    for source in request.ordered {
      for element in try source.elements() {
        let score = source.weighted(element.score)
        if let place = places[element.member] {
          elements[place].score = request.aggregate.combine(elements[place].score, score)
        } else {
          places[element.member] = elements.count
          elements.append(ZSetElement(member: element.member, score: score))
        }
      }
    }
    return elements
  }

  private static func intersection(_ request: Request, limit: Int?) throws(CommandStop)
    -> [ZSetElement]
  {
    let sources = request.ordered
    var common: [ZSetElement] = []
    for element in try sources[0].elements() {
      if let limit, common.count >= limit { break }
      var score: Double? = sources[0].weighted(element.score)
      for source in sources.dropFirst() {
        guard let soFar = score, let other = try source.score(element.member) else {
          score = nil
          break
        }
        score = request.aggregate.combine(soFar, other * source.weight)
      }
      if let score { common.append(ZSetElement(member: element.member, score: score)) }
    }
    return common
  }

  private static func difference(_ request: Request) throws(CommandStop) -> [ZSetElement] {
    var rest: [ZSetElement] = []
    for element in try request.sources[0].elements() {
      var isElsewhere = false
      for source in request.sources.dropFirst() {
        isElsewhere = try source.score(element.member) != nil
        if isElsewhere { break }
      }
      if !isElsewhere { rest.append(element) }
    }
    return rest
  }
}

/// A sorted set, or a set, that others are made from.
struct ZSetSource {
  private enum Rows {
    case set(SetRows)
    case zset(ZSetRows)
  }
  private let rows: Rows
  var weight = 1.0

  init(_ context: CommandContext, _ name: ArraySlice<UInt8>) throws(CommandStop) {
    let key = try context.key(name)
    switch key.row?.type {
    case .set: rows = .set(SetRows(context, key))
    case .zset, nil: rows = .zset(ZSetRows(context, key))
    default: throw .wrongType
    }
  }

  var count: Int {
    switch rows {
    case .set(let rows): rows.count
    case .zset(let rows): rows.count
    }
  }

  func elements() throws(CommandStop) -> [ZSetElement] {
    switch rows {
    case .set(let rows): return try rows.members().map { ZSetElement(member: $0, score: 1) }
    case .zset(let rows):
      var elements: [ZSetElement] = []
      try rows.visit { element in
        elements.append(element)
        return true
      }
      return elements
    }
  }

  func score(_ member: [UInt8]) throws(CommandStop) -> Double? {
    switch rows {
    case .set(let rows): try rows.contains(member) ? 1 : nil
    case .zset(let rows): try rows.score(member)
    }
  }

  /// An infinite score without weight is none.
  func weighted(_ score: Double) -> Double {
    let product = score * weight
    return product.isNaN ? 0 : product
  }
}
