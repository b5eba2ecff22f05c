import Base
import Catalog
import SQL
import Types

/// A materialized view, as changes of its table need it. Lives on: its shard.
struct BoundView {
  let view: CQLTable
  let rows: TableRows
  private let base: CQLTable
  private let baseRows: TableRows
  /// Of each column of the view: the base's.
  private let sources: [(view: CQLColumn, base: CQLColumn)]
  /// What a row has to pass, beside having all of the view's key.
  private let filters: Restrictions

  init?(_ view: CQLTable, of base: CQLTable, _ filters: Restrictions) {
    guard let rows = view.stored?.rows, let baseRows = base.stored?.rows else { return nil }
    self.view = view
    self.rows = rows
    self.base = base
    self.baseRows = baseRows
    self.filters = filters
    sources = view.columns.compactMap { column in
      base.index(of: column.name).map { (column, base.columns[$0]) }
    }
  }

  /// The view's row of a row of the base; nil: it has none.
  func row(of row: [Value]?, at seconds: Int64) throws(CQLError) -> [Value]? {
    guard var row, let position = rows.timesPosition else { return nil }
    let times = try cellTimes(row)
    if times.isGone(row, columns: baseRows.cellPositions, at: seconds) { return nil }
    for (place, cell) in times.cells where cell.hasExpired(at: seconds) { row[place] = .null }
    guard try passes(row) else { return nil }
    var made = [Value](repeating: .null, count: rows.table.columns.count)
    var own = CellTimes()
    // The row lives as long as the key's cell that is none of the base's key.
    var end: Int64?
    for (column, source) in sources {
      let value = row[source.slot]
      if column.kind == .regular {
        made[column.slot] = value
        own[column.slot] = times[source.slot]
        continue
      }
      if value.isNull { return nil }
      made[column.slot] = try column.store(try StoredForm.load(value, source.type))
      if source.kind == .regular { end = times[source.slot]?.expires }
    }
    own.marker = marker(row, times)
    if let end { limit(&own, end) }
    made[position] = .bytes(own.encoded)
    return made
  }

  func key(of row: [Value]) -> [Value] { rows.keyPositions.map { row[$0] } }

  private func cellTimes(_ row: [Value]) throws(CQLError) -> CellTimes {
    guard let position = baseRows.timesPosition else { return CellTimes() }
    do throws(DecodingFault) {
      return try CellTimes(row[position])
    } catch {
      throw CQLError(.server, "the times of a row's cells cannot be read: \(error)")
    }
  }

  private func passes(_ row: [Value]) throws(CQLError) -> Bool {
    guard filters.needsFiltering else { return true }
    var datums: [Datum] = []
    for column in base.columns {
      datums.append(
        column.kind == .static ? .null : try StoredForm.load(row[column.slot], column.type))
    }
    return filters.passes(datums, base)
  }

  /// The row is there while anything of the base's row is, also cells that the view leaves out.
  private func marker(_ row: [Value], _ times: CellTimes) -> CellTimes.Cell {
    var written = Int64.min
    var lasting: Int64? = .min
    func take(_ cell: CellTimes.Cell) {
      written = max(written, cell.written)
      if let known = lasting { lasting = cell.expires.map { max(known, $0) } }
    }
    if let marker = times.marker { take(marker) }
    for (place, cell) in times.cells where !row[place].isNull { take(cell) }
    return CellTimes.Cell(written: written, expires: lasting == .min ? nil : lasting)
  }

  private func limit(_ times: inout CellTimes, _ end: Int64) {
    func sooner(_ cell: CellTimes.Cell) -> CellTimes.Cell {
      CellTimes.Cell(written: cell.written, expires: min(cell.expires ?? end, end))
    }
    if let marker = times.marker { times.marker = sooner(marker) }
    for (place, cell) in times.cells { times[place] = sooner(cell) }
  }
}

extension CQLCatalog {
  /// The views of a table; a view that cannot be read is an error, since it would be left behind.
  func views(of table: CQLTable) throws(CQLError) -> [BoundView] {
    guard table.stored?.hasViews ?? false else { return [] }
    if let known = boundViews[table.id] { return known }
    var found: [BoundView] = []
    for descriptor in viewDescriptors(of: table.id) {
      let view = try self.table(table.keyspace, descriptor.name)
      let filters = try viewFilters(descriptor, table)
      guard let bound = BoundView(view, of: table, filters) else { continue }
      found.append(bound)
    }
    boundViews[table.id] = found
    return found
  }

  func viewDescriptors(of table: ObjectID) -> [TableDescriptor] {
    snapshot.sortedObjects.compactMap { object in
      guard case .table(let descriptor) = object,
        descriptor.options[TableDescriptor.viewOfOption] == "\(table.rawValue)"
      else { return nil }
      return descriptor
    }
  }

  /// WHERE without what only says that there is a value.
  private func viewFilters(_ view: TableDescriptor, _ base: CQLTable) throws(CQLError)
    -> Restrictions
  {
    var restrictions = Restrictions()
    var parser = try Parser(view.options[ViewOptions.whereClause] ?? "")
    let arguments = Arguments(
      values: [], now: 0, random: { 0 }, catalog: self, keyspace: base.keyspace)
    for relation in try parser.relations() where relation.comparison != .isNotNull {
      restrictions.filters.append(try ViewOptions.filter(relation, base, arguments))
    }
    return restrictions
  }
}

/// What a view's descriptor has of its definition.
enum ViewOptions {
  static let whereClause = "cql_view_where"
  static let allColumns = "cql_view_all"
  /// Rows from before it was made are still being put into it.
  static let building = "cql_view_building"

  /// WHERE after columns have got other names.
  static func renamed(_ clause: String, _ renames: [RenamedColumn]) -> String {
    let read = Result<[PlacedToken], CQLError> { () throws(CQLError) in try Lexer.tokens(clause) }
    guard case .success(let tokens) = read else { return clause }
    return tokens.dropLast().map { token in
      guard case .name(let name, _) = token.token,
        let rename = renames.first(where: { $0.from == name })
      else { return token.text }
      return CQLName.quoted(rename.to)
    }.joined(separator: " ")
  }

  static func filter(_ relation: Relation, _ base: CQLTable, _ arguments: Arguments)
    throws(CQLError) -> Restrictions.Filter
  {
    guard case .column(let name) = relation.target else {
      throw .invalid("Conditions of materialized views are on single columns")
    }
    let place = try base.column(name)
    let column = base.columns[place]
    switch relation.comparison {
    case .equal, .isIn, .less, .lessOrEqual, .greater, .greaterOrEqual: break
    default:
      throw .invalid("\(relation.comparison.rawValue) is not supported in materialized views")
    }
    if column.kind == .static {
      throw .invalid("Cannot use static column '\(name)' in a materialized view")
    }
    if relation.isListMarker {
      throw .invalid("Bind variables are not allowed in materialized views")
    }
    var values: [Datum] = []
    for term in relation.values {
      if case .marker = term {
        throw .invalid("Bind variables are not allowed in materialized views")
      }
      values.append(try arguments.set(term, Receiver(column, of: base)))
    }
    return Restrictions.Filter(column: place, comparison: relation.comparison, values: values)
  }
}
