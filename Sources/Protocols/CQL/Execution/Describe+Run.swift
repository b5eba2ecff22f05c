import Types

extension StatementRunner {
  func run(_ statement: DescribeStatement) throws(CQLError) -> StatementResult {
    switch statement.subject {
    case .cluster:
      return .rows(
        ResultRows(
          ["cluster", "partitioner", "snitch"].map { column($0) },
          [[.text("quatrain"), .text("Murmur3Partitioner"), .text("SimpleSnitch")]]))
    case .keyspaces: return list(catalog.facts().map { ($0.name, "keyspace", $0.name) })
    case .tables:
      return list(
        listed.flatMap { keyspace in
          keyspace.tables.map { (keyspace.name, "table", $0.table.name) }
        })
    case .types:
      return list(
        listed.flatMap { keyspace in keyspace.types.map { (keyspace.name, "type", $0.name) } })
    case .functions:
      return list(
        listed.flatMap { keyspace in
          keyspace.functions.map { (keyspace.name, "function", $0.signature) }
        })
    case .aggregates:
      return list(
        listed.flatMap { keyspace in
          keyspace.aggregates.map { (keyspace.name, "aggregate", $0.signature) }
        })
    default: return texts(try described(statement.subject))
    }
  }

  private func column(_ name: String) -> ResultColumn {
    ResultColumn(keyspace: "system", table: "describe", name: name, type: .text)
  }

  /// The session's keyspace, or all.
  private var listed: [KeyspaceFacts] {
    keyspace.map { [catalog.facts(of: $0)] } ?? catalog.facts()
  }

  private typealias Description = (keyspace: String, type: String, name: String, text: String)

  private func list(_ rows: [(String, String, String)]) -> StatementResult {
    .rows(
      ResultRows(
        ["keyspace_name", "type", "name"].map { column($0) },
        rows.map { [.text(CQLName.quoted($0.0)), .text($0.1), .text(Self.shown($0.2, $0.1))] }))
  }

  private func texts(_ rows: [Description]) -> StatementResult {
    .rows(
      ResultRows(
        ["keyspace_name", "type", "name", "create_statement"].map { column($0) },
        rows.map {
          [
            .text(CQLName.quoted($0.keyspace)), .text($0.type), .text(Self.shown($0.name, $0.type)),
            .text($0.text),
          ]
        }))
  }

  /// In quotes where it needs them; functions are shown with their parameters.
  private static func shown(_ name: String, _ type: String) -> String {
    type == "function" || type == "aggregate" ? name : CQLName.quoted(name)
  }

  private func described(_ subject: DescribeStatement.Subject) throws(CQLError) -> [Description] {
    switch subject {
    case .schema(let isFull):
      return catalog.facts().filter { isFull || !SystemTables.keyspaces.contains($0.name) }
        .flatMap { whole($0) }
    case .keyspace(let name, let isOnly):
      guard let name = name ?? keyspace else {
        throw .invalid("No keyspace specified and no current keyspace")
      }
      let facts = try facts(of: name)
      return isOnly
        ? [(name, "keyspace", name, Descriptions.keyspace(facts))] : whole(facts)
    case .table(let name):
      let table = try table(name)
      if table.stored?.viewOf != nil {
        throw .invalid("Table '\(name.name)' not found in keyspace '\(table.keyspace)'")
      }
      return described(facts(of: table))
    case .index(let name): return try index(name)
    case .type(let name):
      let keyspace = try keyspace(of: name)
      guard case .user(_, _, let fields) = try catalog.userType(keyspace, name.name) else {
        return []
      }
      return [(keyspace, "type", name.name, Descriptions.type(keyspace, name.name, fields))]
    case .view(let name):
      let found = views(try facts(of: try keyspace(of: name))).filter { $0.name == name.name }
      if found.isEmpty { throw .invalid("Materialized view '\(name.name)' not found") }
      return found
    case .function(let name):
      let found = functions(try facts(of: try keyspace(of: name))).filter { $0.name == name.name }
      if found.isEmpty { throw .invalid("User defined function '\(name.name)' not found") }
      return found
    case .aggregate(let name):
      let found = aggregates(try facts(of: try keyspace(of: name))).filter { $0.name == name.name }
      if found.isEmpty { throw .invalid("User defined aggregate '\(name.name)' not found") }
      return found
    case .any(let name): return try any(name)
    default: return []
    }
  }

  private func facts(of keyspace: String) throws(CQLError) -> KeyspaceFacts {
    guard let facts = catalog.facts().first(where: { $0.name == keyspace }) else {
      throw .invalid("'\(keyspace)' not found in keyspaces")
    }
    return facts
  }

  private func facts(of table: CQLTable) -> TableFacts { catalog.facts(of: table) }

  private func whole(_ keyspace: KeyspaceFacts) -> [Description] {
    [(keyspace.name, "keyspace", keyspace.name, Descriptions.keyspace(keyspace))]
      + keyspace.types.map {
        (keyspace.name, "type", $0.name, Descriptions.type(keyspace.name, $0.name, $0.fields))
      } + keyspace.tables.flatMap { described($0) } + views(keyspace)
      + functions(keyspace) + aggregates(keyspace)
  }

  private func views(_ keyspace: KeyspaceFacts) -> [Description] {
    keyspace.views.map {
      (keyspace.name, "materialized_view", $0.table.table.name, Descriptions.view($0))
    }
  }

  private func functions(_ keyspace: KeyspaceFacts) -> [Description] {
    keyspace.functions.map {
      (keyspace.name, "function", $0.name, Descriptions.function(keyspace.name, $0))
    }
  }

  private func aggregates(_ keyspace: KeyspaceFacts) -> [Description] {
    keyspace.aggregates.map {
      (keyspace.name, "aggregate", $0.name, Descriptions.aggregate(keyspace.name, $0))
    }
  }

  private func described(_ table: TableFacts) -> [Description] {
    [(table.table.keyspace, "table", table.table.name, Descriptions.table(table))]
      + table.indexes.map {
        (table.table.keyspace, "index", $0.name, Descriptions.index(table.table, $0))
      }
  }

  private func index(_ name: ObjectName) throws(CQLError) -> [Description] {
    let keyspace = try keyspace(of: name)
    for table in try facts(of: keyspace).tables {
      for index in table.indexes where index.name == name.name {
        return [(keyspace, "index", index.name, Descriptions.index(table.table, index))]
      }
    }
    throw .invalid("Table for existing index '\(name.name)' not found in '\(keyspace)'")
  }

  private func any(_ name: ObjectName) throws(CQLError) -> [Description] {
    if name.keyspace == nil, catalog.hasKeyspace(name.name) {
      return whole(try facts(of: name.name))
    }
    let keyspace = try keyspace(of: name)
    let facts = try facts(of: keyspace)
    if let table = facts.tables.first(where: { $0.table.name == name.name }) {
      return described(table)
    }
    for table in facts.tables {
      for index in table.indexes where index.name == name.name {
        return [(keyspace, "index", index.name, Descriptions.index(table.table, index))]
      }
    }
    if let view = views(facts).first(where: { $0.name == name.name }) { return [view] }
    if let type = facts.types.first(where: { $0.name == name.name }) {
      return [(keyspace, "type", type.name, Descriptions.type(keyspace, type.name, type.fields))]
    }
    throw .invalid("'\(name.name)' not found in keyspace '\(keyspace)'")
  }
}
