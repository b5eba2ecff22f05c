import Base
import Catalog
import Functions
import Types

/// Chooses how a table's rows are found from the predicates on them, whose columns are slots.
struct AccessChooser {
  private let layout: StoredTable
  init(_ layout: StoredTable) { self.layout = layout }

  struct Choice {
    var plan: AccessPlan
    /// A guess of how many rows it finds.
    var rows: Double
  }

  private struct Facts {
    /// By position of the column.
    var equal: [Int: [TypedExpression]] = [:]
    var lower: [Int: AccessPlan.Bound] = [:]
    var upper: [Int: AccessPlan.Bound] = [:]
  }

  func choose(_ conjuncts: [TypedExpression]) -> Choice {
    var facts = Facts()
    for conjunct in conjuncts { learn(conjunct, &facts) }
    var best = candidate(nil, layout.primaryKey, facts, isUnique: true)
    for (place, index) in layout.indexes.enumerated() {
      guard index.descriptor.state == .public, index.predicate == nil, index.elements == nil else {
        continue
      }
      let found = candidate(place, index.parts, facts, isUnique: index.descriptor.isUnique)
      if index.isGlobal {
        // Only whole keys: its tablet is found by all of them.
        guard index.descriptor.isUnique, found.plan.equalities.count == index.parts.count else {
          continue
        }
        if best.plan.bucketValues != nil { continue }
      }
      if found.rows < best.rows { best = found }
    }
    if let distribution = layout.distribution {
      let values = distribution.map { facts.equal[$0] }
      if !values.contains(where: { $0 == nil }) {
        best.plan.bucketValues = values.compactMap { $0 }
      }
    }
    return best
  }

  private func candidate(_ index: Int?, _ parts: [KeyPart], _ facts: Facts, isUnique: Bool)
    -> Choice
  {
    var plan = AccessPlan(index: index)
    for part in parts {
      guard let column = part.column, let values = facts.equal[column] else { break }
      plan.equalities.append(values)
    }
    var rows = 1_000.0
    for values in plan.equalities {
      rows = max(1, rows / 30) * Double(values.count) * (values[0].type.isArray ? 5 : 1)
    }
    if plan.equalities.count == parts.count {
      if isUnique { rows = plan.equalities.reduce(1) { $0 * Double($1.count) } }
    } else if let column = parts[plan.equalities.count].column {
      plan.lower = facts.lower[column]
      plan.upper = facts.upper[column]
      if plan.lower != nil { rows /= 3 }
      if plan.upper != nil { rows /= 3 }
    }
    return Choice(plan: plan, rows: rows)
  }

  private func isRowFree(_ expression: TypedExpression) -> Bool {
    !expression.isVolatileCall
      && !expression.contains { if case .slot = $0 { true } else { false } }
  }

  /// A value that compares with the column's own bytes. `read`: the type that the column is
  /// compared as.
  private func fits(_ value: SQLType, _ column: Int, as read: SQLType) -> Bool {
    var own = layout.types[column]
    // Enums and domains over texts are kept as texts.
    if own.info == nil, read.oid == SQLType.text.oid || read.oid == SQLType.varchar.oid {
      own = .text
    }
    if own.oid == value.oid { return own.oid != SQLType.bpchar.oid }
    let integers = [SQLType.int2.oid, SQLType.int4.oid, SQLType.int8.oid]
    if integers.contains(own.oid) && integers.contains(value.oid) { return true }
    let texts = [SQLType.text.oid, SQLType.varchar.oid, SQLType.name.oid]
    return texts.contains(own.oid) && texts.contains(value.oid)
  }

  private func learn(_ conjunct: TypedExpression, _ facts: inout Facts) {
    switch conjunct {
    case .slot(let column, .bool):
      facts.equal[column] = facts.equal[column] ?? [.constant(.bool(true), .bool)]
    case .not(.slot(let column, .bool)):
      facts.equal[column] = facts.equal[column] ?? [.constant(.bool(false), .bool)]
    case .inList(.slot(let column, let read), let items, let comparison):
      if comparison.isPlain, items.allSatisfy({ isRowFree($0) && fits($0.type, column, as: read) })
      {
        facts.equal[column] = facts.equal[column] ?? items
      }
    case .anyArray(.slot(let column, let read), let array, let comparison, isAll: false):
      if comparison.operatorName == "=", isRowFree(array), let element = array.type.elementType,
        fits(element, column, as: read)
      {
        facts.equal[column] = facts.equal[column] ?? [array]
      }
    case .call(let call):
      guard let name = call.operatorName, call.arguments.count == 2 else { return }
      if case .slot(let column, let read) = call.arguments[0], isRowFree(call.arguments[1]) {
        learn(column, read, name, call.arguments[1], &facts)
      } else if case .slot(let column, let read) = call.arguments[1],
        isRowFree(call.arguments[0])
      {
        let swapped = ["<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="][name]
        if let swapped { learn(column, read, swapped, call.arguments[0], &facts) }
      }
    default: break
    }
  }

  private func learn(
    _ column: Int, _ read: SQLType, _ name: String, _ value: TypedExpression, _ facts: inout Facts
  ) {
    guard fits(value.type, column, as: read) else { return }
    switch name {
    case "~~", "^@":
      // Bytes in order are texts in order: a prefix is a range.
      guard case .constant(.text(let pattern), _) = value else { return }
      let prefix = name == "^@" ? pattern : LikePrefix.of(pattern)
      guard let end = LikePrefix.end(of: prefix) else { return }
      let type = value.type
      if facts.lower[column] == nil {
        facts.lower[column] = .init(
          expression: .constant(.text(prefix), type), isInclusive: true)
      }
      if facts.upper[column] == nil {
        facts.upper[column] = .init(expression: .constant(.text(end), type), isInclusive: false)
      }
    case "=":
      if facts.equal[column]?.count != 1 { facts.equal[column] = [value] }
    case "<": facts.upper[column] = .init(expression: value, isInclusive: false)
    case "<=": facts.upper[column] = .init(expression: value, isInclusive: true)
    case ">": facts.lower[column] = .init(expression: value, isInclusive: false)
    case ">=": facts.lower[column] = .init(expression: value, isInclusive: true)
    default: break
    }
  }
}

/// What all texts that a LIKE pattern matches begin with.
enum LikePrefix {
  static func of(_ pattern: [UInt8]) -> [UInt8] {
    var prefix: [UInt8] = []
    var isEscaped = false
    for byte in pattern {
      if !isEscaped {
        if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "_") { break }
        if byte == UInt8(ascii: "\\") {
          isEscaped = true
          continue
        }
      }
      isEscaped = false
      prefix.append(byte)
    }
    return prefix
  }

  /// The first bytes above all that begin so; nil where there are none.
  static func end(of prefix: [UInt8]) -> [UInt8]? {
    var end = prefix
    while let last = end.popLast() {
      if last < 0xFF { return end + [last + 1] }
    }
    return nil
  }
}

extension TypedExpression {
  var isVolatileCall: Bool {
    contains { node in
      switch node {
      case .call(let call), .setReturning(let call): call.isVolatile
      default: false
      }
    }
  }
}
