// Contracts until each has its own file; the payloads' shapes are fixed, the behaviour is to come.
public struct Numeric: Sendable, Hashable { public var digits: [UInt16] = [] }
public final class IntervalValue: Sendable, Hashable {
  public let months: Int32, days: Int32, microseconds: Int64
  public init(months: Int32, days: Int32, microseconds: Int64) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }
  public static func == (a: IntervalValue, b: IntervalValue) -> Bool {
    a.months == b.months && a.days == b.days && a.microseconds == b.microseconds
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(microseconds) }
}
public final class TimeTZValue: Sendable, Hashable {
  public static func == (a: TimeTZValue, b: TimeTZValue) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
public final class UUIDValue: Sendable, Hashable {
  public static func == (a: UUIDValue, b: UUIDValue) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
public final class JSONValue: Sendable, Hashable {
  public static func == (a: JSONValue, b: JSONValue) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
public final class InetValue: Sendable, Hashable {
  public static func == (a: InetValue, b: InetValue) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
public final class ArrayValue: Sendable, Hashable {
  public static func == (a: ArrayValue, b: ArrayValue) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
public final class RecordValue: Sendable, Hashable {
  public static func == (a: RecordValue, b: RecordValue) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}
