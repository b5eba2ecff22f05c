import Types

/// The aggregates of pg_aggregate, by name and argument types.
extension FunctionRegistry {
  static func addAggregates(_ table: inout BodyTable) {
    table.aggregate("count") { types in
      AggregateDescriptor(partialTypes: [.int8]) {
        CountState(countsNulls: types.arguments.isEmpty)
      }
    }
    addFolds(&table)
    addSums(&table)
    addMoments(&table)
    addRegressions(&table)
    addCollections(&table)
  }

  private static func addFolds(_ table: inout BodyTable) {
    for (name, sign) in [("min", -1), ("max", 1)] {
      table.aggregate(name) { types in
        let type = types.arguments[0]
        return AggregateDescriptor(partialTypes: [type]) {
          FoldState { (a, b) throws(SQLError) in
            Value.compare(b, a, as: type) * sign > 0 ? b : a
          }
        }
      }
    }
    let folds: [(String, @Sendable (Value, Value) throws(SQLError) -> Value)] = [
      ("bool_and", { (a, b) throws(SQLError) in try a.bool ? b : a }),
      ("every", { (a, b) throws(SQLError) in try a.bool ? b : a }),
      ("bool_or", { (a, b) throws(SQLError) in try a.bool ? a : b }),
      ("bit_and", { (a, b) throws(SQLError) in .int(try a.int & b.int) }),
      ("bit_or", { (a, b) throws(SQLError) in .int(try a.int | b.int) }),
      ("bit_xor", { (a, b) throws(SQLError) in .int(try a.int ^ b.int) }),
    ]
    for (name, fold) in folds {
      table.aggregate(name) { types in
        AggregateDescriptor(partialTypes: [types.arguments[0]]) { FoldState(fold: fold) }
      }
    }
  }

  private static func addSums(_ table: inout BodyTable) {
    for (name, isAverage) in [("sum", false), ("avg", true)] {
      table.aggregate(name) { types in
        switch types.arguments[0].withoutModifier {
        case .int2, .int4, .int8:
          let sumType: SQLType = types.arguments[0].oid == SQLType.int8.oid ? .numeric : .int8
          return AggregateDescriptor(partialTypes: [.numeric, .int8]) {
            IntegerSumState(sumType: sumType, isAverage: isAverage)
          }
        case .float4, .float8:
          let isSingle = types.arguments[0].oid == SQLType.float4.oid
          return AggregateDescriptor(partialTypes: [.float8, .float8, .float8]) {
            FloatState(moment: isAverage ? .average : .sum, isSingle: isSingle)
          }
        case .interval:
          return AggregateDescriptor(partialTypes: [.interval, .int8]) {
            IntervalSumState(isAverage: isAverage)
          }
        default:
          return AggregateDescriptor(partialTypes: [.numeric, .numeric, .int8]) {
            NumericState(moment: isAverage ? .average : .sum)
          }
        }
      }
    }
  }

  private static func addMoments(_ table: inout BodyTable) {
    let moments: [(String, Moment)] = [
      ("var_pop", .variance(isSample: false)), ("var_samp", .variance(isSample: true)),
      ("variance", .variance(isSample: true)), ("stddev_pop", .deviation(isSample: false)),
      ("stddev_samp", .deviation(isSample: true)), ("stddev", .deviation(isSample: true)),
    ]
    for (name, moment) in moments {
      table.aggregate(name) { types in
        if types.arguments[0].oid == SQLType.float8.oid
          || types.arguments[0].oid == SQLType.float4.oid
        {
          return AggregateDescriptor(partialTypes: [.float8, .float8, .float8]) {
            FloatState(moment: moment, isSingle: false)
          }
        }
        return AggregateDescriptor(partialTypes: [.numeric, .numeric, .int8]) {
          NumericState(moment: moment)
        }
      }
    }
  }

