extension FunctionTable {
  static let functionParts = [functions1, functions2, functions3]
  static let operatorParts = [operators1]
}
