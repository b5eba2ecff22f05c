import Base
import Catalog
import Syntax
import Types

/// A column of CREATE TABLE or ADD COLUMN on its way to a descriptor.
struct DraftColumn {
  var descriptor: ColumnDescriptor
  /// SERIAL and identity columns get a sequence with these options.
  var sequence: (type: SQLType, options: [DefinitionOption], isIdentity: Bool)?
  /// What stands at the column and concerns the table.
  var constraints: [ConstraintDefinition] = []
}

extension SQLSession {
  private static let serials: [String: SQLType] = [
    "serial": .int4, "serial4": .int4, "bigserial": .int8, "serial8": .int8, "smallserial": .int2,
    "serial2": .int2,
  ]

  /// Type, NOT NULL, default, identity and generation of one column.
  func draft(_ definition: ColumnDefinition, id: ColumnID, table: String) throws(SQLError)
    -> DraftColumn
  {
    var draft: DraftColumn
    if definition.type.schema == nil, let type = Self.serials[definition.type.name] {
      draft = DraftColumn(
        descriptor: ColumnDescriptor(id: id, name: definition.name, type: type))
      draft.descriptor.isNotNull = true
      draft.sequence = (type, [], false)
    } else {
      let type = try Binder(statementContext(), parameterTypes: []).type(definition.type)
      if type.isPseudo {
        throw SQLError(
          .invalidTableDefinition,
          "column \"\(definition.name)\" has pseudo-type \(formatType(type))",
          position: definition.position)
      }
      draft = DraftColumn(
        descriptor: ColumnDescriptor(id: id, name: definition.name, type: type))
    }
    if Self.systemColumns.contains(definition.name) {
      throw SQLError(
        .duplicateColumn,
        "column name \"\(definition.name)\" conflicts with a system column name",
        position: definition.position)
    }
    for constraint in definition.constraints {
      try apply(constraint, to: &draft, definition, table)
    }
    return draft
  }

  private static let systemColumns: Set<String> = [
    "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid", "quatrain_rowid",
  ]

  private func apply(
    _ constraint: ConstraintDefinition, to draft: inout DraftColumn,
    _ definition: ColumnDefinition, _ table: String
  ) throws(SQLError) {
    switch constraint.kind {
    case .notNull: draft.descriptor.isNotNull = true
    case .null: break
    case .defaultValue(let expression):
      if draft.descriptor.defaultExpression != nil || draft.sequence != nil {
        throw SQLError(
          .syntaxError,
          "multiple default values specified for column \"\(definition.name)\" of table \"\(table)\"",
          position: constraint.position)
      }
      draft.descriptor.defaultExpression = try defaultText(
        expression, draft.descriptor.type, definition.name)
    case .identity(let isAlways, let options):
      if draft.sequence != nil {
        throw SQLError(
          .syntaxError,
          "multiple identity specifications for column \"\(definition.name)\" of table \"\(table)\"",
          position: constraint.position)
      }
      guard
        [SQLType.int2.oid, SQLType.int4.oid, SQLType.int8.oid].contains(
          draft.descriptor.type.oid)
      else {
        throw SQLError(
          .invalidParameterValue, "identity column type must be smallint, integer, or bigint")
      }
      draft.descriptor.isNotNull = true
      draft.descriptor.identity = isAlways ? .always : .byDefault
      draft.sequence = (draft.descriptor.type, options, true)
    case .generated(let expression):
      draft.descriptor.generatedExpression = SyntaxPrinter.text(expression)
    case .check, .primaryKey, .unique, .reference:
      var moved = constraint
      if moved.columns.isEmpty {
        if case .check = moved.kind {} else { moved.columns = [definition.name] }
      }
      draft.constraints.append(moved)
    }
  }

  /// A default's text, checked against the column's type; nil for DEFAULT NULL.
  func defaultText(_ expression: QuerySyntax.Expression, _ type: SQLType, _ column: String)
    throws(SQLError) -> String?
  {
    if case .literal(.null, _) = expression { return nil }
    let binder = Binder(statementContext(), parameterTypes: [])
    let bound: TypedExpression
    do throws(SQLError) {
      bound = try binder.bind(
        expression, NameScope(parent: nil), ExpressionClause("DEFAULT expressions"))
    } catch {
      guard error.code == .undefinedColumn || error.code == .undefinedTable else { throw error }
      throw SQLError(
        .featureNotSupported, "cannot use column reference in DEFAULT expression",
        position: error.position)
    }
    _ = try binder.assign(bound, to: type, column: column, position: expression.position)
    for item in bound.externals {
      if case .call = binder.externals[item] { continue }
      throw SQLError(
        .featureNotSupported, "cannot use subquery in DEFAULT expression",
        position: expression.position)
    }
    if case .literal(.string, _) = expression, type.info != nil {
      let bare = try binder.assign(
        bound, to: type.withoutModifier, column: column, position: expression.position)
      if case .constant(let value, let type) = bare { return constantText(value, type) }
    }
    return SyntaxPrinter.text(expression)
  }

  /// A constant as SQL that says its type, the way PostgreSQL shows it.
  private func constantText(_ value: Value, _ type: SQLType) -> String {
    let text = TypeIO.formatText(value, as: type, settings: settings.formats)
    switch type {
    case .bool: return value == .bool(true) ? "true" : "false"
    case .int4, .numeric:
      let isPlain = text.first?.isNumber ?? false
      if isPlain { return text }
    default: break
    }
    return "\(SyntaxPrinter.literal(text))::\(formatType(type))"
  }
}
