/// Queries: what views are kept as.
extension SyntaxPrinter {
  public func text(_ query: QuerySyntax.Query) -> String {
    var result = ""
    if !query.with.isEmpty {
      let tables = query.with.map { table in
        let columns =
          table.columns.isEmpty
          ? "" : "(" + table.columns.map(Self.quoted).joined(separator: ", ") + ")"
        return "\(Self.quoted(table.name))\(columns) AS (\(text(table.query)))"
      }
      result +=
        "WITH \(query.isRecursive ? "RECURSIVE " : "")" + tables.joined(separator: ", ") + " "
    }
    result += text(query.body)
    if !query.order.isEmpty { result += " ORDER BY " + keys(query.order) }
    if let limit = query.limit {
      result +=
        query.withTies ? " FETCH FIRST (\(text(limit))) ROWS WITH TIES" : " LIMIT \(text(limit))"
    }
    if let offset = query.offset { result += " OFFSET \(text(offset))" }
    for item in query.locking { result += text(item) }
    return result
  }

  private func text(_ body: QuerySyntax.Body) -> String {
    switch body {
    case .select(let select): return text(select)
    case .values(let rows):
      return "VALUES "
        + rows.map { "(" + $0.map(text).joined(separator: ", ") + ")" }.joined(separator: ", ")
    case .set(let kind, let isAll, let left, let right):
      let word =
        switch kind {
        case .union: "UNION"
        case .intersect: "INTERSECT"
        case .except: "EXCEPT"
        }
      return "(\(text(left))) \(word)\(isAll ? " ALL" : "") (\(text(right)))"
    }
  }

  private func text(_ select: QuerySyntax.Select) -> String {
    var result = "SELECT"
    if select.isDistinct { result += " DISTINCT" }
    if !select.distinctOn.isEmpty {
      result += " DISTINCT ON (" + select.distinctOn.map(text).joined(separator: ", ") + ")"
    }
    let targets = select.targets.map { target in
      text(target.expression) + (target.alias.map { " AS " + Self.quoted($0) } ?? "")
    }
    result += " " + targets.joined(separator: ", ")
    if !select.from.isEmpty { result += " FROM " + select.from.map(text).joined(separator: ", ") }
    if let filter = select.filter { result += " WHERE " + text(filter) }
    if !select.groups.isEmpty {
      result += " GROUP BY " + select.groups.map(text).joined(separator: ", ")
    }
    if let having = select.having { result += " HAVING " + text(having) }
    if !select.windows.isEmpty {
      let windows = select.windows.sorted { $0.key < $1.key }.map {
        "\(Self.quoted($0.key)) AS (\(text($0.value)))"
      }
      result += " WINDOW " + windows.joined(separator: ", ")
    }
    return result
  }

  private func text(_ item: QuerySyntax.GroupItem) -> String {
    func lists(_ sets: [[QuerySyntax.Expression]]) -> String {
      sets.map { "(" + $0.map(text).joined(separator: ", ") + ")" }.joined(separator: ", ")
    }
    switch item {
    case .expression(let expression): return text(expression)
    case .rollup(let sets): return "ROLLUP (\(lists(sets)))"
    case .cube(let sets): return "CUBE (\(lists(sets)))"
    case .sets(let sets): return "GROUPING SETS (\(lists(sets)))"
    }
  }

  private func text(_ item: QuerySyntax.FromItem) -> String {
    switch item {
    case .relation(let name, let alias):
      return (name.schema.map { Self.quoted($0) + "." } ?? "") + Self.quoted(name.name)
        + text(alias)
    case .subquery(let query, let alias, let isLateral, _):
      return (isLateral ? "LATERAL " : "") + "(\(text(query)))" + text(alias)
    case .functions(let calls, let alias, let columns, let hasOrdinality, _):
      var result = calls.map { text($0.call) }.joined(separator: ", ")
      if calls.count > 1 { result = "ROWS FROM (\(result))" }
      if hasOrdinality { result += " WITH ORDINALITY" }
      if columns.isEmpty { return result + text(alias) }
      let definitions = columns.map { "\(Self.quoted($0.name)) \(text($0.type))" }
      return result + " AS \(alias.map { Self.quoted($0.name) } ?? "")("
        + definitions.joined(separator: ", ") + ")"
    case .join(let type, let left, let right, let condition, let alias, _):
      return join(type, left, right, condition, alias)
    }
  }

