import Base
import Types

/// jsonb_path_… and the operators @? and @@. Paths are texts here: the type jsonpath is not there.
extension FunctionRegistry {
  static func addJSONPath(_ table: inout BodyTable) {
    table.scalar("jsonb_path_exists", "jsonb_path_exists_opr") {
      (arguments, _) throws(SQLError) in
      try found(arguments).map { .bool(!$0.isEmpty) } ?? .null
    }
    table.scalar("jsonb_path_match", "jsonb_path_match_opr") { (arguments, _) throws(SQLError) in
      guard let items = try found(arguments) else { return .null }
      if items.count == 1 {
        if case .bool(let flag) = items[0].kind { return .bool(flag) }
        if case .null = items[0].kind { return .null }
      }
      if isSilent(arguments) { return .null }
      throw SQLError("22038", "single boolean result is expected")
    }
    table.set("jsonb_path_query") { (arguments, _) throws(SQLError) in
      (try found(arguments) ?? []).map { [.jsonb($0)] }
    }
    table.scalar("jsonb_path_query_array") { (arguments, _) throws(SQLError) in
      .jsonb(.array(try found(arguments) ?? []))
    }
    table.scalar("jsonb_path_query_first") { (arguments, _) throws(SQLError) in
      try found(arguments)?.first.map { .jsonb($0) } ?? .null
    }
  }

  /// The operators hide errors, the functions where they are told to.
  private static func isSilent(_ arguments: [Value]) -> Bool {
    arguments.count < 4 || arguments[3] == .bool(true)
  }

  /// Nil for an error that is hidden.
  private static func found(_ arguments: [Value]) throws(SQLError) -> [JSONValue]? {
    let path = try JSONPath(arguments[1].bytes)
    let variables = arguments.count > 2 ? try arguments[2].jsonb : .object([])
    guard case .object = variables.kind else {
      throw SQLError(
        .invalidParameterValue, "\"vars\" argument is not an object",
        detail: "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.")
    }
    var run = JSONPathRun(path, try arguments[0].jsonb, variables: variables)
    do throws(SQLError) {
      return try run.items()
    } catch {
      if isSilent(arguments), error.code != .undefinedObject { return nil }
      throw error
    }
  }
}

extension FunctionTable {
  static let pathFunctions = #"""
    4005|jsonb_path_exists|jsonb text jsonb bool|bool|fis|jsonb_path_exists|{} f|
    4006|jsonb_path_query|jsonb text jsonb bool|jsonb|fisr|jsonb_path_query|{} f|
    4007|jsonb_path_query_array|jsonb text jsonb bool|jsonb|fis|jsonb_path_query_array|{} f|
    4008|jsonb_path_query_first|jsonb text jsonb bool|jsonb|fis|jsonb_path_query_first|{} f|
    4009|jsonb_path_match|jsonb text jsonb bool|bool|fis|jsonb_path_match|{} f|
    4010|jsonb_path_exists_opr|jsonb text|bool|fis|jsonb_path_exists_opr||
    4011|jsonb_path_match_opr|jsonb text|bool|fis|jsonb_path_match_opr||
    """#
  static let pathOperators =
    "4012\t@?\tjsonb\ttext\tbool\t4010\t0\t0\n4013\t@@\tjsonb\ttext\tbool\t4011\t0\t0"
}
