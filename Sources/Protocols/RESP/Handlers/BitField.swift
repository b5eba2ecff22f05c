import Base

/// The subcommands of one BITFIELD.
struct BitField {
  enum Overflow { case wrap, saturate, fail }

  /// `i8`, `u63` …
  struct Kind: Equatable {
    var isSigned: Bool
    var width: Int

    init(_ text: ArraySlice<UInt8>) throws(CommandStop) {
      isSigned = text.first == UInt8(ascii: "i")
      guard isSigned || text.first == UInt8(ascii: "u"),
        let number = text.dropFirst().strictInteger(), number >= 1,
        number <= (isSigned ? 64 : 63)
      else {
        throw .error(
          "ERR Invalid bitfield type. Use something like i16 u8. "
            + "Note that u64 is not supported but i64 is.")
      }
      width = Int(number)
    }

    init(isSigned: Bool, width: Int) {
      self.isSigned = isSigned
      self.width = width
    }

    private var limits: ClosedRange<Int128> {
      isSigned
        ? -(Int128(1) << (width - 1))...(Int128(1) << (width - 1)) - 1
        : 0...(Int128(1) << width) - 1
    }

    /// The number that `width` bits stand for.
    func number(_ bits: UInt64) -> Int64 {
      let shift = UInt64(64 - width)
      return isSigned ? Int64(bitPattern: bits << shift) >> Int64(shift) : Int64(bitPattern: bits)
    }

    /// What becomes of a number that may not fit; nil: it fails.
    func fit(_ number: Int128, _ overflow: Overflow) -> Int64? {
      if limits.contains(number) { return Int64(truncatingIfNeeded: number) }
      switch overflow {
      case .fail: return nil
      case .saturate:
        return Int64(truncatingIfNeeded: number < 0 ? limits.lowerBound : limits.upperBound)
      case .wrap:
        let bits = UInt64(truncatingIfNeeded: number)
        return self.number(width == 64 ? bits : bits & (1 << UInt64(width) - 1))
      }
    }

    /// A number given for SET: to an unsigned field a negative one is a very large one.
    func given(_ number: Int64) -> Int128 {
      isSigned ? Int128(number) : Int128(UInt64(bitPattern: number))
    }
  }

  private enum Action {
    case get
    case set(Int64)
    case increase(Int64)
  }

  private struct Step {
    var action: Action
    var kind: Kind
    var offset: Int
    var overflow: Overflow
  }

  private var steps: [Step] = []
  /// The last bit that is written; nil: none is.
  private var lastBit: Int?

  var isReadOnly: Bool { lastBit == nil }

  init(_ command: CommandArguments) throws(CommandStop) {
    var overflow = Overflow.wrap
    var index = 2
    while index < command.count {
      let left = command.count - index - 1
      if command.matches(index, "OVERFLOW"), left >= 1 {
        overflow = try Self.overflow(command[index + 1])
        index += 2
        continue
      }
      let isGet = command.matches(index, "GET") && left >= 2
      let isSet = command.matches(index, "SET") && left >= 3
      guard isGet || isSet || (command.matches(index, "INCRBY") && left >= 3) else {
        throw .syntax
      }
      let kind = try Kind(command[index + 1])
      let offset = try BitmapCommands.offset(command[index + 2], width: kind.width)
      var action = Action.get
      if !isGet {
        lastBit = max(lastBit ?? 0, offset + kind.width - 1)
        guard let number = command[index + 3].strictInteger() else { throw .notInteger }
        action = isSet ? .set(number) : .increase(number)
      }
      steps.append(Step(action: action, kind: kind, offset: offset, overflow: overflow))
      index += isGet ? 3 : 4
    }
  }

  private static func overflow(_ name: ArraySlice<UInt8>) throws(CommandStop) -> Overflow {
    if name.matches("WRAP") { return .wrap }
    if name.matches("SAT") { return .saturate }
    if name.matches("FAIL") { return .fail }
    throw .error("ERR Invalid OVERFLOW type specified")
  }

  func run(_ context: CommandContext, _ name: ArraySlice<UInt8>) throws(CommandStop) {
    guard let lastBit else {
      let bytes = try context.key(name, .string).row?.value ?? []
      context.reply.array(steps.count)
      for step in steps {
        context.reply.integer(
          step.kind.number(Bits.number(bytes, step.offset, width: step.kind.width)))
      }
      return
    }
    var string = try BitString(context, name, lastBit: lastBit)
    var hasChanged = false
    context.reply.array(steps.count)
    for step in steps {
      let old = step.kind.number(
        Bits.number(string.bytes, step.offset, width: step.kind.width))
      let next: Int128
      switch step.action {
      case .get:
        context.reply.integer(old)
        continue
      case .set(let number): next = step.kind.given(number)
      case .increase(let amount): next = Int128(old) + Int128(amount)
      }
      guard let new = step.kind.fit(next, step.overflow) else {
        context.reply.null()
        continue
      }
      if case .set = step.action { context.reply.integer(old) } else { context.reply.integer(new) }
      Bits.setNumber(
        &string.bytes, step.offset, width: step.kind.width, UInt64(bitPattern: new))
      hasChanged = hasChanged || string.hasGrown || old != new
    }
    try string.save(context, hasChanged: hasChanged)
  }
}
