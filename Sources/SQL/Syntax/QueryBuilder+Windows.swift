/// OVER (…) and WINDOW.
extension QueryBuilder {
  static func window(_ node: ParseNode, isDefinition: Bool = false) throws(ParseError)
    -> QuerySyntax.Window
  {
    try node.allow([
      "name", "refname", "partitionClause", "orderClause", "frameOptions", "startOffset",
      "endOffset",
    ])
    var window = QuerySyntax.Window()
    window.base =
      isDefinition ? node.string("refname") : node.string("name") ?? node.string("refname")
    window.partition = try ExpressionBuilder.list(node.list("partitionClause"))
    window.order = try sortKeys(node.list("orderClause"))
    let options = FrameOptions(rawValue: node.integer("frameOptions") ?? 0)
    if options.contains(.isGiven) { window.frame = try frame(node, options) }
    return window
  }

  /// The grammar's frame bits (FRAMEOPTION_* of PostgreSQL's parse nodes).
  private struct FrameOptions: OptionSet {
    let rawValue: Int
    static let isGiven = FrameOptions(rawValue: 1)
    static let rows = FrameOptions(rawValue: 4)
    static let groups = FrameOptions(rawValue: 8)
    static let startUnboundedPreceding = FrameOptions(rawValue: 0x20)
    static let endUnboundedFollowing = FrameOptions(rawValue: 0x100)
    static let startCurrentRow = FrameOptions(rawValue: 0x200)
    static let endCurrentRow = FrameOptions(rawValue: 0x400)
    static let startPreceding = FrameOptions(rawValue: 0x800)
    static let endPreceding = FrameOptions(rawValue: 0x1000)
    static let startFollowing = FrameOptions(rawValue: 0x2000)
    static let endFollowing = FrameOptions(rawValue: 0x4000)
    static let exclusions = FrameOptions(rawValue: 0x8000 | 0x1_0000 | 0x2_0000)
  }

  private static func frame(_ node: ParseNode, _ options: FrameOptions) throws(ParseError)
    -> WindowFrame
  {
    if !options.isDisjoint(with: .exclusions) {
      throw .unsupported("EXCLUDE in a window's frame", location: node.location)
    }
    var frame = WindowFrame()
    frame.unit = options.contains(.rows) ? .rows : options.contains(.groups) ? .groups : .range
    if options.contains(.startUnboundedPreceding) {
      frame.start = .unboundedPreceding
    } else if options.contains(.startCurrentRow) {
      frame.start = .currentRow
    } else {
      let count = try offset(node, "startOffset")
      frame.start = options.contains(.startPreceding) ? .preceding(count) : .following(count)
    }
    if options.contains(.endUnboundedFollowing) {
      frame.end = .unboundedFollowing
    } else if options.contains(.endCurrentRow) {
      frame.end = .currentRow
    } else {
      let count = try offset(node, "endOffset")
      frame.end = options.contains(.endPreceding) ? .preceding(count) : .following(count)
    }
    return frame
  }

  private static func offset(_ node: ParseNode, _ key: String) throws(ParseError) -> Int {
    guard case .literal(.integer(let number), _) = try ExpressionBuilder.required(node, key) else {
      throw .unsupported("a frame offset that is no constant", location: node.location)
    }
    return Int(number)
  }
}
