import Base
import Catalog
import Node
import Reactor
import Types

/// KEYS, SCAN and RANDOMKEY: over all tablets.
enum ScanCommands {
  static let all: [CommandSpec] = [
    .session("keys", 2, [.readOnly]) { session, command in
      let procedure = FindKeys(db: session.db, pattern: command.array(1))
      await KeyspaceCommands.reply(session, procedure) { found in
        session.output.array(found.reduce(0) { $0 + $1.count })
        for name in found.joined() { session.output.bulk(name) }
      }
    },
    .session("scan", -2, [.readOnly], .none, scan),
    .session("randomkey", 1, [.readOnly], .none) { session, _ in await randomKey(session) },
  ]

  /// A tablet's own cursor above, the tablet's number in these bits below.
  private static let tabletBits: UInt64 = 14

  /// One tablet after another: the cursor says which, and what that has kept about the rest.
  private static func scan(_ session: RESPSession, _ command: CommandArguments) async {
    let options: ScanOptions
    let cursor: UInt64
    do throws(CommandStop) {
      cursor = try ScanOptions.cursor(command[1])
      options = try ScanOptions(command, from: 2, isKeyspace: true)
    } catch {
      if case .error(let text) = error { session.output.error(text) }
      return
    }
    if cursor & viewsMark != 0 {
      return await scanViews(session, cursor & ~viewsMark, options, [])
    }
    let shard = session.shard
    var tablet = Int(cursor & (1 << tabletBits - 1))
    var call = ScanKeys(db: session.db, cursor: cursor >> tabletBits, count: options.count)
    call.pattern = command.value(of: "MATCH", from: 2)
    call.type = options.type
    var names: [[UInt8]] = []
    var next: UInt64 = 0
    // A split puts a tablet in between: what has been seen may be seen again, and nothing is passed over.
    let tablets = shard.firstBuckets
    while tablet < tablets.count {
      let reply = Reply<Result<ScanKeys.Output, KernelError>>()
      shard.callAlone(call, bucket: tablets[tablet]) {
        reply.fulfill($0)
      }
      switch await reply.get() {
      case .failure(let error):
        return session.output.bytes.append(contentsOf: session.failure(error))
      case .success(let page):
        names += page.names
        call.count -= page.visited
        call.cursor = page.next
        if page.next == 0 { tablet += 1 }
      }
      if call.count <= 0, tablet < tablets.count {
        next = call.cursor << tabletBits | UInt64(tablet)
        break
      }
    }
    let hasViews =
      next == 0 && session.db == 0 && !session.state.views.all.isEmpty
      && (options.type.map { $0 == Array("hash".utf8) } ?? true)
    if hasViews { return await scanViews(session, 0, options, names) }
    reply(session, next, names)
  }

  private static func reply(_ session: RESPSession, _ cursor: UInt64, _ names: [[UInt8]]) {
    session.output.array(2)
    session.output.bulk(String(cursor))
    session.output.array(names.count)
    for name in names { session.output.bulk(name) }
  }

  /// In cursors of the part where tables' rows are keys.
  private static let viewsMark: UInt64 = 1 << 62

  private static func scanViews(
    _ session: RESPSession, _ cursor: UInt64, _ options: ScanOptions, _ names: [[UInt8]]
  ) async {
    do throws(SQLError) {
      let found = try await session.scanViews(cursor, options)
      reply(session, found.next.map { $0 | viewsMark } ?? 0, names + found.names)
    } catch {
      session.output.error(KernelReply.text(error))
    }
  }

  private static func randomKey(_ session: RESPSession) async {
    var random = Xoshiro256(seed: session.shard.reactor.random.next())
    let procedure = SampleKeys(db: session.db, seed: random.next())
    await KeyspaceCommands.reply(session, procedure) { samples in
      var left = samples.reduce(0) { $0 + $1.count }
      guard left > 0 else { return session.output.null() }
      left = Int.random(in: 0..<left, using: &random)
      for sample in samples {
        if left < sample.count { return session.output.bulk(sample.name) }
        left -= sample.count
      }
    }
  }
}

extension CommandArguments {
  /// The last value of an option that has one; all options from `first` on have one.
  func value(of name: StaticString, from first: Int) -> [UInt8]? {
    var found: [UInt8]?
    for index in stride(from: first, to: count - 1, by: 2) where matches(index, name) {
      found = array(index + 1)
    }
    return found
  }
}
