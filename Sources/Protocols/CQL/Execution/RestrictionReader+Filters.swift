import Types

/// Conditions that each row is looked at for.
extension RestrictionReader {
  mutating func elementFilter(_ name: String, _ key: Term, _ relation: Relation)
    throws(CQLError)
  {
    let place = try table.column(name)
    let column = table.columns[place]
    guard case .map(let keyType, let valueType) = column.type.thawed, relation.comparison == .equal
    else { throw .invalid("Only map-entry equality predicates on maps are supported (\(name))") }
    let receiver = Receiver(column, of: table)
    let element = try arguments.set(key, receiver.named("key(\(name))", keyType))
    let value = try arguments.set(
      relation.values[0], receiver.named("value(\(name))", valueType))
    result.filters.append(
      .init(column: place, comparison: .equal, values: [value], element: element))
  }

  mutating func filter(_ place: Int, _ relation: Relation) throws(CQLError) {
    var column = table.columns[place]
    switch (relation.comparison, column.type.thawed) {
    case (.like, _):
      throw .invalid("LIKE restriction is only supported on properly indexed columns")
    case (.isNotNull, _):
      throw .invalid(
        "restriction '\(column.name) IS NOT NULL' is only supported in materialized view creation")
    case (.notEqual, _): throw .invalid("Unsupported \"!=\" relation: \(column.name) != value")
    case (.contains, .list(let element)), (.contains, .set(let element)),
      (.contains, .map(_, let element)):
      column.type = element
    case (.containsKey, .map(let key, _)): column.type = key
    case (.contains, _), (.containsKey, _):
      throw .invalid(
        "Cannot use \(relation.comparison.rawValue) on non-collection column \(column.name)")
    default:
      if column.type.isMultiCell {
        throw .invalid(
          "Collection column '\(column.name)' (\(column.type.name)) cannot be restricted by a "
            + "'\(relation.comparison.rawValue)' relation")
      }
      if column.type.native == .duration, relation.comparison != .equal {
        throw .invalid("Slice restrictions are not supported on duration columns")
      }
    }
    let values = try values(relation, column, takesNulls: true)
    if !isNoting, values.contains(where: \.isNull), relation.comparison != .isNotIn,
      !relation.isListMarker, relation.comparison != .equal || column.kind != .regular
    {
      // That the rows would have to be looked at is told first.
      result.nullFault =
        result.nullFault ?? .invalid("Invalid null value in condition for column \(column.name)")
    }
    result.filters.append(
      .init(column: place, comparison: relation.comparison, values: values, element: nil))
  }
}
