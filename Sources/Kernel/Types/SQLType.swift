public import Base

/// A type with its modifier. `oid` is PostgreSQL's for the built-in ones; `modifier` is PostgreSQL's
/// typmod (-1: none; varchar(n) and char(n): n + 4; numeric(p,s): (p << 16 | s) + 4;
/// time/timestamp precision; interval fields).
public struct SQLType: Sendable, Hashable, Codable {
  public var oid: ObjectID
  public var modifier: Int32
  public init(_ oid: ObjectID, modifier: Int32 = -1) {
    self.oid = oid
    self.modifier = modifier
  }
}

extension SQLType {
  private init(_ raw: UInt32) { self.init(ObjectID(rawValue: raw)) }
  public static let bool = SQLType(16)
  public static let bytea = SQLType(17)
  public static let char = SQLType(18)
  public static let name = SQLType(19)
  public static let int8 = SQLType(20)
  public static let int2 = SQLType(21)
  public static let int2vector = SQLType(22)
  public static let int4 = SQLType(23)
  public static let regproc = SQLType(24)
  public static let text = SQLType(25)
  public static let oid = SQLType(26)
  public static let tid = SQLType(27)
  public static let xid = SQLType(28)
  public static let cid = SQLType(29)
  public static let oidvector = SQLType(30)
  public static let json = SQLType(114)
  public static let xml = SQLType(142)
  public static let pgNodeTree = SQLType(194)
  public static let float4 = SQLType(700)
  public static let float8 = SQLType(701)
  public static let unknown = SQLType(705)
  public static let inet = SQLType(869)
  public static let cidr = SQLType(650)
  public static let bpchar = SQLType(1042)
  public static let varchar = SQLType(1043)
  public static let date = SQLType(1082)
  public static let time = SQLType(1083)
  public static let timestamp = SQLType(1114)
  public static let timestamptz = SQLType(1184)
  public static let interval = SQLType(1186)
  public static let timetz = SQLType(1266)
  public static let numeric = SQLType(1700)
  public static let regprocedure = SQLType(2202)
  public static let regclass = SQLType(2205)
  public static let regtype = SQLType(2206)
  public static let record = SQLType(2249)
  public static let any = SQLType(2276)
  public static let anyarray = SQLType(2277)
  public static let void = SQLType(2278)
  public static let anyelement = SQLType(2283)
  public static let anynonarray = SQLType(2776)
  public static let anyenum = SQLType(3500)
  public static let uuid = SQLType(2950)
  public static let jsonb = SQLType(3802)
  public static let regnamespace = SQLType(4089)
  public static let regrole = SQLType(4096)
}
