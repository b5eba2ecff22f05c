import Catalog
import Functions
import Types

/// Arrays of enums: arrays of texts whose elements have been checked and are tagged with the enum.
/// For functions they are text[].
extension Binder {
  /// The array type of an enum; nil of other types.
  func enumArray(of type: SQLType) -> SQLType? {
    guard type.info == nil, case .type(let found) = context.catalog.objects[type.oid],
      case .enumeration = found.kind
    else { return nil }
    return SQLType(found.arrayID)
  }

  /// The enum whose array type it is.
  func enumElement(of type: SQLType) -> TypeDescriptor? {
    if type.info != nil || context.catalog.objects[type.oid] != nil { return nil }
    for case .type(let found) in context.catalog.objects.values where found.arrayID == type.oid {
      guard case .enumeration = found.kind else { continue }
      depend(on: found)
      return found
    }
    return nil
  }

  func coerceToEnumArray(
    _ expression: TypedExpression, _ element: TypeDescriptor, _ castContext: CastContext,
    _ position: Int?
  ) throws(SQLError) -> TypedExpression {
    guard case .enumeration(let labels) = element.kind else { return expression }
    let texts = try coerce(expression, to: .textArray, castContext, position: position)
    let check = CallOrigin.enumArrayCheck(
      EnumLabels(type: SQLType(element.id), name: element.name, labels: labels))
    let array = SQLType(element.arrayID)
    if case .constant(let value, _) = texts {
      var evaluation = context.evaluation
      do throws(SQLError) {
        return .constant(value.isNull ? .null : try check.body(array)([value], &evaluation), array)
      } catch {
        var error = error
        error.position = position
        throw error
      }
    }
    return .call(BoundCall(check, [texts], type: array))
  }

  /// As operators and functions take it.
  func asTexts(_ expression: TypedExpression) -> TypedExpression {
    guard enumElement(of: expression.type) != nil else { return expression }
    return .call(BoundCall(.enumArrayTexts, [expression], type: .textArray))
  }
}
