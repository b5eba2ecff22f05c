import Base
import Catalog
import Functions
import Syntax
import Types

/// Names of objects to ids and back: reg… types, to_reg…, …_is_visible.
extension CatalogCall {
  func names() throws(SQLError) -> Value? {
    switch name {
    case "regclassin", "to_regclass":
      return try found(relation(text(0)), "relation", .undefinedTable)
    case "regtypein", "to_regtype": return try found(type(text(0)), "type", .undefinedObject)
    case "regnamespacein", "to_regnamespace":
      return try found(
        catalog.schema(named: Self.parts(text(0))[0])?.id, "schema", .invalidSchemaName)
    case "regrolein", "to_regrole":
      return try found(catalog.role(named: Self.parts(text(0))[0])?.id, "role", .undefinedObject)
    case "regprocin", "to_regproc", "regprocedurein", "to_regprocedure":
      let base = text(0).split(separator: "(").first.map(String.init) ?? ""
      let wanted = Self.parts(base).last ?? ""
      let functions = FunctionRegistry.builtin.functions(named: wanted)
      if functions.count > 1 && name == "regprocin" {
        throw SQLError(.ambiguousFunction, "more than one function named \"\(text(0))\"")
      }
      let typed = SystemProcedures.id(wanted)
      let id = functions.first?.oid ?? (typed == 0 ? nil : ObjectID(rawValue: UInt32(typed)))
      return try found(id, "function", .undefinedFunction)
    case "to_regoper", "to_regoperator", "to_regcollation": return .null
    case "regclassout": return .string(shownRelation(oid(0)))
    case "regtypeout":
      return .string(oid(0).rawValue == 0 ? "-" : shownType(oid(0)))
    case "regnamespaceout", "regroleout":
      return .string(
        catalog.objects[oid(0)].map { SyntaxPrinter.quoted($0.name) } ?? String(oid(0).rawValue))
    case "regprocout", "regprocedureout":
      let id = oid(0)
      if id.rawValue == 0 { return .string("-") }
      return .string(
        FunctionRegistry.builtin.function(id)?.name
          ?? SystemProcedures.name(Int(id.rawValue)) ?? String(id.rawValue))
    case "pg_table_is_visible": return isVisible(oid(0)).map { .bool($0) } ?? .null
    case "pg_type_is_visible":
      if TypeInfo.lookup(oid(0)) != nil { return .bool(true) }
      for object in catalog.sortedObjects {
        switch object {
        case .type(let item) where item.id == oid(0) || item.arrayID == oid(0):
          return .bool(path.contains(catalog.objects[item.schema]?.name ?? ""))
        case .table(let item) where item.rowType == oid(0):
          return .bool(path.contains(catalog.objects[item.schema]?.name ?? ""))
        case .view(let item) where item.rowType == oid(0):
          return .bool(path.contains(catalog.objects[item.schema]?.name ?? ""))
        default: break
        }
      }
      return .null
    case _ where name.hasSuffix("_is_visible"): return .bool(true)
    case "format_type":
      if arguments[0].isNull { return .null }
      if oid(0).rawValue == 0 { return .string("-") }
      if oid(0) == SQLType.bpchar.oid, arguments.count < 2 || arguments[1].isNull {
        return .string("character")
      }
      let modifier = arguments.count > 1 && !arguments[1].isNull ? Int32(integer(1)) : -1
      return .string(definitionsOfObjects.type(SQLType(oid(0), modifier: modifier)))
    case "pg_get_userbyid":
      return .string(catalog.role(oid(0))?.name ?? "unknown (OID=\(oid(0).rawValue))")
    default: return nil
    }
  }

  private func found(_ id: ObjectID?, _ kind: String, _ code: SQLState) throws(SQLError) -> Value {
    if let id { return .int(Int64(id.rawValue)) }
    if name.hasPrefix("to_") { return .null }
    if let number = UInt32(text(0)) { return .int(Int64(number)) }
    throw SQLError(code, "\(kind) \"\(text(0))\" does not exist")
  }

  func shownRelation(_ id: ObjectID) -> String {
    if id.rawValue == 0 { return "-" }
    guard let (name, schema) = relationName(id) else { return String(id.rawValue) }
    let quoted = SyntaxPrinter.quoted(name)
    return isVisible(id) ?? false ? quoted : SyntaxPrinter.quoted(schema) + "." + quoted
  }

  private func shownType(_ id: ObjectID) -> String {
    let text = definitionsOfObjects.type(SQLType(id))
    return text == "???" ? String(id.rawValue) : text
  }
}