  private func join(
    _ type: QuerySyntax.JoinType, _ left: QuerySyntax.FromItem, _ right: QuerySyntax.FromItem,
    _ condition: QuerySyntax.JoinCondition, _ alias: QuerySyntax.Alias?
  ) -> String {
    var word =
      switch type {
      case .inner: "JOIN"
      case .left: "LEFT JOIN"
      case .right: "RIGHT JOIN"
      case .full: "FULL JOIN"
      case .cross: "CROSS JOIN"
      }
    var suffix = ""
    switch condition {
    case .none: break
    case .on(let test): suffix = " ON \(text(test))"
    case .using(let names, let alias):
      suffix = " USING (" + names.map(Self.quoted).joined(separator: ", ") + ")"
      if let alias { suffix += " AS " + Self.quoted(alias) }
    case .natural: word = "NATURAL " + word
    }
    return "(\(text(left)) \(word) \(text(right))\(suffix))" + text(alias)
  }

  private func text(_ alias: QuerySyntax.Alias?) -> String {
    guard let alias else { return "" }
    let columns =
      alias.columns.isEmpty
      ? "" : "(" + alias.columns.map(Self.quoted).joined(separator: ", ") + ")"
    return " AS " + Self.quoted(alias.name) + columns
  }

  func keys(_ keys: [QuerySyntax.SortKey]) -> String {
    keys.map { key in
      var result = text(key.expression)
      if key.isDescending { result += " DESC" }
      if let first = key.nullsFirst { result += first ? " NULLS FIRST" : " NULLS LAST" }
      return result
    }.joined(separator: ", ")
  }

  func text(_ window: QuerySyntax.Window) -> String {
    var parts: [String] = []
    if let base = window.base { parts.append(Self.quoted(base)) }
    if !window.partition.isEmpty {
      parts.append("PARTITION BY " + window.partition.map(text).joined(separator: ", "))
    }
    if !window.order.isEmpty { parts.append("ORDER BY " + keys(window.order)) }
    if let frame = window.frame {
      let unit =
        switch frame.unit {
        case .rows: "ROWS"
        case .range: "RANGE"
        case .groups: "GROUPS"
        }
      parts.append("\(unit) BETWEEN \(text(frame.start)) AND \(text(frame.end))")
    }
    return parts.joined(separator: " ")
  }

  private func text(_ bound: WindowFrame.Bound) -> String {
    switch bound {
    case .unboundedPreceding: "UNBOUNDED PRECEDING"
    case .preceding(let count): "\(count) PRECEDING"
    case .currentRow: "CURRENT ROW"
    case .following(let count): "\(count) FOLLOWING"
    case .unboundedFollowing: "UNBOUNDED FOLLOWING"
    }
  }

  private func text(_ locking: QuerySyntax.Locking) -> String {
    let strength =
      switch locking.strength {
      case .keyShare: "KEY SHARE"
      case .share: "SHARE"
      case .noKeyUpdate: "NO KEY UPDATE"
      case .update: "UPDATE"
      }
    let tables =
      locking.tables.isEmpty
      ? "" : " OF " + locking.tables.map(Self.quoted).joined(separator: ", ")
    let wait =
      switch locking.waiting {
      case .wait: ""
      case .noWait: " NOWAIT"
      case .skipLocked: " SKIP LOCKED"
      }
    return " FOR \(strength)\(tables)\(wait)"
  }
}
