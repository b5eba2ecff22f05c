import Base
import Node

// The bytes of the workload's procedures, for tablets of other nodes.

extension Cell: WireCodable {
  func encode(into out: inout WireEncoder) {
    place.encode(into: &out)
    number.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(place: try Int(from: &reader), number: try Int(from: &reader))
  }
}

extension CellValue: WireCodable {
  func encode(into out: inout WireEncoder) {
    for number in [amount, version, writer, padding] { number.encode(into: &out) }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      amount: try Int(from: &reader), version: try Int(from: &reader),
      writer: try Int(from: &reader), padding: try Int(from: &reader))
  }
}

extension Change {
  func encode(into out: inout WireEncoder) {
    cell.encode(into: &out)
    for number in [amount, attempt, part, padding] { number.encode(into: &out) }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      cell: try Cell(from: &reader), amount: try Int(from: &reader),
      attempt: try Int(from: &reader), part: try Int(from: &reader),
      padding: try Int(from: &reader))
  }
}

extension Change.Output: WireCodable {
  func encode(into out: inout WireEncoder) {
    before.encode(into: &out)
    after.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(before: try CellValue(from: &reader), after: try CellValue(from: &reader))
  }
}

extension MakeCells {
  func encode(into out: inout WireEncoder) {
    cells.encode(into: &out)
    amount.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(cells: try [Cell](from: &reader), amount: try Int(from: &reader))
  }
}

extension ReadAll {
  func encode(into out: inout WireEncoder) { spaces.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(spaces: try [KeyspaceID](from: &reader))
  }
}

extension ReadAll.Pair: WireCodable {
  func encode(into out: inout WireEncoder) {
    key.encode(into: &out)
    value.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(key: try [UInt8](from: &reader), value: try [UInt8](from: &reader))
  }
}

extension ReadCell {
  func encode(into out: inout WireEncoder) { cell.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(cell: try Cell(from: &reader))
  }
}

extension LockCell {
  func encode(into out: inout WireEncoder) {
    cell.encode(into: &out)
    mode.encode(into: &out)
    wait.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      cell: try Cell(from: &reader), mode: try LockMode(from: &reader),
      wait: try LockWait(from: &reader))
  }
}

extension ClaimUnique {
  func encode(into out: inout WireEncoder) {
    for number in [key, rowPlace, row] { number.encode(into: &out) }
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      key: try Int(from: &reader), rowPlace: try Int(from: &reader), row: try Int(from: &reader))
  }
}

extension PutRow {
  func encode(into out: inout WireEncoder) {
    space.encode(into: &out)
    key.encode(into: &out)
    value.encode(into: &out)
    attempt.encode(into: &out)
    part.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      space: try KeyspaceID(from: &reader), key: try [UInt8](from: &reader),
      value: try [UInt8](from: &reader), attempt: try Int(from: &reader),
      part: try Int(from: &reader))
  }
}

extension DeleteRow {
  func encode(into out: inout WireEncoder) {
    space.encode(into: &out)
    key.encode(into: &out)
    attempt.encode(into: &out)
    part.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(
      space: try KeyspaceID(from: &reader), key: try [UInt8](from: &reader),
      attempt: try Int(from: &reader), part: try Int(from: &reader))
  }
}

extension CountGroup {
  func encode(into out: inout WireEncoder) { group.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(group: try Int(from: &reader))
  }
}

extension ReadCounter {
  func encode(into out: inout WireEncoder) { key.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(key: try Int(from: &reader))
  }
}

extension AddOne {
  func encode(into out: inout WireEncoder) { key.encode(into: &out) }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    self.init(key: try Int(from: &reader))
  }
}
