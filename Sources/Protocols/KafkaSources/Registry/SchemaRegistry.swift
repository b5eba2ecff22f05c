import Avro
import Base
import Glibc
import Node
import Reactor
import Types

/// Schemas by their numbers, asked for once. Lives on: its shard.
final class SchemaRegistry {
  private let address: RegistryAddress
  private let reactor: any Reactor
  private var known: [UInt32: Result<AvroSchema, SQLError>] = [:]

  private static let timeoutMilliseconds = 10_000

  init(_ address: RegistryAddress, _ reactor: any Reactor) {
    self.address = address
    self.reactor = reactor
  }

  /// Of one that `prepare` has asked for.
  func schema(_ id: UInt32) throws(SQLError) -> AvroSchema {
    guard let found = known[id] else {
      throw SQLError(.internalError, "schema \(id) was not asked for")
    }
    return try found.get()
  }

  /// Asks for those that are not known. The world's faults are thrown; what is wrong with a schema is told
  /// by `schema`.
  func prepare(_ ids: [UInt32]) async throws(ReaderFault) {
    for id in ids {
      // One that the registry did not have may be there now.
      if case .success = known[id] { continue }
      known[id] = try await fetch(id)
    }
  }

  private func fetch(_ id: UInt32) async throws(ReaderFault) -> Result<AvroSchema, SQLError> {
    let (status, body) = try await ask(id)
    switch status {
    case 200:
      return Result { () throws(SQLError) in try Self.schema(body) }
    case 404:
      return .failure(
        SQLError(.invalidParameterValue, "the registry has no schema \(id)"))
    default:
      throw .waits("the schema registry answers \(status)")
    }
  }

  private static func schema(_ body: [UInt8]) throws(SQLError) -> AvroSchema {
    let answer = try JSONText.parse(body)
    if let kind = answer.member("schemaType")?.text, kind != "AVRO" {
      throw SQLError(.featureNotSupported, "schemas of type \(kind) are not supported")
    }
    if case .array(let references)? = answer.member("references")?.kind, !references.isEmpty {
      throw SQLError(
        .featureNotSupported, "schemas that refer to others are not supported")
    }
    guard let text = answer.member("schema")?.text else {
      throw SQLError(.invalidParameterValue, "the registry's answer has no schema")
    }
    return try AvroSchema(Array(text.utf8))
  }

  // MARK: HTTP

  private func ask(_ id: UInt32) async throws(ReaderFault) -> (Int, [UInt8]) {
    let reply = Reply<Result<(Int, [UInt8]), ReaderFault>>()
    let call = Call()
    let timer = reactor.after(milliseconds: Self.timeoutMilliseconds) {
      reply.fulfill(.failure(.waits("the schema registry does not answer")))
      call.isOver = true
      call.connection?.abort()
    }
    reactor.spawn { [self] in
      do throws(IOFault) {
        reply.fulfill(try await exchange(id, call))
      } catch {
        reply.fulfill(
          .failure(.waits("schema registry: \(String(cString: strerror(error.errno)))")))
      }
    }
    let result = await reply.get()
    reactor.cancel(timer)
    return try result.get()
  }

  /// What the time limit ends.
  private final class Call {
    var connection: Connection?
    var isOver = false
  }

  private func exchange(_ id: UInt32, _ call: Call) async throws(IOFault)
    -> Result<(Int, [UInt8]), ReaderFault>
  {
    let connection = try await reactor.connect(address: address.host, port: address.port)
    defer { connection.close() }
    if call.isOver { return .failure(.waits("the schema registry does not answer")) }
    call.connection = connection
    connection.write(address.request(id))
    connection.flush()
    var answer = HTTPAnswer()
    while true {
      var bytes: [UInt8] = []
      _ = try await connection.read(into: &bytes, atMost: 1 << 16)
      do throws(HTTPAnswer.Fault) {
        if let body = try answer.take(bytes) { return .success((answer.status, body)) }
      } catch {
        return .failure(.waits("the schema registry's answer cannot be read"))
      }
    }
  }
}
