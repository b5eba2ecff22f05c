import Base
import CLinux
import Catalog
import Node

/// MEMORY: what keys and the node take.
enum MemoryCommands {
  static let all: [CommandSpec] = [
    .container(
      "memory",
      [
        .data("memory|usage", -3, [.readOnly], .range(first: 2, last: 2, step: 1), usage),
        .session("memory|doctor", 2, []) { session, _ in
          let report = await ServerReport.gather(session)
          let share = report.memoryUsed * 100 / max(1, report.memoryLimit)
          session.output.verbatim(
            share < 80
              ? "Rows take \(share) % of the memory that the node may use. Nothing is wrong.\n"
              : "Rows take \(share) % of the memory that the node may use: at 100 % writes are refused. Remove keys, or start the nodes with a larger --memory-limit.\n"
          )
        },
        .session("memory|stats", 2, [], .none, stats),
        .session("memory|purge", 2, []) { session, _ in
          ql_give_memory_back()
          session.output.ok()
        },
        .session("memory|malloc-stats", 2, []) { session, _ in
          session.output.verbatim("The allocator is the C library's, which shows no statistics.\n")
        },
        .session("memory|help", 2, [.loading, .stale]) { session, _ in
          session.output.help(
            "MEMORY",
            [
              ("DOCTOR", "Says in words whether memory is short."),
              ("MALLOC-STATS", "What the allocator shows of itself."),
              ("PURGE", "Asks the allocator to give memory back."),
              ("STATS", "Shows what takes memory on this node."),
              ("USAGE <key> [SAMPLES <count>]", "Estimates the bytes that a key takes."),
            ])
        },
      ])
  ]

  private static func usage(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var index = 3
    while index < command.count {
      guard command.matches(index, "SAMPLES"), index + 1 < command.count else { throw .syntax }
      guard let samples = command[index + 1].strictInteger() else { throw .notInteger }
      if samples < 0 { throw .syntax }
      index += 2
    }
    let key = try context.key(command[2], noting: .nothing)
    guard key.exists else { return context.reply.null() }
    context.reply.integer(try context.bytes(of: key))
  }

  private static func stats(_ session: RESPSession, _ command: CommandArguments) async {
    let report = await ServerReport.gather(session)
    let resident = HostFacts.residentBytes
    let counts: [(String, Int)] = [
      ("peak.allocated", report.memoryUsed), ("total.allocated", report.memoryUsed),
      ("startup.allocated", 0), ("replication.backlog", 0), ("clients.slaves", 0),
      ("clients.normal", report.outputMax), ("cluster.links", 0), ("aof.buffer", 0),
      ("overhead.total", max(0, resident - report.memoryUsed)),
      ("dataset.bytes", report.memoryUsed),
    ]
    session.output.map(counts.count + 2)
    for (name, count) in counts {
      session.output.bulk(name)
      session.output.integer(count)
    }
    session.output.bulk("dataset.percentage")
    session.output.double(Double(report.memoryUsed) / Double(max(1, resident)) * 100)
    session.output.bulk("fragmentation")
    session.output.double(Double(resident) / Double(max(1, report.memoryUsed)))
  }
}

extension CommandContext {
  /// About what a row takes besides its key and its value: its entry's header and its place in the tree, in a page that
  /// is at rest, and the stamp of one that shares it with nobody.
  private static let bytesPerElement = 16
  private static let bytesPerKey = 32

  /// About the bytes that the key's rows take. Elements of a collection have the key's name once for many, in their
  /// keys and in their values. Costs a look at each of them.
  func bytes(of key: KeyState) throws(CommandStop) -> Int {
    guard let row = key.row else { return 0 }
    var bytes = 0
    try rows.withValue(RedisSchema.keys, key.rowKey) { value in
      bytes += key.rowKey.count + (value?.count ?? 0) + Self.bytesPerKey
    }
    for space in row.type.elementSpaces {
      try rows.scan(space, lower: key.rowKey, upper: RowKey.end(of: key.rowKey)) {
        bytes += $0.count - key.rowKey.count + max(0, $1.count - key.rowKey.count)
        bytes += Self.bytesPerElement
        return true
      }
    }
    return bytes
  }
}
