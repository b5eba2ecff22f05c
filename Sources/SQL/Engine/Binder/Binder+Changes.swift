import Base
import Functions
import Syntax
import Types

extension ChangesCall {
  static func isMeant(_ call: QuerySyntax.Call) -> Bool {
    call.schema == schema && call.name == name
  }
}

extension Binder {
  /// The arguments of `quatrain.changes`, by place or by name; those that are left out are null.
  func changes(_ call: QuerySyntax.Call, _ scope: NameScope) throws(SQLError) -> ChangesCall {
    let parameters = ChangesCall.parameters
    var bound = parameters.map { TypedExpression.constant(.null, $0.type) }
    var given: Set<Int> = []
    for (index, argument) in call.arguments.enumerated() {
      var place = index
      if call.argumentNames.indices.contains(index), let name = call.argumentNames[index] {
        place = parameters.firstIndex { $0.name == name } ?? parameters.count
      }
      guard place < parameters.count, given.insert(place).inserted else {
        throw noSuchChanges(call)
      }
      bound[place] = try argumentOfChanges(argument, parameters[place].type, scope)
    }
    guard given.contains(0) else { throw noSuchChanges(call) }
    return ChangesCall(
      arguments: bound, searchPath: context.searchPath, temporarySchema: context.temporarySchema)
  }

  private func argumentOfChanges(
    _ argument: QuerySyntax.Expression, _ type: SQLType, _ scope: NameScope
  ) throws(SQLError) -> TypedExpression {
    let value = try bind(argument, scope, ExpressionClause("functions in FROM"))
    // An offset may be written as a number, and a time as a timestamp.
    let isText = type == .text && value.type != .unknown
    return try coerce(value, to: type, isText ? .explicit : .implicit)
  }

  private func noSuchChanges(_ call: QuerySyntax.Call) -> SQLError {
    let shown = ChangesCall.parameters.map { "\($0.name) \(shownName($0.type))" }
    return SQLError(
      .undefinedFunction, "the arguments of quatrain.changes do not fit",
      hint: "quatrain.changes(\(shown.joined(separator: ", ")))", position: call.position)
  }
}
