import Base
import Catalog
import Node
import Syntax
import Types

/// CREATE, ALTER and DROP SOURCE: a topic of a real Kafka that is read into a table.
extension SQLSession {
  func createSource(_ create: CreateSource) async throws(SQLError) {
    // As CREATE SUBSCRIPTION: the server connects to hosts that the statement names.
    guard role.isSuperuser else {
      throw SQLError(
        .insufficientPrivilege, "permission denied to create source",
        detail: "Only superusers may: the server connects to the hosts that are named.")
    }
    guard shard.featureLevel >= FeatureLevel.sources else {
      throw SQLError(
        "55000", "there can be sources when all nodes run a program that knows how")
    }
    let reading = try sourceReading()
    let table = try names.table(create.table)
    if Self.isTemporary(table, catalog) {
      throw SQLError(
        .featureNotSupported, "sources into temporary tables are not supported",
        position: create.table.position)
    }
    if Self.source(create.name, in: catalog) != nil {
      let message = "source \"\(create.name)\" already exists"
      guard create.ifNotExists else { throw SQLError(.duplicateObject, message) }
      return skipping(message, .duplicateObject)
    }
    guard create.name.utf8.count <= SourceDefinition.nameBytesMax else {
      throw SQLError(.invalidName, "the name of a source is too long: \"\(create.name)\"")
    }
    var source = SourceDefinition(
      name: create.name, id: 0, owner: role.id, brokers: "", topic: "")
    let seek = try apply(create.options, to: &source)
    source.columns = try create.columns.map { (columns) throws(SQLError) in
      try Self.columns(columns, table, source.format)
    }
    let made = source
    var id: Int64 = 0
    try await change { (catalog) throws(SQLError) in
      for object in KafkaSchema.objects() where catalog.objects[object.id] == nil {
        catalog.put(object)
      }
      guard var changed = catalog.table(table.id) else { return }
      var made = made
      id = Int64(catalog.allocateObjectID().rawValue)
      made.id = id
      changed.put(source: made)
      changed.version += 1
      catalog.put(.table(changed))
      try reading.check(made, catalog)
    }
    try await keep(
      "INSERT INTO kafka.source_offsets VALUES ($1::int8, $2::int4, 0, $3::text, 1, now())",
      [.int(id), .int(Int64(KafkaSchema.sourceItself)), .string(seek)])
  }

  func alterSource(_ name: String, _ action: SourceAction) async throws(SQLError) {
    let (table, known) = try ownSource(name)
    var source = known
    source.epoch += 1
    switch action {
    case .pause: source.isPaused = true
    case .resume: source.isPaused = false
    case .seek: break
    }
    // The rows first: their readers end here, or find another epoch.
    let id = Value.int(source.id)
    _ = try await keep(
      "UPDATE kafka.source_offsets SET epoch = $2::int8 WHERE source = $1::int8",
      [id, .int(source.epoch)])
    if case .seek(let partition, let value, let position) = action {
      let (next, seek) = try place(value, position)
      let changed = try await keep(
        """
        UPDATE kafka.source_offsets SET next_offset = $2::int8, seek = $3::text, updated_at = now()
        WHERE source = $1::int8 AND partition >= 0 AND ($4::int4 IS NULL OR partition = $4::int4)
        """,
        [
          id, next.map { .int($0) } ?? .null, seek.map { .string($0) } ?? .null,
          partition.map { .int(Int64($0)) } ?? .null,
        ])
      if let partition, changed == 0 {
        throw SQLError(
          .invalidParameterValue, "partition \(partition) of source \"\(name)\" is not known",
          position: position)
      }
    }
    let changed = source
    try await edit(table.id) { $0.put(source: changed) }
  }

  func dropSource(_ name: String, ifExists: Bool) async throws(SQLError) {
    if ifExists, Self.source(name, in: catalog) == nil {
      return skipping("source \"\(name)\" does not exist", .undefinedObject)
    }
    let (table, source) = try ownSource(name)
    _ = try await keep(
      "DELETE FROM kafka.source_offsets WHERE source = $1::int8", [.int(source.id)])
    try await edit(table.id) { $0.remove(source: name) }
  }

