import Base
import Catalog
import Functions
public import Node
import Types

/// What the node registers, to run calls of other nodes by their names.
public enum SQLProcedures {
  public static let all: [any Procedure.Type] = [
    ScanFragment.self, WriteFragment.self, MutateFragment.self, IndexEntryFragment.self,
    IndexLookupFragment.self, ParentLockFragment.self, LockFragment.self, BackfillFragment.self,
    BackfillEntriesFragment.self, FirstKeyFragment.self,
  ]
}

// The layout comes first, since places are checked against it; the environment last, since what it
// must hold is known by then.

extension ScanFragment {
  func encode(into out: inout WireEncoder) {
    var needs = EnvironmentNeeds()
    layout.encode(into: &out, &needs)
    access.encode(into: &out)
    out.expression(filter, &needs)
    out.list(projection) { $1.bytes.varint(UInt64($0)) }
    lock.encode(into: &out)
    // Nearly always one of few bytes; .max stands for none.
    out.bytes.varint(limit == .max ? 0 : UInt64(max(0, limit)) + 1)
    resume.encode(into: &out)
    (aggregation != nil).encode(into: &out)
    aggregation?.encode(into: &out, &needs)
    environment.encode(into: &out, needs)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let layout = try StoredTable(from: &reader)
    let access = try ScanAccess(layout, from: &reader)
    let filter = try reader.expression()
    let projection = try reader.list { (reader) throws(DecodingFault) in
      try reader.place(below: layout.types.count)
    }
    let lock = try RowLock?(from: &reader)
    let limit = try reader.bytes.varint()
    guard limit <= UInt64(Int.max) else { throw .malformed("limit \(limit)") }
    let resume = try ScanResume?(from: &reader)
    let aggregation = try reader.bool() ? PartialAggregation(from: &reader) : nil
    self.init(
      layout: layout, access: access, filter: filter, projection: projection,
      environment: try EvaluationEnvironment(from: &reader), lock: lock,
      limit: limit == 0 ? .max : Int(limit) - 1, resume: resume, aggregation: aggregation)
  }
}

extension LockFragment {
  func encode(into out: inout WireEncoder) {
    request.space.encode(into: &out)
    out.bytes.blob(request.key)
    request.mode.encode(into: &out)
    wait.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let request = LockRequest(
      space: try KeyspaceID(from: &reader), key: try reader.bytes.blob(),
      mode: try LockMode(from: &reader))
    self.init(request: request, wait: try LockWait(from: &reader))
  }
}

extension ParentLockFragment {
  func encode(into out: inout WireEncoder) {
    // Parents are found by their keys as they are: no expression is evaluated.
    var needs = EnvironmentNeeds()
    layout.encode(into: &out, &needs)
    out.bytes.varint(UInt64(index.map { $0 + 1 } ?? 0))
    out.list(keys)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let layout = try StoredTable(from: &reader)
    let place = try reader.place(below: layout.indexes.count + 1)
    self.init(
      layout: layout, index: place == 0 ? nil : place - 1, keys: try [[UInt8]](from: &reader))
  }
}

extension FirstKeyFragment {
  func encode(into out: inout WireEncoder) { space.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(space: try KeyspaceID(from: &reader))
  }
}

// MARK: - Entries of indexes

extension IndexEntryFragment {
  func encode(into out: inout WireEncoder) {
    index.encode(into: &out)
    out.list(changes) { change, out in
      change.isRemoval.encode(into: &out)
      change.entry.encode(into: &out)
    }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      index: try IndexDescriptor(from: &reader),
      changes: try reader.list { (reader) throws(DecodingFault) in
        let isRemoval = try reader.bool()
        return Change(entry: try IndexEntry(from: &reader), isRemoval: isRemoval)
      })
  }
}

extension IndexLookupFragment {
  func encode(into out: inout WireEncoder) {
    index.encode(into: &out)
    out.list(keys)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(index: try IndexDescriptor(from: &reader), keys: try [[UInt8]](from: &reader))
  }
}

extension BackfillFragment {
  func encode(into out: inout WireEncoder) {
    var needs = EnvironmentNeeds()
    layout.encode(into: &out, &needs)
    out.bytes.varint(UInt64(index))
    out.bytes.blob(lower)
    only.encode(into: &out)
    environment.encode(into: &out, needs)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let layout = try StoredTable(from: &reader)
    self.init(
      layout: layout, index: try reader.place(below: layout.indexes.count),
      lower: try reader.bytes.blob(), only: try [UInt8]?(from: &reader),
      environment: try EvaluationEnvironment(from: &reader))
  }
}

extension BackfillOutput: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.list(items) { item, out in
      item.entry.encode(into: &out)
      out.row(item.row)
      out.bytes.blob(item.key)
    }
    out.list(busy)
    out.optional(duplicate) { $1.row($0) }
    next.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    items = try reader.list { (reader) throws(DecodingFault) in
      Item(
        entry: try IndexEntry(from: &reader), row: try reader.row(), key: try reader.bytes.blob())
    }
    busy = try [[UInt8]](from: &reader)
    duplicate = try reader.optional { (reader) throws(DecodingFault) in try reader.row() }
    next = try [UInt8]?(from: &reader)
  }
}

extension BackfillEntriesFragment {
  func encode(into out: inout WireEncoder) {
    index.encode(into: &out)
    out.list(entries)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(index: try IndexDescriptor(from: &reader), entries: try [IndexEntry](from: &reader))
  }
}
