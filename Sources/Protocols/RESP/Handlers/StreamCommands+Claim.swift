import Base

/// XCLAIM and XAUTOCLAIM.
extension StreamCommands {
  static let claiming: [CommandSpec] = [
    .data("xclaim", -6, [.write, .fast], .first, claim),
    .data("xautoclaim", -6, [.write, .fast], .first, claimNext),
  ]

  private static func claim(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let key = try context.keyToWrite(command[1], .stream)
    let groups = StreamGroups(context, key)
    guard key.exists, var group = try groups.group(command.array(2)) else {
      throw noKeyOrGroup(command)
    }
    let request = try ClaimRequest(command, now: context.now)
    if request.lastID > group.lastID {
      group.lastID = request.lastID
      try groups.put(group)
    }
    let stream = try StreamRows(context, key)
    var claimed = Claim(context, stream, groups, group, consumer: command.array(3))
    claimed.isJustID = request.isJustID
    for id in request.ids {
      var pending = try groups.pending(group, id)
      guard try stream.contains(id) else {
        if let pending { try groups.remove(pending, group) }
        continue
      }
      if let pending, request.idle > 0, context.now - pending.deliveredAt < request.idle {
        continue
      }
      if pending == nil, request.isForced {
        pending = PendingEntry(id: id, consumer: [], deliveredAt: context.now, deliveries: 1)
      }
      guard let entry = pending else { continue }
      try claimed.take(entry, deliveredAt: request.deliveredAt, deliveries: request.deliveries)
    }
    claimed.reply()
  }

  private static func claimNext(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let request = try AutoClaimRequest(command)
    let key = try context.keyToWrite(command[1], .stream)
    let groups = StreamGroups(context, key)
    guard key.exists, let group = try groups.group(command.array(2)) else {
      throw noKeyOrGroup(command)
    }
    // One more than are looked at: where the next call begins.
    let attempts = Int(request.limit) * AutoClaimRequest.attemptsFactor
    var pending: [PendingEntry] = []
    try groups.scanPending(group, request.start, .max) { entry in
      pending.append(entry)
      return pending.count <= attempts
    }
    let stream = try StreamRows(context, key)
    var claimed = Claim(context, stream, groups, group, consumer: command.array(3))
    claimed.isJustID = request.isJustID
    var deleted: [StreamID] = []
    var place = 0
    while place < min(pending.count, attempts), claimed.count + deleted.count < request.limit {
      let entry = pending[place]
      place += 1
      guard try stream.contains(entry.id) else {
        try groups.remove(entry, group)
        deleted.append(entry.id)
        continue
      }
      if request.idle > 0, context.now - entry.deliveredAt < request.idle { continue }
      try claimed.take(entry, deliveredAt: context.now, deliveries: nil)
    }
    context.reply.array(3)
    context.reply.id(place < pending.count ? pending[place].id : .zero)
    claimed.reply()
    context.reply.array(deleted.count)
    for id in deleted { context.reply.id(id) }
  }
}

/// Pending entries on their way to a consumer.
private struct Claim {
  private let context: CommandContext
  private let stream: StreamRows
  private let groups: StreamGroups
  private let group: StreamGroup
  private let consumer: [UInt8]
  /// Ids alone are wanted, and the deliveries are not counted.
  var isJustID = false
  private(set) var count = 0
  private var replies: ReplyWriter

  init(
    _ context: CommandContext, _ stream: StreamRows, _ groups: StreamGroups,
    _ group: StreamGroup, consumer: [UInt8]
  ) {
    self.context = context
    self.stream = stream
    self.groups = groups
    self.group = group
    self.consumer = consumer
    replies = ReplyWriter(version: context.reply.version)
  }

  /// Of an entry that the stream has. `deliveries`: nil counts on.
  mutating func take(_ pending: PendingEntry, deliveredAt: Int64, deliveries: Int64?)
    throws(CommandStop)
  {
    if count == 0 { try groups.touch(group, consumer) }
    var entry = pending
    entry.consumer = consumer
    entry.deliveredAt = deliveredAt
    entry.deliveries = deliveries ?? (pending.deliveries + (isJustID ? 0 : 1))
    try groups.put(entry, group)
    count += 1
    if isJustID {
      replies.id(entry.id)
    } else if let fields = try stream.fields(entry.id) {
      replies.entry(entry.id, fields)
    }
  }

  func reply() {
    context.reply.array(count)
    context.reply.bytes.append(contentsOf: replies.bytes)
  }
}

/// XCLAIM's arguments behind the consumer: min-idle-time id … [options].
private struct ClaimRequest {
  var idle: Int64
  var ids: [StreamID] = []
  var deliveredAt: Int64
  var deliveries: Int64?
  var isForced = false
  var isJustID = false
  var lastID = StreamID.zero

  init(_ command: CommandArguments, now: Int64) throws(CommandStop) {
    idle = max(0, try Self.integer(command[4], "Invalid min-idle-time argument"))
    deliveredAt = now
    var index = 5
    while index < command.count, let id = StreamID(command[index], missing: 0) {
      ids.append(id)
      index += 1
    }
    while index < command.count {
      let hasMore = index + 1 < command.count
      if command.matches(index, "FORCE") {
        isForced = true
      } else if command.matches(index, "JUSTID") {
        isJustID = true
      } else if command.matches(index, "IDLE"), hasMore {
        index += 1
        let idle = try Self.integer(command[index], "Invalid IDLE option argument")
        deliveredAt = now.subtractingReportingOverflow(idle).partialValue
      } else if command.matches(index, "TIME"), hasMore {
        index += 1
        deliveredAt = try Self.integer(command[index], "Invalid TIME option argument")
      } else if command.matches(index, "RETRYCOUNT"), hasMore {
        index += 1
        let count = try Self.integer(command[index], "Invalid RETRYCOUNT option argument")
        deliveries = count >= 0 ? count : nil
      } else if command.matches(index, "LASTID"), hasMore {
        index += 1
        lastID = try .strict(command[index])
      } else {
        throw .error("ERR Unrecognized XCLAIM option '\(command.text(index))'")
      }
      index += 1
    }
    // Clients work it out from their own clocks.
    if deliveredAt < 0 || deliveredAt > now { deliveredAt = now }
  }

  private static func integer(_ argument: ArraySlice<UInt8>, _ message: String)
    throws(CommandStop) -> Int64
  {
    guard let value = argument.strictInteger() else {
      throw .error("ERR \(message) for XCLAIM")
    }
    return value
  }
}

/// XAUTOCLAIM's arguments behind the consumer: min-idle-time start [COUNT count] [JUSTID].
private struct AutoClaimRequest {
  var idle: Int64
  var start: StreamID
  var limit: Int64 = 100
  var isJustID = false

  /// Entries that are looked at for each that may be claimed.
  static let attemptsFactor = 10

  init(_ command: CommandArguments) throws(CommandStop) {
    guard let idle = command[4].strictInteger() else {
      throw .error("ERR Invalid min-idle-time argument for XAUTOCLAIM")
    }
    self.idle = max(0, idle)
    start = try .start(command[5])
    var index = 6
    while index < command.count {
      if command.matches(index, "COUNT"), index + 1 < command.count {
        guard let count = command[index + 1].strictInteger(), (1...(Int64.max / 16)).contains(count)
        else { throw .error("ERR COUNT must be > 0") }
        limit = count
        index += 2
      } else if command.matches(index, "JUSTID") {
        isJustID = true
        index += 1
      } else {
        throw .syntax
      }
    }
  }
}
