import Base

@testable import Node

/// Where registers and lists are, by key.
enum HistorySpaces {
  static let registers = KeyspaceID(rawValue: 5_005)
  static let lists = KeyspaceID(rawValue: 5_006)
}

/// Reads a register; 0 before it was written.
struct ReadRegister: Procedure, WireDescriptor {
  static let name = "simulation.register.read"
  var isReadOnly: Bool { true }
  let key: Int

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Int {
    try transaction.get(HistorySpaces.registers, bytes(key)).map { numbers($0)[0] } ?? 0
  }
}

/// Writes a register, where `expected` is not nil only if it has that value. False: it has another.
struct WriteRegister: Procedure, WireDescriptor {
  static let name = "simulation.register.write"
  let key: Int
  let value: Int
  let expected: Int?

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> Bool {
    if let expected, try ReadRegister(key: key).run(transaction) != expected { return false }
    try transaction.put(HistorySpaces.registers, bytes(key), bytes(value))
    return true
  }
}

struct ReadList: Procedure, WireDescriptor {
  static let name = "simulation.list.read"
  var isReadOnly: Bool { true }
  let key: Int

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [Int] {
    try transaction.get(HistorySpaces.lists, bytes(key)).map { numbers($0) } ?? []
  }
}

/// Appends to a list and marks that the attempt was here; returns the list with the number.
struct AppendToList: Procedure, WireDescriptor {
  static let name = "simulation.list.append"
  let key: Int
  let number: Int
  let attempt: Int

  func run(_ transaction: TabletTransaction) throws(ProcedureError) -> [Int] {
    let list = try ReadList(key: key).run(transaction) + [number]
    var value: [UInt8] = []
    for number in list { value += bytes(number) }
    try transaction.put(HistorySpaces.lists, bytes(key), value)
    try transaction.put(Spaces.markers, bytes(attempt, 1), [1])
    return list
  }
}
