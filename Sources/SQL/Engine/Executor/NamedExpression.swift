import Base
public import Catalog
import Functions
public import Types

/// An expression of SQL over values with names: what a function of another front end's user is made of.
/// Lives on: any thread.
public struct NamedExpression: Sendable {
  private let expression: TypedExpression
  public var type: SQLType { expression.type }

  /// The error says what is wrong with the text, or with its type. `type` nil: as it comes.
  public init(
    _ text: String, over names: [(name: String, type: SQLType)], returning type: SQLType? = nil,
    in catalog: CatalogSnapshot
  ) throws(SQLError) {
    let columns = names.enumerated().map { place, name in
      ColumnDescriptor(
        id: ColumnID(rawValue: Int16(place + 1)), name: name.name, type: name.type)
    }
    let none = ObjectID(rawValue: 0)
    let row = TableDescriptor(
      id: none, schema: none, name: "arguments", owner: CatalogSnapshot.bootstrapRole,
      rowType: none,
      columns: columns, indexes: [], distribution: .globally)
    let context = StatementContext(
      catalog: catalog, searchPath: ["pg_catalog"],
      role: catalog.role(CatalogSnapshot.bootstrapRole)
        ?? RoleDescriptor(id: CatalogSnapshot.bootstrapRole, name: ""),
      parseExpression: CatalogText.expression, parseQuery: CatalogText.query)
    expression = try Binder(context, parameterTypes: [])
      .bindRowExpression(text, row, as: type)
  }

  /// `values`: in the order of the names.
  public func evaluate(_ values: [Value]) throws(SQLError) -> Value {
    var environment = EvaluationEnvironment(parameters: [])
    return try expression.evaluate(values, &environment)
  }
}
