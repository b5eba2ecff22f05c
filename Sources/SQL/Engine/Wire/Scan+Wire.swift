import Base
import Functions
import Node
import Types

// How rows are found, and what a scan gives.

extension KeyRange: WireCodable {
  /// How the upper key is told, above the bit for points.
  private enum Upper: UInt8 {
    case none = 0
    case given
    /// The lower key and one of these bytes: single keys and prefixes.
    case afterZero, afterAll
  }

  func encode(into out: inout WireEncoder) {
    var kind = Upper.none
    if let upper {
      kind = .given
      if upper.count == lower.count + 1, upper.starts(with: lower) {
        if upper[lower.count] == 0 { kind = .afterZero }
        if upper[lower.count] == 0xFF { kind = .afterAll }
      }
    }
    out.bytes.bytes.append((isPoint ? 1 : 0) | kind.rawValue << 1)
    out.bytes.blob(lower)
    if kind == .given { out.bytes.blob(upper ?? []) }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    let head: UInt8 = try reader.bytes.integer()
    guard let kind = Upper(rawValue: head >> 1) else { throw .malformed("key range \(head)") }
    let lower = try reader.bytes.blob()
    let upper: [UInt8]? =
      switch kind {
      case .none: nil
      case .given: try reader.bytes.blob()
      case .afterZero: lower + [0]
      case .afterAll: lower + [0xFF]
      }
    self.init(lower: lower, upper: upper, isPoint: head & 1 == 1)
  }
}

extension ScanAccess {
  func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(index.map { $0 + 1 } ?? 0) << 1 | (isReverse ? 1 : 0))
    out.list(ranges)
  }

  init(_ layout: StoredTable, from reader: inout WireDecoder) throws(DecodingFault) {
    let head = try reader.bytes.varint()
    guard head >> 1 <= UInt64(layout.indexes.count) else { throw .malformed("index \(head >> 1)") }
    self.init(
      index: head >> 1 == 0 ? nil : Int(head >> 1) - 1, ranges: try [KeyRange](from: &reader),
      isReverse: head & 1 == 1)
  }
}

extension ScanResume: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.bytes.varint(UInt64(range))
    out.bytes.blob(key)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(range: try reader.place(), key: try reader.bytes.blob())
  }
}

extension RowLock: WireCodable {
  func encode(into out: inout WireEncoder) {
    mode.encode(into: &out)
    wait.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(mode: try LockMode(from: &reader), wait: try LockWait(from: &reader))
  }
}

extension ScanOutput: WireCodable {
  func encode(into out: inout WireEncoder) {
    out.rows(rows)
    resume.encode(into: &out)
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(rows: try reader.rows(), resume: try ScanResume?(from: &reader))
  }
}

extension PartialAggregation {
  func encode(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    out.expressions(groups, &needs)
    out.bytes.varint(UInt64(aggregates.count))
    for aggregate in aggregates { aggregate.encode(into: &out, &needs) }
  }

  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      groups: try reader.expressions(),
      aggregates: try reader.list { (reader) throws(DecodingFault) in
        try BoundAggregate(from: &reader)
      })
  }
}

extension BoundAggregate {
  fileprivate func encode(into out: inout WireEncoder, _ needs: inout EnvironmentNeeds) {
    resolved.encode(count: resolved.argumentTypes.count, into: &out, &needs)
    out.bytes.bytes.append(
      (isStar ? 1 : 0) | (isDistinct ? 2 : 0) | (filter == nil ? 0 : 4) | (order.isEmpty ? 0 : 8))
    for argument in arguments { argument.encode(into: &out, &needs) }
    filter?.encode(into: &out, &needs)
    if !order.isEmpty { out.sortKeys(order, &needs) }
  }

  fileprivate init(from reader: inout WireDecoder) throws(DecodingFault) {
    let (call, count) = try ResolvedCall.decode(&reader)
    guard case .aggregate(let descriptor) = call.body else {
      throw .malformed("\(call.signature.name) is not an aggregate")
    }
    let flags: UInt8 = try reader.bytes.integer()
    guard flags < 16 else { throw .malformed("aggregate \(flags)") }
    var arguments: [TypedExpression] = []
    for _ in 0..<count { arguments.append(try TypedExpression(from: &reader)) }
    self.init(
      name: call.signature.name, arguments: arguments, type: call.result, isStar: flags & 1 != 0,
      isDistinct: flags & 2 != 0,
      filter: flags & 4 != 0 ? try TypedExpression(from: &reader) : nil,
      order: flags & 8 != 0 ? try reader.sortKeys() : [], descriptor: descriptor, resolved: call)
  }
}
