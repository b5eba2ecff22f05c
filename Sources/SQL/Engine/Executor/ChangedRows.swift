import Base
public import Catalog
import Functions
public import Node
public import Types

/// Decodes the keys and images of change records by a table's descriptor. Lives on: any thread.
public struct ChangedRows: Sendable {
  private let layout: StoredTable
  /// The columns that users see, in order.
  public let columns: [ColumnDescriptor]
  private let positions: [Int]
  /// Of the primary key's columns in `columns`, in the key's order; empty where users do not see it.
  public let keyPlaces: [Int]

  public init(_ table: TableDescriptor, in catalog: CatalogSnapshot) throws(SQLError) {
    layout = try StoredTable.made(of: table, in: catalog)
    columns = table.visibleColumns
    positions = columns.map { Int($0.id.rawValue) - 1 }
    var places: [Int] = []
    for column in table.primaryKey.columns {
      if let place = columns.firstIndex(where: { $0.id == column.column }) { places.append(place) }
    }
    keyPlaces = places
  }

  public var types: [SQLType] { columns.map(\.type) }

  /// The visible columns of an image.
  public func row(_ image: [UInt8]) throws(SQLError) -> [Value] {
    let result: Result<[Value], SQLError> = image.withUnsafeBytes { bytes in
      do throws(SQLError) {
        return .success(try layout.decode(bytes))
      } catch {
        return .failure(error)
      }
    }
    let row = try result.get()
    return positions.map { row[$0] }
  }

  /// The primary key's values; nil of a truncation.
  public func key(_ record: ChangeRecord) throws(SQLError) -> [Value]? {
    guard let image = record.after ?? record.before else { return nil }
    let row = try row(image)
    return keyPlaces.map { row[$0] }
  }
}

extension StoredTable {
  /// A table's layout by a catalog, without a session.
  static func made(of table: TableDescriptor, in catalog: CatalogSnapshot)
    throws(SQLError) -> StoredTable
  {
    let schema = catalog.objects[table.schema]?.name ?? ""
    let context = StatementContext(
      catalog: catalog, searchPath: [schema, "public"],
      role: catalog.role(CatalogSnapshot.bootstrapRole)
        ?? RoleDescriptor(id: CatalogSnapshot.bootstrapRole, name: ""),
      parseExpression: CatalogText.expression, parseQuery: CatalogText.query)
    return try Binder(context, parameterTypes: []).layout(table)
  }
}
