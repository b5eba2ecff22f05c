import Base
import Node
import Reactor

/// CLIENT LIST, KILL and UNBLOCK: clients of all nodes.
enum ClientListCommands {
  static func list(_ session: RESPSession, _ command: CommandArguments) async {
    var filter = ClientFilter()
    if command.count == 4, command.matches(2, "TYPE") {
      guard let kind = ClientKind(command[3]) else {
        return session.output.error("ERR Unknown client type '\(command.text(3))'")
      }
      filter.kind = kind.rawValue
    } else if command.count > 3, command.matches(2, "ID") {
      var ids: [Int64] = []
      for index in 3..<command.count {
        guard let id = command[index].strictInteger() else {
          return session.output.error("ERR Invalid client ID")
        }
        ids.append(id)
      }
      filter.ids = ids
    } else if command.count != 2 {
      return session.output.error("ERR syntax error")
    }
    let answers = await session.shard.gather(
      ClientQuestion.name, ClientQuestion.list(filter).payload)
    let lines = answers.flatMap { answer in
      Message.decode(answer) { (reader) throws(DecodingFault) in
        try [ClientLine](from: &reader)
      } ?? []
    }
    let text = lines.sorted { $0.id < $1.id }.map { $0.text + "\n" }.joined()
    session.output.verbatim(text)
  }

  static func kill(_ session: RESPSession, _ command: CommandArguments) async {
    var filter = ClientFilter()
    var skipsMe = true
    if command.count == 3 {
      filter.address = command.text(2)
      skipsMe = false
    } else if let reason = read(command, session, &filter, &skipsMe) {
      return session.output.error(reason)
    }
    // This one goes last, when its reply is written.
    let isMe = filter.matches(session)
    filter.except = session.id
    let answers = await session.shard.gather(
      ClientQuestion.name, ClientQuestion.kill(filter).payload)
    var count = answers.reduce(0) { sum, answer in
      sum
        + (Message.decode(answer) { (reader) throws(DecodingFault) in try Int(from: &reader) } ?? 0)
    }
    if isMe, !skipsMe {
      count += 1
      session.isEnding = true
    }
    if command.count > 3 {
      session.output.integer(count)
    } else if count == 0 {
      session.output.error("ERR No such client")
    } else {
      session.output.ok()
    }
  }

  /// What is wrong with the filters of KILL; nil: nothing.
  private static func read(
    _ command: CommandArguments, _ session: RESPSession, _ filter: inout ClientFilter,
    _ skipsMe: inout Bool
  ) -> String? {
    for index in stride(from: 2, to: command.count, by: 2) {
      guard index + 1 < command.count else { return "ERR syntax error" }
      let value = command.text(index + 1)
      if command.matches(index, "ID") {
        guard let id = command[index + 1].strictInteger(), id > 0 else {
          return "ERR client-id should be greater than 0"
        }
        filter.ids = [id]
      } else if command.matches(index, "TYPE") {
        guard let kind = ClientKind(command[index + 1]) else {
          return "ERR Unknown client type '\(value)'"
        }
        filter.kind = kind.rawValue
      } else if command.matches(index, "ADDR") {
        filter.address = value
      } else if command.matches(index, "LADDR") {
        filter.localAddress = value
      } else if command.matches(index, "USER") {
        guard RESPSession.role(of: value, session.shard.catalog) != nil else {
          return "ERR No such user '\(value)'"
        }
        filter.user = value
      } else if command.matches(index, "SKIPME"), command[index + 1].matches("YES") {
        skipsMe = true
      } else if command.matches(index, "SKIPME"), command[index + 1].matches("NO") {
        skipsMe = false
      } else {
        return "ERR syntax error"
      }
    }
    return nil
  }

  static func unblock(_ session: RESPSession, _ command: CommandArguments) async {
    guard command.count <= 4 else {
      return session.output.error("ERR wrong number of arguments for 'client|unblock' command")
    }
    var withError = false
    if command.count == 4 {
      withError = command.matches(3, "ERROR")
      guard withError || command.matches(3, "TIMEOUT") else {
        return session.output.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
      }
    }
    guard let id = command[2].strictInteger() else {
      return session.output.error("ERR value is not an integer or out of range")
    }
    let question = ClientQuestion.unblock(id, withError: withError)
    let answers = await session.shard.gather(ClientQuestion.name, question.payload)
    session.output.integer(answers.contains([1]) ? 1 : 0)
  }
}

/// Which clients are meant; what is nil does not matter.
struct ClientFilter: WireCodable {
  var ids: [Int64]?
  var kind: String?
  var address: String?
  var localAddress: String?
  var user: String?
  var except: Int64 = 0

  init() {}

  func matches(_ session: RESPSession) -> Bool {
    session.id != except && (ids?.contains(session.id) ?? true)
      && (kind.map { $0 == session.kind.rawValue } ?? true)
      && (address.map { $0 == session.stream.peerAddress } ?? true)
      && (localAddress.map { $0 == session.localAddress } ?? true)
      && (user.map { $0 == session.client.user } ?? true)
  }

  func encode(into out: inout WireEncoder) {
    ids.encode(into: &out)
    for text in [kind, address, localAddress, user] { text.encode(into: &out) }
    except.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    ids = try [Int64]?(from: &reader)
    kind = try String?(from: &reader)
    address = try String?(from: &reader)
    localAddress = try String?(from: &reader)
    user = try String?(from: &reader)
    except = try Int64(from: &reader)
  }
}

struct ClientLine: WireCodable {
  var id: Int64
  var text: String

  init(_ session: RESPSession) {
    id = session.id
    text = session.description
  }
  func encode(into out: inout WireEncoder) {
    id.encode(into: &out)
    text.encode(into: &out)
  }
  init(from reader: inout WireDecoder) throws(DecodingFault) {
    id = try Int64(from: &reader)
    text = try String(from: &reader)
  }
}
