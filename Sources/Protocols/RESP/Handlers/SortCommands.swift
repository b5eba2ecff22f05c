import Base
import Catalog
import Glibc

/// SORT and SORT_RO: the elements of a list, a set or a sorted set, by themselves or by other keys.
enum SortCommands {
  static let all: [CommandSpec] = [
    .data("sort", -2, [.write, .denyOOM, .movableKeys], .found(keys)) {
      (context, command) throws(CommandStop) in
      try Sort(command, mayStore: true).run(context, command[1])
    },
    // Not at a fixed place, as BY and GET may lead to other keys.
    .data(
      "sort_ro", -2, [.readOnly, .movableKeys], .found { $0.count > 1 ? [1] : nil }
    ) {
      (context, command) throws(CommandStop) in
      try Sort(command, mayStore: false).run(context, command[1])
    },
  ]

  @Sendable private static func keys(_ command: CommandArguments) -> [Int]? {
    var keys = [1]
    var index = 2
    while index < command.count {
      if command.matches(index, "LIMIT") {
        index += 2
      } else if command.matches(index, "BY") || command.matches(index, "GET") {
        index += 1
      } else if command.matches(index, "STORE"), index + 1 < command.count {
        // The last one counts.
        keys = [1, index + 1]
        index += 1
      }
      index += 1
    }
    return keys
  }
}

/// One SORT.
private struct Sort {
  private var isDescending = false
  private var isText = false
  private var offset: Int64 = 0
  private var count: Int64 = -1
  private var by: KeyPattern?
  /// BY a constant: the order stays as it is.
  private var keepsOrder = false
  private var get: [KeyPattern] = []
  private var target: [UInt8]?

  init(_ command: CommandArguments, mayStore: Bool) throws(CommandStop) {
    var index = 2
    while index < command.count {
      let left = command.count - index - 1
      if command.matches(index, "ASC") {
        isDescending = false
      } else if command.matches(index, "DESC") {
        isDescending = true
      } else if command.matches(index, "ALPHA") {
        isText = true
      } else if command.matches(index, "LIMIT"), left >= 2 {
        guard let first = command[index + 1].strictInteger(),
          let number = command[index + 2].strictInteger()
        else { throw .notInteger }
        (offset, count) = (first, number)
        index += 2
      } else if mayStore, command.matches(index, "STORE"), left >= 1 {
        target = command.array(index + 1)
        index += 1
      } else if command.matches(index, "BY"), left >= 1 {
        by = KeyPattern(command.array(index + 1))
        keepsOrder = keepsOrder || by?.isConstant ?? false
        index += 1
      } else if command.matches(index, "GET"), left >= 1 {
        get.append(KeyPattern(command.array(index + 1)))
        index += 1
      } else {
        throw .syntax
      }
      index += 1
    }
  }

  func run(_ context: CommandContext, _ name: ArraySlice<UInt8>) throws(CommandStop) {
    context.usesOtherKeys = true
    defer { context.usesOtherKeys = false }
    let key = try context.key(name)
    var elements = try WholeCollection.elements(context, key)
    try fetch(elements, context)
    if !keepsOrder {
      elements = try sorted(elements, by: by, isText: isText, context)
    } else if key.row?.type == .set, target != nil || context.isScript {
      // A set has no order of its own that could be kept.
      elements = try sorted(elements, by: nil, isText: true, context)
    } else if isDescending, key.row?.type != .set {
      elements.reverse()
    }
    var results: [[UInt8]?] = []
    for element in limited(elements) {
      if get.isEmpty { results.append(element) }
      for pattern in get { results.append(try pattern.value(for: element, context)) }
    }
    guard let target else {
      context.reply.array(results.count)
      for result in results { context.reply.optional(result) }
      return
    }
    try store(results.map { $0 ?? [] }, target, context)
  }

  /// Keys elsewhere come with one fetch, not one by one.
  private func fetch(_ elements: [[UInt8]], _ context: CommandContext) throws(CommandStop) {
    let patterns = (keepsOrder ? [] : [by].compactMap { $0 }) + get
    let names = patterns.flatMap { pattern in elements.compactMap { pattern.key(for: $0)?.name } }
    try context.rows.require(names, db: context.db)
  }

  private func limited(_ elements: [[UInt8]]) -> ArraySlice<[UInt8]> {
    let start = min(max(offset, 0), Int64(elements.count))
    let length = count < 0 ? Int64(elements.count) : min(count, Int64(elements.count))
    return elements[Int(start)..<Int(min(start + length, Int64(elements.count)))]
  }

