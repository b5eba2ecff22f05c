public import Types

/// What a body may ask of its `EvaluationContext` besides the times of the transaction and the
/// formats: a call that goes to another node takes no more along.
public struct ContextNeeds: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Users, database, search path, process, and the functions that read the catalog.
  public static let session = ContextNeeds(rawValue: 1)
  /// The values of settings.
  public static let settings = ContextNeeds(rawValue: 2)
  /// The source of random numbers and the clock.
  public static let volatile = ContextNeeds(rawValue: 4)
  public static let everything: ContextNeeds = [.session, .settings, .volatile]

  /// By what pg_proc tells: an immutable function asks for nothing, unless the catalog computes it.
  init(_ signature: FunctionSignature) {
    self = []
    if signature.volatility != .immutable
      || FunctionRegistry.dispatchedSources.contains(signature.source)
    {
      insert(.session)
    }
    if signature.volatility == .volatile { insert(.volatile) }
    if signature.source == "fn current_setting" { insert(.settings) }
  }
}

extension Coercion {
  /// Names of objects are read and written with the catalog.
  public static func asks(from source: SQLType, to target: SQLType) -> ContextNeeds {
    func isObject(_ type: SQLType) -> Bool {
      ObjectNames.isObject(type.info == nil ? type : type.subscripted ?? type)
    }
    return isObject(source) || isObject(target) ? .session : []
  }
}
