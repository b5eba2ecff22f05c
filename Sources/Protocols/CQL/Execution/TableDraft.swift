import Base
import Catalog
import Types

/// CREATE TABLE, checked: makes the table, and the one of its static columns, in a catalog.
struct TableDraft {
  private struct Column {
    var name: String
    var type: CQLType
  }
  let name: String
  private var key: [Column] = []
  private var partitionCount = 0
  private var isDescending: [Bool] = []
  private var regular: [Column] = []
  private var statics: [Column] = []
  private var options = TableOptions()

  init(_ statement: CreateTableStatement, _ catalog: CQLCatalog, _ keyspace: String)
    throws(CQLError)
  {
    name = statement.name.name
    if statement.options.isCompactStorage {
      throw .invalid("Compact tables are not allowed in Cassandra starting with 4.0 version.")
    }
    guard !statement.partitionKey.isEmpty else {
      throw .invalid("No PRIMARY KEY specifed for table '\(name)' (exactly one required)")
    }
    var columns: [String: (type: CQLType, isStatic: Bool)] = [:]
    for column in statement.columns {
      guard columns[column.name] == nil else {
        throw .invalid("Duplicate column '\(column.name)' declaration for table '\(name)'")
      }
      let type = try catalog.type(column.type, keyspace)
      columns[column.name] = (type, column.isStatic)
    }
    for part in statement.partitionKey + statement.clustering {
      guard let column = columns[part] else {
        throw .invalid("Unknown column '\(part)' referenced in PRIMARY KEY for table '\(name)'")
      }
      guard !key.contains(where: { $0.name == part }) else {
        throw .invalid("Duplicate column '\(part)' in PRIMARY KEY clause for table '\(name)'")
      }
      guard !column.isStatic else {
        throw .invalid("Static column '\(part)' cannot be part of the PRIMARY KEY")
      }
      try Self.checkKey(part, column.type)
      key.append(Column(name: part, type: column.type))
    }
    partitionCount = statement.partitionKey.count
    for column in statement.columns where !key.contains(where: { $0.name == column.name }) {
      guard let type = columns[column.name]?.type else { continue }
      if column.isStatic {
        statics.append(Column(name: column.name, type: type))
      } else {
        regular.append(Column(name: column.name, type: type))
      }
    }
    try checkColumns(statement)
    try order(statement)
    try options.take(statement.options)
  }

  private static func checkKey(_ name: String, _ type: CQLType) throws(CQLError) {
    if type.isCounter {
      throw .invalid("counter type is not supported for PRIMARY KEY column '\(name)'")
    }
    if type.native == .duration {
      throw .invalid("duration type is not supported for PRIMARY KEY column '\(name)'")
    }
    if type.isMultiCell {
      throw .invalid(
        "Invalid non-frozen collection type \(type.name) for PRIMARY KEY column '\(name)'")
    }
  }

  private func checkColumns(_ statement: CreateTableStatement) throws(CQLError) {
    if !statics.isEmpty, statement.clustering.isEmpty {
      throw .invalid(
        "Static columns are only useful (and thus allowed) if the table has at least one clustering column"
      )
    }
    let others = regular + statics
    let counters = others.count { $0.type.isCounter }
    guard counters == 0 || counters == others.count else {
      throw .invalid("Cannot mix counter and non counter columns in the same table")
    }
    guard
      counters == 0
        || !statement.options.entries.contains(where: {
          $0.name == "default_time_to_live" && $0.value != .integer("0")
        })
    else { throw .invalid("Cannot set default_time_to_live on a table with counters") }
    guard others.count + key.count <= 1_500 else {
      throw .invalid("Tables have at most 1500 columns")
    }
  }

  private mutating func order(_ statement: CreateTableStatement) throws(CQLError) {
    isDescending = key.map { _ in false }
    for (place, order) in statement.options.order.enumerated() {
      guard place < statement.clustering.count, statement.clustering[place] == order.column else {
        throw .invalid(
          "Clustering key columns must exactly match columns in CLUSTERING ORDER BY directive")
      }
      isDescending[partitionCount + place] = order.isDescending
    }
    guard
      statement.options.order.isEmpty || statement.options.order.count == statement.clustering.count
    else {
      throw .invalid("Missing CLUSTERING ORDER for column \(statement.clustering.last ?? "")")
    }
  }

  func make(in schema: SchemaDescriptor, owner: ObjectID, _ catalog: inout CatalogSnapshot) {
    var table = descriptor(
      name, key: key, isDescending: isDescending, others: regular, schema, owner, &catalog)
    options.apply(to: &table)
    if !statics.isEmpty {
      var companion = descriptor(
        name + "$static", key: Array(key.prefix(partitionCount)),
        isDescending: Array(repeating: false, count: partitionCount), others: statics, schema,
        owner,
        &catalog)
      companion.options[CQLTable.staticsOfOption] = "\(table.id.rawValue)"
      companion.comment = "the static columns of \(name)"
      table.options[CQLTable.staticsOption] = "\(companion.id.rawValue)"
      catalog.put(.table(companion))
    }
    catalog.put(.table(table))
  }

  private func descriptor(
    _ name: String, key: [Column], isDescending: [Bool], others: [Column],
    _ schema: SchemaDescriptor, _ owner: ObjectID, _ catalog: inout CatalogSnapshot
  ) -> TableDescriptor {
    var columns: [ColumnDescriptor] = []
    for (place, column) in (key + others).enumerated() {
      var made = ColumnDescriptor(
        id: ColumnID(rawValue: Int16(place + 1)), name: column.name, type: column.type.sqlType)
      made.isNotNull = place < key.count
      made.cqlType = column.type.name
      columns.append(made)
    }
    if !others.contains(where: { $0.type.isCounter }) {
      var times = ColumnDescriptor(
        id: ColumnID(rawValue: Int16(columns.count + 1)), name: CQLSchema.cellTimesColumn,
        type: .bytea)
      times.isHidden = true
      columns.append(times)
    }
    let id = catalog.allocateObjectID()
    let rowType = catalog.allocateObjectID()
    var primary = IndexDescriptor(
      id: catalog.allocateObjectID(), name: freeName(name + "_pkey", schema, catalog),
      keyspace: catalog.allocateKeyspaceID(),
      columns: key.indices.map { place in
        var column = IndexColumn(column: ColumnID(rawValue: Int16(place + 1)))
        column.isDescending = isDescending[place]
        return column
      })
    primary.isUnique = true
    primary.isPrimary = true
    primary.constraint = catalog.allocateObjectID()
    return TableDescriptor(
      id: id, schema: schema.id, name: name, owner: owner, rowType: rowType, columns: columns,
      indexes: [primary],
      distribution: .murmur3((0..<partitionCount).map { ColumnID(rawValue: Int16($0 + 1)) }))
  }

  private func freeName(_ name: String, _ schema: SchemaDescriptor, _ catalog: CatalogSnapshot)
    -> String
  {
    if !catalog.isRelationNameTaken(schema: schema.id, name: name) { return name }
    return (1...).lazy.map { "\(name)\($0)" }.first {
      !catalog.isRelationNameTaken(schema: schema.id, name: $0)
    } ?? name
  }
}
