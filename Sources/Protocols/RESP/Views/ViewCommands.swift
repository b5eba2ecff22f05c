import Base
import Catalog
import Node
import Types

/// Commands on keys that are rows of tables (`RedisView`): each is one transaction of SQL by the client's
/// role, with its privileges and the table's constraints.
struct ViewCommands {
  let session: RESPSession
  let statements: any RowStatements

  typealias Row = (view: RedisView, values: [[UInt8]])

  /// Commands that are there for such keys.
  static let supported: Set<String> = [
    "hget", "hmget", "hgetall", "hset", "hmset", "hdel", "hexists", "hlen", "hkeys", "hvals",
    "hstrlen",
    "hscan", "del", "unlink", "exists", "touch", "type", "ttl", "pttl",
  ]

  /// Carries out the command whose keys are all rows.
  func run(_ name: String, _ rows: [Row], _ command: CommandArguments) async {
    let mark = session.output.bytes.count
    do throws(SQLError) {
      switch name {
      case "del", "unlink": try await delete(rows)
      case "exists", "touch": try await count(rows)
      case "hset", "hmset": try await set(rows[0], command, isOld: name == "hmset")
      case "hdel": try await clear(rows[0], command)
      default: try await read(name, rows[0], command)
      }
    } catch {
      session.output.bytes.removeSubrange(mark...)
      session.output.error(KernelReply.text(error))
    }
  }

  // MARK: Reading

  /// The columns' texts; nil where there is no such row, or its key is written in another way.
  private func find(_ row: Row, locks: Bool = false) async throws(SQLError) -> [[UInt8]?]? {
    let view = row.view
    let found = try await statements.run(
      "SELECT \(view.columnList) FROM \(view.table) WHERE \(view.condition)\(locks ? " FOR UPDATE" : "")",
      row.values.map { $0 })
    guard let columns = found.rows.first else { return nil }
    for (column, value) in zip(view.pattern.columns, row.values) {
      guard let place = view.columns.firstIndex(of: column), columns[place] == value else {
        return nil
      }
    }
    return columns
  }

  private func read(_ name: String, _ row: Row, _ command: CommandArguments)
    async throws(SQLError)
  {
    let found = try await find(row)
    let fields = zip(row.view.columns, found ?? []).compactMap { column, value in
      value.map { (Array(column.utf8), $0) }
    }
    func value(_ argument: Int) -> [UInt8]? {
      fields.first { $0.0.elementsEqual(command[argument]) }?.1
    }
    switch name {
    case "type": session.output.simple(found == nil ? "none" : "hash")
    case "ttl", "pttl": session.output.integer(found == nil ? -2 : -1)
    case "hget": session.output.optional(value(2))
    case "hmget":
      session.output.array(command.count - 2)
      for argument in 2..<command.count { session.output.optional(value(argument)) }
    case "hexists": session.output.integer(value(2) == nil ? 0 : 1)
    case "hstrlen": session.output.integer(value(2)?.count ?? 0)
    case "hlen": session.output.integer(fields.count)
    case "hkeys":
      session.output.array(fields.count)
      for field in fields { session.output.bulk(field.0) }
    case "hvals":
      session.output.array(fields.count)
      for field in fields { session.output.bulk(field.1) }
    case "hscan": try scan(fields, command)
    case "hgetall":
      session.output.map(fields.count)
      for field in fields {
        session.output.bulk(field.0)
        session.output.bulk(field.1)
      }
    default: fatalError("invariant: \(name) is a command on Redis views")
    }
  }

  /// All at once: a row has not many columns.
  private func scan(_ fields: [([UInt8], [UInt8])], _ command: CommandArguments) throws(SQLError) {
    let options: ScanOptions
    do throws(CommandStop) {
      _ = try ScanOptions.cursor(command[2])
      options = try ScanOptions(command, from: 3, isKeyspace: false)
    } catch {
      return session.output.stop(error)
    }
    let matching = fields.filter { options.matches($0.0) }
    session.output.array(2)
    session.output.bulk("0")
    session.output.array(matching.count * 2)
    for field in matching {
      session.output.bulk(field.0)
      session.output.bulk(field.1)
    }
  }

