import Base
import Functions
import Node
import Syntax
import Types

/// DECLARE, FETCH, MOVE and CLOSE. A cursor is a portal: the protocol's messages see it too.
extension SQLSession {
  func run(_ command: CursorStatement, _ portal: Portal) async throws(SQLError) {
    switch command {
    case .declare(let name, let query, let isHeld, let isScrollable, _):
      try await declare(
        name, query, isHeld: isHeld, isScrollable: isScrollable ?? false, portal)
      portal.tagBase = "DECLARE CURSOR"
    case .fetch(let name, let direction, let isMove):
      guard let cursor = portals[name] else { throw Self.unknownCursor(name) }
      let rows = try await fetch(cursor, direction)
      portal.rows = isMove ? [] : rows
      portal.tagBase = isMove ? "MOVE \(rows.count)" : "FETCH \(rows.count)"
    case .close(let name):
      if let name {
        guard portals[name] != nil else { throw Self.unknownCursor(name) }
        portals[name] = nil
      } else {
        portals.keep { $0 === portal }
      }
      portal.tagBase = name == nil ? "CLOSE CURSOR ALL" : "CLOSE CURSOR"
    }
  }

  private func declare(
    _ name: String, _ query: QuerySyntax.Query, isHeld: Bool, isScrollable: Bool,
    _ portal: Portal
  ) async throws(SQLError) {
    if !isHeld && !isExplicit {
      throw SQLError(
        .noActiveSQLTransaction, "DECLARE CURSOR can only be used in transaction blocks")
    }
    if portals[name] != nil {
      throw SQLError(.duplicateCursor, "cursor \"\(name)\" already exists")
    }
    if query.with.contains(where: { $0.change != nil }) {
      throw SQLError(
        .featureNotSupported, "DECLARE CURSOR must not contain data-modifying statements in WITH")
    }
    let statement = PreparedStatement(
      statement: Statement(body: .query(.query(query)), location: 0, length: 0),
      source: portal.statement.source, requestedTypes: portal.statement.parameterTypes.map(\.oid))
    try bindNames(statement)
    guard var plan = statement.plan else { return }
    let open = current()
    while try await useTables(plan.dependencies.keys, open) {
      try bindNames(statement)
      plan = statement.plan ?? plan
    }
    if !plan.isReadOnly { mayHaveEffects = true }
    let made = Portal(statement: statement, parameters: portal.parameters)
    made.cursor = SQL.execute(
      plan, parameters: portal.parameters, in: executionContext(open))
    made.declared = DeclaredCursor(name: name, isHeld: isHeld, isScrollable: isScrollable)
    made.isStarted = true
    made.tagBase = "SELECT"
    made.tagHasCount = true
    if made.cursor?.followsChanges() ?? false {
      // It reads what comes; a snapshot would keep old rows from being collected.
      portals[name] = made
      return
    }
    // The cursor reads what there is now, whatever is done before the first FETCH.
    open.refreshSnapshot()
    made.snapshot = open.holdSnapshot()
    portals[name] = made
  }

  private func fetch(_ portal: Portal, _ direction: FetchDirection) async throws(SQLError)
    -> [[Value]]
  {
    switch direction {
    case .forward(let count) where count < 0:
      return try await fetch(portal, .backward(count == .min ? .max : -count))
    case .backward(let count) where count < 0:
      return try await fetch(portal, .forward(count == .min ? .max : -count))
    default: break
    }
    guard var declared = portal.declared else {
      if case .forward(let count) = direction, count >= 0 { return try await ahead(portal, count) }
      throw Self.onlyForward
    }
    if !declared.isScrollable {
      switch direction {
      case .forward(let count) where count >= 0: return try await ahead(portal, count)
      case .relative(let count) where count > 0:
        return Array(try await ahead(portal, count).dropFirst(count - 1))
      default: throw Self.onlyForward
      }
    }
    defer { portal.declared = declared }
    func reach(_ count: Int) async throws(SQLError) {
      let missing = count == .max ? Int.max : count - declared.scrolled.count
      if missing > 0 { declared.scrolled += try await ahead(portal, missing) }
    }
    func at(_ place: Int) async throws(SQLError) -> [[Value]] {
      try await reach(max(place, 0))
      declared.place = min(max(place, 0), declared.scrolled.count + 1)
      guard place >= 1, place <= declared.scrolled.count else { return [] }
      return [declared.scrolled[place - 1]]
    }
    switch direction {
    case .forward(0), .backward(0), .relative(0): return try await at(declared.place)
    case .forward(let count):
      let first = declared.place
      try await reach(count == .max ? .max : first + count)
      let last =
        count == .max ? declared.scrolled.count : min(first + count, declared.scrolled.count)
      let rows = first < last ? Array(declared.scrolled[first..<last]) : []
      declared.place = rows.count < count ? declared.scrolled.count + 1 : last
      return rows
    case .backward(let count):
      let end = min(declared.place - 1, declared.scrolled.count)
      let start = count == .max ? 0 : max(end - count, 0)
      let rows = end > start ? Array(declared.scrolled[start..<end].reversed()) : []
      declared.place = rows.count < count ? 0 : start + 1
      return rows
    case .absolute(let place):
      if place >= 0 { return try await at(place) }
      try await reach(.max)
      return try await at(declared.scrolled.count + 1 + place)
    case .relative(let step): return try await at(declared.place + step)
    }
  }

  private static var onlyForward: SQLError {
    SQLError(
      .objectNotInPrerequisiteState, "cursor can only scan forward",
      hint: "Declare it with SCROLL option to enable backward scan.")
  }

  /// Up to `count` rows from the portal.
  private func ahead(_ portal: Portal, _ count: Int) async throws(SQLError) -> [[Value]] {
    var rows: [[Value]] = []
    while rows.count < count {
      if portal.position == portal.rows.count {
        guard try await refill(portal, portal.snapshot) else { break }
      }
      let end = portal.position + min(portal.rows.count - portal.position, count - rows.count)
      rows += portal.rows[portal.position..<end]
      portal.position = end
    }
    return rows
  }

  /// WITH HOLD: what is left is read before the transaction ends.
  func materializeHeldCursors() async throws(SQLError) {
    for name in portals.names {
      guard let portal = portals[name], portal.declared?.isHeld == true, !portal.isExhausted
      else { continue }
      var rest = Array(portal.rows[portal.position...])
      var size = 0
      while try await refill(portal, portal.snapshot) {
        rest += portal.rows
        size += portal.rows.reduce(0) { $0 + Execution.size(of: $1) }
        if size > settings.workMemoryBytes {
          throw SQLError(
            .outOfMemory, "out of memory", detail: "The held cursor \"\(name)\" is too large.")
        }
      }
      portal.rows = rest
      portal.position = 0
      portal.cursor = nil
    }
  }
}