  // MARK: Parts

  private func sourceReading() throws(SQLError) -> SourceReading {
    guard let reading = environment.sources else {
      throw SQLError(.featureNotSupported, "sources are not supported here")
    }
    return reading
  }

  private func ownSource(_ name: String) throws(SQLError) -> (TableDescriptor, SourceDefinition) {
    guard let (table, source) = Self.source(name, in: catalog) else {
      throw SQLError(.undefinedObject, "source \"\(name)\" does not exist")
    }
    try Privileges.requireOwner(role, source.owner, "source", name, catalog)
    return (table, source)
  }

  private static func source(_ name: String, in catalog: CatalogSnapshot)
    -> (TableDescriptor, SourceDefinition)?
  {
    SourceDefinition.all(in: catalog).first { $0.1.name == name }
  }

  private static func isTemporary(_ table: TableDescriptor, _ catalog: CatalogSnapshot) -> Bool {
    catalog.objects[table.schema]?.name.hasPrefix("pg_temp_") ?? false
  }

  /// Changes the rows of offsets in this transaction, whose they are not. The count of rows.
  @discardableResult
  private func keep(_ text: String, _ values: [Value]) async throws(SQLError) -> Int {
    let before = user
    user = catalog.role(CatalogSnapshot.bootstrapRole)?.name ?? user
    defer { user = before }
    return try await runInside(text, values)
  }

  /// An offset, or where the brokers have to be asked.
  private func place(_ value: DefinitionOption.Value, _ position: Int) throws(SQLError)
    -> (next: Int64?, seek: String?)
  {
    if case .number(let text) = value {
      guard let offset = Int64(text), offset >= 0 else {
        throw SQLError(
          .invalidParameterValue, "invalid offset: \"\(text)\"", position: position)
      }
      return (offset, nil)
    }
    return (nil, try seek(Self.text(value), position))
  }

  /// `earliest`, `latest` or a time.
  private func seek(_ text: String, _ position: Int?) throws(SQLError) -> String {
    if text == "earliest" || text == "latest" { return text }
    guard
      let time = try? TypeIO.parseText(
        Array(text.utf8), as: .timestamptz, settings: formatSettings),
      case .int(let microseconds) = time
    else {
      throw SQLError(
        .invalidParameterValue, "invalid place in a topic: \"\(text)\"",
        hint: "There are: an offset, 'earliest', 'latest' and times.", position: position)
    }
    // PostgreSQL's time begins in 2000, Kafka's in 1970.
    return "time:\((microseconds &+ 946_684_800_000_000) / 1_000)"
  }
}

// MARK: - Options and columns

extension SQLSession {
  /// Sources and topics are kept among their table's options, under names with a colon, and are changed by
  /// their own statements alone: who may alter a table may not make a source.
  static func refuseDefinitions(_ options: [DefinitionOption]) throws(SQLError) {
    for option in options where option.name.contains(":") {
      throw SQLError(
        .invalidParameterValue, "unrecognized parameter \"\(option.name)\"",
        position: option.position)
    }
  }

