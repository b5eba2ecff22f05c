import Catalog
import SQL
import Types

/// The statements that would make what is there: DESCRIBE.
enum Descriptions {
  static func keyspace(_ keyspace: KeyspaceFacts) -> String {
    let replication = keyspace.replication.sorted {
      ($0.0 == "class" ? 0 : 1, $0.0) < ($1.0 == "class" ? 0 : 1, $1.0)
    }
    .map { "'\($0.0)': '\($0.1)'" }.joined(separator: ", ")
    return
      "CREATE KEYSPACE \(CQLName.quoted(keyspace.name)) WITH replication = {\(replication)}  AND durable_writes = \(keyspace.durableWrites);"
  }

  static func type(_ keyspace: String, _ name: String, _ fields: [CQLType.Field]) -> String {
    let lines = fields.map { "    \(CQLName.quoted($0.name)) \($0.type.name)" }
    return
      "CREATE TYPE \(CQLName.quoted(keyspace)).\(CQLName.quoted(name)) (\n"
      + lines.joined(separator: ",\n") + "\n);"
  }

  static func table(_ facts: TableFacts) -> String {
    let table = facts.table
    var lines = table.columns.map { column in
      "    \(CQLName.quoted(column.name)) \(column.type.name)"
        + (column.kind == .static ? " static" : "")
    }
    let partition = table.partitionColumns.map { CQLName.quoted($0.name) }
    let clustering = table.clusteringColumns.map { CQLName.quoted($0.name) }
    if partition.count == 1, clustering.isEmpty {
      lines[0] += " PRIMARY KEY"
    } else {
      let first =
        partition.count == 1 ? partition[0] : "(\(partition.joined(separator: ", ")))"
      lines.append("    PRIMARY KEY (\(([first] + clustering).joined(separator: ", ")))")
    }
    var options: [String] = []
    if !clustering.isEmpty {
      let order = table.clusteringColumns.map {
        "\(CQLName.quoted($0.name)) \($0.isDescending ? "DESC" : "ASC")"
      }
      options.append("CLUSTERING ORDER BY (\(order.joined(separator: ", ")))")
    }
    for option in TableOptions.defaults where option.name != "extensions" || table.virtual == nil {
      options.append("\(option.name) = \(facts.options.text(option.name))")
    }
    var text =
      "CREATE TABLE \(CQLName.quoted(table.keyspace)).\(CQLName.quoted(table.name)) (\n"
      + lines.joined(separator: ",\n") + "\n) WITH " + options.joined(separator: "\n    AND ") + ";"
    if table.virtual != nil {
      text =
        "/*\nWarning: Table \(table.keyspace).\(table.name) is a virtual table and cannot be recreated with CQL.\n\(text)\n*/"
    }
    return text
  }

  static func view(_ view: ViewFacts) -> String {
    let table = view.table.table
    let columns =
      view.isWhole ? "*" : table.columns.map { CQLName.quoted($0.name) }.joined(separator: ", ")
    let partition = table.partitionColumns.map { CQLName.quoted($0.name) }
    let clustering = table.clusteringColumns.map { CQLName.quoted($0.name) }
    let first = partition.count == 1 ? partition[0] : "(\(partition.joined(separator: ", ")))"
    var options: [String] = []
    if !clustering.isEmpty {
      let order = table.clusteringColumns.map {
        "\(CQLName.quoted($0.name)) \($0.isDescending ? "DESC" : "ASC")"
      }
      options.append("CLUSTERING ORDER BY (\(order.joined(separator: ", ")))")
    }
    for option in TableOptions.defaults where option.name != "default_time_to_live" {
      options.append("\(option.name) = \(view.table.options.text(option.name))")
    }
    return
      "CREATE MATERIALIZED VIEW \(CQLName.quoted(table.keyspace)).\(CQLName.quoted(table.name)) AS\n"
      + "    SELECT \(columns)\n    FROM \(CQLName.quoted(table.keyspace)).\(CQLName.quoted(view.baseName))\n"
      + "    WHERE \(view.whereClause)\n"
      + "    PRIMARY KEY (\(([first] + clustering).joined(separator: ", ")))\n WITH "
      + options.joined(separator: "\n    AND ") + ";"
  }

  static func function(_ keyspace: String, _ function: UserFunction) -> String {
    let parameters = function.parameters.map { "\(CQLName.quoted($0.name)) \($0.type)" }
    return
      "CREATE FUNCTION \(CQLName.quoted(keyspace)).\(CQLName.quoted(function.name))(\(parameters.joined(separator: ", ")))\n"
      + "    \(function.isCalledOnNull ? "CALLED" : "RETURNS NULL") ON NULL INPUT\n"
      + "    RETURNS \(function.returns)\n    LANGUAGE \(function.language.rawValue)\n"
      + "    AS $$\(function.body)$$;"
  }

