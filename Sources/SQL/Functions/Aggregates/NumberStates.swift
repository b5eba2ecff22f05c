import Types

/// Which result a sum of powers is for.
enum Moment: Sendable {
  case sum, average
  case variance(isSample: Bool)
  case deviation(isSample: Bool)
}

/// Sums of int2, int4 and int8, exact in 128 bits.
struct IntegerSumState: AggregateState {
  /// The type of a plain sum: int8 for the small types (22003 beyond it), numeric for int8.
  let sumType: SQLType
  let isAverage: Bool
  var sum: Int128 = 0
  var count: Int64 = 0

  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    guard case .int(let value) = arguments[0] else { return }
    sum += Int128(value)
    count += 1
  }
  private var exact: Numeric {
    get throws(SQLError) {
      if let small = Int64(exactly: sum) { return Numeric(small) }
      return try Numeric.parse(String(sum))
    }
  }
  func partial() throws(SQLError) -> [Value] { [.numeric(try exact), .int(count)] }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    let other = try partial[0].numeric
    sum += other.roundedInt64.map { Int128($0) } ?? Int128(other.description) ?? 0
    count += try partial[1].int
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value {
    if count == 0 { return .null }
    if isAverage { return .numeric(try exact.divided(by: Numeric(count))) }
    if sumType == .numeric { return .numeric(try exact) }
    guard let value = Int64(exactly: sum) else { throw Fault.outOfRange("bigint") }
    return .int(value)
  }
}

/// Sums and sums of squares of numerics and, for variances, of integers.
struct NumericState: AggregateState {
  let moment: Moment
  var sum = Numeric.zero
  var squares = Numeric.zero
  var count: Int64 = 0

  private var needsSquares: Bool {
    switch moment {
    case .sum, .average: false
    default: true
    }
  }
  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    guard !arguments[0].isNull else { return }
    let value = try arguments[0].numeric
    sum = count == 0 ? value : try sum.adding(value)
    if needsSquares {
      let square = try value.multiplied(by: value)
      squares = count == 0 ? square : try squares.adding(square)
    }
    count += 1
  }
  func partial() throws(SQLError) -> [Value] { [.numeric(sum), .numeric(squares), .int(count)] }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    let rows = try partial[2].int
    if rows == 0 { return }
    sum = count == 0 ? try partial[0].numeric : try sum.adding(partial[0].numeric)
    squares = count == 0 ? try partial[1].numeric : try squares.adding(partial[1].numeric)
    count += rows
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value {
    if count == 0 { return .null }
    switch moment {
    case .sum: return .numeric(sum)
    case .average: return .numeric(try sum.divided(by: Numeric(count)))
    case .variance(let isSample):
      return try variance(isSample: isSample).map { .numeric($0) } ?? .null
    case .deviation(let isSample):
      guard let variance = try variance(isSample: isSample) else { return .null }
      if variance.isZero { return .numeric(variance) }
      return .numeric(try variance.squareRoot().withScale(variance.scale))
    }
  }
  private func variance(isSample: Bool) throws(SQLError) -> Numeric? {
    if isSample && count == 1 { return nil }
    if !sum.isFinite || !squares.isFinite { return .nan }
    let rows = Numeric(count)
    let spread = try rows.multiplied(by: squares).subtracting(sum.multiplied(by: sum))
    if spread.signum <= 0 { return .zero }
    return try spread.divided(by: rows.multiplied(by: Numeric(isSample ? count - 1 : count)))
  }
}

/// Sums of float4 and float8, with the sum of squared differences by Youngs and Cramer (1971).
struct FloatState: AggregateState {
  let moment: Moment
  let isSingle: Bool
  var sum = 0.0
  var spread = 0.0
  var count = 0.0

  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    guard case .float(let value) = arguments[0] else { return }
    count += 1
    let before = sum
    sum += value
    if sum.isInfinite && before.isFinite && value.isFinite { throw FunctionRegistry.floatOverflow }
    if count > 1 {
      let difference = value * count - sum
      spread += difference * difference / (count * (count - 1))
      if before.isInfinite || value.isInfinite { spread = .nan }
    } else if !value.isFinite {
      spread = .nan
    }
  }
  func partial() throws(SQLError) -> [Value] { [.float(count), .float(sum), .float(spread)] }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    let (otherCount, otherSum, otherSpread) = (
      try partial[0].float, try partial[1].float, try partial[2].float
    )
    if otherCount == 0 { return }
    if count == 0 {
      (count, sum, spread) = (otherCount, otherSum, otherSpread)
      return
    }
    let difference = sum / count - otherSum / otherCount
    spread += otherSpread + count * otherCount * difference * difference / (count + otherCount)
    sum += otherSum
    count += otherCount
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value {
    if count == 0 { return .null }
    switch moment {
    case .sum:
      let result = isSingle ? Double(Float(sum)) : sum
      if result.isInfinite && sum.isFinite { throw FunctionRegistry.floatOverflow }
      return .float(result)
    case .average: return .float(sum / count)
    case .variance(let isSample):
      if isSample && count == 1 { return .null }
      return .float(spread / (isSample ? count - 1 : count))
    case .deviation(let isSample):
      if isSample && count == 1 { return .null }
      return .float((spread / (isSample ? count - 1 : count)).squareRoot())
    }
  }
}

/// The statistics of pairs: corr, covar_…, regr_….
struct RegressionState: AggregateState {
  let pick: @Sendable (RegressionState) -> Double?
  var n = 0.0, sx = 0.0, sxx = 0.0, sy = 0.0, syy = 0.0, sxy = 0.0

  mutating func accumulate(_ arguments: [Value], _: inout EvaluationContext) throws(SQLError) {
    guard case .float(let y) = arguments[0], case .float(let x) = arguments[1] else { return }
    n += 1
    sx += x
    sy += y
    if n > 1 {
      let (dx, dy) = (x * n - sx, y * n - sy)
      let scale = 1 / (n * (n - 1))
      sxx += dx * dx * scale
      syy += dy * dy * scale
      sxy += dx * dy * scale
    }
  }
  func partial() throws(SQLError) -> [Value] {
    [n, sx, sxx, sy, syy, sxy].map { .float($0) }
  }
  mutating func combine(_ partial: [Value], _: inout EvaluationContext) throws(SQLError) {
    var other = RegressionState(pick: pick)
    other.n = try partial[0].float
    other.sx = try partial[1].float
    other.sxx = try partial[2].float
    other.sy = try partial[3].float
    other.syy = try partial[4].float
    other.sxy = try partial[5].float
    if other.n == 0 { return }
    if n == 0 {
      self = other
      return
    }
    let (dx, dy) = (sx / n - other.sx / other.n, sy / n - other.sy / other.n)
    let weight = n * other.n / (n + other.n)
    sxx += other.sxx + weight * dx * dx
    syy += other.syy + weight * dy * dy
    sxy += other.sxy + weight * dx * dy
    n += other.n
    sx += other.sx
    sy += other.sy
  }
  func finish(_: inout EvaluationContext) throws(SQLError) -> Value {
    pick(self).map { .float($0) } ?? .null
  }
}
