import Base
import Catalog
import Functions
import Node
import Syntax
public import Types

/// COPY FROM STDIN under way: takes the client's bytes. Lives with its session.
public final class CopyIn {
  public let isBinary: Bool
  public let columnCount: Int
  private let session: SQLSession
  private let bulk: BulkInsert
  private let context: ExecutionContext
  private var reader: CopyReader
  /// Columns of types that the catalog has: from what the reader gives to values of the type.
  private let conversions: [(column: Int, expression: TypedExpression)]
  private var pending: [[Value]] = []
  /// For errors: the line of each row, and where in `sources` its text is.
  private var origins: [(line: Int, source: Int, range: Range<Int>?)] = []
  private var sources: [[UInt8]] = []
  public private(set) var rowCount = 0

  /// So many rows go to the tablets at once.
  private static let batchRows = 8_192

  init(
    _ session: SQLSession, _ bulk: BulkInsert, _ context: ExecutionContext, _ reader: CopyReader,
    _ conversions: [(column: Int, expression: TypedExpression)]
  ) {
    self.conversions = conversions
    self.session = session
    self.bulk = bulk
    self.context = context
    self.reader = reader
    isBinary = reader.options.format == .binary
    columnCount = reader.columns.count
  }

  /// Takes the next piece of the data. An error ends the COPY.
  public func append(_ bytes: [UInt8]) async throws(SQLError) {
    reader.append(bytes)
    do throws(SQLError) {
      try await read(isLast: false)
      if pending.count >= Self.batchRows { try await flush() }
    } catch {
      session.fail()
      throw error
    }
  }

  /// The end of the data; gives the command's tag.
  public func finish() async throws(SQLError) -> String {
    do throws(SQLError) {
      try await read(isLast: true)
      try await flush()
      return "COPY \(rowCount)"
    } catch {
      session.fail()
      throw error
    }
  }

  /// The client gave up.
  public func abandon(_ message: String) -> SQLError {
    session.fail()
    var error = SQLError(.queryCanceled, "COPY from stdin failed: \(message)")
    error.context = "COPY \(reader.table), line \(reader.line + 1)"
    return error
  }

  /// Reads what is there. PostgreSQL checks each row before it reads the next: an error in the data
  /// comes after those of the rows before it.
  private func read(isLast: Bool) async throws(SQLError) {
    var rows: [[Value]] = []
    var failure: SQLError?
    do throws(SQLError) {
      try reader.rows(isLast: isLast, into: &rows)
    } catch {
      failure = error
    }
    if !rows.isEmpty {
      sources.append(reader.source)
      let place = sources.count - 1
      for origin in reader.origins { origins.append((origin.line, place, origin.range)) }
    }
    let count = rows.count
    if !conversions.isEmpty {
      do throws(SQLError) {
        try convert(&rows)
      } catch {
        failure = error
      }
    }
    origins.removeLast(count - rows.count)
    pending += rows
    guard let failure else { return }
    var found: BulkInsert.Failure?
    do throws(SQLError) {
      try await bulk.check(pending, in: context, failure: &found)
    } catch {
      throw placed(error, found)
    }
    throw failure
  }

  /// After an error `rows` has those before it.
  private func convert(_ rows: inout [[Value]]) throws(SQLError) {
    var environment = EvaluationEnvironment(parameters: [], context: context.evaluation)
    for place in rows.indices {
      let row = rows[place]
      for item in conversions {
        do throws(SQLError) {
          rows[place][item.column] = try item.expression.evaluate(row, &environment)
        } catch {
          var error = error
          let column = reader.columns[item.column]
          error.context =
            "COPY \(reader.table), line \(origins[pending.count + place].line), column \(column.name)"
          if !isBinary {
            error.context? +=
              row[item.column].isNull
              ? ": null input"
              : ": \"\(CopyReader.shortened(Array(TypeIO.formatText(row[item.column], as: column.type).utf8)))\""
          }
          rows.removeLast(rows.count - place)
          throw error
        }
      }
    }
  }

  private func placed(_ error: SQLError, _ failure: BulkInsert.Failure?) -> SQLError {
    guard let failure, failure.row < origins.count, error.context == nil else { return error }
    var error = error
    let origin = origins[failure.row]
    var text = "COPY \(reader.table), line \(origin.line)"
    if failure.isOfRow, let range = origin.range {
      text += ": \"\(CopyReader.shortened(Array(sources[origin.source][range])))\""
    }
    error.context = text
    return error
  }

