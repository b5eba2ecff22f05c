import Base
import Catalog
import Node
import SQL
import Types

/// IF.
extension ModificationPlanner {
  func condition(
    _ item: Item, _ key: [Value], staticsOnly: Bool, _ planned: inout PlannedChanges
  ) throws(CQLError) {
    let table = item.table
    guard item.statement.condition.isConditional else { return }
    let rows = staticsOnly ? item.stored.statics ?? item.stored.rows : item.stored.rows
    let number = planned.tested.count
    if !isNoting {
      let partition = Array(key.prefix(table.partitionCount))
      planned.conditionBuckets.append(rows.bucket(partition))
      planned.conditionPartitions.insert(item.stored.rows.key(partition))
    }
    func add(_ condition: ChangeRows.Condition) {
      if !isNoting { planned.conditions.append(condition) }
    }
    switch item.statement.condition {
    case .none: return
    case .ifExists, .ifNotExists:
      add(
        .init(
          table: planned.table(rows), key: key,
          kind: item.statement.condition == .ifExists ? .exists : .absent, statement: number))
      planned.tested.append((table, Array(table.columns.indices)))
    case .conditions(let relations):
      var columns: [Int] = []
      for relation in relations {
        let (place, condition) = try self.condition(relation, item)
        if !columns.contains(place) { columns.append(place) }
        var made = condition
        let isStatic = table.columns[place].kind == .static
        let owner = isStatic ? item.stored.statics ?? rows : item.stored.rows
        made.table = planned.table(owner)
        made.key = isStatic ? Array(key.prefix(table.partitionCount)) : key
        made.statement = number
        if !isStatic, staticsOnly, !isNoting {
          throw .invalid(
            "Some clustering keys are missing: the condition on \(table.columns[place].name) needs them"
          )
        }
        add(made)
      }
      planned.tested.append((table, columns))
    }
  }

  func condition(_ relation: Relation, _ item: Item) throws(CQLError)
    -> (Int, ChangeRows.Condition)
  {
    let table = item.table
    let name: String
    switch relation.target {
    case .column(let column), .element(let column, _), .field(let column, _): name = column
    default: throw .invalid("Conditions of IF are on single columns")
    }
    let place = try table.column(name)
    let column = table.columns[place]
    guard column.kind == .regular || column.kind == .static else {
      throw .invalid("PRIMARY KEY column '\(name)' cannot have IF conditions")
    }
    var made = ChangeRows.Condition(
      table: 0, key: [], kind: .value, position: column.slot, comparison: relation.comparison,
      type: column.type)
    var type = column.type
    let receiver = Receiver(column, of: table)
    switch relation.target {
    case .element(_, let key):
      let (keyType, valueType) = try elementTypes(
        CQLColumn(
          name: name, type: column.type.thawed, kind: column.kind, component: -1, slot: column.slot)
      )
      let datum = try item.arguments.set(key, receiver.named("key(\(name))", keyType))
      made.element = try StoredForm.store(datum, keyType)
      type = valueType
    case .field(_, let field):
      guard case .user(_, _, let fields) = column.type.thawed,
        let number = fields.firstIndex(where: { $0.name == field })
      else { throw .invalid("\(name) has no field \(field)") }
      made.element = .int(Int64(number))
      type = fields[number].type
    default: break
    }
    switch relation.comparison {
    case .contains, .containsKey, .like, .isNotNull, .isNotIn:
      throw .invalid("\(relation.comparison.rawValue) is not supported in IF")
    default: break
    }
    if relation.isListMarker {
      let members = try item.arguments.members(relation.values[0], receiver, "in(\(name))", type)
      for datum in members ?? [] { made.values.append(try StoredForm.store(datum, type)) }
    } else {
      for term in relation.values {
        let datum = try item.arguments.set(term, receiver.named(name, type))
        made.values.append(try StoredForm.store(datum, type))
      }
    }
    return (place, made)
  }
}
