import Avro
import Base
import Catalog
import Types

/// Gives topics of format avro their schemas: in the same change of the catalog that makes the topic or
/// changes its table, so that no node encodes a record by a schema whose number the catalog does not know.
enum TopicSchemas {
  /// 42701 where two columns would have one name; errors of a topic's query.
  static func renew(_ before: CatalogSnapshot, _ catalog: inout CatalogSnapshot) throws(SQLError) {
    let tables = catalog.streams.values.map(\.table).sorted()
    for id in tables {
      guard let table = catalog.table(id), mayBeNew(table, before, catalog) else { continue }
      var changed = table
      for topic in TopicDefinition.all(of: table) where topic.format == .avro {
        var topic = topic
        try renew(&topic, table, &catalog)
        changed.put(topic: topic)
      }
      guard changed.options != table.options else { continue }
      // A renamed schema leaves its tables as they are.
      if changed.version == before.table(id)?.version { changed.version += 1 }
      catalog.put(.table(changed))
    }
  }

  private static func mayBeNew(
    _ table: TableDescriptor, _ before: CatalogSnapshot, _ catalog: CatalogSnapshot
  ) -> Bool {
    before.table(table.id) != table
      || before.objects[table.schema]?.name != catalog.objects[table.schema]?.name
  }

  private static func renew(
    _ topic: inout TopicDefinition, _ table: TableDescriptor, _ catalog: inout CatalogSnapshot
  ) throws(SQLError) {
    let shape = try TopicShape(topic, table, catalog)
    let space = catalog.objects[table.schema]?.name ?? ""
    let value = try AvroRecordSchema(
      namespace: [space], name: table.name, fields: fields(shape.value))
    add(value, .value, to: &topic, &catalog)
    if shape.key.isEmpty { return }
    let key = try AvroRecordSchema(
      namespace: [space, table.name], name: "key", fields: fields(shape.key))
    add(key, .key, to: &topic, &catalog)
  }

  /// Numbers are object ids: of the whole catalog, and never given again.
  private static func add(
    _ schema: AvroRecordSchema, _ part: TopicSchema.Part, to topic: inout TopicDefinition,
    _ catalog: inout CatalogSnapshot
  ) {
    let text = schema.text
    if topic.newest(part)?.fit.text == text { return }
    for (form, isLoose) in [(text, false), (schema.looseText, true)] where !isLoose || form != text
    {
      topic.schemas =
        (topic.schemas ?? []) + [
          TopicSchema(
            id: catalog.allocateObjectID().rawValue, part: part, text: form, isLoose: isLoose)
        ]
    }
  }

  private static func fields(_ columns: [TopicShape.Column]) -> [AvroRecordSchema.Field] {
    columns.map {
      AvroRecordSchema.Field(name: $0.name, type: $0.type, isNullable: $0.isNullable)
    }
  }
}
