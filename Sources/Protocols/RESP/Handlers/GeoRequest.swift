import Base

/// What GEOSEARCH or GEORADIUS asks for.
struct GeoRequest {
  enum Kind: Equatable {
    case search, searchStore
    case radius(mayStore: Bool)
    case member(mayStore: Bool)

    var isSearch: Bool { self == .search || self == .searchStore }
    var mayStore: Bool { self == .radius(mayStore: true) || self == .member(mayStore: true) }
  }
  enum Order { case ascending, descending }

  private(set) var unit = GeoUnit.metres
  private(set) var showsDistance = false
  private(set) var showsHash = false
  private(set) var showsPoint = false
  private(set) var order: Order?
  private(set) var count: Int?
  private(set) var isAny = false
  /// The argument that names the key where the result goes.
  private(set) var target: Int?
  private(set) var storesDistance = false
  private var center: GeoPoint?
  private var form: GeoShape.Form?
  /// FROMMEMBER was given.
  private var hasMember = false
  private var hasPlace = false

  /// Nil where the set does not exist and nothing can be found.
  var shape: GeoShape? {
    guard let center, let form else { return nil }
    return GeoShape(center: center, form: form)
  }

  init(_ command: CommandArguments, _ kind: Kind, _ zset: ZSetRows) throws(CommandStop) {
    var first: Int
    switch kind {
    case .search: first = 2
    case .searchStore:
      first = 3
      target = 1
    case .radius:
      first = 6
      center = try GeoPoint(command, at: 2)
      try takeRadius(command, at: 4)
    case .member:
      first = 5
      if zset.exists {
        center = try Self.place(command, 2, zset)
        try takeRadius(command, at: 3)
      }
    }
    while first < command.count { first += try 1 + take(command, at: first, kind, zset) }
    try check(command, kind)
  }

  private static func place(_ command: CommandArguments, _ index: Int, _ zset: ZSetRows)
    throws(CommandStop) -> GeoPoint
  {
    guard let score = try zset.score(command[index]) else {
      throw .error("ERR could not decode requested zset member")
    }
    return GeoHash(score: score).point
  }

  private mutating func takeRadius(_ command: CommandArguments, at index: Int) throws(CommandStop) {
    let radius = try command.double(index, or: "need numeric radius")
    if radius < 0 { throw .error("ERR radius cannot be negative") }
    unit = try GeoUnit(command[index + 1])
    form = .circle(radius: radius * unit.metres)
  }

  private mutating func takeBox(_ command: CommandArguments, at index: Int) throws(CommandStop) {
    let width = try command.double(index, or: "need numeric width")
    let height = try command.double(index + 1, or: "need numeric height")
    if width < 0 || height < 0 { throw .error("ERR height or width cannot be negative") }
    unit = try GeoUnit(command[index + 2])
    form = .box(width: width * unit.metres, height: height * unit.metres)
  }

  private var isBox: Bool { if case .box = form { true } else { false } }
  private var isCircle: Bool { if case .circle = form { true } else { false } }

  /// Takes one option; returns how many arguments it has.
  private mutating func take(
    _ command: CommandArguments, at index: Int, _ kind: Kind, _ zset: ZSetRows
  ) throws(CommandStop) -> Int {
    if takeFlag(command[index], kind) { return 0 }
    let left = command.count - index - 1
    if command.matches(index, "COUNT"), left >= 1 {
      let number = try command.integer(index + 1)
      guard number > 0 else { throw .error("ERR COUNT must be > 0") }
      count = Int(number)
      return 1
    }
    if kind.mayStore, left >= 1 {
      if command.matches(index, "STORE") || command.matches(index, "STOREDIST") {
        target = index + 1
        storesDistance = command.matches(index, "STOREDIST")
        return 1
      }
    }
    guard kind.isSearch else { throw .syntax }
    if command.matches(index, "FROMMEMBER"), left >= 1, !hasPlace {
      hasMember = true
      if zset.exists { center = try Self.place(command, index + 1, zset) }
      return 1
    }
    if command.matches(index, "FROMLONLAT"), left >= 2, !hasMember {
      center = try GeoPoint(command, at: index + 1)
      hasPlace = true
      return 2
    }
    if command.matches(index, "BYRADIUS"), left >= 2, !isBox {
      try takeRadius(command, at: index + 1)
      return 2
    }
    if command.matches(index, "BYBOX"), left >= 3, !isCircle {
      try takeBox(command, at: index + 1)
      return 3
    }
    throw .syntax
  }

  /// False: the word is none of the options without arguments.
  private mutating func takeFlag(_ word: ArraySlice<UInt8>, _ kind: Kind) -> Bool {
    if word.matches("WITHDIST") {
      showsDistance = true
    } else if word.matches("WITHHASH") {
      showsHash = true
    } else if word.matches("WITHCOORD") {
      showsPoint = true
    } else if word.matches("ANY") {
      isAny = true
    } else if word.matches("ASC") {
      order = .ascending
    } else if word.matches("DESC") {
      order = .descending
    } else if kind == .searchStore, word.matches("STOREDIST") {
      storesDistance = true
    } else {
      return false
    }
    return true
  }

  private func check(_ command: CommandArguments, _ kind: Kind) throws(CommandStop) {
    if target != nil, showsDistance || showsHash || showsPoint {
      let name = kind == .searchStore ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS"
      throw .error(
        "ERR \(name) is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
    }
    if kind.isSearch {
      let name = command.text(0)
      if !hasMember && !hasPlace {
        throw .error(
          "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for \(name)")
      }
      if form == nil {
        throw .error("ERR exactly one of BYRADIUS and BYBOX can be specified for \(name)")
      }
    }
    if isAny && count == nil { throw .error("ERR the ANY argument requires COUNT argument") }
  }
}