  private func flush() async throws(SQLError) {
    if pending.isEmpty { return }
    let rows = pending
    pending = []
    defer {
      origins = []
      sources = []
    }
    var failure: BulkInsert.Failure?
    do throws(SQLError) {
      rowCount += try await bulk.insert(rows, in: context, failure: &failure)
    } catch {
      throw placed(error, failure)
    }
  }
}

/// COPY TO STDOUT: the rows' bytes, in pieces.
public final class CopyOut {
  public let isBinary: Bool
  public let columnCount: Int
  private let session: SQLSession
  private let cursor: RowCursor
  private let writer: CopyWriter
  private var isEnded = false
  /// What comes before the next row, and is no message of its own: binary's header. Clients look
  /// for it at the start of the first tuple.
  private var prefix: [UInt8] = []
  private var header: [UInt8]?
  public private(set) var rowCount = 0

  init(_ session: SQLSession, _ cursor: RowCursor, _ writer: CopyWriter) {
    self.session = session
    self.cursor = cursor
    self.writer = writer
    isBinary = writer.options.format == .binary
    columnCount = writer.columns.count
    if isBinary {
      prefix = writer.start
    } else if !writer.start.isEmpty {
      header = writer.start
    }
  }

  /// Whole rows, one for each message to the client; nil at the end.
  public func next() async throws(SQLError) -> [[UInt8]]? {
    if isEnded { return nil }
    var pieces: [[UInt8]] = []
    if let header { pieces.append(header) }
    header = nil
    do throws(SQLError) {
      guard let rows = try await cursor.next() else {
        isEnded = true
        if !writer.end.isEmpty { pieces.append(prefix + writer.end) }
        return pieces
      }
      for row in rows {
        var bytes = prefix
        prefix = []
        writer.append(row, to: &bytes)
        pieces.append(bytes)
      }
      rowCount += rows.count
      return pieces
    } catch {
      session.fail()
      throw error
    }
  }
}

/// What COPY asks of the front end.
public enum CopyTransfer {
  case `in`(CopyIn)
  case out(CopyOut)
}

extension SQLSession {
  /// Starts a COPY; the front end moves the data.
  public func startCopy(_ portal: Portal) async throws(SQLError) -> CopyTransfer? {
    guard case .copy(let copy)? = portal.statement.statement?.body else { return nil }
    do throws(SQLError) {
      try checkNotFailed(.copy(copy))
      statementTimestamp = now()
      if let file = copy.file {
        throw SQLError(
          .featureNotSupported,
          "COPY \(copy.isFrom ? "from" : "to") a \(copy.isProgram ? "program" : "file") of the server is not supported: \"\(file)\"",
          hint: "Use COPY … STDIN or STDOUT, or psql's \\copy.")
      }
      let options = try CopyOptions(copy.options, isFrom: copy.isFrom)
      return copy.isFrom
        ? .in(try await copyIn(copy, options)) : .out(try await copyOut(copy, options))
    } catch {
      fail()
      throw error.placed(in: portal.statement.source)
    }
  }

  private func copyIn(_ copy: CopyStatement, _ options: CopyOptions) async throws(SQLError)
    -> CopyIn
  {
    guard let name = copy.table else { throw SQLError(.syntaxError, "COPY query FROM") }
    if copy.filter != nil {
      throw SQLError(.featureNotSupported, "COPY … WHERE is not supported")
    }
    let transaction = current()
    if transaction.isReadOnly {
      throw SQLError(
        .readOnlySQLTransaction, "cannot execute COPY FROM in a read-only transaction")
    }
    let found = try copyTable(name, "to")
    let written =
      copy.columns.isEmpty
      ? found.visibleColumns : found.visibleColumns.filter { copy.columns.contains($0.name) }
    for column in written
    where !Privileges.has(
      "a", on: column.id, role, owner: found.owner, grants: found.grants, catalog)
    {
      throw Privileges.denied("table", found.name)
    }
    mayHaveEffects = true
    try await useTables([found.id], transaction)
    guard let table = catalog.table(found.id) else { throw CatalogNames.undefined(name) }
    let bulk = try BulkInsert(
      table: table, columns: copy.columns.isEmpty ? nil : copy.columns,
      context: statementContext())
    let isBinary = options.format == .binary
    let columns = copyColumns(copy.columns, of: table, isBinary: isBinary)
    let binder = Binder(statementContext(), parameterTypes: [])
    var conversions: [(column: Int, expression: TypedExpression)] = []
    for (place, column) in columns.enumerated() {
      guard let type = table.column(named: column.name)?.type, type != column.type else { continue }
      conversions.append(
        (place, try binder.coerce(.slot(place, column.type), to: type, .explicit)))
    }
    try options.checkColumns(
      columns.map(\.name), all: table.visibleColumns.map(\.name), relation: table.name)
    let reader = CopyReader(
      options, columns, table: table.name, settings: settings.formats)
    return CopyIn(self, bulk, executionContext(transaction), reader, conversions)
  }

