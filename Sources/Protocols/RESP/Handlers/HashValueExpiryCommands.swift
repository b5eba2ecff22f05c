import Base
import Catalog

/// HGETEX, HSETEX and HGETDEL, as Redis 8 has them: a field's value and its expiry in one step.
enum HashValueExpiryCommands {
  static let all: [CommandSpec] = [
    .data("hgetex", -5, [.write, .fast], .first, getAndExpire),
    .data("hsetex", -6, [.write, .denyOOM, .fast], .first, setAndExpire),
    .data("hgetdel", -5, [.write, .fast]) { (context, command) throws(CommandStop) in
      let options = try Options(context, command, "hgetdel", words: [])
      var hash = try context.hashToWrite(command[1])
      context.reply.array(options.fields.count)
      var removed = 0
      for index in options.fields {
        let field = try hash.get(command[index])
        context.reply.optional(field?.value)
        if try hash.remove(command[index]) { removed += 1 }
      }
      let isGone = try hash.finish()
      if removed > 0 { context.notify(.hash, "hdel", hash.key) }
      if isGone { context.notify(.generic, "del", hash.key) }
    },
  ]

  private enum Expiry {
    /// HGETEX leaves what there is; HSETEX removes it.
    case asUsual
    case at(Int64)
    case removed, kept
  }

  /// What stands between the key and its fields, and where those are.
  private struct Options {
    enum Word { case persist, keep, onlyNew, onlyOld, expiry }

    private(set) var expiry = Expiry.asUsual
    private(set) var isOnlyNew = false
    private(set) var isOnlyOld = false
    /// With a value behind each, for HSETEX.
    private(set) var fields = 0..<0

    init(
      _ context: CommandContext, _ command: CommandArguments, _ name: String, words: Set<Word>,
      argumentsPerField: Int = 1
    ) throws(CommandStop) {
      var index = 2
      var hasExpiry = false
      while index < command.count, !command.matches(index, "FIELDS") {
        if words.contains(.onlyNew), command.matches(index, "FNX"), !isOnlyOld {
          isOnlyNew = true
        } else if words.contains(.onlyOld), command.matches(index, "FXX"), !isOnlyNew {
          isOnlyOld = true
        } else if hasExpiry {
          throw .syntax
        } else if words.contains(.persist), command.matches(index, "PERSIST") {
          expiry = .removed
          hasExpiry = true
        } else if words.contains(.keep), command.matches(index, "KEEPTTL") {
          expiry = .kept
          hasExpiry = true
        } else if words.contains(.expiry), let unit = ExpiryUnit(command[index]),
          index + 1 < command.count
        {
          expiry = .at(try unit.time(command[index + 1], context, name))
          hasExpiry = true
          index += 1
        } else {
          throw .syntax
        }
        index += 1
      }
      guard index + 2 < command.count else {
        throw .error("ERR Mandatory argument FIELDS is missing or not at the right position")
      }
      let count = try command.integer(
        index + 1, atLeast: 1, or: "Number of fields must be a positive integer")
      let given = command.count - index - 2
      guard given % argumentsPerField == 0, count == Int64(given / argumentsPerField) else {
        throw .error("ERR The `numfields` parameter must match the number of arguments")
      }
      fields = index + 2..<command.count
    }
  }

  private static func getAndExpire(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let options = try Options(context, command, "hgetex", words: [.persist, .expiry])
    var hash = try context.hashToWrite(command[1])
    context.reply.array(options.fields.count)
    var (expired, persisted, removed) = (0, 0, 0)
    for index in options.fields {
      guard let field = try hash.get(command[index]) else {
        context.reply.null()
        continue
      }
      context.reply.bulk(field.value)
      switch options.expiry {
      case .asUsual, .kept: break
      case .removed:
        if field.expiresAt == nil { continue }
        try hash.set(field.name, field.value)
        persisted += 1
      case .at(let time) where time <= context.now:
        try hash.remove(field.name)
        removed += 1
      case .at(let time):
        try hash.set(field.name, field.value, expiresAt: time)
        expired += 1
      }
    }
    let isGone = try hash.finish()
    if expired > 0 { context.notify(.hash, "hexpire", hash.key) }
    if persisted > 0 { context.notify(.hash, "hpersist", hash.key) }
    if removed > 0 { context.notify(.hash, "hdel", hash.key) }
    if isGone { context.notify(.generic, "del", hash.key) }
  }

  private static func setAndExpire(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    let options = try Options(
      context, command, "hsetex", words: [.keep, .onlyNew, .onlyOld, .expiry],
      argumentsPerField: 2)
    var hash = try context.hashToWrite(command[1])
    let places = stride(from: options.fields.lowerBound, to: options.fields.upperBound, by: 2)
    if options.isOnlyNew || options.isOnlyOld {
      for index in places {
        let isThere = try hash.withField(command[index]) { _ in true } ?? false
        if isThere != options.isOnlyOld { return context.reply.integer(0) }
      }
    }
    var removed = false
    for index in places {
      var expiresAt: Int64?
      switch options.expiry {
      case .asUsual, .removed: break
      case .kept: expiresAt = try hash.get(command[index])?.expiresAt
      case .at(let time): expiresAt = time
      }
      if let expiresAt, expiresAt <= context.now {
        removed = try hash.remove(command[index]) || removed
      } else {
        try hash.set(command[index], command[index + 1], expiresAt: expiresAt)
      }
    }
    let isGone = try hash.finish()
    context.notify(.hash, removed ? "hdel" : "hset", hash.key)
    if case .at = options.expiry, !removed { context.notify(.hash, "hexpire", hash.key) }
    if isGone { context.notify(.generic, "del", hash.key) }
    context.reply.integer(1)
  }
}
