import Base
import Node
import Reactor

/// The connection to another server for one MIGRATE. Lives on: the session's shard.
final class MigrateTarget {
  /// Why it cannot be gone on with, as the client is told.
  enum Fault: Error {
    case connecting, writing, reading

    var reply: String {
      switch self {
      case .connecting: "IOERR error or timeout connecting to the client"
      case .writing: "IOERR error or timeout writing to target instance"
      case .reading: "IOERR error or timeout reading to target instance"
      }
    }
  }

  private let connection: Connection
  private let reactor: any Reactor
  private let milliseconds: Int
  private var input: [UInt8] = []
  /// Of an answer, which is a status or an error.
  private static let lineBytesMax = 1 << 16

  private init(_ connection: Connection, _ reactor: any Reactor, milliseconds: Int) {
    self.connection = connection
    self.reactor = reactor
    self.milliseconds = milliseconds
  }

  static func connect(
    host: String, port: Int, milliseconds: Int, _ reactor: any Reactor
  ) async throws(Fault) -> MigrateTarget {
    let reply = Reply<Connection?>()
    var isLate = false
    let timer = reactor.after(milliseconds: milliseconds) {
      isLate = true
      reply.fulfill(nil)
    }
    reactor.spawn {
      do throws(IOFault) {
        let connection = try await reactor.connect(address: host, port: port)
        if isLate { connection.close() } else { reply.fulfill(connection) }
      } catch {
        // Whatever it was, the client hears the same, as from Redis.
        reply.fulfill(nil)
      }
    }
    let connection = await reply.get()
    reactor.cancel(timer)
    guard let connection else { throw .connecting }
    return MigrateTarget(connection, reactor, milliseconds: milliseconds)
  }

  /// Sends everything; what the other side does not take in time is a fault.
  func send(_ bytes: [UInt8]) async throws(Fault) {
    let timer = limit()
    defer { reactor.cancel(timer) }
    connection.write(bytes)
    do throws(IOFault) {
      try await connection.drain()
    } catch {
      throw .writing
    }
  }

  /// The next answer's line, without its end.
  func line() async throws(Fault) -> [UInt8] {
    while true {
      if let end = input.firstIndex(of: 10) {
        let line = input[..<end].last == 13 ? input[..<(end - 1)] : input[..<end]
        input.removeSubrange(...end)
        return Array(line)
      }
      if input.count > Self.lineBytesMax { throw .reading }
      let timer = limit()
      defer { reactor.cancel(timer) }
      var count = 0
      do throws(IOFault) {
        count = try await connection.read(into: &input, atMost: Self.lineBytesMax)
      } catch {
        throw .reading
      }
      if count == 0 { throw .reading }
    }
  }

  private func limit() -> TimerToken {
    reactor.after(milliseconds: milliseconds) { [connection] in connection.abort() }
  }

  func close() { connection.close() }
}
