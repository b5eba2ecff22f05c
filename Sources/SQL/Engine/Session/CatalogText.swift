public import Syntax
public import Types

/// Parses SQL that the catalog keeps: defaults, checks, index expressions, views.
public enum CatalogText {
  public static func query(_ text: String) throws(SQLError) -> QuerySyntax.Query {
    let statements: [Statement]
    do throws(ParseError) {
      statements = try Parser.parse(Array(text.utf8))
    } catch {
      throw damaged(text)
    }
    guard statements.count == 1, case .query(.query(let query)) = statements[0].body else {
      throw damaged(text)
    }
    return query
  }

  public static func expression(_ text: String) throws(SQLError) -> QuerySyntax.Expression {
    guard case .select(let select) = try query("SELECT " + text).body,
      let target = select.targets.first
    else { throw damaged(text) }
    return target.expression
  }

  private static func damaged(_ text: String) -> SQLError {
    SQLError(.dataCorrupted, "the catalog's text cannot be parsed: \(text)")
  }
}
