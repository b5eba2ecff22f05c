import Base
import SQL
import Types

/// Reads WHERE.
struct RestrictionReader {
  let table: CQLTable
  let arguments: Arguments
  private var byColumn: [Int: [Relation]] = [:]
  var result = Restrictions()
  /// Columns that have `=` or IN.
  private static let combinationsMax = 10_000

  init(_ table: CQLTable, _ arguments: Arguments) {
    self.table = table
    self.arguments = arguments
  }

  mutating func read(_ relations: [Relation]) throws(CQLError) -> Restrictions {
    var tuples: [Relation] = []
    for relation in relations {
      switch relation.target {
      case .column(let name): byColumn[try table.column(name), default: []].append(relation)
      case .element(let name, let key): try elementFilter(name, key, relation)
      case .columns: tuples.append(relation)
      case .token(let names): try token(names, relation)
      case .field(let name, _):
        throw .invalid("Conditions on fields of \(name) are not supported in WHERE")
      }
    }
    try partition()
    if table.virtual == nil {
      try clustering(tuples)
    } else if !tuples.isEmpty {
      throw .invalid("Conditions on several columns are not supported for this table")
    }
    for (column, rest) in byColumn.sorted(by: { $0.key < $1.key }) {
      for relation in rest { try filter(column, relation) }
    }
    return result
  }

  var isNoting: Bool { arguments.markers != nil }

  /// `takesNulls`: the caller looks whether there are any.
  func values(_ relation: Relation, _ column: CQLColumn, takesNulls: Bool = false)
    throws(CQLError) -> [Datum]
  {
    let receiver = Receiver(column, of: table)
    if relation.isListMarker {
      let items = try arguments.members(
        relation.values[0], receiver, "in(\(column.name))", column.type)
      guard let items else {
        if isNoting { return [] }
        throw .invalid("Invalid null value for column \(column.name)")
      }
      if !takesNulls, column.kind != .regular, items.contains(where: \.isNull) {
        throw .invalid("Invalid null value in condition for column \(column.name)")
      }
      return items
    }
    var values: [Datum] = []
    for term in relation.values {
      let value = try arguments.set(term, receiver)
      if value.isNull, !isNoting, !takesNulls,
        relation.comparison != .equal || column.kind != .regular
      {
        throw .invalid("Invalid null value in condition for column \(column.name)")
      }
      values.append(value)
    }
    return values
  }

  // MARK: Partitions

  private mutating func partition() throws(CQLError) {
    var choices: [[Datum]] = []
    for place in 0..<table.partitionCount {
      let column = table.columns[place]
      guard let relations = byColumn[place],
        relations.allSatisfy({ [.equal, .isIn].contains($0.comparison) })
      else { break }
      guard relations.count == 1 else {
        throw .invalid(
          "\(column.name) cannot be restricted by more than one relation if it includes an Equal")
      }
      if let markers = arguments.markers, case .marker(let number) = relations[0].values.first,
        relations[0].comparison == .equal
      {
        markers.partition[place] = number
      }
      choices.append(try values(relations[0], column))
    }
    // What is known of a part of the key is looked at in each row.
    guard choices.count == table.partitionCount, table.virtual == nil else { return }
    if result.tokens != nil {
      throw .invalid("Columns of the partition key and token() cannot be restricted together")
    }
    for place in 0..<table.partitionCount { byColumn[place] = nil }
    result.partitions = try combine(choices)
    if isNoting { return }
    if table.partitionCount == 1, let partitions = result.partitions {
      for key in partitions {
        if case .scalar(.text([])) = key[0] { throw .invalid("Key may not be empty") }
        if case .scalar(.bytes([])) = key[0] { throw .invalid("Key may not be empty") }
      }
    }
  }

  private func combine(_ choices: [[Datum]]) throws(CQLError) -> [[Datum]] {
    var keys: [[Datum]] = [[]]
    for values in choices {
      var next: [[Datum]] = []
      for key in keys {
        for value in values where !next.contains(key + [value]) { next.append(key + [value]) }
      }
      keys = next
      guard keys.count <= Self.combinationsMax else {
        throw .invalid("IN has more than \(Self.combinationsMax) combinations of values")
      }
    }
    return keys
  }

  private mutating func token(_ names: [String], _ relation: Relation) throws(CQLError) {
    let wanted = table.partitionColumns.map(\.name)
    guard names.count == wanted.count, wanted.allSatisfy(names.contains) else {
      throw .invalid(
        "Invalid number of arguments for the token() function: it must be applied to all partition key components or none of them"
      )
    }
    guard names == wanted else {
      throw .invalid(
        "The token function arguments must be in the partition key order: \(wanted.joined(separator: ", "))"
      )
    }
    if relation.comparison == .notEqual {
      throw .invalid(
        "Unsupported \"!=\" relation: token(\(names.joined(separator: ", "))) != value")
    }
    let receiver = Receiver("partition key token", .bigint, of: table)
    guard let term = relation.values.first else { return }
    let value: Datum
    value = try arguments.set(term, receiver)
    guard let token = value.int else {
      if isNoting { return }
      throw .invalid("Invalid null token")
    }
    var (low, high) = (result.tokens?.lowerBound ?? .min, result.tokens?.upperBound ?? .max)
    switch relation.comparison {
    case .equal: (low, high) = (max(low, token), min(high, token))
    case .greaterOrEqual: low = max(low, token)
    case .lessOrEqual: high = min(high, token)
    case .greater:
      guard token < .max else {
        result.isEmpty = true
        return
      }
      low = max(low, token + 1)
    case .less:
      // The least token is no partition's: as an end it stands for the ring's.
      guard token > .min else { break }
      high = min(high, token - 1)
    default: throw .invalid("\(relation.comparison.rawValue) is not possible with token()")
    }
    if low > high { result.isEmpty = true } else { result.tokens = low...high }
  }

