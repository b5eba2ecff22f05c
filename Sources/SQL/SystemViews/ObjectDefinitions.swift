import Base
import Catalog
import Syntax
import Types

/// SQL that makes an object again, in the words of PostgreSQL's `pg_get_…def` functions.
struct ObjectDefinitions {
  let catalog: CatalogSnapshot
  /// Names of these schemas are shown without it.
  let searchPath: [String]
  /// Leaves out the outermost parentheses of expressions.
  var isPretty = false

  func shown(_ text: String) -> String { isPretty ? Self.unwrapped(text) : text }

  /// Without the parentheses around the whole text, if there are any.
  private static func unwrapped(_ text: String) -> String {
    guard text.hasPrefix("("), text.hasSuffix(")") else { return text }
    var depth = 0
    var isQuoted = false
    for (place, character) in text.enumerated() {
      if character == "'" { isQuoted.toggle() }
      if isQuoted { continue }
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if depth == 0 && place < text.count - 1 { return text }
    }
    return String(text.dropFirst().dropLast())
  }

  func name(_ object: String, _ schema: ObjectID) -> String {
    let schemaName = catalog.objects[schema]?.name ?? ""
    if searchPath.contains(schemaName) { return SyntaxPrinter.quoted(object) }
    return SyntaxPrinter.quoted(schemaName) + "." + SyntaxPrinter.quoted(object)
  }

  /// An identifier as format_type shows it: user types by name.
  func type(_ type: SQLType) -> String {
    if type.info != nil { return formatType(type) }
    for case .type(let user) in catalog.sortedObjects {
      if user.id == type.oid { return name(user.name, user.schema) }
      if user.arrayID == type.oid { return name(user.name, user.schema) + "[]" }
    }
    for object in catalog.sortedObjects {
      switch object {
      case .table(let table) where table.rowType == type.oid: return name(table.name, table.schema)
      case .view(let view) where view.rowType == type.oid: return name(view.name, view.schema)
      default: break
      }
    }
    return "???"
  }

  func part(_ place: Int, of index: IndexDescriptor, _ table: TableDescriptor) -> String {
    guard place < index.columns.count else {
      let included = place - index.columns.count
      guard included < index.included.count else { return "" }
      return SyntaxPrinter.quoted(table.column(index.included[included]).name)
    }
    let column = index.columns[place]
    if let id = column.column { return SyntaxPrinter.quoted(table.column(id).name) }
    let text = column.expression ?? ""
    return text.hasPrefix("(") || text.hasSuffix(")") && !text.hasPrefix("'") ? text : "(\(text))"
  }

  func index(_ index: IndexDescriptor, of table: TableDescriptor) -> String {
    let schema = SyntaxPrinter.quoted(catalog.objects[table.schema]?.name ?? "")
    let keys = index.columns.enumerated().map { place, column in
      var text = part(place, of: index, table)
      if let operators = column.operatorClass { text += " " + operators }
      if column.isDescending {
        text += column.nullsFirst ? " DESC" : " DESC NULLS LAST"
      } else if column.nullsFirst {
        text += " NULLS FIRST"
      }
      return text
    }
    var text = "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX \(SyntaxPrinter.quoted(index.name))"
    text += " ON \(schema).\(SyntaxPrinter.quoted(table.name)) USING btree"
    text += " (\(keys.joined(separator: ", ")))"
    if !index.included.isEmpty {
      text += " INCLUDE (\(names(index.included, table)))"
    }
    if index.nullsNotDistinct { text += " NULLS NOT DISTINCT" }
    if let predicate = index.predicate { text += " WHERE \(shown(predicate))" }
    return text
  }

  private func names(_ ids: [ColumnID], _ table: TableDescriptor) -> String {
    ids.map { SyntaxPrinter.quoted(table.column($0).name) }.joined(separator: ", ")
  }

  /// The constraint with this oid; nil where there is none.
  func constraint(_ id: ObjectID) -> String? {
    for case .table(let table) in catalog.sortedObjects {
      if let index = table.indexes.first(where: { $0.constraint == id }) {
        var text = index.isPrimary ? "PRIMARY KEY " : "UNIQUE "
        if index.nullsNotDistinct { text += "NULLS NOT DISTINCT " }
        text += "(\(names(index.columns.compactMap(\.column), table)))"
        if !index.included.isEmpty { text += " INCLUDE (\(names(index.included, table)))" }
        return text + (index.isDeferrable ? " DEFERRABLE" : "")
      }
      if let check = table.checks.first(where: { $0.id == id }) {
        let text = check.expression
        let inner = isPretty ? shown(text) : text.hasPrefix("(") ? text : "(\(text))"
        return "CHECK (\(inner))" + (check.isValidated ? "" : " NOT VALID")
      }
      if let key = table.foreignKeys.first(where: { $0.id == id }) { return foreign(key, table) }
    }
    return nil
  }

  private func foreign(_ key: ForeignKey, _ table: TableDescriptor) -> String {
    guard let parent = catalog.table(key.referencedTable) else { return "" }
    var text = "FOREIGN KEY (\(names(key.columns, table)))"
    text +=
      " REFERENCES \(name(parent.name, parent.schema))(\(names(key.referencedColumns, parent)))"
    if key.isMatchFull { text += " MATCH FULL" }
    func action(_ action: ForeignKey.Action) -> String? {
      switch action {
      case .noAction: nil
      case .restrict: "RESTRICT"
      case .cascade: "CASCADE"
      case .setNull: "SET NULL"
      case .setDefault: "SET DEFAULT"
      }
    }
    if let word = action(key.onUpdate) { text += " ON UPDATE \(word)" }
    if let word = action(key.onDelete) { text += " ON DELETE \(word)" }
    if key.isDeferrable { text += " DEFERRABLE" }
    if key.isInitiallyDeferred { text += " INITIALLY DEFERRED" }
    if !key.isValidated { text += " NOT VALID" }
    return text
  }
}
