import Functions
import Syntax
import Types

extension Binder {
  /// The arguments of `f(a, name => b)` in the function's own order, defaults in the gaps.
  func ordered(_ arguments: [TypedExpression], _ syntax: QuerySyntax.Call) throws(SQLError)
    -> [TypedExpression]
  {
    let names = syntax.argumentNames
    let positional = names.prefix { $0 == nil }.count
    candidates: for signature in registry.functions(named: syntax.name) {
      let types = signature.argumentTypes
      guard signature.argumentNames.count == types.count, arguments.count <= types.count else {
        continue
      }
      var places = [Int?](repeating: nil, count: types.count)
      for (index, name) in names.enumerated() {
        var place = index
        if let name {
          guard let found = signature.argumentNames.firstIndex(of: name), found >= positional
          else { continue candidates }
          place = found
        }
        places[place] = index
      }
      var result: [TypedExpression] = []
      let required = types.count - signature.defaults.count
      for (place, index) in places.enumerated() {
        if let index {
          result.append(arguments[index])
        } else if place >= required {
          result.append(.constant(signature.defaults[place - required], types[place]))
        } else {
          continue candidates
        }
      }
      return result
    }
    let shown = zip(arguments, names).map { argument, name in
      (name.map { $0 + " => " } ?? "") + shownName(argument.type)
    }
    throw SQLError(
      .undefinedFunction,
      "function \(syntax.name)(\(shown.joined(separator: ", "))) does not exist",
      hint: "No function matches the given name and argument types. You might need to add "
        + "explicit type casts.", position: syntax.position)
  }
}
