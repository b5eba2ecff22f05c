public import Types

/// How values of one type become values of another, found once per expression.
public struct Coercion: Sendable {
  indirect enum Step: Sendable {
    case relabel
    case function(FunctionBody, isStrict: Bool)
    /// Functions that take the modifier and whether the cast was written: varchar(n) and the like.
    case throughText(source: SQLType, target: SQLType)
    case parseLiteral(SQLType)
    case elements(Coercion, SQLType)
  }
  let step: Step
  /// With a modifier that is to be applied afterwards.
  let fitted: SQLType?
  let isExplicit: Bool

  /// True when values stay as they are.
  public var isIdentity: Bool {
    if case .relabel = step { return fitted == nil }
    return false
  }

  /// Nulls stay null.
  public func apply(_ value: Value, _ context: inout EvaluationContext) throws(SQLError) -> Value {
    if value.isNull { return value }
    var result: Value
    switch step {
    case .relabel: result = value
    case .function(let body, _): result = try body.evaluate([value], &context)
    case .throughText(let source, let target):
      let text = try ObjectNames.text(of: value, source, &context)
      result = try ObjectNames.value(of: text, target.withoutModifier, &context)
    case .parseLiteral(let target):
      guard case .text(let text) = value else { return value }
      result = try ObjectNames.value(of: text, target.withoutModifier, &context)
    case .elements(let inner, let target):
      guard case .array(let array) = value else { return value }
      var elements: [Value] = []
      elements.reserveCapacity(array.elements.count)
      for element in array.elements { elements.append(try inner.apply(element, &context)) }
      result = .array(
        ArrayValue(elementType: target, dimensions: array.dimensions, elements: elements))
    }
    if let fitted {
      result = try Modifiers.fit(result, to: fitted, isExplicit: isExplicit)
    }
    return result
  }
}

extension FunctionRegistry {
  /// Whether `from` becomes `to` in such a place. Polymorphic targets take what fits their kind.
  public func canCoerce(from source: SQLType, to target: SQLType, context: CastContext) -> Bool {
    if source.oid == target.oid || target == .any || source.oid == SQLType.unknown.oid {
      return true
    }
    if target.isPolymorphic {
      return bind(declared: [target.withoutModifier], actual: [source]) != nil
    }
    return path(from: source.withoutModifier, to: target.withoutModifier, context: context) != nil
  }

  private func path(from source: SQLType, to target: SQLType, context: CastContext) -> Coercion
    .Step?
  {
    if source == target { return .relabel }
    if source == .unknown { return .parseLiteral(target) }
    if let cast = cast(from: source, to: target), cast.context <= context {
      switch cast.method {
      case .binaryCoercible: return .relabel
      case .inputOutput: return .throughText(source: source, target: target)
      case .function(let oid):
        guard let signature = function(oid) else { return nil }
        let types = CallTypes(arguments: [source], result: target)
        return .function(body(of: signature, for: types), isStrict: signature.isStrict)
      }
    }
    if cast(from: source, to: target) == nil {
      if let sourceElement = source.elementType, let targetElement = target.elementType,
        source.isArray, target.isArray
      {
        guard let inner = path(from: sourceElement, to: targetElement, context: context) else {
          return nil
        }
        let coercion = Coercion(step: inner, fitted: nil, isExplicit: context == .explicit)
        return .elements(coercion, targetElement)
      }
      if target == .record && source.info == nil { return .relabel }
      // The modes of text input and output.
      if context >= .assignment && target.category == "S" {
        return .throughText(source: source, target: target)
      }
      if context == .explicit && source.category == "S" {
        return .throughText(source: source, target: target)
      }
    }
    return nil
  }

  /// How `from` becomes `to`, with the modifier of `to`. 42846 when it doesn't; the caller that
  /// assigns to a column makes 42804 of it.
  public func coercion(from source: SQLType, to target: SQLType, context: CastContext)
    throws(SQLError) -> Coercion
  {
    let isExplicit = context == .explicit
    var fitted: SQLType?
    if target.modifier >= 0 && target != source { fitted = target }
    if target.isPseudo || source.oid == target.oid {
      return Coercion(step: .relabel, fitted: fitted, isExplicit: isExplicit)
    }
    guard
      let step = path(
        from: source.withoutModifier, to: target.withoutModifier, context: context)
    else {
      throw SQLError(
        .cannotCoerce, "cannot cast type \(source.displayName) to \(target.displayName)")
    }
    return Coercion(step: step, fitted: fitted, isExplicit: isExplicit)
  }

  /// Converts one value; an explicit cast cuts strings to varchar(n), an assignment refuses them.
  public func coerce(
    _ value: Value, from source: SQLType, to target: SQLType, isExplicit: Bool,
    context: inout EvaluationContext
  ) throws(SQLError) -> Value {
    let path = try coercion(
      from: source, to: target, context: isExplicit ? .explicit : .assignment)
    return try path.apply(value, &context)
  }
}
