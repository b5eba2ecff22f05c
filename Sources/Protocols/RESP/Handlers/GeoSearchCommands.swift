import Base
import Catalog

/// GEOSEARCH, and GEORADIUS in all its forms.
enum GeoSearchCommands {
  static let all: [CommandSpec] = [
    .data("geosearch", -7, [.readOnly]) { (context, command) throws(CommandStop) in
      try search(context, command, .search)
    },
    .data("geosearchstore", -8, [.write, .denyOOM], .firstTwo) {
      (context, command) throws(CommandStop) in try search(context, command, .searchStore)
    },
    .data("georadius", -6, [.write, .denyOOM, .movableKeys], .found(keysWithStore)) {
      (context, command) throws(CommandStop) in
      try search(context, command, .radius(mayStore: true))
    },
    .data("georadius_ro", -6, [.readOnly]) { (context, command) throws(CommandStop) in
      try search(context, command, .radius(mayStore: false))
    },
    .data("georadiusbymember", -5, [.write, .denyOOM, .movableKeys], .found(keysWithStore)) {
      (context, command) throws(CommandStop) in
      try search(context, command, .member(mayStore: true))
    },
    .data("georadiusbymember_ro", -5, [.readOnly]) { (context, command) throws(CommandStop) in
      try search(context, command, .member(mayStore: false))
    },
  ]

  /// The source, and the last target of STORE or STOREDIST.
  private static let keysWithStore: @Sendable (CommandArguments) -> [Int]? = { command in
    guard command.count > 1 else { return nil }
    var target: Int?
    var index = 5
    while index + 1 < command.count {
      if command.matches(index, "STORE") || command.matches(index, "STOREDIST") {
        target = index + 1
        index += 1
      }
      index += 1
    }
    return [1] + (target.map { [$0] } ?? [])
  }

  private struct Match {
    var element: ZSetElement
    var point: GeoPoint
    /// In metres.
    var distance: Double
  }

  private static func search(
    _ context: CommandContext, _ command: CommandArguments, _ kind: GeoRequest.Kind
  ) throws(CommandStop) {
    let zset = try context.zset(command[kind == .searchStore ? 2 : 1])
    let request = try GeoRequest(command, kind, zset)
    guard zset.exists, let shape = request.shape else {
      if let target = request.target { return try context.storeNothing(command[target]) }
      return context.reply.array(0)
    }
    var matches = try find(shape, zset, limit: request.isAny ? request.count : nil)
    sort(&matches, request)
    if let count = request.count { matches = Array(matches.prefix(count)) }
    guard let target = request.target else { return show(context, matches, request) }
    let elements = matches.map { match in
      let score =
        request.storesDistance ? match.distance / request.unit.metres : match.element.score
      return ZSetElement(member: match.element.member, score: score)
    }
    try context.storeElements(
      command[target], elements, kind.isSearch ? "geosearchstore" : "georadiusstore")
  }

  private static func find(_ shape: GeoShape, _ zset: ZSetRows, limit: Int?) throws(CommandStop)
    -> [Match]
  {
    var matches: [Match] = []
    for cell in shape.cells {
      let scores = cell.scores
      let range = ScoreRange(min: scores.lowerBound, max: scores.upperBound, isMaxOpen: true)
      try zset.visit(scores: range) { element in
        let point = GeoHash(score: element.score).point
        if let distance = shape.distance(point) {
          matches.append(Match(element: element, point: point, distance: distance))
        }
        return limit.map { matches.count < $0 } ?? true
      }
      if let limit, matches.count >= limit { break }
    }
    return matches
  }

  /// COUNT means the nearest, unless ANY will do.
  private static func sort(_ matches: inout [Match], _ request: GeoRequest) {
    let order = request.order ?? (request.count != nil && !request.isAny ? .ascending : nil)
    guard let order else { return }
    let ordered = matches.enumerated().sorted { first, second in
      let (a, b) = (first.element.distance, second.element.distance)
      if a == b { return first.offset < second.offset }
      return order == .ascending ? a < b : a > b
    }
    matches = ordered.map(\.element)
  }

  private static func show(
    _ context: CommandContext, _ matches: [Match], _ request: GeoRequest
  ) {
    let details = [request.showsDistance, request.showsHash, request.showsPoint].count { $0 }
    context.reply.array(matches.count)
    for match in matches {
      if details > 0 { context.reply.array(details + 1) }
      context.reply.bulk(match.element.member)
      if request.showsDistance { context.reply.distance(match.distance / request.unit.metres) }
      if request.showsHash { context.reply.integer(Int64(match.element.score)) }
      if request.showsPoint { context.reply.point(match.point) }
    }
  }
}