  // MARK: Rows of partitions

  private mutating func clustering(_ tuples: [Relation]) throws(CQLError) {
    for tuple in tuples { try self.tuple(tuple) }
    guard result.prefixes == nil else { return }
    // In scans of all partitions keys do not tell: their columns are looked at in each row.
    guard result.partitions != nil else { return }
    for place in table.partitionCount..<table.partitionCount + table.clusteringCount {
      let column = table.columns[place]
      // What looks into a value is looked at in each row.
      guard let relations = byColumn[place], relations.allSatisfy({ $0.comparison.isOfKeys }) else {
        return
      }
      if relations.count == 1, [.equal, .isIn].contains(relations[0].comparison) {
        result.clustering.append(try values(relations[0], column))
        byColumn[place] = nil
        continue
      }
      try slice(place, relations)
      return
    }
  }

  private mutating func slice(_ place: Int, _ relations: [Relation]) throws(CQLError) {
    let column = table.columns[place]
    for relation in relations {
      guard let value = try values(relation, column).first else { continue }
      switch relation.comparison {
      case .greater, .greaterOrEqual:
        guard result.lower == nil else {
          throw .invalid(
            "More than one restriction was found for the start bound on \(column.name)")
        }
        result.lower = (value, relation.comparison == .greaterOrEqual)
      case .less, .lessOrEqual:
        guard result.upper == nil else {
          throw .invalid("More than one restriction was found for the end bound on \(column.name)")
        }
        result.upper = (value, relation.comparison == .lessOrEqual)
      case .equal, .isIn:
        throw .invalid(
          "\(column.name) cannot be restricted by more than one relation if it includes an Equal")
      default: return
      }
    }
    byColumn[place] = nil
  }

  private mutating func tuple(_ relation: Relation) throws(CQLError) {
    guard case .columns(let names) = relation.target else { return }
    var columns: [Int] = []
    for name in names {
      let column = try table.column(name)
      guard table.columns[column].kind == .clustering else {
        throw .invalid(
          "Multi-column relations can only be applied to clustering columns but was applied to: "
            + name)
      }
      columns.append(column)
    }
    let type = CQLType.tuple(columns.map { table.columns[$0].type })
    let receiver = Receiver("(\(names.joined(separator: ", ")))", type, of: table)
    var values: [[Datum]] = []
    if relation.isListMarker {
      let list = try arguments.set(relation.values[0], receiver.named("in", .list(type)))
      if case .list(let items) = list {
        for case .list(let parts) in items { values.append(parts) }
      }
    } else {
      for term in relation.values {
        if case .tuple(let items) = term, items.count != columns.count {
          throw .invalid(
            "Expected \(columns.count) elements in value tuple, but got \(items.count)")
        }
        let value = try arguments.set(term, receiver)
        if case .list(let parts) = value { values.append(parts) }
      }
    }
    if isNoting { return }
    for tuple in values {
      guard tuple.count == columns.count else {
        throw .invalid(
          "Expected \(columns.count) elements in value tuple, but got \(tuple.count)")
      }
      if let place = tuple.firstIndex(where: \.isNull) {
        throw .invalid(
          "Invalid null value in condition for column \(table.columns[columns[place]].name)")
      }
    }
    let first = table.partitionCount
    let isPrefix = columns.elementsEqual(first..<first + columns.count)
    guard isPrefix else {
      throw .invalid(
        "Clustering columns may not be skipped in multi-column relations. They should appear in "
          + "the PRIMARY KEY order.")
    }
    try checkTwice(relation, table.columns[first].name)
    let isExact = [.equal, .isIn].contains(relation.comparison)
    if isExact, result.partitions != nil, byColumn[first] == nil {
      result.prefixes = values
      return
    }
    switch relation.comparison {
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .isIn:
      result.tupleFilters.append(
        .init(columns: columns, comparison: relation.comparison, values: values))
      guard result.partitions != nil, let bound = values.first?.first else { return }
      switch relation.comparison {
      case .greater, .greaterOrEqual: result.lower = (bound, true)
      case .less, .lessOrEqual: result.upper = (bound, true)
      default: break
      }
    default:
      throw .invalid("\(relation.comparison.rawValue) is not possible with several columns")
    }
  }
}

extension RestrictionReader {
  /// Conditions on several columns have one start and one end, or one `=`.
  private func checkTwice(_ relation: Relation, _ first: String) throws(CQLError) {
    let others = result.tupleFilters.map(\.comparison)
    func has(_ comparisons: Relation.Comparison...) -> Bool {
      others.contains(where: comparisons.contains)
    }
    let isExact = [.equal, .isIn].contains(relation.comparison)
    if result.prefixes != nil || has(.equal, .isIn) || isExact && !others.isEmpty {
      throw .invalid(
        "\(first) cannot be restricted by more than one relation if it includes an Equal")
    }
    switch relation.comparison {
    case .greater, .greaterOrEqual:
      guard has(.greater, .greaterOrEqual) else { return }
      throw .invalid("More than one restriction was found for the start bound on \(first)")
    case .less, .lessOrEqual:
      guard has(.less, .lessOrEqual) else { return }
      throw .invalid("More than one restriction was found for the end bound on \(first)")
    default: return
    }
  }
}

extension Relation.Comparison {
  /// Keys tell whether it holds.
  fileprivate var isOfKeys: Bool {
    switch self {
    case .equal, .isIn, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    case .notEqual, .isNotIn, .contains, .containsKey, .isNotNull, .like: false
    }
  }
}
