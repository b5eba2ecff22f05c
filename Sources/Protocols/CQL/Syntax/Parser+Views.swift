// Materialized views.

struct CreateViewStatement: Hashable, Sendable {
  var name: ObjectName
  var base: ObjectName
  /// Empty: all.
  var columns: [String] = []
  var relations: [Relation] = []
  /// As it was written.
  var whereClause = ""
  var partitionKey: [String] = []
  var clustering: [String] = []
  var options = Options()
  var ifNotExists = false
}

extension Parser {
  mutating func createView() throws(CQLError) -> Statement {
    try expect("view")
    let ifNotExists = try ifNotExists()
    let name = try objectName()
    try expect("as", "select")
    var columns: [String] = []
    if !take(sign: "*") {
      columns = try list { (parser) throws(CQLError) in
        guard parser.isSign(",", ahead: 1) || parser.isWord("from", ahead: 1) else {
          throw .invalid(
            "Cannot use other selections than columns when defining a materialized view")
        }
        return try parser.name()
      }
    }
    try expect("from")
    var view = CreateViewStatement(name: name, base: try objectName())
    view.columns = columns
    view.ifNotExists = ifNotExists
    if take("where") {
      let start = offset
      view.relations = try relations()
      view.whereClause = text(from: start)
    }
    var key = CreateTableStatement(name: name)
    try primaryKey(of: &key)
    view.partitionKey = key.partitionKey
    view.clustering = key.clustering
    view.options = try options()
    guard markers.isEmpty else {
      throw .invalid("Cannot use bind variables in CREATE MATERIALIZED VIEW statements")
    }
    return .createView(view)
  }
}
