import Base
import Catalog
import Glibc

/// Places: members of a sorted set whose scores are geohashes.
enum GeoCommands {
  static let all: [CommandSpec] = places + GeoSearchCommands.all

  private static let places: [CommandSpec] = [
    .data("geoadd", -5, [.write, .denyOOM], .first, add),
    .data("geopos", -2, [.readOnly]) { (context, command) throws(CommandStop) in
      let zset = try context.zset(command[1])
      context.reply.array(command.count - 2)
      for index in 2..<command.count {
        guard let score = try zset.score(command[index]) else {
          context.reply.nullArray()
          continue
        }
        context.reply.point(GeoHash(score: score).point)
      }
    },
    .data("geohash", -2, [.readOnly]) { (context, command) throws(CommandStop) in
      let zset = try context.zset(command[1])
      context.reply.array(command.count - 2)
      for index in 2..<command.count {
        let score = try zset.score(command[index])
        context.reply.optional(score.map { GeoHash(score: $0).text.utf8 })
      }
    },
    .data("geodist", -4, [.readOnly]) { (context, command) throws(CommandStop) in
      if command.count > 5 { throw .syntax }
      let unit = command.count == 5 ? try GeoUnit(command[4]) : .metres
      let zset = try context.zset(command[1])
      guard let first = try zset.score(command[2]), let second = try zset.score(command[3]) else {
        return context.reply.null()
      }
      let distance = GeoHash(score: first).point.metres(to: GeoHash(score: second).point)
      context.reply.distance(distance / unit.metres)
    },
  ]

  /// ZADD, with the places' scores.
  private static func add(_ context: CommandContext, _ command: CommandArguments)
    throws(CommandStop)
  {
    var first = 2
    var (isOnlyNew, isOnlyOld) = (false, false)
    while first < command.count {
      if command.matches(first, "NX") {
        isOnlyNew = true
      } else if command.matches(first, "XX") {
        isOnlyOld = true
      } else if !command.matches(first, "CH") {
        break
      }
      first += 1
    }
    if (command.count - first) % 3 != 0 || (isOnlyNew && isOnlyOld) { throw .syntax }
    var zadd = CommandArguments("zadd")
    for index in 1..<first { zadd.append(command[index]) }
    for index in stride(from: first, to: command.count, by: 3) {
      let point = try GeoPoint(command, at: index)
      zadd.append(String(Int64(GeoHash(point).score)).utf8)
      zadd.append(command[index + 2])
    }
    try SortedSetCommands.add(context, zadd, SortedSetCommands.ZAddOptions(zadd))
  }
}

extension GeoPoint {
  /// Of two arguments: longitude, latitude.
  init(_ command: CommandArguments, at place: Int) throws(CommandStop) {
    longitude = try command.double(place)
    latitude = try command.double(place + 1)
    let frame = GeoHash.Frame.mercator
    guard frame.longitude.contains(longitude), frame.latitude.contains(latitude) else {
      throw .error(
        "ERR invalid longitude,latitude pair \(longitude.sixDecimals),\(latitude.sixDecimals)")
    }
  }
}

enum GeoUnit {
  case metres, kilometres, feet, miles

  init(_ word: ArraySlice<UInt8>) throws(CommandStop) {
    if word.matches("M") {
      self = .metres
    } else if word.matches("KM") {
      self = .kilometres
    } else if word.matches("FT") {
      self = .feet
    } else if word.matches("MI") {
      self = .miles
    } else {
      throw .error("ERR unsupported unit provided. please use M, KM, FT, MI")
    }
  }

  var metres: Double {
    switch self {
    case .metres: 1
    case .kilometres: 1_000
    case .feet: 0.3048
    case .miles: 1_609.34
    }
  }
}

extension Double {
  fileprivate var sixDecimals: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      guard let base = buffer.baseAddress else { return "" }
      withVaList([self]) { _ = vsnprintf(base, 512, "%f", $0) }
      return String(cString: base)
    }
  }
}

extension ReplyWriter {
  /// Longitude and latitude, with 17 decimals less the zeros at the end.
  mutating func point(_ point: GeoPoint) {
    array(2)
    for degrees in [point.longitude, point.latitude] {
      let text = LongDouble(degrees).redisText
      guard isRESP3 else {
        bulk(text)
        continue
      }
      bytes += ",\(text)\r\n".utf8
    }
  }

  /// With four decimals, rounded to even.
  mutating func distance(_ distance: Double) {
    let scaled = Int64(
      clamping: Int(exactly: (distance * 10_000).rounded(.toNearestOrEven)) ?? .max)
    let fraction = String(scaled % 10_000)
    bulk("\(scaled / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)")
  }
}
