import Base
import Node

/// LATENCY: events that took long, and how long commands take, on this node.
enum LatencyCommands {
  private static let flags: CommandFlags = [.admin, .noScript, .loading, .stale]

  static let all: [CommandSpec] = [
    .container(
      "latency",
      [
        .session("latency|doctor", 2, flags, .none, doctor),
        .session("latency|graph", 3, flags, .none, graph),
        .session("latency|histogram", -2, flags, .none, histogram),
        .session("latency|history", 3, flags) { session, command in
          let samples = await events(session).events[command.text(2)]?.samples ?? []
          session.output.array(samples.count)
          for sample in samples {
            session.output.array(2)
            session.output.integer(sample.time)
            session.output.integer(sample.milliseconds)
          }
        },
        .session("latency|latest", 2, flags) { session, _ in
          let found = await events(session).events.sorted { $0.key < $1.key }
          session.output.array(found.count)
          for (name, event) in found {
            session.output.array(4)
            session.output.bulk(name)
            session.output.integer(event.samples.last?.time ?? 0)
            session.output.integer(event.samples.last?.milliseconds ?? 0)
            session.output.integer(event.worst)
          }
        },
        .session("latency|reset", -2, flags) { session, command in
          let names = (2..<max(2, command.count)).map { command.text($0) }
          // Of the node's shards each may have seen the event: it is one.
          let known = await events(session).events
          let count = names.isEmpty ? known.count : names.count { known[$0] != nil }
          _ = await session.shard.gatherNode(
            ServerQuestion.name, ServerQuestion.resetLatency(names).payload)
          session.output.integer(count)
        },
        .session("latency|help", 2, [.loading, .stale]) { session, _ in
          session.output.help(
            "LATENCY",
            [
              ("DOCTOR", "Says in words what has taken long."),
              ("GRAPH <event>", "Draws the samples of an event."),
              ("HISTORY <event>", "Shows the samples of an event."),
              ("LATEST", "Shows the last and the worst sample of each event."),
              ("RESET [<event> ...]", "Forgets the samples of some events, or all."),
              ("HISTOGRAM [<command> ...]", "Shows how long commands take."),
            ])
        },
      ])
  ]

  private static func events(_ session: RESPSession) async -> LatencyMonitor {
    let answers = await session.shard.gatherNode(
      ServerQuestion.name, ServerQuestion.latency.payload)
    return answers.reduce(into: LatencyMonitor()) { sum, answer in
      let found = Message.decode(answer) { (reader) throws(DecodingFault) in
        try LatencyMonitor(from: &reader)
      }
      if let found { sum.add(found) }
    }
  }

  private static func histogram(_ session: RESPSession, _ command: CommandArguments) async {
    let statistics = await ServerReport.gather(session).statistics
    var wanted: Set<Int>?
    if command.count > 2 {
      wanted = []
      for index in 2..<command.count {
        guard let spec = CommandTable.find(named: command.text(index)) else { continue }
        wanted?.insert(spec.number)
        for subcommand in spec.subcommands { wanted?.insert(subcommand.number) }
      }
    }
    let found = statistics.commands.enumerated().compactMap { number, statistics in
      statistics.durations.map { (number, statistics.calls, $0) }
    }.filter { wanted?.contains($0.0) ?? true }
    session.output.map(found.count)
    for (number, calls, durations) in found {
      session.output.bulk(CommandTable.names[number])
      session.output.map(2)
      session.output.bulk("calls")
      session.output.integer(Int64(calls))
      session.output.bulk("histogram_usec")
      let doublings = durations.doublings
      session.output.map(doublings.count)
      for (microseconds, count) in doublings {
        session.output.integer(Int64(microseconds))
        session.output.integer(Int64(count))
      }
    }
  }

  private static func doctor(_ session: RESPSession, _ command: CommandArguments) async {
    let configuration = session.state.configuration
    guard configuration.latencyThreshold > 0 else {
      return session.output.verbatim(
        "Nothing is watched: CONFIG SET latency-monitor-threshold <milliseconds> begins it.\n")
    }
    let found = await events(session).events.sorted { $0.key < $1.key }
    var text =
      found.isEmpty
      ? "Nothing has taken \(configuration.latencyThreshold) ms or longer.\n"
      : "\(found.count) kinds of events have taken \(configuration.latencyThreshold) ms or longer:\n"
    for (name, event) in found {
      let times = event.samples.map(\.milliseconds)
      let average = times.reduce(0, +) / Int64(max(1, times.count))
      text +=
        "- \(name): \(times.count) samples, \(average) ms on average, \(event.worst) ms at worst.\n"
    }
    if !found.isEmpty { text += "SLOWLOG GET shows which commands they were.\n" }
    session.output.verbatim(text)
  }

  private static func graph(_ session: RESPSession, _ command: CommandArguments) async {
    let name = command.text(2)
    guard let event = await events(session).events[name], !event.samples.isEmpty else {
      return session.output.error("ERR No samples available for event '\(name)'")
    }
    let now = session.state.seconds
    var text =
      "\(name) - high \(event.worst) ms, low "
      + "\(event.samples.map(\.milliseconds).min() ?? 0) ms (all time high \(event.worst) ms)\n"
    for sample in event.samples {
      let length = Int(sample.milliseconds * 60 / max(1, event.worst))
      text +=
        String(repeating: "#", count: max(1, length))
        + " \(sample.milliseconds) ms, \(max(0, now - sample.time)) s ago\n"
    }
    session.output.verbatim(text)
  }
}