  private func copyTable(_ name: QuerySyntax.RelationName, _ direction: String) throws(SQLError)
    -> TableDescriptor
  {
    switch try names.relation(name) {
    case .table(let table): return table
    case nil: throw CatalogNames.undefined(name)
    case .view(let view):
      throw SQLError(
        .wrongObjectType, "cannot copy \(direction) view \"\(view.name)\"",
        hint: direction == "from" ? "Try the COPY (SELECT ...) TO variant." : nil)
    case .sequence(let sequence):
      throw SQLError(.wrongObjectType, "cannot copy \(direction) sequence \"\(sequence.name)\"")
    default: throw CatalogNames.undefined(name)
    }
  }

  private func copyColumns(
    _ names: [String], of table: TableDescriptor, isBinary: Bool = false
  ) -> [CopyReader.Column] {
    let wanted =
      names.isEmpty
      ? table.visibleColumns.filter { $0.generatedExpression == nil }
      : names.compactMap { table.column(named: $0) }
    return wanted.map { CopyReader.Column(name: $0.name, type: storedType($0.type, isBinary)) }
  }

  /// What the reader makes; `CopyIn` has the conversions from it.
  private func storedType(_ type: SQLType, _ isBinary: Bool) -> SQLType {
    if type.info != nil { return type }
    guard case .type(let user) = catalog.objects[type.oid] else {
      return isBinary ? .record : .text
    }
    switch user.kind {
    case .enumeration: return .text
    case .domain(let base, _, _, _): return storedType(base, isBinary)
    case .composite: return isBinary ? .record : .text
    }
  }

  private func copyOut(_ copy: CopyStatement, _ options: CopyOptions) async throws(SQLError)
    -> CopyOut
  {
    let statement: QuerySyntax.Statement
    var relation: TableDescriptor?
    if let query = copy.query {
      statement = query
    } else if let name = copy.table {
      let table = try copyTable(name, "from")
      relation = table
      var select = QuerySyntax.Select()
      let columns = copy.columns.isEmpty ? copyColumns([], of: table).map(\.name) : copy.columns
      select.targets = columns.map {
        QuerySyntax.Target(.column([$0], position: nil))
      }
      select.from = [.relation(name, nil)]
      statement = .query(QuerySyntax.Query(.select(select)))
    } else {
      throw SQLError(.syntaxError, "COPY without a table or query")
    }
    let transaction = current()
    var plan = try SQL.plan(statement, context: statementContext(), parameterTypes: [])
    while try await useTables(plan.dependencies.keys, transaction) {
      plan = try SQL.plan(statement, context: statementContext(), parameterTypes: [])
    }
    guard let columns = plan.columns else {
      throw SQLError(.featureNotSupported, "COPY query must have a RETURNING clause")
    }
    let names = columns.map(\.name)
    try options.checkColumns(
      names, all: relation?.visibleColumns.map(\.name) ?? names, relation: relation?.name)
    if transaction.isReadOnly && !plan.isReadOnly {
      throw SQLError(
        .readOnlySQLTransaction, "cannot execute this query in a read-only transaction")
    }
    if !plan.isReadOnly { mayHaveEffects = true }
    let cursor = SQL.execute(plan, parameters: [], in: executionContext(transaction))
    let writer = CopyWriter(
      options, columns.map { CopyReader.Column(name: $0.name, type: $0.type) },
      settings: settings.formats)
    return CopyOut(self, cursor, writer)
  }
}