  private static func addRegressions(_ table: inout BodyTable) {
    let picks: [(String, @Sendable (RegressionState) -> Double?)] = [
      (
        "corr",
        {
          $0.n < 1 || $0.sxx == 0 || $0.syy == 0
            ? nil : $0.sxy / ($0.sxx * $0.syy).squareRoot()
        }
      ),
      ("covar_pop", { $0.n < 1 ? nil : $0.sxy / $0.n }),
      ("covar_samp", { $0.n < 2 ? nil : $0.sxy / ($0.n - 1) }),
      ("regr_avgx", { $0.n < 1 ? nil : $0.sx / $0.n }),
      ("regr_avgy", { $0.n < 1 ? nil : $0.sy / $0.n }),
      ("regr_sxx", { $0.n < 1 ? nil : $0.sxx }),
      ("regr_syy", { $0.n < 1 ? nil : $0.syy }),
      ("regr_sxy", { $0.n < 1 ? nil : $0.sxy }),
      ("regr_slope", { $0.n < 1 || $0.sxx == 0 ? nil : $0.sxy / $0.sxx }),
      (
        "regr_intercept",
        {
          $0.n < 1 || $0.sxx == 0
            ? nil : ($0.sy - $0.sx * $0.sxy / $0.sxx) / $0.n
        }
      ),
      (
        "regr_r2",
        {
          $0.n < 1 || $0.sxx == 0
            ? nil : ($0.syy == 0 ? 1 : $0.sxy * $0.sxy / ($0.sxx * $0.syy))
        }
      ),
    ]
    let partialTypes = Array(repeating: SQLType.float8, count: 6)
    for (name, pick) in picks {
      table.aggregate(name) { _ in
        AggregateDescriptor(partialTypes: partialTypes) { RegressionState(pick: pick) }
      }
    }
    table.aggregate("regr_count") { _ in
      AggregateDescriptor(partialTypes: [.int8]) { PairCountState() }
    }
  }

  private static func addCollections(_ table: inout BodyTable) {
    table.aggregate("array_agg") { types in
      let isNested = types.arguments[0].isArray
      let element = types.result.subscripted ?? types.arguments[0]
      return AggregateDescriptor(partialTypes: [types.result], isOrderSensitive: true) {
        ArrayState(element: element, isNested: isNested)
      }
    }
    table.aggregate("string_agg") { types in
      let type = types.arguments[0]
      return AggregateDescriptor(partialTypes: [type, type], isOrderSensitive: true) {
        StringState(isBytes: type.oid == SQLType.bytea.oid)
      }
    }
    table.aggregate("mode(anyelement)") { types in
      orderedSet(types.arguments[0], fraction: .float8) { (sorted, _) throws(SQLError) in
        var best = (value: sorted[0], count: 0)
        var run = (value: sorted[0], count: 0)
        for value in sorted {
          run = Value.compare(value, run.value) == 0 ? (run.value, run.count + 1) : (value, 1)
          if run.count > best.count { best = run }
        }
        return best.value
      }
    }
    table.aggregate("percentile_disc(float8 anyelement)") { types in
      orderedSet(types.arguments[1], fraction: .float8) { (sorted, fraction) throws(SQLError) in
        guard let part = try checkedFraction(fraction) else { return .null }
        let place = Int((part * Double(sorted.count)).rounded(.up)) - 1
        return sorted[max(0, place)]
      }
    }
    table.aggregate("percentile_cont(float8 float8)") { types in
      orderedSet(.float8, fraction: .float8) { (sorted, fraction) throws(SQLError) in
        guard let part = try checkedFraction(fraction) else { return .null }
        let place = part * Double(sorted.count - 1)
        let (low, high) = (
          try sorted[Int(place.rounded(.down))].float, try sorted[Int(place.rounded(.up))].float
        )
        return .float(low + (place - place.rounded(.down)) * (high - low))
      }
    }
  }

  private static func orderedSet(
    _ type: SQLType, fraction: SQLType,
    pick: @escaping @Sendable ([Value], Value) throws(SQLError) -> Value
  ) -> AggregateDescriptor {
    AggregateDescriptor(partialTypes: [type.arrayType ?? .textArray, fraction]) {
      OrderedSetState(type: type, pick: pick)
    }
  }

  private static func checkedFraction(_ value: Value) throws(SQLError) -> Double? {
    if value.isNull { return nil }
    let part = try value.float
    guard part >= 0 && part <= 1 else {
      throw SQLError(.numericValueOutOfRange, "percentile value \(part) is not between 0 and 1")
    }
    return part
  }
}

/// regr_count: rows where both are not null.
struct PairCountState: AggregateState {
  var count: Int64 = 0
  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    if !arguments[0].isNull && !arguments[1].isNull { count += 1 }
  }
  func partial() throws(SQLError) -> [Value] { [.int(count)] }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    count += try partial[0].int
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value { .int(count) }
}
