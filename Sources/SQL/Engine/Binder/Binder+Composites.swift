import Base
import Catalog
import Functions
import Syntax
import Types

/// A type whose values are rows: a composite one, or that of a table's or view's rows.
struct RowType {
  var type: SQLType
  var name: String
  var fields: [(name: String, type: SQLType)]
}

extension Binder {
  /// Nil for all other types.
  func rowType(_ type: SQLType) -> RowType? {
    if type.info != nil { return nil }
    if case .type(let found) = context.catalog.objects[type.oid] {
      guard case .composite(let fields) = found.kind else { return nil }
      depend(on: found)
      return RowType(
        type: type, name: found.name, fields: fields.map { ($0.name, $0.type) })
    }
    for object in context.catalog.objects.values {
      switch object {
      case .table(let table) where table.rowType == type.oid:
        dependencies[table.id] = table.version
        return RowType(
          type: type, name: table.name, fields: table.visibleColumns.map { ($0.name, $0.type) })
      case .view(let view) where view.rowType == type.oid:
        dependencies[view.id] = 0
        return RowType(
          type: type, name: view.name, fields: view.columns.map { ($0.name, $0.type) })
      default: break
      }
    }
    return nil
  }

  /// A row, or what can be read as one.
  func coerce(
    _ expression: TypedExpression, to row: RowType, _ castContext: CastContext, _ position: Int?
  ) throws(SQLError) -> TypedExpression {
    func refused(_ detail: String?) -> SQLError {
      SQLError(
        .cannotCoerce,
        "cannot cast type \(shownName(expression.type)) to \(row.name)", detail: detail,
        position: position)
    }
    if case .row(let items, let own) = expression, own == .record {
      guard items.count >= row.fields.count else { throw refused("Input has too few columns.") }
      guard items.count == row.fields.count else { throw refused("Input has too many columns.") }
      var fields: [TypedExpression] = []
      for (place, (item, field)) in zip(items, row.fields).enumerated() {
        do throws(SQLError) {
          fields.append(try coerce(item, to: field.type, castContext))
        } catch {
          guard error.code == .cannotCoerce else { throw error }
          throw refused(
            "Cannot cast type \(shownName(item.type)) to \(shownName(field.type)) in column \(place + 1)."
          )
        }
      }
      return .row(fields, row.type)
    }
    let source = expression.type
    let isText = source.info?.category == "S" && castContext == .explicit
    if source == .unknown || isText { return try parsed(expression, row, position) }
    guard source == .record, castContext == .explicit else { throw refused(nil) }
    return try retyped(expression, row)
  }

  /// Rows of all types are compared as records.
  func asRecord(_ expression: TypedExpression) -> TypedExpression {
    guard rowType(expression.type) != nil else { return expression }
    if case .row(let items, _) = expression { return .row(items, .record) }
    return relabel(expression, .record)
  }

  func shownName(_ type: SQLType) -> String {
    if type.info != nil { return formatType(type) }
    if case .type(let found) = context.catalog.objects[type.oid] { return found.name }
    return rowType(type)?.name ?? formatType(type)
  }

  /// From the text form.
  private func parsed(_ expression: TypedExpression, _ row: RowType, _ position: Int?)
    throws(SQLError) -> TypedExpression
  {
    var readers: [TypedExpression] = []
    for (place, field) in row.fields.enumerated() {
      readers.append(
        try coerce(.slot(place, .unknown), to: field.type, .explicit).settingUnknown())
    }
    let origin = CallOrigin.rowFromText(readers, row.fields.map(\.type))
    if case .constant(let value, _) = expression {
      var evaluation = context.evaluation
      do throws(SQLError) {
        return .constant(try origin.body(row.type)([value], &evaluation), row.type)
      } catch {
        var error = error
        error.position = error.position ?? position
        throw error
      }
    }
    return .call(BoundCall(origin, [expression], type: row.type))
  }

  /// From a record whose fields are known only when it is there: their types must be the same.
  private func retyped(_ expression: TypedExpression, _ row: RowType) throws(SQLError)
    -> TypedExpression
  {
    let origin = CallOrigin.rowFromRecord(name: row.name, row.fields.map(\.type))
    return .call(BoundCall(origin, [expression], type: row.type))
  }
}

extension TypedExpression {
  /// A slot's own text where no coercion was needed.
  fileprivate func settingUnknown() -> TypedExpression {
    if case .slot(let place, .unknown) = self { return .slot(place, .text) }
    return self
  }
}
