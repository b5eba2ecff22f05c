/// What a client is told instead of a result: the protocol's code, a text, and what some codes carry
/// besides.
public struct CQLError: Error, Sendable, Equatable {
  public enum Code: Int32, Sendable {
    case server = 0x0000
    case protocolError = 0x000A
    case badCredentials = 0x0100
    case unavailable = 0x1000
    case overloaded = 0x1001
    case isBootstrapping = 0x1002
    case truncate = 0x1003
    case writeTimeout = 0x1100
    case readTimeout = 0x1200
    case functionFailure = 0x1400
    case syntax = 0x2000
    case unauthorized = 0x2100
    case invalid = 0x2200
    case configuration = 0x2300
    case alreadyExists = 0x2400
    case unprepared = 0x2500
  }

  public enum Detail: Sendable, Equatable {
    case none
    /// The statement's id.
    case unprepared([UInt8])
    /// An empty table stands for the keyspace.
    case alreadyExists(keyspace: String, table: String)
    case unavailable(Consistency)
    case writeTimeout(Consistency, writeType: String)
    case readTimeout(Consistency)
    case functionFailure(keyspace: String = "system", name: String, arguments: [String])
  }

  public var code: Code
  public var message: String
  public var detail = Detail.none

  public init(_ code: Code, _ message: String, _ detail: Detail = .none) {
    self.code = code
    self.message = message
    self.detail = detail
  }

  static func invalid(_ message: String) -> CQLError { CQLError(.invalid, message) }
  static func syntax(_ message: String) -> CQLError { CQLError(.syntax, message) }
  static func violation(_ message: String) -> CQLError { CQLError(.protocolError, message) }
}

/// How many replicas a Cassandra would ask. Here every level is served by the leader; it is only
/// checked, and repeated in errors.
public enum Consistency: UInt16, Sendable {
  case any, one, two, three, quorum, all, localQuorum, eachQuorum, serial, localSerial, localOne
}

/// Kinds of requests and responses.
enum Opcode: UInt8, Sendable {
  case error = 0x00
  case startup = 0x01
  case ready = 0x02
  case authenticate = 0x03
  case options = 0x05
  case supported = 0x06
  case query = 0x07
  case result = 0x08
  case prepare = 0x09
  case execute = 0x0A
  case register = 0x0B
  case event = 0x0C
  case batch = 0x0D
  case authChallenge = 0x0E
  case authResponse = 0x0F
  case authSuccess = 0x10
}
