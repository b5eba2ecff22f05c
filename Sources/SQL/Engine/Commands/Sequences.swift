import Base
import Catalog
import Functions
import Node
import Syntax
import Types

/// CREATE and ALTER SEQUENCE.
extension SQLSession {
  func createSequence(
    _ name: QuerySyntax.RelationName, _ options: [DefinitionOption], ifNotExists: Bool
  ) async throws(SQLError) {
    let schema = try await creationSchema(name)
    if catalog.isRelationNameTaken(schema: schema.id, name: name.name) {
      guard ifNotExists else { throw Self.taken(name.name) }
      return skipping("relation \"\(name.name)\" already exists", .duplicateTable)
    }
    let owner = role.id
    let owned = try ownedBy(options)
    try await change { (catalog) throws(SQLError) in
      var sequence = SequenceDescriptor(
        id: catalog.allocateObjectID(), schema: schema.id, name: name.name, owner: owner,
        generation: self.shard.uniqueRowID())
      try Self.apply(options, to: &sequence, type: nil)
      sequence.ownedByTable = owned?.table
      sequence.ownedByColumn = owned?.column
      catalog.put(.sequence(sequence))
    }
  }

  func alterSequence(
    _ name: QuerySyntax.RelationName, _ options: [DefinitionOption], ifExists: Bool
  ) async throws(SQLError) {
    guard case .sequence(let sequence) = try names.relation(name) else {
      guard ifExists else { throw CatalogNames.undefined(name) }
      return skipping("relation \"\(name.name)\" does not exist", .undefinedTable)
    }
    try Privileges.requireOwner(role, sequence.owner, "sequence", sequence.name, catalog)
    if let owned = try ownedBy(options) {
      try await change { (catalog) throws(SQLError) in
        guard var changed = catalog.sequence(sequence.id) else { return }
        changed.ownedByTable = owned.table
        changed.ownedByColumn = owned.column
        catalog.put(.sequence(changed))
      }
    }
    try await change(sequence.id, options)
  }

  /// Changes the definition. The value goes on in a new generation, so that the change is a part
  /// of the transaction.
  func change(_ id: ObjectID, _ options: [DefinitionOption]) async throws(SQLError) {
    guard let old = catalog.sequence(id) else { return }
    var changed = old
    try Self.apply(options, to: &changed, type: nil)
    var restart: Int64?
    for option in options where option.name == "restart" {
      restart = try Self.integer(option) ?? changed.start
    }
    let state: SequenceState
    do throws(KernelError) {
      state = try await shard.state(of: old)
    } catch {
      throw sqlError(from: error)
    }
    let made = changed
    var renewed: SequenceDescriptor?
    try await change { (catalog) throws(SQLError) in
      var sequence = made
      if let current = catalog.sequence(id) {
        sequence.ownedByTable = current.ownedByTable
        sequence.ownedByColumn = current.ownedByColumn
      }
      sequence.generation = self.shard.uniqueRowID()
      catalog.put(.sequence(sequence))
      renewed = sequence
    }
    droppedSequences.append(old)
    guard let renewed else { return }
    let next = restart.map { SequenceState(value: $0, isCalled: false) } ?? state
    if next.value < renewed.minimum || next.value > renewed.maximum {
      throw SQLError(
        .invalidParameterValue,
        "RESTART value (\(next.value)) is out of range (\(renewed.minimum)..\(renewed.maximum))")
    }
    do throws(KernelError) {
      try await shard.setValue(of: renewed, next)
    } catch {
      throw sqlError(from: error)
    }
  }

  private func ownedBy(_ options: [DefinitionOption]) throws(SQLError)
    -> (table: ObjectID?, column: ColumnID?)?
  {
    guard let option = options.first(where: { $0.name == "owned_by" }),
      case .names(let parts) = option.value
    else { return nil }
    if parts == ["none"] { return (nil, nil) }
    guard parts.count >= 2 else {
      throw SQLError(
        .syntaxError, "invalid OWNED BY option",
        hint: "Specify OWNED BY table.column or OWNED BY NONE.")
    }
    let table = try names.table(
      QuerySyntax.RelationName(
        parts[parts.count - 2], schema: parts.count > 2 ? parts[parts.count - 3] : nil))
    return (table.id, try column(parts[parts.count - 1], of: table))
  }

