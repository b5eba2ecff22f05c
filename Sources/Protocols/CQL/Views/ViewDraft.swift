import Base
import Catalog
import SQL
import Types

/// CREATE MATERIALIZED VIEW, checked: makes the view's table in a catalog.
struct ViewDraft {
  private let table: TableDraft
  private let name: String
  private let whereClause: String
  private let isWhole: Bool

  init(
    _ statement: CreateViewStatement, _ base: CQLTable, _ catalog: CQLCatalog,
    _ arguments: Arguments
  ) throws(CQLError) {
    name = statement.name.name
    whereClause = statement.whereClause
    isWhole = statement.columns.isEmpty
    guard let stored = base.stored, stored.refusal == nil, base.hasTimes else {
      throw .invalid(
        base.isCounter
          ? "Materialized views are not supported on counter tables"
          : "Materialized views are of tables made in CQL")
    }
    if stored.viewOf != nil {
      throw .invalid("Materialized views cannot be created against other materialized views")
    }
    if statement.options.isCompactStorage {
      throw .invalid("Cannot use 'COMPACT STORAGE' when defining a materialized view")
    }
    let key = statement.partitionKey + statement.clustering
    var columns =
      isWhole ? base.columns.filter { $0.kind != .static }.map(\.name) : statement.columns
    for name in columns where base.columns[try base.column(name)].kind == .static {
      throw .invalid(
        "Unable to include static column '\(name)' which would be included by Materialized View SELECT * statement"
      )
    }
    if isWhole, base.hasStatics {
      throw .invalid(
        "Unable to include static column '\(base.columns.first { $0.kind == .static }?.name ?? "")' which would be included by Materialized View SELECT * statement"
      )
    }
    try Self.checkKey(key, base)
    try Self.checkConditions(statement, key, base, arguments)
    for name in key where !columns.contains(name) { columns.append(name) }
    var made = CreateTableStatement(name: statement.name)
    made.partitionKey = statement.partitionKey
    made.clustering = statement.clustering
    made.options = statement.options
    for name in columns {
      var parser = try Parser(base.columns[try base.column(name)].type.name)
      made.columns.append(.init(name: name, type: try parser.type()))
    }
    if statement.options.entries.contains(where: { $0.name == "default_time_to_live" }) {
      throw .invalid(
        "Cannot set default_time_to_live for a materialized view. Data in a materialized view always expire at the same time than the corresponding data in the parent table."
      )
    }
    table = try TableDraft(made, catalog, base.keyspace)
  }

  private static func checkKey(_ key: [String], _ base: CQLTable) throws(CQLError) {
    for name in key where base.columns[try base.column(name)].kind == .static {
      throw .invalid("Cannot use Static column '\(name)' in PRIMARY KEY of materialized view")
    }
    let own = base.columns.prefix(base.partitionCount + base.clusteringCount)
    for column in own where !key.contains(column.name) {
      throw .invalid(
        "Cannot create Materialized View without primary key columns from base \(base.name) (\(column.name))"
      )
    }
    var others: [String] = []
    for name in key {
      let column = base.columns[try base.column(name)]
      if column.type.isMultiCell {
        throw .invalid(
          "Cannot use MultiCell column '\(name)' in PRIMARY KEY of materialized view")
      }
      if column.kind == .regular { others.append(name) }
    }
    guard others.count <= 1 else {
      throw .invalid(
        "Cannot include more than one non-primary key column in materialized view primary key (got \(others.joined(separator: ", ")))"
      )
    }
  }

  private static func checkConditions(
    _ statement: CreateViewStatement, _ key: [String], _ base: CQLTable, _ arguments: Arguments
  ) throws(CQLError) {
    var restricted: Set<String> = []
    for relation in statement.relations {
      guard case .column(let name) = relation.target else {
        throw .invalid("Conditions of materialized views are on single columns")
      }
      _ = try base.column(name)
      if relation.comparison == .isNotNull {
        guard key.contains(name) else {
          throw .invalid(
            "Restrictions on other columns than those of the primary key may not be IS NOT NULL (\(name))"
          )
        }
      } else {
        if [.regular, .static].contains(base.columns[try base.column(name)].kind),
          !key.contains(name)
        {
          throw .invalid(
            "Non-primary key columns cannot be restricted in the SELECT statement used for materialized view creation (got restrictions on: \(name))"
          )
        }
        _ = try ViewOptions.filter(relation, base, arguments)
      }
      restricted.insert(name)
    }
    for name in key where !restricted.contains(name) {
      throw .invalid(
        "Primary key column '\(name)' is required to be filtered by 'IS NOT NULL'")
    }
  }

  func make(
    in schema: SchemaDescriptor, owner: ObjectID, of base: ObjectID,
    _ catalog: inout CatalogSnapshot
  ) throws(SQLError) {
    table.make(in: schema, owner: owner, &catalog)
    guard case .table(var view)? = catalog.relation(schema: schema.id, name: name) else {
      throw SQLError(.undefinedTable, "materialized view \(name) was not made")
    }
    view.options[TableDescriptor.viewOfOption] = "\(base.rawValue)"
    view.options[ViewOptions.whereClause] = whereClause
    view.options[ViewOptions.building] = "1"
    if isWhole { view.options[ViewOptions.allColumns] = "1" }
    catalog.put(.table(view))
  }
}
