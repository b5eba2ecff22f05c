extension FunctionTable {
  static let functionParts = [functions1, functions2, functions3, pathFunctions]
  static let operatorParts = [operators1, pathOperators]
}
