import Base
public import Types

/// Types that stand for others, and what they stand for in one call.
extension SQLType {
  static let anycompatiblenonarray = SQLType.named("anycompatiblenonarray") ?? .anycompatible

  /// anyelement, anyarray and their kin, but not "any".
  var isPolymorphic: Bool { isElementFamily || isCompatibleFamily }
  var isElementFamily: Bool {
    self == .anyelement || self == .anyarray || self == .anynonarray || self == .anyenum
  }
  var isCompatibleFamily: Bool {
    self == .anycompatible || self == .anycompatiblearray || self == .anycompatiblenonarray
  }

  /// What subscripting yields, also of int2vector and oidvector; nil for types that are no arrays.
  var subscripted: SQLType? {
    guard let info, info.category == "A", info.elementOid.rawValue != 0 else { return nil }
    return SQLType(info.elementOid)
  }

  var displayName: String { formatType(withoutModifier) }
  /// User types, which only the catalog knows, count as enums.
  var category: Character { info?.category ?? "E" }
  var isPreferred: Bool { info?.isPreferred ?? false }
}

extension FunctionRegistry {
  /// What polymorphic arguments and results stand for.
  struct Binding {
    var element: SQLType?
    var array: SQLType?
    var compatible: SQLType?

    func concrete(_ declared: SQLType) -> SQLType? {
      switch declared {
      case .anyelement, .anynonarray, .anyenum: element
      case .anyarray: array ?? element?.arrayType
      case .anycompatible, .anycompatiblenonarray: compatible
      case .anycompatiblearray: compatible?.arrayType
      default: declared
      }
    }
  }

  /// Finds what the polymorphic types among `declared` stand for; nil when the arguments contradict
  /// each other. Arguments of type unknown fit anything.
  func bind(declared: [SQLType], actual: [SQLType]) -> Binding? {
    var binding = Binding()
    var compatible: [SQLType] = []
    var usesCompatible = false
    for (declaredType, actualType) in zip(declared, actual) {
      let type = actualType.withoutModifier
      switch declaredType {
      case .anyelement, .anynonarray, .anyenum:
        guard type != .unknown else { continue }
        if declaredType == .anynonarray && type.subscripted != nil { return nil }
        if declaredType == .anyenum && type.info != nil { return nil }
        if let element = binding.element, element != type { return nil }
        binding.element = type
      case .anyarray:
        guard type != .unknown else { continue }
        guard type.subscripted != nil || type == .anyarray else { return nil }
        if let array = binding.array, array != type { return nil }
        binding.array = type
      case .anycompatible, .anycompatiblenonarray:
        usesCompatible = true
        guard type != .unknown else { continue }
        if declaredType == .anycompatiblenonarray && type.subscripted != nil { return nil }
        compatible.append(type)
      case .anycompatiblearray:
        usesCompatible = true
        guard type != .unknown else { continue }
        guard let element = type.subscripted else { return nil }
        compatible.append(element)
      default: continue
      }
    }
    if let array = binding.array, array != .anyarray, let element = array.subscripted {
      if let other = binding.element, other != element { return nil }
      binding.element = element
    }
    if usesCompatible {
      if compatible.isEmpty {
        binding.compatible = .text
      } else {
        guard let common = try? commonType(compatible, context: "ANYCOMPATIBLE") else {
          return nil
        }
        binding.compatible = common.withoutModifier
        for type in compatible where !canCoerce(from: type, to: common, context: .implicit) {
          return nil
        }
      }
    }
    return binding
  }

  /// PostgreSQL's select_common_type: what CASE, UNION, ARRAY and the like make of several types.
  /// 42804 when two don't go together; `context` is the word that its message begins with. A
  /// modifier stays when all types share it.
  public func commonType(_ types: [SQLType], context: String) throws(SQLError) -> SQLType {
    guard let first = types.first else { return .text }
    if first != .unknown, types.allSatisfy({ $0.oid == first.oid }) {
      return types.allSatisfy { $0.modifier == first.modifier } ? first : first.withoutModifier
    }
    var chosen = first.withoutModifier
    for type in types.dropFirst() {
      let next = type.withoutModifier
      if next == .unknown || next == chosen { continue }
      if chosen == .unknown {
        chosen = next
      } else if next.category != chosen.category {
        throw SQLError(
          .datatypeMismatch,
          "\(context) types \(chosen.displayName) and \(next.displayName) cannot be matched")
      } else if !chosen.isPreferred && canCoerce(from: chosen, to: next, context: .implicit)
        && !canCoerce(from: next, to: chosen, context: .implicit)
      {
        chosen = next
      }
    }
    if chosen == .unknown { return .text }
    for type in types where !canCoerce(from: type, to: chosen, context: .implicit) {
      throw SQLError(
        .cannotCoerce,
        "\(context) could not convert type \(type.displayName) to \(chosen.displayName)")
    }
    if let modifier = types.first?.modifier, modifier >= 0,
      types.allSatisfy({ $0.oid == chosen.oid && $0.modifier == modifier })
    {
      return chosen.withModifier(modifier)
    }
    return chosen
  }
}
