import Base
import Node

/// MIGRATE: sends keys to another server as RESTORE takes them, and removes those that have arrived. From the
/// first look at them until they are gone nobody else can write them here, as if the server did nothing else
/// meanwhile: no write is lost. Where it ends with an error keys may be on both sides, and never on none.
enum MigrateCommand {
  static let spec = CommandSpec.session(
    "migrate", -6, [.write, .movableKeys], .found(MigrateRequest.keyPositions), migrate)

  /// A key as it is sent.
  struct Parcel {
    var name: [UInt8]
    var payload: [UInt8]
    /// Milliseconds that it has left; 0: it stays.
    var milliseconds: Int64
  }

  private static func migrate(_ session: RESPSession, _ command: CommandArguments) async {
    let request: MigrateRequest
    do throws(CommandStop) {
      request = try MigrateRequest(command)
    } catch {
      return session.output.stop(error)
    }
    var reply = MigrateReply.noKey
    let moved = await AcrossTablets(shard: session.shard, options: session.runOptions()).move(
      request.keys, db: session.db, isCopy: request.isCopy,
      { (context) throws(CommandStop) in try parcels(context, request.keys) },
      { (parcels: [Parcel]) async -> [[UInt8]] in
        if parcels.isEmpty { return [] }
        let sent = await deliver(parcels, request, session)
        reply = sent.reply
        return sent.arrived
      })
    switch moved {
    case .failure(let error): session.output.bytes.append(contentsOf: session.failure(error))
    case .success(let events):
      session.publish(events)
      reply.write(to: &session.output)
    }
  }

  /// The keys that are there.
  private static func parcels(_ context: CommandContext, _ names: [[UInt8]]) throws(CommandStop)
    -> [Parcel]
  {
    var parcels: [Parcel] = []
    for name in names {
      let key = try context.key(name)
      guard let row = key.row else { continue }
      if row.type == .hash, try HashRows(context, key).hasExpiringField() {
        throw .error("ERR MIGRATE cannot carry the expiry of a hash's fields")
      }
      let payload = DumpWriter.payload(try WholeCollection.value(context, key, row))
      let left = row.expiresAt.map { max(1, $0 - context.now) } ?? 0
      parcels.append(Parcel(name: name, payload: payload, milliseconds: left))
    }
    return parcels
  }

  // MARK: The other side

  /// Sends the keys. What has arrived there, and what the client is told.
  private static func deliver(
    _ parcels: [Parcel], _ request: MigrateRequest, _ session: RESPSession
  ) async -> (arrived: [[UInt8]], reply: MigrateReply) {
    var arrived: [[UInt8]] = []
    do throws(MigrateTarget.Fault) {
      let target = try await MigrateTarget.connect(
        host: request.host, port: request.port, milliseconds: request.milliseconds,
        session.shard.reactor)
      defer { target.close() }
      try await target.send(commands(parcels, request))
      var refusal: [UInt8]?
      for _ in 0..<(request.login.isEmpty ? 1 : 2) {
        let line = try await target.line()
        if isError(line), refusal == nil { refusal = line }
      }
      let mayArrive = refusal == nil
      for parcel in parcels {
        let line = try await target.line()
        if isError(line) {
          if refusal == nil { refusal = line }
        } else if mayArrive {
          arrived.append(parcel.name)
        }
      }
      return (arrived, refusal.map { MigrateReply.refused($0) } ?? .ok)
    } catch {
      return (arrived, .fault(error))
    }
  }

  private static func isError(_ line: [UInt8]) -> Bool { line.first == UInt8(ascii: "-") }

  /// AUTH, SELECT and a RESTORE for each key, in one piece.
  static func commands(_ parcels: [Parcel], _ request: MigrateRequest) -> [UInt8] {
    var out = ReplyWriter(version: 2)
    func append(_ words: [[UInt8]]) {
      out.array(words.count)
      for word in words { out.bulk(word) }
    }
    if !request.login.isEmpty { append([Array("AUTH".utf8)] + request.login) }
    append([Array("SELECT".utf8), [UInt8](decimal: request.database)])
    for parcel in parcels {
      let command = [
        Array("RESTORE".utf8), parcel.name, [UInt8](decimal: parcel.milliseconds), parcel.payload,
      ]
      append(request.replaces ? command + [Array("REPLACE".utf8)] : command)
    }
    return out.bytes
  }
}

/// What the client of MIGRATE is told.
private enum MigrateReply {
  case ok, noKey
  /// The other side's error, as its line.
  case refused([UInt8])
  case fault(MigrateTarget.Fault)

  func write(to output: inout ReplyWriter) {
    switch self {
    case .ok: output.ok()
    case .noKey: output.simple("NOKEY")
    case .refused(let line):
      let text = String(decoding: line.dropFirst(), as: UTF8.self)
      output.error("ERR Target instance replied with error: \(text)")
    case .fault(let fault): output.error(fault.reply)
    }
  }
}
