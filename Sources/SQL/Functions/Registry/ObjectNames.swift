import Types

/// Text input and output in casts. The reg… types are names of objects, which only the catalog
/// knows: it is asked by the name of PostgreSQL's function (`regclassin`, `regclassout`, …), with
/// the text or the oid as the only argument.
enum ObjectNames {
  static func isObject(_ type: SQLType) -> Bool {
    switch type.withoutModifier {
    case .regclass, .regtype, .regproc, .regprocedure, .regnamespace, .regrole: true
    default: false
    }
  }

  /// Without a catalog, and for numbers and the names of built-in types, as `TypeIO` reads them.
  static func value(of text: [UInt8], _ type: SQLType, _ context: inout EvaluationContext)
    throws(SQLError) -> Value
  {
    if isObject(type), let catalog = context.catalog, let first = text.first,
      !(first >= 48 && first <= 57), text != [UInt8(ascii: "-")], let info = type.info
    {
      if type.oid == SQLType.regtype.oid,
        let builtin = try? TypeIO.parseText(text, as: type, settings: context.settings)
      {
        return builtin
      }
      return try catalog.call(info.inputFunction, [.text(text)], &context)
    }
    if isObject(type), text == [UInt8(ascii: "-")] { return .int(0) }
    return try TypeIO.parseText(text, as: type, settings: context.settings)
  }

  static func text(of value: Value, _ type: SQLType, _ context: inout EvaluationContext)
    throws(SQLError) -> [UInt8]
  {
    if isObject(type), let catalog = context.catalog, let info = type.info,
      case .text(let text) = try catalog.call(info.outputFunction, [value], &context)
    {
      return text
    }
    var text: [UInt8] = []
    TypeIO.formatText(value, as: type, settings: context.settings, into: &text)
    return text
  }
}
