import Base
import Catalog
import Node
import Syntax
import Types

/// CREATE, ALTER and DROP TOPIC: a change stream under another name or in another form.
extension SQLSession {
  func createTopic(
    _ name: String, _ source: TopicSource, _ options: [DefinitionOption], ifNotExists: Bool
  ) async throws(SQLError) {
    let relation = try Self.relation(of: source)
    let table = try names.table(relation)
    try Privileges.requireOwner(role, table.owner, "table", table.name, catalog)
    guard table.changeStream != nil else {
      throw SQLError(
        "55000", "table \"\(table.name)\" has no change stream",
        hint: "ALTER TABLE \(table.name) SET (change_stream = on).", position: relation.position)
    }
    try Self.checkTopicName(name)
    if let (owner, _) = Self.topic(name, in: catalog) {
      let message = "topic \"\(name)\" already exists"
      guard ifNotExists else {
        throw SQLError(.duplicateObject, message, detail: "It is of table \"\(owner.name)\".")
      }
      return skipping(message, .duplicateObject)
    }
    try refuseTableName(name, besides: table)
    var topic = TopicDefinition(name: name, number: table.lastTopicNumber + 1)
    if case .query(let query, _) = source { topic.query = try topicQuery(query, table) }
    try Self.apply(options, to: &topic, table)
    let made = topic
    try await edit(table.id) { $0.put(topic: made) }
  }

  func alterTopic(_ name: String, _ options: [DefinitionOption]) async throws(SQLError) {
    let (table, known) = try ownTopic(name)
    var topic = known
    try Self.apply(options, to: &topic, table)
    let changed = topic
    try await edit(table.id) { $0.put(topic: changed) }
  }

  func dropTopic(_ name: String, ifExists: Bool) async throws(SQLError) {
    if ifExists, Self.topic(name, in: catalog) == nil {
      return skipping("topic \"\(name)\" does not exist", .undefinedObject)
    }
    let (table, _) = try ownTopic(name)
    try await edit(table.id) { $0.remove(topic: name) }
  }

  // MARK: Names

  private func ownTopic(_ name: String) throws(SQLError) -> (TableDescriptor, TopicDefinition) {
    guard let (table, topic) = Self.topic(name, in: catalog) else {
      throw SQLError(.undefinedObject, "topic \"\(name)\" does not exist")
    }
    try Privileges.requireOwner(role, table.owner, "topic", name, catalog)
    return (table, topic)
  }

  private static func topic(_ name: String, in catalog: CatalogSnapshot)
    -> (TableDescriptor, TopicDefinition)?
  {
    for case .table(let table) in catalog.sortedObjects {
      if let topic = TopicDefinition.all(of: table).first(where: { $0.name == name }) {
        return (table, topic)
      }
    }
    return nil
  }

  /// `schema.table` is the topic of that table, with its own definition or without.
  private func refuseTableName(_ name: String, besides table: TableDescriptor) throws(SQLError) {
    for case .table(let other) in catalog.sortedObjects where other.id != table.id {
      guard let schema = catalog.objects[other.schema]?.name, "\(schema).\(other.name)" == name
      else { continue }
      throw SQLError(
        .duplicateObject, "topic \"\(name)\" already exists",
        detail: "It is the one of table \"\(other.name)\".")
    }
  }

  private static func checkTopicName(_ name: String) throws(SQLError) {
    let isPlain = name.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (97...122).contains(byte | 0x20) || "._-".utf8.contains(byte)
    }
    guard isPlain, name.utf8.count <= TopicDefinition.nameBytesMax, name != ".", name != ".." else {
      throw SQLError(
        .invalidName, "invalid name of a topic: \"\(name)\"",
        hint:
          "Names have letters of ASCII, digits, \".\", \"_\" and \"-\", at most \(TopicDefinition.nameBytesMax)."
      )
    }
  }

  // MARK: Options

  private static func apply(
    _ options: [DefinitionOption], to topic: inout TopicDefinition, _ table: TableDescriptor
  ) throws(SQLError) {
    for option in options {
      switch option.name {
      case "format": topic.format = try format(option)
      case "compression":
        let name = text(option.value)
        guard TopicDefinition.compressions.contains(name) else {
          throw SQLError(
            .invalidParameterValue, "invalid compression \"\(name)\"",
            hint: "There are: \(TopicDefinition.compressions.joined(separator: ", ")).",
            position: option.position)
        }
        topic.compression = name
      case "key": topic.key = try columns(option, table)
      case "columns":
        if topic.query != nil {
          throw SQLError(
            .invalidParameterValue, "the columns of the topic are those of its query",
            position: option.position)
        }
        topic.columns = try columns(option, table)
      case "partitions":
        throw SQLError(
          .featureNotSupported, "a topic has the partitions of its table's change stream",
          hint: "They are set by change_partitions when the stream is made.",
          position: option.position)
      default:
        throw SQLError(
          .invalidParameterValue, "unrecognized parameter \"\(option.name)\"",
          hint: "There are: format, key, columns, compression.", position: option.position)
      }
    }
    guard topic.format != .raw || topic.query?.fields.count ?? topic.columns?.count == 1 else {
      throw SQLError(
        .invalidParameterValue, "a topic of format raw has one column",
        hint: "WITH (format = raw, columns = (name)), or a query of one column.")
    }
  }

  private static func format(_ option: DefinitionOption) throws(SQLError) -> TopicFormat {
    let name = text(option.value)
    if let format = TopicFormat(rawValue: name) { return format }
    throw SQLError(
      .invalidParameterValue, "invalid format \"\(name)\"",
      hint: "There are: \(TopicFormat.allCases.map(\.rawValue).joined(separator: ", ")).",
      position: option.position)
  }

  private static func columns(_ option: DefinitionOption, _ table: TableDescriptor)
    throws(SQLError) -> [ColumnID]
  {
    let names: [String]
    switch option.value {
    case .names(let list): names = list
    default: names = [text(option.value)]
    }
    var ids: [ColumnID] = []
    for name in names {
      guard let column = table.column(named: name), !column.isHidden else {
        throw SQLError(
          .undefinedColumn,
          "column \"\(name)\" of relation \"\(table.name)\" does not exist",
          position: option.position)
      }
      ids.append(column.id)
    }
    return ids
  }
}