  private func count(_ rows: [Row]) async throws(SQLError) {
    var count = 0
    for row in rows where try await find(row) != nil { count += 1 }
    session.output.integer(count)
  }

  // MARK: Writing

  private func delete(_ rows: [Row]) async throws(SQLError) {
    let count = try await inTransaction { () throws(SQLError) -> Int in
      var count = 0
      for row in rows where try await find(row, locks: true) != nil {
        count += try await statements.run(
          "DELETE FROM \(row.view.table) WHERE \(row.view.condition)", row.values.map { $0 }
        ).count
      }
      return count
    }
    session.output.integer(count)
  }

  private func set(_ row: Row, _ command: CommandArguments, isOld: Bool) async throws(SQLError) {
    guard command.count % 2 == 0 else {
      let name = isOld ? "hmset" : "hset"
      return session.output.error("ERR wrong number of arguments for '\(name)' command")
    }
    var changes: [(column: String, value: [UInt8])] = []
    for place in stride(from: 2, to: command.count, by: 2) {
      let column = try column(row, command[place])
      let value = command.array(place + 1)
      if let key = row.view.pattern.columns.firstIndex(of: column) {
        // Saying again what the key says changes nothing.
        if row.values[key] != value { throw Self.fixed(column, row.view) }
      } else {
        changes.removeAll { $0.column == column }
        changes.append((column, value))
      }
    }
    let count = try await inTransaction { () throws(SQLError) -> Int in
      if let old = try await find(row, locks: true) {
        try await update(row, changes.map { ($0.column, $0.value) })
        return changes.count { change in
          row.view.columns.firstIndex(of: change.column).map { old[$0] == nil } ?? false
        }
      }
      try await insert(row, changes)
      return changes.count
    }
    if isOld { session.output.ok() } else { session.output.integer(count) }
  }

  private func clear(_ row: Row, _ command: CommandArguments) async throws(SQLError) {
    var columns: [String] = []
    for place in 2..<command.count {
      guard let column = row.view.column(command[place]) else { continue }
      if row.view.pattern.columns.contains(column) { throw Self.fixed(column, row.view) }
      if !columns.contains(column) { columns.append(column) }
    }
    let count = try await inTransaction { () throws(SQLError) -> Int in
      guard let old = try await find(row, locks: true) else { return 0 }
      let present = columns.filter { column in
        row.view.columns.firstIndex(of: column).map { old[$0] != nil } ?? false
      }
      try await update(row, present.map { ($0, nil) })
      return present.count
    }
    session.output.integer(count)
  }

  private func column(_ row: Row, _ field: ArraySlice<UInt8>) throws(SQLError) -> String {
    if let column = row.view.column(field) { return column }
    let name = String(decoding: field, as: UTF8.self)
    throw SQLError(.undefinedColumn, "table \"\(row.view.name)\" has no column \"\(name)\"")
  }

  private static func fixed(_ column: String, _ view: RedisView) -> SQLError {
    SQLError(
      .invalidColumnReference,
      "column \"\(column)\" of table \"\(view.name)\" is part of the key and cannot be changed")
  }

  private func update(_ row: Row, _ changes: [(String, [UInt8]?)]) async throws(SQLError) {
    if changes.isEmpty { return }
    let first = row.values.count + 1
    let list = changes.enumerated().map { place, change in
      "\(RedisView.quoted(change.0)) = $\(first + place)"
    }
    _ = try await statements.run(
      "UPDATE \(row.view.table) SET \(list.joined(separator: ", ")) WHERE \(row.view.condition)",
      row.values.map { $0 } + changes.map(\.1))
  }

  private func insert(_ row: Row, _ changes: [(column: String, value: [UInt8])])
    async throws(SQLError)
  {
    let columns = row.view.pattern.columns + changes.map(\.column)
    let places = columns.indices.map { "$\($0 + 1)" }
    _ = try await statements.run(
      "INSERT INTO \(row.view.table) (\(columns.map(RedisView.quoted).joined(separator: ", "))) VALUES (\(places.joined(separator: ", ")))",
      row.values.map { $0 } + changes.map(\.value))
    // A key in another form than the column's own would never be found again.
    if try await find(row) == nil {
      throw SQLError(
        .invalidTextRepresentation,
        "the key does not have the primary key of table \"\(row.view.name)\" in its usual form")
    }
  }

