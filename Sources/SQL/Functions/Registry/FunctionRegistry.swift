public import Base
public import Types

/// All built-in functions, operators and casts. Lives on: any thread; it never changes.
public final class FunctionRegistry: Sendable {
  public static let builtin = FunctionRegistry()

  /// pg_proc's rows, by oid: those that can be called.
  public let allFunctions: [FunctionSignature]
  /// pg_operator's rows, by oid.
  public let allOperators: [OperatorSignature]
  /// pg_cast's rows, by oid.
  public let allCasts: [CastSignature]

  let providers: [String: BodyProvider]
  private let functionsByName: [String: [FunctionSignature]]
  private let functionsByOid: [ObjectID: FunctionSignature]
  private let operatorsByName: [String: [OperatorSignature]]
  private let operatorsByOid: [ObjectID: OperatorSignature]
  private let castsByTypes: [TypePair: CastSignature]

  private struct TypePair: Hashable {
    let source: ObjectID
    let target: ObjectID
  }

  private init() {
    let table = Self.bodies()
    let providers = table.providers
    allFunctions = FunctionTable.functions(FunctionTable.functionParts).compactMap { row in
      var row = row
      if row.kind == .aggregate, providers[row.source] == nil { row.source = "agg \(row.name)" }
      if providers[row.source] == nil { row.source = "fn \(row.name)" }
      row.takesManyTypes = row.argumentTypes.contains { $0 == .any || $0.isPolymorphic }
      row.asks = ContextNeeds(row)
      return providers[row.source] == nil ? nil : row
    }
    functionsByName = Dictionary(grouping: allFunctions, by: \.name)
    let byOid = Dictionary(uniqueKeysWithValues: allFunctions.map { ($0.oid, $0) })
    functionsByOid = byOid
    allOperators = FunctionTable.operators(FunctionTable.operatorParts) {
      byOid[$0]?.isStrict ?? true
    }.compactMap { row in
      guard let function = byOid[row.function] else { return nil }
      var row = row
      row.takesManyTypes = ([row.left, row.right].compactMap(\.self)).contains {
        $0 == .any || $0.isPolymorphic
      }
      row.asks = function.asks
      return row
    }
    operatorsByOid = Dictionary(uniqueKeysWithValues: allOperators.map { ($0.oid, $0) })
    operatorsByName = Dictionary(grouping: allOperators, by: \.name)
    allCasts = FunctionTable.casts(FunctionTable.castRows).filter { row in
      if case .function(let oid) = row.method { return byOid[oid] != nil }
      return true
    }
    castsByTypes = Dictionary(
      uniqueKeysWithValues: allCasts.map {
        (TypePair(source: $0.source.oid, target: $0.target.oid), $0)
      })
    self.providers = providers
  }

  /// pg_aggregate's rows.
  public var allAggregates: [FunctionSignature] { allFunctions.filter { $0.kind == .aggregate } }

  public func functions(named name: String) -> [FunctionSignature] {
    functionsByName[name] ?? []
  }
  public func function(_ oid: ObjectID) -> FunctionSignature? { functionsByOid[oid] }
  public func operation(_ oid: ObjectID) -> OperatorSignature? { operatorsByOid[oid] }
  public func operators(named name: String) -> [OperatorSignature] {
    operatorsByName[name] ?? []
  }
  /// The cast that pg_cast lists; nil when types convert otherwise or not at all: see `coercion`.
  public func cast(from source: SQLType, to target: SQLType) -> CastSignature? {
    castsByTypes[TypePair(source: source.oid, target: target.oid)]
  }

  /// The body of a function for the types of a call.
  func body(of signature: FunctionSignature, for types: CallTypes) -> FunctionBody {
    guard let provider = providers[signature.source] else {
      return .engine(signature.name)
    }
    return provider.body(for: types)
  }

  private static func bodies() -> BodyTable {
    var table = BodyTable()
    addIntegers(&table)
    addFloats(&table)
    addNumerics(&table)
    addComparisons(&table)
    addStrings(&table)
    addQuoting(&table)
    addRegex(&table)
    addEncodings(&table)
    addAggregates(&table)
    addDispatched(&table)
    addTimes(&table)
    addSeries(&table)
    addArrays(&table)
    addNetworks(&table)
    addJSON(&table)
    addJSONB(&table)
    addJSONPath(&table)
    addNumberFormats(&table)
    return table
  }
}