  private static func integer(_ option: DefinitionOption) throws(SQLError) -> Int64? {
    switch option.value {
    case .none: return nil
    case .number(let text):
      guard let value = Int64(text) else {
        throw SQLError(
          .numericValueOutOfRange, "value \"\(text)\" is out of range for type bigint")
      }
      return value
    default:
      throw SQLError(.syntaxError, "\(option.name) requires a numeric value")
    }
  }

  /// `type`: of the column that owns it; nil: as the options say.
  static func apply(
    _ options: [DefinitionOption], to sequence: inout SequenceDescriptor, type: SQLType?
  ) throws(SQLError) {
    if let type { sequence.type = type }
    var start: Int64?
    var minimum: Int64?
    var maximum: Int64?
    var resetsBounds = type != nil
    for option in options {
      switch option.name {
      case "as":
        if case .type(let name) = option.value {
          guard let found = SQLType.named(name.name),
            [SQLType.int2, .int4, .int8].contains(found)
          else {
            throw SQLError(
              .invalidParameterValue, "sequence type must be smallint, integer, or bigint")
          }
          sequence.type = found
          resetsBounds = true
        }
      case "increment":
        sequence.increment = try integer(option) ?? 1
        if sequence.increment == 0 {
          throw SQLError(.invalidParameterValue, "INCREMENT must not be zero")
        }
        resetsBounds = resetsBounds || type == nil && sequence.increment < 0
      case "start": start = try integer(option)
      case "minvalue":
        minimum = try integer(option)
        resetsBounds = resetsBounds || minimum == nil
      case "maxvalue":
        maximum = try integer(option)
        resetsBounds = resetsBounds || maximum == nil
      case "cache":
        sequence.cache = try integer(option) ?? 1
        if sequence.cache < 1 {
          throw SQLError(
            .invalidParameterValue, "CACHE (\(sequence.cache)) must be greater than zero")
        }
      case "cycle":
        if case .bool(let flag) = option.value { sequence.cycles = flag }
      case "restart", "owned_by", "sequence_name", "generated": break
      default:
        throw SQLError(.syntaxError, "option \"\(option.name)\" not recognized")
      }
    }
    if resetsBounds {
      let (low, high) = bounds(sequence.type)
      sequence.minimum = sequence.increment > 0 ? 1 : low
      sequence.maximum = sequence.increment > 0 ? high : -1
    }
    sequence.minimum = minimum ?? sequence.minimum
    sequence.maximum = maximum ?? sequence.maximum
    if sequence.minimum >= sequence.maximum {
      throw SQLError(
        .invalidParameterValue,
        "MINVALUE (\(sequence.minimum)) must be less than MAXVALUE (\(sequence.maximum))")
    }
    if let start {
      sequence.start = start
    } else if resetsBounds || minimum != nil || maximum != nil {
      sequence.start = sequence.increment > 0 ? sequence.minimum : sequence.maximum
    }
    if sequence.start < sequence.minimum {
      throw SQLError(
        .invalidParameterValue,
        "START value (\(sequence.start)) cannot be less than MINVALUE (\(sequence.minimum))")
    }
    if sequence.start > sequence.maximum {
      throw SQLError(
        .invalidParameterValue,
        "START value (\(sequence.start)) cannot be greater than MAXVALUE (\(sequence.maximum))")
    }
  }

  private static func bounds(_ type: SQLType) -> (Int64, Int64) {
    switch type.oid {
    case SQLType.int2.oid: (Int64(Int16.min), Int64(Int16.max))
    case SQLType.int4.oid: (Int64(Int32.min), Int64(Int32.max))
    default: (.min, .max)
    }
  }
}
