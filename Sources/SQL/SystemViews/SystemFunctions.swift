import Base
public import Catalog
public import Functions
import SQL
public import Types

/// The functions that read the catalog: `pg_get_…def`, `…_is_visible`, `has_…_privilege`, the input
/// and output of the reg… types. A value over one snapshot: fragments on other shards may carry it.
public struct SystemFunctions: CatalogFunctions {
  let catalog: CatalogSnapshot
  public init(_ catalog: CatalogSnapshot) { self.catalog = catalog }

  public func call(_ name: String, _ arguments: [Value], _ context: inout EvaluationContext)
    throws(SQLError) -> Value
  {
    let call = CatalogCall(catalog, name, arguments, context)
    if let value = try call.names() { return value }
    if let value = try call.definitions() { return value }
    if let value = try call.privileges() { return value }
    if let value = try call.others() { return value }
    throw SQLError(.featureNotSupported, "function \(name) is not supported")
  }

  public func rows(_ name: String, _ arguments: [Value], _ context: inout EvaluationContext)
    throws(SQLError) -> [[Value]]
  {
    try CatalogCall(catalog, name, arguments, context).rows()
  }
}

/// One call, with its arguments at hand.
struct CatalogCall {
  let catalog: CatalogSnapshot
  let name: String
  let arguments: [Value]
  let context: EvaluationContext

  init(
    _ catalog: CatalogSnapshot, _ name: String, _ arguments: [Value], _ context: EvaluationContext
  ) {
    self.catalog = catalog
    self.name = name
    self.arguments = arguments
    self.context = context
  }

  var definitionsOfObjects: ObjectDefinitions {
    ObjectDefinitions(catalog: catalog, searchPath: context.searchPath)
  }

  /// The session's own.
  var temporarySchema: ObjectID? {
    context.searchPath.first { $0.hasPrefix("pg_temp_") }.flatMap { catalog.schema(named: $0)?.id }
  }

  func oid(_ place: Int) -> ObjectID {
    guard place < arguments.count, case .int(let number) = arguments[place] else {
      return ObjectID(rawValue: 0)
    }
    return ObjectID(rawValue: UInt32(truncatingIfNeeded: number))
  }

  func text(_ place: Int) -> String {
    guard place < arguments.count, case .text(let bytes) = arguments[place] else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  func integer(_ place: Int) -> Int {
    guard place < arguments.count, case .int(let number) = arguments[place] else { return 0 }
    return Int(number)
  }

  var role: RoleDescriptor {
    catalog.role(named: context.currentUser)
      ?? RoleDescriptor(id: ObjectID(rawValue: 0), name: context.currentUser)
  }

  /// `a.b`, with quotes, as parts.
  static func parts(_ text: String) -> [String] {
    var parts = [""]
    var isQuoted = false
    for character in text {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == "." && !isQuoted {
        parts.append("")
      } else {
        parts[parts.count - 1] += isQuoted ? String(character) : character.lowercased()
      }
    }
    return parts
  }

  var path: [String] {
    context.searchPath.contains("pg_catalog")
      ? context.searchPath : ["pg_catalog"] + context.searchPath
  }

  /// Where a name is looked for: its schema, or the path.
  private func schemas(_ parts: [String]) -> [String] {
    guard parts.count > 1 else { return path }
    let schema = parts[parts.count - 2]
    return [schema == "pg_temp" ? path.first { $0.hasPrefix("pg_temp_") } ?? schema : schema]
  }

  /// A relation or index by name, through the path.
  func relation(_ text: String) -> ObjectID? {
    let parts = Self.parts(text)
    let name = parts[parts.count - 1]
    for schema in schemas(parts) {
      if let found = SystemRelation.byName["\(schema).\(name)"] { return found.id }
      guard let id = catalog.schema(named: schema)?.id else { continue }
      if let found = catalog.relation(schema: id, name: name) { return found.id }
      if let found = catalog.index(schema: id, name: name) { return found.1.id }
      if let type = catalog.type(schema: id, name: name), case .composite = type.kind {
        return DerivedID.compositeRelation(type.id)
      }
    }
    return nil
  }

  /// Name and schema of a relation, an index or a system catalog.
  func relationName(_ id: ObjectID) -> (name: String, schema: String)? {
    if let (table, index) = catalog.index(id) {
      return (index.name, catalog.objects[table.schema]?.name ?? "")
    }
    switch catalog.objects[id] {
    case .table, .view, .sequence:
      guard let object = catalog.objects[id], let schema = object.schema else { return nil }
      return (object.name, catalog.objects[schema]?.name ?? "")
    default: break
    }
    if let id = DerivedID.compositeType(id), case .type(let type) = catalog.objects[id],
      case .composite = type.kind
    {
      return (type.name, catalog.objects[type.schema]?.name ?? "")
    }
    return SystemRelation.all.first { $0.id == id }.map { ($0.name, $0.schema) }
  }

  func isVisible(_ id: ObjectID) -> Bool? {
    guard let (name, schema) = relationName(id) else { return nil }
    guard path.contains(schema) else { return false }
    return relation("\"\(name)\"") == id
  }

  func type(_ text: String) -> ObjectID? {
    var base = text
    var dimensions = 0
    while base.hasSuffix("[]") {
      base.removeLast(2)
      dimensions = 1
    }
    let parts = Self.parts(base)
    let name = parts[parts.count - 1]
    for schema in schemas(parts) {
      if schema == "pg_catalog", let found = SQLType.named(name) {
        return dimensions > 0 ? found.arrayType?.oid : found.oid
      }
      guard let id = catalog.schema(named: schema)?.id else { continue }
      if let found = catalog.type(schema: id, name: name) {
        return dimensions > 0 ? found.arrayID : found.id
      }
      switch catalog.relation(schema: id, name: name) {
      case .table(let table): return table.rowType
      case .view(let view): return view.rowType
      default: break
      }
    }
    return nil
  }
}
