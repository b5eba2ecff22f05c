import Base
import Functions
import Node
import Types

// Fragments that write rows, and what they give.

extension WriteFragment {
  func encode(into out: inout WireEncoder) {
    var needs = EnvironmentNeeds()
    layout.encode(into: &out, &needs)
    (conflict != nil).encode(into: &out)
    if let conflict {
      conflict.encode(into: &out, &needs)
      // Only DO UPDATE makes new rows on the tablet.
      if conflict.update != nil { constraints.encode(sharing: layout, into: &out, &needs) }
    }
    out.bytes.varint(UInt64(operations.count))
    for operation in operations { operation.encode(into: &out) }
    environment.encode(into: &out, needs)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let layout = try StoredTable(from: &reader)
    var constraints = RowConstraints(layout: layout, checks: [], generated: [])
    var conflict: ConflictRule?
    if try reader.bool() {
      let rule = try ConflictRule(layout, from: &reader)
      if rule.update != nil { constraints = try RowConstraints(sharing: layout, from: &reader) }
      conflict = rule
    }
    let operations = try reader.list { (reader) throws(DecodingFault) in
      try RowOperation(layout, from: &reader)
    }
    self.init(
      layout: layout, constraints: constraints, operations: operations, conflict: conflict,
      environment: try EvaluationEnvironment(from: &reader))
  }
}

extension RowOperation {
  fileprivate func encode(into out: inout WireEncoder) {
    switch self {
    case .insert(let row):
      out.bytes.bytes.append(0)
      out.row(row)
    case .update(let old, let new):
      out.bytes.bytes.append(1)
      out.row(old)
      out.row(new)
    case .delete(let row):
      out.bytes.bytes.append(2)
      out.row(row)
    case .resolveConflict(let key, let proposed):
      out.bytes.bytes.append(3)
      out.bytes.blob(key)
      out.row(proposed)
    }
  }

  fileprivate init(_ layout: StoredTable, from reader: inout WireDecoder) throws(DecodingFault) {
    func row(_ reader: inout WireDecoder) throws(DecodingFault) -> [Value] {
      let row = try reader.row()
      try layout.checkWidth(row)
      return row
    }
    let tag: UInt8 = try reader.bytes.integer()
    switch tag {
    case 0: self = .insert(try row(&reader))
    case 1: self = .update(old: try row(&reader), new: try row(&reader))
    case 2: self = .delete(try row(&reader))
    case 3:
      let key = try reader.bytes.blob()
      self = .resolveConflict(key: key, proposed: try row(&reader))
    default: throw .malformed("row operation \(tag)")
    }
  }
}

extension RowOutcome: WireCodable {
  func encode(into out: inout WireEncoder) {
    switch self {
    case .inserted(let row):
      out.bytes.bytes.append(0)
      out.row(row)
    case .updated(let old, let new):
      out.bytes.bytes.append(1)
      out.row(old)
      out.row(new)
    case .deleted(let row):
      out.bytes.bytes.append(2)
      out.row(row)
    case .skipped: out.bytes.bytes.append(3)
    }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let tag: UInt8 = try reader.bytes.integer()
    switch tag {
    case 0: self = .inserted(try reader.row())
    case 1: self = .updated(old: try reader.row(), new: try reader.row())
    case 2: self = .deleted(try reader.row())
    case 3: self = .skipped
    default: throw .malformed("row outcome \(tag)")
    }
  }
}

extension ConflictRule {
  fileprivate func encode(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    out.list(arbiters) { $1.bytes.varint(UInt64($0.map { $0 + 1 } ?? 0)) }
    (update != nil).encode(into: &out)
    if let update { out.assignments(update, &needs) }
    out.expression(filter, &needs)
  }

  fileprivate init(_ layout: StoredTable, from reader: inout WireDecoder) throws(DecodingFault) {
    let arbiters: [Int?] = try reader.list { (reader) throws(DecodingFault) in
      let place = try reader.place(below: layout.indexes.count + 1)
      return place == 0 ? nil : place - 1
    }
    self.init(
      arbiters: arbiters, update: try reader.bool() ? reader.assignments(layout) : nil,
      filter: try reader.expression())
  }
}

extension WireEncoder {
  fileprivate mutating func assignments(
    _ list: [ColumnAssignment], _ needs: inout EnvironmentNeeds
  ) {
    bytes.varint(UInt64(list.count))
    for item in list {
      bytes.varint(UInt64(item.position))
      item.expression.encode(into: &self, &needs)
    }
  }
}

extension WireDecoder {
  fileprivate mutating func assignments(_ layout: StoredTable) throws(DecodingFault)
    -> [ColumnAssignment]
  {
    try list { (reader) throws(DecodingFault) in
      ColumnAssignment(
        position: try reader.place(below: layout.types.count),
        expression: try TypedExpression(from: &reader))
    }
  }
}

extension MutateFragment {
  func encode(into out: inout WireEncoder) {
    var needs = EnvironmentNeeds()
    layout.encode(into: &out, &needs)
    access.encode(into: &out)
    out.expression(filter, &needs)
    (assignments != nil).encode(into: &out)
    if let assignments {
      // DELETE makes no rows.
      constraints.encode(sharing: layout, into: &out, &needs)
      out.assignments(assignments, &needs)
    }
    (returning != nil).encode(into: &out)
    if let returning { out.expressions(returning, &needs) }
    resume.encode(into: &out)
    environment.encode(into: &out, needs)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let layout = try StoredTable(from: &reader)
    let access = try ScanAccess(layout, from: &reader)
    let filter = try reader.expression()
    var constraints = RowConstraints(layout: layout, checks: [], generated: [])
    var assignments: [ColumnAssignment]?
    if try reader.bool() {
      constraints = try RowConstraints(sharing: layout, from: &reader)
      assignments = try reader.assignments(layout)
    }
    let returning = try reader.bool() ? reader.expressions() : nil
    let resume = try ScanResume?(from: &reader)
    self.init(
      layout: layout, constraints: constraints, access: access, filter: filter,
      assignments: assignments, returning: returning,
      environment: try EvaluationEnvironment(from: &reader), resume: resume)
  }
}

extension MutateOutput: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(count))
    out.rows(rows)
    resume.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      count: try reader.place(below: .max), rows: try reader.rows(),
      resume: try ScanResume?(from: &reader))
  }
}

extension BackfillEntry: WireCodable {
  func encode(into out: inout WireEncoder) {
    switch self {
    case .done: out.bytes.bytes.append(0)
    case .busy: out.bytes.bytes.append(1)
    case .duplicate: out.bytes.bytes.append(2)
    }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let tag: UInt8 = try reader.bytes.integer()
    switch tag {
    case 0: self = .done
    case 1: self = .busy
    case 2: self = .duplicate
    default: throw .malformed("index entry \(tag)")
    }
  }
}