  /// Conflicts with others start it again: nothing has left.
  private func inTransaction<R>(_ body: () async throws(SQLError) -> R) async throws(SQLError) -> R
  {
    var attempts = 0
    while true {
      _ = try await statements.run("BEGIN", [])
      do throws(SQLError) {
        let result = try await body()
        _ = try await statements.run("COMMIT", [])
        return result
      } catch {
        _ = try await statements.run("ROLLBACK", [])
        attempts += 1
        let isConflict = ["40001", "40P01", "23505"].contains(error.code)
        if !isConflict || attempts >= 5 { throw error }
      }
    }
  }
}

// MARK: - In the session

extension RESPSession {
  /// Where the command's keys are rows of tables: carries it out, or says why not. False: they are not.
  func performOnViews(_ spec: CommandSpec, _ command: CommandArguments) async -> Bool {
    guard db == 0, !state.views.all.isEmpty, let positions = spec.keyPositions(command) else {
      return false
    }
    let rows = positions.compactMap { state.views.find(command[$0]) }
    guard let first = rows.first else { return false }
    let name = "keys of the Redis view of table \"\(first.view.name)\""
    if transaction.isOpen {
      transaction.spoil()
      output.error("ERR \(name) cannot be used in MULTI")
    } else if !ViewCommands.supported.contains(spec.name) {
      output.error("ERR '\(spec.name)' does not work on \(name)")
    } else if rows.count < positions.count {
      output.error("ERR \(name) cannot be used together with others in one command")
    } else if let statements = rowStatements() {
      _ = noteReads(QueuedCommand(db: db, arguments: command))
      await ViewCommands(session: self, statements: statements).run(spec.name, rows, command)
    } else {
      output.error("ERR \(name) cannot be used: this server has no SQL")
    }
    return true
  }

  /// The SQL session of the client's role, made with its first use.
  func rowStatements() -> (any RowStatements)? {
    let role = client.user.flatMap { Self.role(of: $0, shard.catalog)?.name }
    if let known = viewStatements, known.role == role { return known.statements }
    guard let role, let made = settings.makeStatements?(shard, role) else { return nil }
    viewStatements = (role, made)
    return made
  }

  /// Keys of rows for SCAN, behind those of the schema `redis`: `count` of them from the cursor's place
  /// on, and where it goes on; nil: that was all. A cursor's low bits are the view's number.
  func scanViews(_ cursor: UInt64, _ options: ScanOptions) async throws(SQLError)
    -> (names: [[UInt8]], next: UInt64?)
  {
    var number = Int(cursor & 0xFF)
    var kept = cursor >> 8
    var names: [[UInt8]] = []
    var left = options.count
    guard let statements = rowStatements() else { return ([], nil) }
    while number < state.views.all.count {
      let view = state.views.all[number]
      let owner = Array(view.table.utf8)
      let columns = view.pattern.columns.map(RedisView.quoted)
      var condition = ""
      var parameters: [[UInt8]?] = []
      if kept != 0, let bytes = state.viewCursors.position(of: kept, owner: owner),
        let position = view.pattern.match(bytes)
      {
        let places = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        condition = " WHERE (\(columns.joined(separator: ", "))) > (\(places))"
        parameters = position.map { $0 }
      }
      let list = columns.joined(separator: ", ")
      let found = try await statements.run(
        "SELECT \(list) FROM \(view.table)\(condition) ORDER BY \(list) LIMIT \(left + 1)",
        parameters)
      let keys = found.rows.prefix(left).map { row in view.pattern.key(row.map { $0 ?? [] }) }
      names += keys.filter { options.matches($0) }
      left -= keys.count
      if found.rows.count > keys.count, let last = keys.last {
        return (names, state.viewCursors.keep(last, owner: owner) << 8 | UInt64(number))
      }
      number += 1
      kept = 0
      if left <= 0 { break }
    }
    return (names, number < state.views.all.count ? UInt64(number) : nil)
  }
}