  static func aggregate(_ keyspace: String, _ aggregate: UserAggregate) -> String {
    var text =
      "CREATE AGGREGATE \(CQLName.quoted(keyspace)).\(CQLName.quoted(aggregate.name))(\(aggregate.parameters.joined(separator: ", ")))\n"
      + "    SFUNC \(CQLName.quoted(aggregate.stateFunction))\n    STYPE \(aggregate.stateType)"
    if let final = aggregate.finalFunction { text += "\n    FINALFUNC \(CQLName.quoted(final))" }
    if let initial = aggregate.initial { text += "\n    INITCOND \(initial)" }
    return text + ";"
  }

  static func index(_ table: CQLTable, _ index: IndexFacts) -> String {
    "CREATE INDEX \(CQLName.quoted(index.name)) ON \(CQLName.quoted(table.keyspace)).\(CQLName.quoted(table.name)) (\(index.target));"
  }
}

extension CQLCatalog {
  /// All keyspaces, with the virtual ones.
  func facts() -> [KeyspaceFacts] {
    if let knownFacts { return knownFacts }
    let made = makeFacts()
    knownFacts = made
    return made
  }

  private func makeFacts() -> [KeyspaceFacts] {
    let system = SystemTables.keyspaces.filter { $0 != "system_virtual_schema" }.map { name in
      KeyspaceFacts(
        name: name,
        replication: [("class", "org.apache.cassandra.locator.LocalStrategy")],
        tables: SystemTables.tables(in: name).map {
          TableFacts(table: $0, options: TableOptions(), indexes: [])
        }, types: [])
    }
    return (system + keyspaces.map { facts(of: $0.name) }).sorted { $0.name < $1.name }
  }

  func facts(of keyspace: String) -> KeyspaceFacts {
    let schema = snapshot.schema(named: keyspace)
    var replication = [
      ("class", "org.apache.cassandra.locator.SimpleStrategy"), ("replication_factor", "1"),
    ]
    if let text = schema?.options?[StatementRunner.replicationOption] {
      let parsed = Result<Term, CQLError> { () throws(CQLError) in
        var parser = try Parser(text)
        return try parser.simpleTerm()
      }
      if case .success(.map(let pairs)) = parsed {
        replication = pairs.map { pair in
          let key = TermText.plain(pair.key)
          let value = TermText.plain(pair.value)
          let isShort = key == "class" && !value.contains(".")
          return (key, isShort ? "org.apache.cassandra.locator." + value : value)
        }
      }
    }
    return KeyspaceFacts(
      name: keyspace, replication: replication,
      durableWrites: schema?.options?[StatementRunner.durableOption] != "false",
      tables: tables(in: keyspace).map { facts(of: $0) }, types: userTypes(in: keyspace),
      views: tables(in: keyspace, areViews: true).compactMap { viewFacts(of: $0) },
      functions: schema.map { UserFunctionOptions.functions($0) } ?? [],
      aggregates: schema.map { UserFunctionOptions.aggregates($0) } ?? [])
  }

  private func viewFacts(of view: CQLTable) -> ViewFacts? {
    guard let stored = view.stored, let base = stored.viewOf,
      let table = snapshot.table(base)
    else { return nil }
    return ViewFacts(
      table: facts(of: view), baseID: options(of: table).identifier(of: base),
      baseName: table.name,
      whereClause: stored.descriptor.options[ViewOptions.whereClause] ?? "",
      isWhole: stored.descriptor.options[ViewOptions.allColumns] != nil,
      isBuilt: stored.descriptor.options[ViewOptions.building] == nil)
  }

  func facts(of table: CQLTable) -> TableFacts {
    guard let descriptor = table.stored?.descriptor else {
      return TableFacts(table: table, options: TableOptions(), indexes: [])
    }
    let options = options(of: descriptor)
    var indexes = self.indexes(of: descriptor, table)
    if let statics = table.stored?.statics { indexes += self.indexes(of: statics.table, table) }
    return TableFacts(table: table, options: options, indexes: indexes)
  }

  private func options(of descriptor: TableDescriptor) -> TableOptions {
    let parsed = Result<TableOptions, CQLError> { () throws(CQLError) in
      try TableOptions(descriptor)
    }
    // What was written by another program and cannot be read is shown as not given.
    if case .success(let found) = parsed { return found }
    return TableOptions()
  }

  private func indexes(of descriptor: TableDescriptor, _ table: CQLTable) -> [IndexFacts] {
    descriptor.indexes.dropFirst().compactMap { index in
      guard index.placement == .local, index.predicate == nil, index.columns.count == 1,
        let id = index.columns[0].column, let place = table.index(of: descriptor.column(id).name)
      else { return nil }
      let target = IndexTarget(column: table.columns[place], elements: index.columns[0].elements)
      return IndexFacts(name: index.name, target: target.text)
    }
  }
}