  /// Returns where the first partitions begin.
  private func apply(_ options: [DefinitionOption], to source: inout SourceDefinition)
    throws(SQLError) -> String
  {
    var start = "earliest"
    for option in options {
      let text = Self.text(option.value)
      switch option.name {
      case "brokers": source.brokers = text
      case "topic": source.topic = text
      case "format": source.format = try Self.choice(option, SourceFormat.allCases)
      case "on_conflict": source.conflict = try Self.choice(option, SourceConflict.allCases)
      case "tombstones": source.tombstones = try Self.choice(option, SourceTombstones.allCases)
      case "registry": source.registry = text
      case "dead_letters": source.deadLetters = try deadLetters(option).id
      case "start": start = try seek(text, option.position)
      case let name where name.contains("."): source.properties[name] = text
      default:
        throw SQLError(
          .invalidParameterValue, "unrecognized parameter \"\(option.name)\"",
          hint:
            "There are: brokers, topic, format, start, on_conflict, tombstones, "
            + "dead_letters, registry, and those of librdkafka whose names have points.",
          position: option.position)
      }
    }
    for (name, value) in [("brokers", source.brokers), ("topic", source.topic)] where value.isEmpty
    {
      throw SQLError(.invalidParameterValue, "a source needs \(name)")
    }
    guard (source.format == .avro) == (source.registry != nil) else {
      throw SQLError(
        .invalidParameterValue,
        source.registry == nil ? "format avro needs a registry" : "a registry is for format avro")
    }
    return start
  }

  private static func choice<Choice: CaseIterable & RawRepresentable>(
    _ option: DefinitionOption, _ all: [Choice]
  ) throws(SQLError) -> Choice where Choice.RawValue == String {
    let text = text(option.value)
    guard let found = Choice(rawValue: text) else {
      throw SQLError(
        .invalidParameterValue, "invalid \(option.name) \"\(text)\"",
        hint: "There are: \(all.map(\.rawValue).joined(separator: ", ")).",
        position: option.position)
    }
    return found
  }

  /// `table`, `schema.table`, as one text.
  private func deadLetters(_ option: DefinitionOption) throws(SQLError) -> TableDescriptor {
    let parts = Self.text(option.value).split(separator: ".", omittingEmptySubsequences: false)
      .map(String.init)
    guard parts.count <= 2, let name = parts.last, !name.isEmpty else {
      throw SQLError(
        .invalidParameterValue, "invalid name of a table: \"\(Self.text(option.value))\"",
        position: option.position)
    }
    let position = option.position ?? 1
    return try names.table(
      parts.count == 1
        ? QuerySyntax.RelationName(name, position: position)
        : QuerySyntax.RelationName(name, schema: parts[0], position: position))
  }

  private static func columns(
    _ given: [SourceColumnSyntax], _ table: TableDescriptor, _ format: SourceFormat
  ) throws(SQLError) -> [SourceColumn] {
    var columns: [SourceColumn] = []
    for item in given {
      guard let column = table.column(named: item.column), !column.isHidden else {
        throw SQLError(
          .undefinedColumn,
          "column \"\(item.column)\" of relation \"\(table.name)\" does not exist",
          position: item.position)
      }
      if columns.contains(where: { $0.column == column.id }) {
        throw SQLError(
          .duplicateColumn, "column \"\(item.column)\" specified more than once",
          position: item.position)
      }
      if column.generatedExpression != nil {
        throw SQLError(
          .invalidColumnReference, "column \"\(item.column)\" is a generated column",
          position: item.position)
      }
      columns.append(
        SourceColumn(column: column.id, origin: try origin(item, format), path: item.path))
    }
    return columns
  }

  private static func origin(_ item: SourceColumnSyntax, _ format: SourceFormat) throws(SQLError)
    -> SourceColumn.Origin
  {
    let words = SourceColumn.Origin.allCases.filter { $0 != .field }.map(\.rawValue)
    let name = item.origin ?? SourceColumn.Origin.field.rawValue
    guard let origin = SourceColumn.Origin(rawValue: name), item.origin != name || origin != .field
    else {
      throw SQLError(
        .invalidParameterValue, "a column cannot come from \"\(name)\"",
        hint: "There are: a path in quotes, \(words.joined(separator: ", ")).",
        position: item.position)
    }
    if item.path != nil, ![.field, .key, .headers].contains(origin) {
      throw SQLError(
        .invalidParameterValue, "\(name) has no parts", position: item.position)
    }
    if origin == .field, format == .raw {
      throw SQLError(
        .invalidParameterValue, "values of format raw have no fields", position: item.position)
    }
    return origin
  }
}