  private struct Entry {
    var element: [UInt8]
    var text: [UInt8]?
    var number = 0.0
  }

  private func sorted(
    _ elements: [[UInt8]], by: KeyPattern?, isText: Bool, _ context: CommandContext
  ) throws(CommandStop) -> [[UInt8]] {
    var entries: [Entry] = []
    entries.reserveCapacity(elements.count)
    var areNumbers = true
    for element in elements {
      let text = by == nil ? element : try by?.value(for: element, context)
      var entry = Entry(element: element, text: text)
      if !isText, let text {
        let number = Self.number(text)
        areNumbers = areNumbers && number != nil
        entry.number = number ?? 0
      }
      entries.append(entry)
    }
    guard areNumbers else {
      throw .error("ERR One or more scores can't be converted into double")
    }
    let order = isText ? Self.textPrecedes : Self.numberPrecedes
    entries.sort { isDescending ? order($1, $0) : order($0, $1) }
    return entries.map(\.element)
  }

  private static func textPrecedes(_ a: Entry, _ b: Entry) -> Bool {
    // What has no key to be sorted by comes first.
    guard let left = a.text, let right = b.text else { return a.text == nil && b.text != nil }
    return left.lexicographicallyPrecedes(right)
  }

  /// Equal numbers go by the elements themselves.
  private static func numberPrecedes(_ a: Entry, _ b: Entry) -> Bool {
    a.number != b.number
      ? a.number < b.number : a.element.lexicographicallyPrecedes(b.element)
  }

  /// As strtod reads it: up to a zero byte, blanks before it, and nothing is 0. Nil: it is none.
  private static func number(_ text: [UInt8]) -> Double? {
    let bytes = text.prefix { $0 != 0 }.drop { $0 == 32 || (9...13).contains($0) }
    if bytes.isEmpty { return text.isEmpty || text[0] == 0 ? 0 : nil }
    guard let value = bytes.double(),
      value.isFinite || bytes.contains(UInt8(ascii: "i"))
        || bytes.contains(UInt8(ascii: "I"))
    else { return nil }
    return value
  }

  private func store(_ values: [[UInt8]], _ name: [UInt8], _ context: CommandContext)
    throws(CommandStop)
  {
    var key = try context.keyToWrite(name)
    try context.remove(key)
    if values.isEmpty {
      if key.exists { context.notify(.generic, "del", key) }
    } else {
      key.row = nil
      try WholeCollection.write(list: values, context, key)
      context.notify(.list, "sortstore", key)
    }
    context.reply.integer(values.count)
  }
}

/// A pattern of BY or GET: the first `*` stands for the element, and `->field` behind it for a field
/// of the hash. `#` is the element itself.
private struct KeyPattern {
  private let prefix: [UInt8]
  private let suffix: [UInt8]
  private let field: [UInt8]?
  private let isElement: Bool
  /// It has no `*`, and so names nothing.
  let isConstant: Bool

  init(_ pattern: [UInt8]) {
    isElement = pattern == [UInt8(ascii: "#")]
    guard let star = pattern.firstIndex(of: UInt8(ascii: "*")) else {
      (prefix, suffix, field, isConstant) = (pattern, [], nil, true)
      return
    }
    isConstant = false
    prefix = Array(pattern[..<star])
    let rest = pattern[(star + 1)...]
    let arrow = rest.indices.first {
      rest[$0] == UInt8(ascii: "-") && $0 + 1 < rest.endIndex
        && rest[$0 + 1] == UInt8(ascii: ">")
    }
    if let arrow, arrow + 2 < rest.endIndex {
      suffix = Array(rest[..<arrow])
      field = Array(rest[(arrow + 2)...])
    } else {
      suffix = Array(rest)
      field = nil
    }
  }

  func key(for element: [UInt8]) -> (name: [UInt8], field: [UInt8]?)? {
    isElement || isConstant ? nil : (prefix + element + suffix, field)
  }

  /// Nil: there is no such key or field, or it is of another type.
  func value(for element: [UInt8], _ context: CommandContext) throws(CommandStop) -> [UInt8]? {
    if isElement { return element }
    guard let wanted = key(for: element) else { return nil }
    let key = try context.key(wanted.name)
    guard let name = wanted.field else {
      return key.row?.type == .string ? key.row?.value : nil
    }
    guard key.row?.type == .hash else { return nil }
    return try HashRows(context, key).get(name)?.value
  }
}
